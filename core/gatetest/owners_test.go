package gatetest_test

import (
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
)

func TestARegistryThatIsKeptIsOpenedAgain(t *testing.T) {
	reopened := 0
	gatetest.RunOwners(t, func(*testing.T) core.Owners { return core.NewMemoryOwners() },
		func(_ *testing.T, o core.Owners) core.Owners { reopened++; return o })
	if reopened == 0 {
		t.Error("nothing was opened again")
	}
}
