package redisclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// Plain is an error of a client that may be logged: it names no address, no key and no value, which a server
// quotes from what it was sent. Of what a server answered it keeps the code.
func Plain(err error) error {
	var (
		answered redis.Error
		number   syscall.Errno
		network  net.Error
	)
	switch {
	case err == nil:
		return nil
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
