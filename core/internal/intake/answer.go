package intake

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/skugate/skugate/core"
)

// Answers. Each also tells the journal why it is not a 200.

// acknowledged is the only answer after which no store repeats the message.
func acknowledged() core.Reply { return core.Reply{Status: http.StatusOK} }

// Refuse answers a message that is malformed, too long or not genuine, and tells the journal why. err
// quotes none of it.
func (d *Desk) Refuse(why string, err error, malformed bool) core.Reply {
	switch {
	case errors.Is(err, errTooLong):
		why = "a notification is too long"
	case errors.Is(err, errSecret):
		why = "a notification came without the secret"
	}
	d.journal.write(slog.LevelWarn, why, slog.Any("error", err))
	switch {
	case errors.Is(err, errTooLong):
		return core.Problem(http.StatusRequestEntityTooLarge, "notification_too_long", "The notification is too long.", err.Error(), code(core.IAPServer, 1100))
	case malformed:
		return core.InvalidParameters(err.Error())
	default:
		return core.Problem(http.StatusForbidden, "notification_refused", "The notification is not accepted.", err.Error(), code(core.IAPClient, 110))
	}
}

// postpone asks for the message again. A store has a schedule of its own and need not heed wait.
func (d *Desk) postpone(why string, err error, wait time.Duration) core.Reply {
	d.journal.write(slog.LevelWarn, why, slog.Any("error", err))
	reply := core.Problem(http.StatusServiceUnavailable, "notification_postponed", "The notification cannot be applied now.", "", code(core.IAPClient, 113))
	seconds := int64((wait + time.Second - 1) / time.Second)
	reply.Header = append(reply.Header, core.HeaderField{Name: "Retry-After", Value: strconv.FormatInt(seconds, 10)})
	return reply
}

// fail says that the fault is on this side.
func (d *Desk) fail(why string, attrs ...any) core.Reply {
	d.journal.write(slog.LevelError, why, attrs...)
	return core.Problem(http.StatusInternalServerError, "notification_failed", "The notification could not be applied.", "", code(core.IAPClient, 113))
}

// code is for codes that stand in the guide.
func code(group core.IAPGroup, n int) core.IAPCode {
	c, _ := core.IAPByCode(group, n)
	return c
}
