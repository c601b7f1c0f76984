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
	what    string
	cause   error
	unsent  bool // there was no connection
	lasting bool // the same call will hardly fare better a moment later
}

// Error implements error.
func (e *NoAnswer) Error() string { return e.what }

// Unwrap returns the cause, if it is one that can be shown.
func (e *NoAnswer) Unwrap() error { return e.cause }

// Passing tells whether err is a *NoAnswer, and the same call may fare better a moment later.
func Passing(err error) bool {
	var e *NoAnswer
	return errors.As(err, &e) && !e.lasting
}

// Doubtful tells whether err is a *NoAnswer, and the store may have seen the request: there was a
// connection to it, and the call was not over before it began.
func Doubtful(err error) bool {
	var e *NoAnswer
	return errors.As(err, &e) && !e.unsent
}

func noAnswer(ctx context.Context, err error) *NoAnswer {
	var (
		timeout net.Error
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
		record  tls.RecordHeaderError
		alert   tls.AlertError
		errno   syscall.Errno
	)
	e := &NoAnswer{what: "the call failed"}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		e.what, e.cause, e.lasting = "the caller left", context.Canceled, true
	case ctx.Err() != nil || errors.As(err, &timeout) && timeout.Timeout():
		e.what, e.cause = "no whole answer in time", context.DeadlineExceeded
	case errors.As(err, &dns):
		e.what = "the host's name was not resolved"
	case errors.As(err, &cert):
		e.what, e.unsent, e.lasting = "the host's certificate is not trusted", true, true
	case errors.As(err, &record), errors.As(err, &alert):
		e.what, e.lasting = "the TLS handshake failed", true
	case errors.As(err, &errno):
		e.what, e.cause = errno.Error(), errno
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.what, e.cause = "the connection ended before the whole answer", io.ErrUnexpectedEOF
	}
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		e.unsent = true
	}
	return e
}
