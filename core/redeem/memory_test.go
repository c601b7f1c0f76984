package redeem_test

import (
	"testing"

	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/redeem"
)

func TestMemoryLedger(t *testing.T) {
	gatetest.RunLedger(t, func(*testing.T) redeem.Ledger { return redeem.NewMemoryLedger() })
}
