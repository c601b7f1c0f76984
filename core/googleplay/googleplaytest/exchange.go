package googleplaytest

import "github.com/skugate/skugate/core/internal/wire"

// exchange takes a request in, and picks what goes wrong with it.
func (s *Store) exchange(r *wire.Request) *wire.Exchange {
	c := s.read(&incoming{r.Method, r.Path, r.Query, r.Header, r.Body})
	v := s.inspect(c)
	at := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	entry := s.arrive(c, v, at)
	f := s.script.Meet(string(c.op()), c.token)
	return &wire.Exchange{
		Delay: f.Delay, Effect: f.Effect.wire, Now: s.Now,
		Answer: func() *answer { return s.answer(c, v) },
		Seen: func(status int) {
			s.mu.Lock()
			defer s.mu.Unlock()
			entry.Status = status
		},
		Done: func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.log.Leave()
		},
	}
}

// answer carries a request out, unless its form or its access token forbids it.
func (s *Store) answer(c *call, v verdict) *answer {
	if v.refusal != nil {
		return v.refusal
	}
	if !c.route.form {
		if refusal := s.authorize(c); refusal != nil {
			return refusal
		}
	}
	return c.route.answer(s, c)
}
