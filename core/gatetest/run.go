package gatetest

import (
	"testing"

	"github.com/skugate/skugate/core"
)

// RunAdapter tests that an adapter does what every adapter of skugate does. It talks to the mounted
// application in raw bytes over loopback sockets, and compares refusals with bytes that the suite
// holds, so that two adapters that pass answer alike.
func RunAdapter[C, M any, W ~func(C) (core.Credentials, error), O any](t *testing.T, m Mount[C, M, W, O]) {
	a := erase(m)
	t.Run("outcome", func(t *testing.T) { outcomes(t, a) })
	t.Run("refusal", func(t *testing.T) { refusals(t, a) })
}
