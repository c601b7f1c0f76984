package cache

import "sync/atomic"

// Order is a place in the one sequence of everything that was begun in this process: reads of the
// source and invalidations. Time cannot give that sequence, since two events may share an instant.
// The zero Order comes before all others and belongs to nothing.
type Order uint64

// orders is the one counter of the process. It is package level because an order from one Record or
// Flights must compare with an order from any other: a flight knows nothing of the record that its
// answer will be put in. It only counts; nothing can be configured, reset or leaked through it.
var orders atomic.Uint64

// NextOrder returns an Order later than all that were returned before. Take it before a read begins,
// never when its answer arrives. It is safe for concurrent use.
func NextOrder() Order { return Order(orders.Add(1)) }
