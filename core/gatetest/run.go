package gatetest

import (
	"testing"

	"github.com/skugate/skugate/core"
)

// RunAdapter tests that an adapter does what every adapter of skugate does. It talks to the mounted
// application in raw bytes over loopback sockets, and compares refusals with bytes that the suite
// holds, so that two adapters that pass answer alike. It takes a few seconds, and none of its tests
// run in parallel with others: one replaces slog's default logger for a moment.
func RunAdapter[C, M any, W ~func(C) (core.Credentials, error), O any](t *testing.T, m Mount[C, M, W, O]) {
	a := erase(m)
	for _, group := range []struct {
		name string
		run  func(*testing.T, *adapter)
	}{
		{"misuse", misuses}, // first: what a nil gate logs once in a process is not to disturb the others
		{"outcome", outcomes},
		{"refusal", refusals},
		{"header", headers},
		{"credentials", sources},
		{"decision", decisions},
		{"identity", identities},
		{"attach", attachments},
		{"body", bodies},
		{"handler", handlers},
		{"panic", panics},
		{"exception", exceptions},
	} {
		t.Run(group.name, func(t *testing.T) { group.run(t, a) })
	}
}
