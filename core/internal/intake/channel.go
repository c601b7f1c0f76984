package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/skugate/skugate/core"
)

// Channel applies one kind of notifications, E being what makes two of them the same one. Each has limits
// of its own: messages that anybody could have written must not hold up those that a store signed.
type Channel[E comparable] struct {
	desk   *Desk
	inbox  *inbox[E]
	limits *limits
}

// NewChannel makes a channel.
func NewChannel[E comparable](d *Desk) *Channel[E] {
	return &Channel[E]{d, newInbox[E](), newLimits(d.settings.PerToken, d.settings.Overall)}
}

var (
	errTwin    = errors.New("notify: another request works on the same notification")
	errLimited = errors.New("notify: the limit of one token, or of all, is reached")
)

// News is what a message says that the gate is to act on.
type News struct {
	Token string // the purchase it is about; empty: none
	// Voided: a payment was taken back, it says, so the store's list has more than it had.
	Voided bool
}

// Apply makes the gate forget the token of the news, has the store's list read if it should say more, and
// tells the embedder. An event that cannot be applied now is not remembered, and the store is asked to
// repeat it: so it is applied later, and no goroutine has to keep it meanwhile.
func (c *Channel[E]) Apply(ctx context.Context, e E, news News, tell func(context.Context) error) core.Reply {
	d := c.desk
	switch c.inbox.begin(e) {
	case applied:
		return acknowledged()
	case busy:
		return d.postpone("a notification came twice at once", errTwin, time.Second)
	}
	done := false
	defer func() { c.inbox.end(e, done) }() // also if something panics
	if news.Token != "" {
		if wait := c.limits.take(news.Token, time.Now()); wait > 0 {
			return d.postpone("a notification has to come again", errLimited, wait)
		}
		if err := d.settings.Gate.InvalidateToken(ctx, d.settings.Store, news.Token); err != nil {
			return d.postpone("a notification could not be applied", err, time.Second)
		}
		if news.Voided && d.settings.Worker != nil {
			d.settings.Worker.Nudge(d.settings.Store)
		}
	}
	if err := tell(ctx); err != nil {
		return d.fail("a notification was not taken over", slog.String("type", fmt.Sprintf("%T", err)))
	}
	done = true
	return acknowledged()
}
