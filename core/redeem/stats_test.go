package redeem_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/redeem"
)

func TestEveryCallIsCountedByItsOutcome(t *testing.T) {
	w := newWorld()
	in := w.start(t)
	redeem1 := func(account, token string, deliver redeem.Deliver) {
		t.Helper()
		defer func() { _ = recover() }()
		_, _ = in.redeemer.Redeem(context.Background(), gems, core.Credentials{Account: account, Token: token}, deliver)
	}
	counted := func(what string, want redeem.Stats) {
		t.Helper()
		if got := in.redeemer.Stats(); got != want {
			t.Errorf("%s: counted %+v, want %+v", what, got, want)
		}
	}
	fails := func(context.Context, redeem.Redemption) error { return io.ErrUnexpectedEOF }
	var want redeem.Stats
	counted("at first", want)
	for _, token := range []string{"t1", "t2"} {
		w.buy(token, "mina")
	}
	redeem1("mina", "t1", func(context.Context, redeem.Redemption) error {
		running := want
		running.Running = 1
		counted("while the handler runs", running)
		redeem1("mina", "t1", in.grant)
		want.InProgress++
		return io.ErrUnexpectedEOF
	})
	want.Failed++
	counted("a handler that failed, and a request that came meanwhile", want)
	redeem1("mina", "t1", func(context.Context, redeem.Redemption) error { panic("canary") })
	want.Failed, want.Resumed = want.Failed+1, want.Resumed+1
	counted("a handler that panicked", want)
	redeem1("mina", "t1", in.grant)
	want.Delivered, want.Resumed = want.Delivered+1, want.Resumed+1
	counted("delivered", want)
	redeem1("mina", "t1", fails)
	want.Repeated++
	counted("delivered before", want)
	redeem1("mallory", "t1", fails)
	redeem1("mina", "none", fails)
	redeem1("", "t2", fails)
	want.Denied += 3
	counted("denied", want)
	redeem1("mina", "t2", nil)
	want.Undetermined++
	counted("without a handler", want)
	in.step = func(string, func() error) error { return errors.New("away") }
	redeem1("mina", "t2", fails)
	want.Undetermined, want.LedgerFailed = want.Undetermined+1, want.LedgerFailed+1
	counted("the ledger is away", want)
	if got := (*redeem.Redeemer)(nil).Stats(); got != (redeem.Stats{}) {
		t.Errorf("nil: %+v", got)
	}
}

func TestWhatWasFinishedLongAgoIsDropped(t *testing.T) {
	w := newWorld()
	in := w.start(t)
	for _, token := range []string{"long-ago", "lately", "not-yet"} {
		w.buy(token, "mina")
	}
	for _, token := range []string{"long-ago", "lately"} {
		if _, err := in.redeem("mina", token); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = in.redeemer.Redeem(t.Context(), gems, core.Credentials{Account: "mina", Token: "not-yet"},
		func(context.Context, redeem.Redemption) error { return io.ErrUnexpectedEOF })
	for token, age := range map[string]time.Duration{"long-ago": 31 * 24 * time.Hour, "lately": 29 * 24 * time.Hour, "not-yet": 365 * 24 * time.Hour} {
		e := w.entry(t, token)
		e.Began = e.Began.Add(-age)
		if e.State == redeem.Completed {
			e.CompletedAt = e.CompletedAt.Add(-age)
		}
		if _, swapped, err := w.ledger.Swap(t.Context(), e); err != nil || !swapped {
			t.Fatal(swapped, err)
		}
	}
	prune := func(c redeem.Config, want int) error {
		t.Helper()
		c.Gate = in.gate
		if c.Ledger == nil {
			c.Ledger = w.ledger
		}
		r, err := redeem.New(c)
		if err != nil {
			t.Fatal(err)
		}
		n, err := r.Prune(t.Context())
		if n != want {
			t.Errorf("%d dropped, want %d (%v)", n, want, err)
		}
		return err
	}
	if err := prune(redeem.Config{Keep: -1}, 0); err != nil {
		t.Error(err)
	}
	if err := prune(redeem.Config{}, 1); err != nil {
		t.Error(err)
	}
	for token, want := range map[string]redeem.State{"long-ago": 0, "lately": redeem.Completed, "not-yet": redeem.Consumed} {
		if e := w.entry(t, token); e.State != want {
			t.Errorf("%s: %s, want %s", token, e.State, want)
		}
	}
	// Its client is told no more what it was given; what was spent once stays spent.
	_, err := in.redeem("mina", "long-ago")
	wantRefused(t, err, core.ReasonConsumed)
	if n := len(w.runs); n != 2 {
		t.Errorf("the handler ran %d times, want 2", n)
	}

	if err := prune(redeem.Config{Keep: 24 * time.Hour, Ledger: struct{ redeem.Ledger }{w.ledger}}, 0); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a ledger that cannot: %v", err)
	}
	if err := prune(redeem.Config{Ledger: brokenPruner{w.ledger}}, 0); err == nil {
		t.Error("a ledger that panics: no error")
	}
	if _, err := (*redeem.Redeemer)(nil).Prune(t.Context()); err == nil {
		t.Error("nil: no error")
	}
	if _, err := redeem.New(redeem.Config{Gate: in.gate, Ledger: w.ledger, Keep: time.Hour}); err == nil {
		t.Error("an hour is accepted")
	}
}

// brokenPruner panics when it is to drop something.
type brokenPruner struct{ redeem.Ledger }

func (brokenPruner) Prune(context.Context, time.Time) (int, error) { panic("broken") }
