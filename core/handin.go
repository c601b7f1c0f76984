package core

import "context"

// HandIn takes a purchase that a player hands in: it verifies token as a purchase of p and, if that
// grants, records the account as its owner in the server's own name, as Bind does. From then on
// requests need no token (Credentials.Owned). A purchase that is labelled for somebody else, or that
// somebody else owns, is denied and nothing is recorded; neither is one that does not grant. While the
// store cannot say, the decision is undetermined and nothing is recorded: hand in again later.
func (g *Gate) HandIn(ctx context.Context, account string, p Product, token string) Decision {
	if !g.usable() {
		return *g.misuse(p)
	}
	return g.check(ctx, g.plan(p), &Credentials{Account: account, Token: token}, nil, toHandIn).decision()
}

// rememberOwned hears every token that the owners' registry knows as the account's.
func (q *inquiry) rememberOwned() error {
	owned, err := q.owned()
	if err != nil {
		return err
	}
	for i := range owned {
		if err := q.remember(&owned[i]); err != nil {
			return err
		}
	}
	return nil
}

// owned lists the tokens that the owners' registry knows as the account's. An ownership that does not count
// by itself, as one that the server did not record under BindingRequire, is judged like a token that the
// request brought: by the purchase's label.
func (q *inquiry) owned() ([]Token, error) {
	owned, err := q.gate.config.Owners.Owned(q.context(), q.account)
	if err != nil {
		return nil, err
	}
	tokens := make([]Token, 0, len(owned))
	for _, o := range owned {
		if !q.plan.names(o) {
			continue
		}
		tokens = append(tokens, Token{Value: o.Token, Store: o.Store, Product: o.Product, Known: o.Bound || q.gate.config.Binding != BindingRequire})
	}
	return tokens, nil
}

// names tells whether the product of o is among the leaves.
func (p *plan) names(o Ownership) bool {
	for i := range p.leaves {
		if p.leaves[i].ID == o.Product && p.leaves[i].Store == o.Store {
			return true
		}
	}
	return false
}
