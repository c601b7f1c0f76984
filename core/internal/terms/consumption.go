package terms

import "github.com/skugate/skugate/core"

// Consumption is what a consumptionState says: 0 not consumed, 1 consumed, at either store.
func Consumption(n *int64) core.Consumption {
	switch {
	case n == nil:
		return core.ConsumptionMissing
	case *n == 0:
		return core.Unconsumed
	case *n == 1:
		return core.Consumed
	default:
		return core.ConsumptionUnrecognized
	}
}
