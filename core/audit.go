package core

import "strings"

// audit counts a grant that binding would have refused, were it not switched off. It goes by the fact
// alone: an owners' registry is neither asked nor told, for a gate without binding needs none. A check
// without an account says nothing, and is to cost nothing.
func (b *backend) audit(f *fact, account string, labels Labels) {
	if account == "" {
		return
	}
	have := f.bound.Load()
	first := have == nil || have.account == account // under older bindings, or it would not be asked about
	switch labels.Match(f.purchase.Label, account) {
	case LabelMatches:
		first = true
	case LabelMismatch:
		first = false
	}
	if !first {
		b.wouldRefuse.Add(1)
		return
	}
	f.bound.CompareAndSwap(have, &bound{account: strings.Clone(account), bindings: b.bindings.Load()})
}
