package core

import (
	"context"
	"errors"
)

// aside is where calls of the embedder's state run that may hang: in goroutines of their own, a number of
// them at most, so that nobody waits for them beyond a context. A panic is an error.
type aside struct {
	what  string // whose calls they are, for the log
	slots chan struct{}
	gate  *Gate
}

func newAside(g *Gate, what string) *aside {
	return &aside{what: what, slots: make(chan struct{}, maxAside), gate: g}
}

// maxAside caps the calls under way, and so the goroutines that a state can hold which hangs and heeds no
// context.
const maxAside = 256

var errAsideGone = errors.New("core: a call ended its goroutine")

// await makes a call aside and waits for it as long as ctx lasts.
func await[T any](ctx context.Context, a *aside, call func(context.Context) (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	select {
	case a.slots <- struct{}{}:
	case <-ctx.Done():
		return none, ctx.Err()
	}
	var (
		value T
		err   = errAsideGone // stands if the call ends its goroutine
		done  = make(chan struct{})
	)
	go func() {
		defer func() {
			if v := recover(); v != nil {
				err = a.gate.recovered(a.what, v)
			}
			<-a.slots
			close(done)
		}()
		value, err = call(ctx)
	}()
	select {
	case <-done:
		return value, err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// do is await for a call without a result.
func (a *aside) do(ctx context.Context, call func(context.Context) error) error {
	_, err := await(ctx, a, func(ctx context.Context) (struct{}, error) { return struct{}{}, call(ctx) })
	return err
}
