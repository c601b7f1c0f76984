package main

import "slices"

// adapterRows are the gate on each framework, beside prototype A on the same.
func adapterRows() []*row {
	gate := newGate(&shop{label: account}, 1<<16)
	token := warm(gate, many)[7]
	a := newStraight(1<<16, many)
	u := newFrozen(many)
	return slices.Concat([]*row{{name: floor, bench: hits([]string{token}, false, u.hit), base: floor}},
		httpRows(gate, a, token), ginRows(gate, a, token), fiberRows(gate, a, token))
}

func adapterTable(s settings) error {
	rows := adapterRows()
	if err := measure(rows, s); err != nil {
		return err
	}
	return show(rows, "of A, refusals of U", s)
}

// peerTable says how many times the gate's own time each peer takes, over the bare framework.
func peerTable(s settings) error {
	token := tokenOf(7)
	rows := slices.Concat(adapterRows(), httpPeers(token), ginPeers(token), fiberPeers(token))
	for _, r := range rows { // here the gate is what others are compared with
		switch r.name {
		case gateHTTP, gateGin, gateFiber:
			r.base, r.goal = r.name, ""
		}
	}
	rows = slices.DeleteFunc(rows, func(r *row) bool {
		return r.base != r.name && r.bare != "" && r.base != gateHTTP && r.base != gateGin && r.base != gateFiber
	})
	if err := measure(rows, s); err != nil {
		return err
	}
	return show(rows, "x gate", s)
}
