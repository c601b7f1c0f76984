package core_test

import (
	"context"
	"testing"

	"github.com/skugate/skugate/core"
)

// open makes a gate in front of stores that is closed when the test ends.
func open(t testing.TB, c core.Config, stores ...core.Store) *core.Gate {
	t.Helper()
	c.Stores = append(c.Stores, stores...)
	gate, err := core.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := gate.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return gate
}

// by is the usual credentials.
func by(account, token string) core.Credentials {
	return core.Credentials{Account: account, Token: token}
}

// want compares what decides.
func want(t testing.TB, d core.Decision, o core.Outcome, r core.Reason) {
	t.Helper()
	if d.Outcome != o || d.Reason != r {
		t.Fatalf("got %v (%s, %v), want %v (%s)", d.Outcome, d.Reason, d.Err, o, r)
	}
}

// from compares what decides and where it came from.
func from(t testing.TB, d core.Decision, o core.Outcome, r core.Reason, s core.Source) {
	t.Helper()
	want(t, d, o, r)
	if d.Source != s {
		t.Fatalf("the source is %q, want %q", d.Source, s)
	}
}

// calls compares the number of the store's look-ups so far.
func calls(t testing.TB, s *scripted, n int) {
	t.Helper()
	if got := s.count(); got != n {
		t.Fatalf("the store was asked %d times, want %d", got, n)
	}
}
