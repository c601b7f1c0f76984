package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/skugate/skugate/core"
)

// channel is one kind of notifications. Each has limits of its own: messages that anybody could have
// written must not hold up those that the store signed.
type channel struct {
	inbox  *inbox
	limits *limits
}

func newChannel(c *Config) *channel {
	return &channel{newInbox(), newLimits(c.PerToken, c.Overall)}
}

var (
	errTwin    = errors.New("notify: another request works on the same notification")
	errLimited = errors.New("notify: the limit of one token, or of all, is reached")
)

// apply makes the gate forget token, and tells the embedder. An event that cannot be applied now is not
// remembered, and the store is asked to repeat it: so it is applied later, and no goroutine has to keep
// it meanwhile.
func (h *Handler) apply(ctx context.Context, c *channel, e event, token string, tell func(context.Context) error) core.Reply {
	switch c.inbox.begin(e) {
	case applied:
		return acknowledged()
	case busy:
		return h.postpone("a notification came twice at once", errTwin, time.Second)
	}
	done := false
	defer func() { c.inbox.end(e, done) }() // also if something panics
	if wait := c.limits.take(token, time.Now()); wait > 0 {
		return h.postpone("a notification has to come again", errLimited, wait)
	}
	if err := h.config.Gate.InvalidateToken(ctx, h.config.Store, token); err != nil {
		return h.postpone("a notification could not be applied", err, time.Second)
	}
	if err := tell(ctx); err != nil {
		return h.fail("a notification was not taken over", slog.String("type", fmt.Sprintf("%T", err)))
	}
	done = true
	return acknowledged()
}
