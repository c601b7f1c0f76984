package wire

import (
	"context"
	"net/http"
	"time"
)

// Answer is a whole HTTP answer; its Date is added when it is delivered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Kind is what becomes of a request and its answer.
type Kind uint8

// The kinds. A store may have more of its own, from Further on, which deliver the answer as usual.
const (
	Usual     Kind = iota
	Replaced       // another answer; the request does nothing
	Hanging        // no answer until the client leaves; the request does nothing
	Reset          // the connection breaks; the request does nothing
	Lost           // the request is carried out, then the connection breaks
	Truncated      // the connection is closed after N bytes of the body
	Broken         // the connection breaks after N bytes of the body
	Dripped        // N bytes at a time
	Appended       // Text follows the body
	Oversized      // N blanks follow the body
	Further
)

// Effect is what a fault does to a request.
type Effect struct {
	Kind   Kind
	Answer *Answer // of Replaced
	N      int64
	Every  time.Duration
	Text   string
}

// Replace answers with exactly this; the request does nothing. header may be nil.
func Replace(status int, header http.Header, body string) Effect {
	h := header.Clone()
	if h == nil {
		h = make(http.Header)
	}
	return Effect{Kind: Replaced, Answer: &Answer{status, h, []byte(body)}}
}

// delivery is an answer, and how it gets to the client. answer is nil when there is none.
type delivery struct {
	answer *Answer
	Effect
}

// Exchange is one request to a store, as its fault and its own answer make it.
type Exchange struct {
	Delay  time.Duration
	Effect Effect
	Now    func() time.Time // the store's time
	Answer func() *Answer   // carries the request out
	Seen   func(status int) // is told the status of the answer, unless the client gets none
	Done   func()           // is called once, when the answer is out
}

// deliver takes the request to what becomes of it. Its error is the client's: it left.
func (x *Exchange) deliver(ctx context.Context) (d delivery, err error) {
	if err := wait(ctx, x.Delay); err != nil {
		return delivery{}, err
	}
	d.Effect = x.Effect
	switch d.Kind {
	case Hanging:
		<-ctx.Done()
		return delivery{}, context.Cause(ctx)
	case Reset:
		return d, nil
	case Replaced:
		d.answer = &Answer{d.Effect.Answer.Status, d.Effect.Answer.Header.Clone(), d.Effect.Answer.Body}
	default:
		d.answer = x.Answer()
	}
	if h := d.answer.Header; h.Get("Date") == "" {
		h.Set("Date", x.Now().UTC().Format(http.TimeFormat))
	}
	if d.Kind == Appended {
		d.answer.Body = append(d.answer.Body, d.Text...)
	}
	if d.Kind != Lost {
		x.Seen(d.answer.Status)
	}
	return d, nil
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
