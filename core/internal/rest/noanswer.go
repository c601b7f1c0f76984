package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"syscall"
)

// NoAnswer says why a call brought no whole answer. net/http's own errors quote the URL, and some
// quote what the server sent, so neither the text nor anything that it wraps comes from there: it
// wraps context.Canceled, context.DeadlineExceeded (any time limit), io.ErrUnexpectedEOF, a
// syscall.Errno, ErrTooLong, or nothing.
type NoAnswer struct {
	what  string
	cause error
}

// Error implements error.
func (e *NoAnswer) Error() string { return e.what }

// Unwrap returns the cause, if it is one that can be shown.
func (e *NoAnswer) Unwrap() error { return e.cause }

func noAnswer(ctx context.Context, err error) *NoAnswer {
	var (
		timeout net.Error
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		alert   tls.AlertError
		errno   syscall.Errno
	)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return &NoAnswer{"the caller left", context.Canceled}
	case ctx.Err() != nil || errors.As(err, &timeout) && timeout.Timeout():
		return &NoAnswer{"no whole answer in time", context.DeadlineExceeded}
	case errors.Is(err, ErrTooLong):
		return &NoAnswer{ErrTooLong.Error(), ErrTooLong}
	case errors.As(err, &dns):
		return &NoAnswer{"the host's name was not resolved", nil}
	case errors.As(err, &cert):
		return &NoAnswer{"the host's certificate is not trusted", nil}
	case errors.As(err, &record), errors.As(err, &alert):
		return &NoAnswer{"the TLS handshake failed", nil}
	case errors.As(err, &errno):
		return &NoAnswer{errno.Error(), errno}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &NoAnswer{"the connection ended before the whole answer", io.ErrUnexpectedEOF}
	default:
		return &NoAnswer{"the call failed", nil}
	}
}
