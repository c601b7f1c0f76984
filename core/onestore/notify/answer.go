package notify

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
)

// Answers. Each also tells the journal why it is not a 200.

// acknowledged is the only answer after which ONE store does not repeat the message.
func acknowledged() core.Reply { return core.Reply{Status: http.StatusOK} }

// refuse answers a message that is malformed or not genuine. err quotes none of it.
func (h *Handler) refuse(err error) core.Reply {
	why := "a notification is malformed"
	switch {
	case errors.Is(err, errTooLong):
		why = "a notification is too long"
	case errors.Is(err, errSecret):
		why = "a notification came without the secret"
	case errors.Is(err, onestore.ErrSignature):
		why = "a notification is not signed by the store"
	case errors.Is(err, ErrOtherApp):
		why = "a notification is for another app, environment or market"
	}
	h.journal.write(slog.LevelWarn, why, slog.Any("error", err))
	switch {
	case errors.Is(err, errTooLong):
		return core.Problem(http.StatusRequestEntityTooLarge, "notification_too_long", "The notification is too long.", err.Error(), code(core.IAPServer, 1100))
	case errors.Is(err, ErrMalformed):
		return core.InvalidParameters(err.Error())
	default:
		return core.Problem(http.StatusForbidden, "notification_refused", "The notification is not accepted.", err.Error(), code(core.IAPClient, 110))
	}
}

// postpone asks for the message again. ONE store has a schedule of its own and need not heed wait.
func (h *Handler) postpone(why string, err error, wait time.Duration) core.Reply {
	h.journal.write(slog.LevelWarn, why, slog.Any("error", err))
	reply := core.Problem(http.StatusServiceUnavailable, "notification_postponed", "The notification cannot be applied now.", "", code(core.IAPClient, 113))
	seconds := int64((wait + time.Second - 1) / time.Second)
	reply.Header = append(reply.Header, core.HeaderField{Name: "Retry-After", Value: strconv.FormatInt(seconds, 10)})
	return reply
}

// fail says that the fault is on this side.
func (h *Handler) fail(why string, attrs ...any) core.Reply {
	h.journal.write(slog.LevelError, why, attrs...)
	return core.Problem(http.StatusInternalServerError, "notification_failed", "The notification could not be applied.", "", code(core.IAPClient, 113))
}

// code is for codes that stand in the guide.
func code(group core.IAPGroup, n int) core.IAPCode {
	c, _ := core.IAPByCode(group, n)
	return c
}
