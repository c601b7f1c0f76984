package googleplaytest

import (
	"net/http"
	"strings"
	"time"
)

// Effect is what a Fault does to a request. Make it with the functions of this file.
type Effect struct {
	kind   effectKind
	answer *answer
	n      int64
	every  time.Duration
	text   string
}

type effectKind uint8

const (
	asUsual   effectKind = iota
	replaced             // another answer; the request does nothing
	hanging              // no answer until the client leaves; the request does nothing
	reset                // the connection breaks; the request does nothing
	lost                 // the request is carried out, then the connection breaks
	truncated            // the connection is closed after n bytes of the body
	broken               // the connection breaks after n bytes of the body
	dripped              // n bytes at a time
	appended             // text follows the body
	oversized            // n blanks follow the body
)

// Answer answers with exactly this; the request does nothing. header may be nil. A Content-Length
// and a Date are added; a header named there wins.
func Answer(status int, header http.Header, body string) Effect {
	h := header.Clone()
	if h == nil {
		h = make(http.Header)
	}
	return Effect{kind: replaced, answer: &answer{status, h, []byte(body)}}
}

// Refuse answers with an error of the API: a status, and a reason such as "concurrentUpdate". An empty
// reason lists no errors.
func Refuse(status int, reason string) Effect {
	return Effect{kind: replaced, answer: apiError(status, reason, "The request was refused.", "")}
}

// Unavailable answers 503 with this Retry-After: seconds, an HTTP date, or nonsense; none if empty.
func Unavailable(retryAfter string) Effect {
	e := Refuse(http.StatusServiceUnavailable, "backendError")
	if retryAfter != "" {
		e.answer.header.Set("Retry-After", retryAfter)
	}
	return e
}

// OAuthError answers in the shape of RFC 6749, such as {"error":"invalid_grant"}.
func OAuthError(code string) Effect { return Effect{kind: replaced, answer: oauthError(code, "")} }

// HTMLPage answers with a page of the server in front of the API.
func HTMLPage(status int) Effect { return Effect{kind: replaced, answer: frontPage(status)} }

// Empty answers with a status and no body.
func Empty(status int) Effect { return Answer(status, nil, "") }

// Redirect answers with a redirect status and a Location.
func Redirect(status int, location string) Effect {
	return Answer(status, http.Header{"Location": {location}}, "")
}

// Hang answers nothing until the client leaves.
func Hang() Effect { return Effect{kind: hanging} }

// Reset breaks the connection before the first byte of an answer. The request does nothing.
func Reset() Effect { return Effect{kind: reset} }

// LoseAnswer carries the request out and then breaks the connection before the first byte.
func LoseAnswer() Effect { return Effect{kind: lost} }

// ResetAfter carries the request out and breaks the connection after n bytes of the body. What the
// client still gets to read of them is up to its network.
func ResetAfter(n int) Effect { return Effect{kind: broken, n: int64(n)} }

// TruncateAt carries the request out and ends the answer after n bytes of the body, whose
// Content-Length promised more. A body no longer than n stays whole.
func TruncateAt(n int) Effect { return Effect{kind: truncated, n: int64(n)} }

// Drip carries the request out and sends n bytes of the body at a time, every so often.
func Drip(n int, every time.Duration) Effect {
	return Effect{kind: dripped, n: int64(max(n, 1)), every: every}
}

// Append carries the request out and sends text after the body.
func Append(text string) Effect { return Effect{kind: appended, text: text} }

// Oversize carries the request out and sends n blanks after the body, without announcing a length.
func Oversize(n int64) Effect { return Effect{kind: oversized, n: n} }

const blanks = 32 << 10

func blank() string { return strings.Repeat(" ", blanks) }
