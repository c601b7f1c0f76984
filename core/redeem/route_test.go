package redeem_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/redeem"
)

func TestCredentialsThatCannotBeReadRedeemNothing(t *testing.T) {
	var log bytes.Buffer
	in := newWorld().start(t)
	redeemer, err := redeem.New(redeem.Config{Gate: in.gate, Ledger: ledger{in}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	route := redeem.NewRoute(redeemer, gems, core.RouteConfig{DeniedStatus: http.StatusPaymentRequired})
	for _, test := range []struct {
		name        string
		read        func() (core.Credentials, error)
		reason      core.Reason
		status, iap int
	}{
		{"a panic", func() (core.Credentials, error) { panic("mina's secret") }, core.ReasonLookupFailed, 503, 113},
		{"a failure", func() (core.Credentials, error) { return core.Credentials{}, errors.New("down") }, core.ReasonLookupFailed, 503, 113},
		{"no token", func() (core.Credentials, error) { return core.Credentials{}, core.ErrTokenMissing }, core.ReasonTokenMissing, 400, 1100},
		{"a malformed one", func() (core.Credentials, error) {
			return core.Credentials{}, fmt.Errorf("%w: two lines", core.ErrTokenMalformed)
		}, core.ReasonInvalidToken, 400, 1100},
		{"a token of nothing", func() (core.Credentials, error) { return core.Credentials{Account: "mina", Token: "t1"}, nil }, core.ReasonNotFound, 402, 5000},
	} {
		t.Run(test.name, func(t *testing.T) {
			outcome := route.Serve(t.Context(), test.read, func(context.Context) int { t.Error("handled"); return 200 })
			if !outcome.Refused || outcome.Decision.Reason != test.reason {
				t.Errorf("got %v, %s", outcome.Refused, outcome.Decision.Reason)
			}
			wantReply(t, outcome.Reply, test.status, test.iap)
		})
	}
	if said := log.String(); !strings.Contains(said, "panic") || strings.Contains(said, "secret") {
		t.Errorf("said %q", said)
	}
}

func TestAStatusSaysWhetherTheHandlerDelivered(t *testing.T) {
	for status, delivered := range map[int]bool{200: true, 204: true, 299: true, 101: true, 100: false, 0: false, 302: false, 404: false, 500: false} {
		w := newWorld()
		w.buy("t1", "mina")
		route := redeem.NewRoute(w.start(t).redeemer, gems, core.RouteConfig{})
		outcome := route.Serve(t.Context(), func() (core.Credentials, error) { return core.Credentials{Account: "mina", Token: "t1"}, nil }, func(context.Context) int { return status })
		if outcome.Refused || outcome.Reply.Status != 0 {
			t.Errorf("%d: %+v", status, outcome)
		}
		if got := w.entry(t, "t1").State == redeem.Completed; got != delivered {
			t.Errorf("%d: delivered %v", status, got)
		}
	}
}

func TestARouteOfNoRedeemerSaysSo(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	route := redeem.NewRoute(nil, gems, core.RouteConfig{})
	outcome := route.Serve(t.Context(), nil, nil)
	wantReply(t, outcome.Reply, 503, 5003)
	if !strings.Contains(log.String(), "redeem.New") {
		t.Errorf("said %q", log.String())
	}
}
