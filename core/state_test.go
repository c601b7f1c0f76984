package core_test

import (
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
)

func TestMemoryOutbox(t *testing.T) {
	gatetest.RunOutbox(t, func(*testing.T) core.Outbox { return core.NewMemoryOutbox() })
}

func TestMemoryVoids(t *testing.T) {
	gatetest.RunVoids(t, func(*testing.T) core.Voids { return core.NewMemoryVoids() })
}

func TestMemoryFacts(t *testing.T) {
	gatetest.RunFacts(t, func(*testing.T) core.Facts { return core.NewMemoryFacts() })
}

func TestMemoryShared(t *testing.T) {
	gatetest.RunShared(t, func(*testing.T) core.Shared { return core.NewMemoryShared() })
}
