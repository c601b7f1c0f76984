package onestoretest

import "time"

// Purchases are the tokens of everything that was bought, in the order of buying.
func (s *Store) Purchases() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	tokens := make([]string, len(s.bought))
	for i, p := range s.bought {
		tokens[i] = p.token
	}
	return tokens
}

// Acknowledged tells whether the purchase is acknowledged, which consuming it counts as.
func (s *Store) Acknowledged(token string) (yes bool) {
	s.change("Acknowledged", token, func(p *purchase, _ time.Time) error {
		yes = p.acknowledged
		return nil
	})
	return yes
}

// Consumed tells whether the purchase is used up.
func (s *Store) Consumed(token string) (yes bool) {
	s.change("Consumed", token, func(p *purchase, _ time.Time) error {
		yes = p.consumed
		return nil
	})
	return yes
}
