package rest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// Line is the way to one store, shared by all who call it: it holds calls back while the store wants
// to be left alone, repeats those that may be repeated within a quota, and counts. The zero Line is
// ready. It is safe for concurrent use and runs no goroutine.
//
// # Pauses
//
// An attempt whose Advice names a pause starts one, of at most MaxRetryAfter. While it lasts every
// call returns a *Paused at once. After it one call is let through; the others return a *Paused until
// it is back. If that one got a whole answer that asks for no other pause, the line is free again; if
// it got none, the next call is the one.
//
// # Retries
//
// A call that may be repeated is repeated once, after a random 25 to 75 ms, if its Advice says that
// this may help, its deadline is later than that, and the quota has room. Every call earns a twelfth
// of a retry; ten at most are kept, and the line begins with ten. So n calls cause at most n/12 + 10
// retries, whatever fails: never more than 10 % of 600 calls or more.
type Line struct {
	pause pause
	quota quota

	attempts, retries, paused atomic.Uint64
}

// Advice is what an attempt says about other attempts.
type Advice struct {
	Answered bool          // there was a whole answer, of whatever kind
	Again    bool          // the same attempt may succeed a moment later
	Pause    time.Duration // how long the store wants to be left alone; 0: it did not ask for that
}

// LineStats is what a Line counted since it was made.
type LineStats struct {
	Attempts uint64 // requests that were sent
	Retries  uint64 // those of them that repeated one
	Paused   uint64 // calls that returned a *Paused
	// PausedUntil is when the pause in force ends, zero if there is none.
	PausedUntil time.Time
}

// Retries come at random in this span.
const (
	minBackoff = 25 * time.Millisecond
	maxBackoff = 75 * time.Millisecond
)

// Do makes a call: attempt, and perhaps attempt again. It ends by ctx's deadline, or after
// DefaultTimeout if that has none; repeatable tells whether doing the call twice is as good as once.
// It returns what the last attempt did, a *Paused if there was none, or a *NoAnswer if the caller left
// between two.
func (l *Line) Do(ctx context.Context, repeatable bool, attempt func(context.Context) (Advice, error)) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, DefaultTimeout)
		defer cancel()
	}
	advice, err := l.once(ctx, attempt)
	if paused(err) {
		l.paused.Add(1)
		return err
	}
	l.quota.earn()
	if err == nil || !advice.Again || advice.Pause > 0 || !repeatable || !l.mayRepeat(ctx) {
		return err
	}
	if left := wait(ctx, minBackoff+rand.N(maxBackoff-minBackoff)); left != nil {
		return left
	}
	if _, again := l.once(ctx, attempt); !paused(again) {
		return again
	}
	return err // a pause began meanwhile
}

// once makes an attempt, unless there is a pause.
func (l *Line) once(ctx context.Context, attempt func(context.Context) (Advice, error)) (advice Advice, err error) {
	probe, remaining := l.pause.enter(time.Now())
	if remaining > 0 {
		return Advice{}, &Paused{Remaining: remaining}
	}
	if probe { // after a panic too, or nobody would be let through again
		defer func() { l.pause.leave(advice.Answered && advice.Pause == 0) }()
	}
	advice, err = attempt(ctx)
	if advice.Pause > 0 {
		l.pause.extend(time.Now(), advice.Pause)
	}
	return advice, err
}

func paused(err error) bool {
	var p *Paused
	return errors.As(err, &p)
}

// mayRepeat books a retry, if it can still begin before ctx ends.
func (l *Line) mayRepeat(ctx context.Context) bool {
	end, _ := ctx.Deadline()
	return ctx.Err() == nil && time.Until(end) > maxBackoff && l.quota.spend()
}

// wait returns a *NoAnswer if ctx ends first.
func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return noAnswer(ctx, ctx.Err())
	}
}

// Sent counts a request, just before it is sent. again: it repeats one of the same call.
func (l *Line) Sent(again bool) {
	l.attempts.Add(1)
	if again {
		l.retries.Add(1)
	}
}

// Stats returns the counters.
func (l *Line) Stats() LineStats {
	return LineStats{
		Attempts: l.attempts.Load(), Retries: l.retries.Load(), Paused: l.paused.Load(),
		PausedUntil: l.pause.end(time.Now()),
	}
}
