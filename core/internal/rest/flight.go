package rest

import (
	"context"
	"errors"
	"time"
)

// mayFetch tells whether a fetch may start now; early asks for one of the spare ones. It needs the lock.
func (t *Tokens) mayFetch(now time.Time, early bool) bool {
	if t.started.IsZero() || now.Sub(t.started) >= t.cfg.Pause {
		return true
	}
	return early && t.debt.Sub(now) < spareFetches*t.cfg.Pause
}

// join makes the caller wait for the fetch under way, or for a new one. It needs the lock.
func (t *Tokens) join(now time.Time, early bool) (*flight, error) {
	if t.flight == nil {
		if !t.mayFetch(now, early) {
			if t.failure != nil {
				return nil, t.failure
			}
			return nil, errPaused
		}
		t.start(now)
	}
	t.flight.waiters++
	return t.flight, nil
}

// start begins a fetch. It needs the lock.
func (t *Tokens) start(now time.Time) {
	ctx, cancel := context.WithTimeout(context.Background(), t.cfg.Timeout)
	f := &flight{done: make(chan struct{}), cancel: cancel}
	t.flight, t.started = f, now
	if t.debt.Before(now) {
		t.debt = now
	}
	t.debt = t.debt.Add(t.cfg.Pause)
	go t.fly(ctx, f)
}

func (t *Tokens) fly(ctx context.Context, f *flight) {
	life := time.Duration(0)
	f.err = errEnded // stands if Fetch ends the goroutine
	defer func() {
		if recover() != nil { // what was thrown may quote a secret
			f.err = errPanicked
		}
		if errors.Is(ctx.Err(), context.Canceled) {
			f.err = errEnded // must not look like a caller that left
		}
		f.cancel()
		t.settle(f, life)
		close(f.done)
	}()
	f.value, life, f.err = t.cfg.Fetch(ctx)
	if f.err == nil && f.value == "" {
		f.err = errors.New("the access token is empty")
	}
}

// settle keeps what a fetch brought.
func (t *Tokens) settle(f *flight, life time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.flight, t.failure = nil, f.err
	if f.err != nil {
		f.value = ""
		// The nearer its end, the more often the present token's renewal is tried.
		now := time.Now()
		t.quiet = now.Add(t.expires.Sub(now) / 20)
		return
	}
	switch {
	case life <= 0:
		life = UnknownLife
	case life > MaxLife:
		life = MaxLife
	}
	life = max(life, t.cfg.Pause)
	t.value, t.worked, t.quiet = f.value, false, time.Time{}
	t.expires = t.started.Add(life)
	if t.margin = t.cfg.Margin; life <= t.margin {
		t.margin = life / 2
	}
}

// wait returns what the fetch brings, or leaves when the caller's own context ends.
func (t *Tokens) wait(ctx context.Context, f *flight) (string, error) {
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		t.mu.Lock()
		f.waiters--
		t.mu.Unlock()
		return "", ctx.Err()
	}
}
