package core_test

import (
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
)

func TestMemoryOwners(t *testing.T) {
	gatetest.RunOwners(t, func(*testing.T) core.Owners { return core.NewMemoryOwners() })
}
