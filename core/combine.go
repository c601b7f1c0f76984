package core

import "time"

// finding is what is known so far of one leaf of a requirement.
type finding struct {
	outcome Outcome
	reason  Reason
	source  Source
	fact    *fact   // nil: the finding rests on no facts, or they are not the caller's to see
	verdict Verdict // of fact
	err     *StoreError
	open    int  // tokens that may still speak for the leaf
	heard   bool // false: nothing has spoken for it
}

// expiresAt is when a granted finding ends; zero if it does not.
func (f *finding) expiresAt() time.Time { return f.verdict.ExpiresAt }

// result is what the finding counts as now.
func (f *finding) result() Outcome {
	switch {
	case f.outcome == Granted || f.source == SourceOverride:
		return f.outcome
	case f.open > 0:
		return Undetermined
	case !f.heard:
		return Denied
	default:
		return f.outcome
	}
}

// hear takes in what one more token says of the leaf: the best counts, and an override is final.
func (f *finding) hear(o finding) {
	if f.source == SourceOverride || f.heard && !o.better(f) {
		return
	}
	o.open, o.heard = f.open, true
	*f = o
}

func (f *finding) better(than *finding) bool {
	if a, b := weight(f.outcome), weight(than.outcome); a != b {
		return a > b
	}
	return f.outcome == Denied && actionable(f.reason) < actionable(than.reason)
}

// weight orders outcomes for "any of".
func weight(o Outcome) int {
	switch o {
	case Granted:
		return 2
	case Denied:
		return 0
	default:
		return 1
	}
}

// actionable ranks the reasons of a denial by how much the player can do about it; 0 is most.
func actionable(r Reason) int {
	switch r {
	case ReasonPaused:
		return 0
	case ReasonOnHold:
		return 1
	case ReasonPaymentPending, ReasonPending:
		return 2
	case ReasonRenewalPending:
		return 3
	case ReasonExpired, ReasonLastPaymentCanceled:
		return 4
	case ReasonTermExpired:
		return 5
	case ReasonConsumed:
		return 6
	case ReasonPurchaseCanceled:
		return 7
	case ReasonVoided, ReasonRevoked, ReasonSuperseded, ReasonStateConflict, ReasonUnknownState, ReasonOverride:
		return 8
	case ReasonAccountMismatch, ReasonAccountUnbound:
		return 9
	case ReasonProductMismatch:
		return 10
	default:
		return 11
	}
}

// combine makes one outcome of the findings of a group's leaves, and names the leaf that stands for
// it. Ties go to the order written.
func (g *group) combine(findings []finding) (Outcome, int) {
	best, outcome := -1, Undetermined
	at := 0
	for i := range g.parts {
		var o Outcome
		leaf := 0
		n := 1
		if sub := g.parts[i].sub; sub != nil {
			n = len(sub.leaves)
			o, leaf = sub.combine(findings[at : at+n])
		} else {
			o = findings[at].result()
		}
		leaf += at
		at += n
		if best < 0 || g.prefers(o, &findings[leaf], outcome, &findings[best]) {
			best, outcome = leaf, o
		}
	}
	return outcome, best
}

// prefers tells whether a part with outcome o stands for the group rather than an earlier one.
func (g *group) prefers(o Outcome, f *finding, than Outcome, best *finding) bool {
	if o != than {
		if g.how == allOf {
			return rankAll(o) > rankAll(than)
		}
		return weight(o) > weight(than)
	}
	switch {
	case g.how == allOf && o == Granted: // the one that ends first
		end, was := f.expiresAt(), best.expiresAt()
		return !end.IsZero() && (was.IsZero() || end.Before(was))
	case g.how == anyOf && o == Denied:
		return actionable(f.reason) < actionable(best.reason)
	default:
		return false
	}
}

// granting appends the leaves that a granted group stands on: of each "all of" every part, of each "any
// of" the first one that grants. at is where the group's leaves begin.
func (g *group) granting(findings []finding, at int, leaves []int) []int {
	for i := range g.parts {
		n, outcome := 1, findings[0].result()
		sub := g.parts[i].sub
		if sub != nil {
			n = len(sub.leaves)
			outcome, _ = sub.combine(findings[:n])
		}
		if outcome == Granted {
			if sub != nil {
				leaves = sub.granting(findings[:n], at, leaves)
			} else {
				leaves = append(leaves, at)
			}
			if g.how == anyOf {
				return leaves
			}
		}
		findings, at = findings[n:], at+n
	}
	return leaves
}

// rankAll orders outcomes for "all of".
func rankAll(o Outcome) int {
	switch o {
	case Denied:
		return 2
	case Granted:
		return 0
	default:
		return 1
	}
}
