package gatetest

import (
	"log"
	"log/slog"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
)

// misuses is that whatever is wrong with a route, it refuses, says so once, and can be found at start.
func misuses(t *testing.T, a *adapter) {
	failed, err := core.New(core.Config{})
	if err == nil {
		t.Fatal("a gate without stores was made")
	}
	elsewhere := core.Product{Store: "elsewhere", Kind: core.KindInApp, ID: "vip"}
	senseless := []any{nil, a.withErrorHandler(nil), a.withDeniedStatus(503)}
	for _, c := range []struct {
		name     string
		gate     *core.Gate // used if made is false
		made     bool
		r        core.Requirement
		nobody   bool // the credentials function is nil
		opts     []any
		want     golden
		reported []string
	}{
		{name: "a nil gate", r: vip, want: goldenMisconfigured, reported: []string{"the gate is nil"}},
		{name: "a gate whose constructor failed", gate: failed, r: vip, want: goldenMisconfigured, reported: []string{"the gate is nil"}},
		{name: "a gate that New did not make", gate: &core.Gate{}, r: vip, want: goldenMisconfigured, reported: []string{"was not made by core.New"}},
		{name: "everything nil", nobody: true, want: goldenUnnamed, reported: []string{"the gate is nil"}},
		{name: "a nil requirement", made: true, want: goldenUnnamed, reported: []string{"the requirement is nil"}},
		{name: "a requirement of nothing", made: true, r: core.AnyOf(), want: goldenUnnamed, reported: []string{"requires nothing"}},
		{name: "a requirement with a nil part", made: true, r: core.AllOf(vip, nil), want: goldenMisconfigured, reported: []string{"nil part"}},
		{name: "a product of a store that the gate does not have", made: true, r: elsewhere, want: goldenMisconfigured, reported: []string{`"elsewhere"`}},
		{name: "a nil credentials function", made: true, r: vip, nobody: true, want: goldenMisconfigured, reported: []string{"the credentials function is nil"}},
		{name: "a nil option", made: true, r: vip, opts: senseless[:1], want: goldenMisconfigured, reported: []string{"an option is nil"}},
		{name: "a nil error handler", made: true, r: vip, opts: senseless[1:2], want: goldenMisconfigured, reported: []string{"WithErrorHandler: the handler is nil"}},
		{name: "denials that succeed", made: true, r: vip, opts: []any{a.withDeniedStatus(200)}, want: goldenMisconfigured, reported: []string{"the denied status is 200"}},
		{name: "denials that are no HTTP", made: true, r: vip, opts: []any{a.withDeniedStatus(-1)}, want: goldenMisconfigured, reported: []string{"the denied status is -1"}},
		{name: "several faults at once", made: true, r: vip, nobody: true, opts: senseless, want: goldenMisconfigured,
			reported: []string{"the credentials function is nil", "an option is nil", "WithErrorHandler: the handler is nil", "the denied status is 503"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			log := intoJournal(t)
			if c.made {
				c.gate = newGate(t, newShop(), func(config *core.Config) { config.Logger = slog.Default() })
			}
			who := a.one()
			if c.nobody {
				who = nil
			}
			handler := &premium{}
			required := a.require(c.gate, c.r, who, c.opts...)
			built := log.errors()
			attached := a.attach(c.gate, c.r, who, c.opts...)
			both := log.errors()
			address := a.serve(t, handler.at("/raids", required), handler.at("/attach", attached))
			for range 3 {
				c.want.want(t, get(t, address, as("alice", "vip.alice")...))
			}
			handler.wantRuns(t, 0)
			if got := send(t, address, "GET", "/attach", as("alice", "vip.alice")...); got.code() != 200 {
				t.Errorf("attached: got\n%s", got)
			}
			handler.wantRuns(t, 1)
			switch said := log.errors(); {
			case c.made && (built != 1 || said != both):
				t.Errorf("the log says it %d times when a route is built, and %d times to requests:\n%s", built, said-both, log)
			case c.gate == nil && said > 1, !c.made && c.gate != nil && said != 1: // a nil gate says it once in a process
				t.Errorf("the log says it %d times:\n%s", said, log)
			}
			err := c.gate.Validate()
			for _, want := range c.reported {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("Validate: %v; want %q in it", err, want)
				}
			}
		})
	}
	t.Run("a good route is not reported", func(t *testing.T) {
		log := intoJournal(t)
		gate := newGate(t, newShop(), func(config *core.Config) { config.Logger = slog.Default() })
		several := a.tokensHeader("X-Purchase-Tokens", player)
		a.require(gate, vip, a.one(), a.withDeniedStatus(402))
		a.require(gate, core.AllOf(vip, skin), several, a.withDeniedStatus(403))
		a.require(gate, gems, a.one(), a.withConsumables())
		a.attach(gate, gems, a.one())
		if err := gate.Validate(); err != nil || log.String() != "" {
			t.Errorf("Validate: %v; the log says:\n%s", err, log)
		}
	})
	t.Run("a consumable that nobody allowed is reported", func(t *testing.T) {
		gate := newGate(t, newShop())
		a.require(gate, gems, a.one())
		if err := gate.Validate(); err == nil || !strings.Contains(err.Error(), "consumable") {
			t.Errorf("Validate: %v", err)
		}
	})
}

// intoJournal makes slog's default logger write into a journal until the test ends.
func intoJournal(t *testing.T) *journal {
	logger, writer, flags := slog.Default(), log.Writer(), log.Flags()
	j := &journal{}
	slog.SetDefault(slog.New(slog.NewTextHandler(j, nil)))
	t.Cleanup(func() {
		slog.SetDefault(logger)
		log.SetOutput(writer) // which SetDefault does not give back
		log.SetFlags(flags)
	})
	return j
}
