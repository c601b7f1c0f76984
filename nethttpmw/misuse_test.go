package nethttpmw_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

const bodyMisconfiguredUnnamed = `{"type":"about:blank","title":"The server cannot ask the store.","status":503,"reason":"store_misconfigured","retryable":true,"iap":{"group":"web-console","code":5003,"name":"INVALID_AUTHENTICATED"}}`

// Whatever is wrong, the route refuses, and the start of the program can find it out.
func TestMisuseIsRefusedAndReported(t *testing.T) {
	failed, err := core.New(core.Config{})
	if err == nil {
		t.Fatal("a gate without stores was made")
	}
	var typedNil *core.Gate
	elsewhere := core.Product{Store: "elsewhere", Kind: core.KindInApp, ID: "vip"}
	for _, c := range []struct {
		name     string
		gate     *core.Gate // default: a good one
		noGate   bool
		r        core.Requirement
		who      nethttpmw.CredentialsFunc
		body     string
		reported string
	}{
		{name: "a nil gate", noGate: true, r: vip, who: one, body: bodyMisconfigure, reported: "the gate is nil"},
		{name: "a gate whose constructor failed", gate: failed, noGate: true, r: vip, who: one, body: bodyMisconfigure, reported: "the gate is nil"},
		{name: "a nil *Gate", gate: typedNil, noGate: true, r: vip, who: one, body: bodyMisconfigure, reported: "the gate is nil"},
		{name: "a gate that New did not make", gate: &core.Gate{}, r: vip, who: one, body: bodyMisconfigure, reported: "was not made by core.New"},
		{name: "everything nil", noGate: true, body: bodyMisconfiguredUnnamed, reported: "the gate is nil"},
		{name: "a nil requirement", who: one, body: bodyMisconfiguredUnnamed, reported: "the requirement is nil"},
		{name: "a requirement of nothing", r: core.AnyOf(), who: one, body: bodyMisconfiguredUnnamed, reported: "requires nothing"},
		{name: "a requirement with a nil part", r: core.AllOf(vip, nil), who: one, body: bodyMisconfigure, reported: "nil part"},
		{name: "a product of a store that the gate does not have", r: elsewhere, who: one, body: bodyMisconfigure, reported: `"elsewhere"`},
		{name: "a nil credentials function", r: vip, body: bodyUnavailable, reported: "the credentials function is nil"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.gate == nil && !c.noGate {
				c.gate = newGate(t, newShop(honest))
			}
			handler := &premium{}
			addr := serve(t, nethttpmw.Require(c.gate, c.r, c.who)(handler))
			for range 2 {
				wantRefusal(t, get(t, addr, "X-Player: alice", "X-Purchase-Token: vip.alice"), 503, "1", c.body)
			}
			handler.wantRuns(t, 0)
			if err := c.gate.Validate(); err == nil || !strings.Contains(err.Error(), c.reported) {
				t.Errorf("Validate: %v; want %q in it", err, c.reported)
			}
		})
	}
}

// A senseless option changes nothing at request time, so that a refusal stays a refusal.
func TestSenselessOptionsAreReportedAndIgnored(t *testing.T) {
	for name, c := range map[string]struct {
		opts     []nethttpmw.Option
		reported []string
	}{
		"a nil option":             {[]nethttpmw.Option{nil}, []string{"an option is nil"}},
		"a nil error handler":      {[]nethttpmw.Option{nethttpmw.WithErrorHandler(nil)}, []string{"WithErrorHandler: the handler is nil"}},
		"denials that succeed":     {[]nethttpmw.Option{nethttpmw.WithDeniedStatus(200)}, []string{"the denied status is 200"}},
		"denials that are no HTTP": {[]nethttpmw.Option{nethttpmw.WithDeniedStatus(-1)}, []string{"the denied status is -1"}},
		"all of it at once": {
			[]nethttpmw.Option{nil, nethttpmw.WithErrorHandler(nil), nethttpmw.WithDeniedStatus(503)},
			[]string{"an option is nil", "WithErrorHandler: the handler is nil", "the denied status is 503"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for what, build := range map[string]func(*core.Gate) func(http.Handler) http.Handler{
				"Require": func(g *core.Gate) func(http.Handler) http.Handler { return nethttpmw.Require(g, vip, one, c.opts...) },
				"Attach":  func(g *core.Gate) func(http.Handler) http.Handler { return nethttpmw.Attach(g, vip, one, c.opts...) },
			} {
				gate, handler := newGate(t, newShop(honest)), &premium{}
				addr := serve(t, build(gate)(handler))
				if a := get(t, addr, "X-Player: alice", "X-Purchase-Token: vip.alice"); a.status != 200 {
					t.Errorf("%s, granted: got %d %s", what, a.status, a.body)
				}
				handler.wantRuns(t, 1)
				if what == "Require" {
					wantRefusal(t, get(t, addr, "X-Player: alice", "X-Purchase-Token: vip.bob"), 403, "", bodyNotOwned)
					handler.wantRuns(t, 1)
				}
				err := gate.Validate()
				for _, want := range c.reported {
					if err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("%s: Validate: %v; want %q in it", what, err, want)
					}
				}
			}
		})
	}
}

func TestAGoodRouteIsNotReported(t *testing.T) {
	gate := newGate(t, newShop(honest))
	nethttpmw.Require(gate, vip, one, nethttpmw.WithDeniedStatus(402))
	nethttpmw.Require(gate, core.AllOf(vip, pass), several, nethttpmw.WithDeniedStatus(403))
	nethttpmw.Attach(gate, gems, one)
	if err := gate.Validate(); err != nil {
		t.Error(err)
	}
}
