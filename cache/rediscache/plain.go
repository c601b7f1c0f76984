package rediscache

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// plain is an error that may be logged: it names no address, no key and no value, which a server quotes
// from what it was sent.
func plain(err error) error {
	var (
		answered redis.Error
		number   syscall.Errno
		network  net.Error
	)
	switch {
	case errors.Is(err, errSkipped), errors.Is(err, errGone), errors.Is(err, errAnswer), errors.Is(err, errPanicked):
		return err
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case errors.As(err, &answered):
		code, _, _ := strings.Cut(answered.Error(), " ")
		return fmt.Errorf("the server answers %s", code)
	case errors.As(err, &number):
		return number
	case errors.As(err, &network) && network.Timeout():
		return context.DeadlineExceeded
	default:
		return fmt.Errorf("the client fails with a %T", err)
	}
}
