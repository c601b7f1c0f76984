package core

// share returns the one product equal to p that facts refer to, so that each needs no room for its own. As
// many are shared as plans are kept.
func (b *backend) share(p *Product) *Product {
	if have, ok := b.products.Load(*p); ok {
		return have.(*Product)
	}
	own := *p
	if b.nProducts.Load() >= maxPlans {
		return &own
	}
	have, loaded := b.products.LoadOrStore(own, &own)
	if !loaded {
		b.nProducts.Add(1)
	}
	return have.(*Product)
}
