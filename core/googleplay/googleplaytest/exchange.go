package googleplaytest

import (
	"context"
	"net/http"
	"time"
)

// delivery is an answer, and how it gets to the client. answer is nil when there is none.
type delivery struct {
	answer *answer
	Effect
}

// exchange takes a request to what becomes of it. Its error is the client's: it left. The caller
// calls done when the answer is out.
func (s *Store) exchange(ctx context.Context, in *incoming) (d delivery, done func(), err error) {
	c := s.read(in)
	v := s.inspect(c)
	at := s.Now()
	s.mu.Lock()
	entry := s.log.arrive(c, v, at)
	f := s.script.meet(c)
	s.mu.Unlock()
	done = func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.log.inFlight--
	}
	if err := wait(ctx, f.Delay); err != nil {
		return delivery{}, done, err
	}
	d.Effect = f.Effect
	switch d.kind {
	case hanging:
		<-ctx.Done()
		return delivery{}, done, context.Cause(ctx)
	case reset:
		return d, done, nil
	case replaced:
		d.answer = &answer{d.Effect.answer.status, d.Effect.answer.header.Clone(), d.Effect.answer.body}
	default:
		d.answer = s.answer(c, v)
	}
	if h := d.answer.header; h.Get("Date") == "" {
		h.Set("Date", s.Now().UTC().Format(http.TimeFormat))
	}
	if d.kind == appended {
		d.answer.body = append(d.answer.body, d.text...)
	}
	if d.kind != lost {
		s.mu.Lock()
		entry.Status = d.answer.status
		s.mu.Unlock()
	}
	return d, done, nil
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

// wait returns early, with the reason, when ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	if ctx.Err() != nil || d <= 0 {
		return context.Cause(ctx)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
