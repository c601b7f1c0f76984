package core

// override asks the embedder's hook about a requirement and, where it has no opinion, its parts.
func (q *inquiry) override(r Requirement, g *group, findings []finding) {
	o := q.gate.config.Override(q.caller, q.account, r)
	if o == Granted && q.why == toConsume {
		o = Undetermined // whoever is let in without a purchase has none to spend
	}
	if o != Undetermined {
		for i := range findings {
			findings[i].hear(finding{outcome: o, reason: ReasonOverride, source: SourceOverride})
		}
		return
	}
	if _, single := r.(Product); single || g == nil {
		return
	}
	at := 0
	for _, p := range g.parts {
		n := 1
		if p.sub != nil {
			n = len(p.sub.leaves)
		}
		q.override(p.self, p.sub, findings[at:at+n])
		at += n
	}
}

// overridden tells whether nothing needs to be asked about a leaf.
func (q *inquiry) overridden(leaf int) bool {
	for i, first := range q.plan.first {
		if first == leaf && q.findings[i].source != SourceOverride {
			return false
		}
	}
	return true
}
