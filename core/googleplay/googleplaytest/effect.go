package googleplaytest

import (
	"net/http"
	"time"

	"github.com/skugate/skugate/core/internal/wire"
)

// Effect is what a Fault does to a request. Make it with the functions of this file.
type Effect struct{ wire wire.Effect }

// Answer answers with exactly this; the request does nothing. header may be nil. A Content-Length
// and a Date are added; a header named there wins.
func Answer(status int, header http.Header, body string) Effect {
	return Effect{wire.Replace(status, header, body)}
}

// Refuse answers with an error of the API: a status, and a reason such as "concurrentUpdate". An empty
// reason lists no errors.
func Refuse(status int, reason string) Effect {
	return Effect{wire.Effect{Kind: wire.Replaced, Answer: apiError(status, reason, "The request was refused.", "")}}
}

// Unavailable answers 503 with this Retry-After: seconds, an HTTP date, or nonsense; none if empty.
func Unavailable(retryAfter string) Effect {
	e := Refuse(http.StatusServiceUnavailable, "backendError")
	if retryAfter != "" {
		e.wire.Answer.Header.Set("Retry-After", retryAfter)
	}
	return e
}

// OAuthError answers in the shape of RFC 6749, such as {"error":"invalid_grant"}.
func OAuthError(code string) Effect {
	return Effect{wire.Effect{Kind: wire.Replaced, Answer: oauthError(code, "")}}
}

// HTMLPage answers with a page of the server in front of the API.
func HTMLPage(status int) Effect {
	return Effect{wire.Effect{Kind: wire.Replaced, Answer: frontPage(status)}}
}

// Empty answers with a status and no body.
func Empty(status int) Effect { return Answer(status, nil, "") }

// Redirect answers with a redirect status and a Location.
func Redirect(status int, location string) Effect {
	return Answer(status, http.Header{"Location": {location}}, "")
}

// Hang answers nothing until the client leaves.
func Hang() Effect { return Effect{wire.Effect{Kind: wire.Hanging}} }

// Reset breaks the connection before the first byte of an answer. The request does nothing.
func Reset() Effect { return Effect{wire.Effect{Kind: wire.Reset}} }

// LoseAnswer carries the request out and then breaks the connection before the first byte.
func LoseAnswer() Effect { return Effect{wire.Effect{Kind: wire.Lost}} }

// ResetAfter carries the request out and breaks the connection after n bytes of the body. What the
// client still gets to read of them is up to its network.
func ResetAfter(n int) Effect { return Effect{wire.Effect{Kind: wire.Broken, N: int64(n)}} }

// TruncateAt carries the request out and ends the answer after n bytes of the body, whose
// Content-Length promised more. A body no longer than n stays whole.
func TruncateAt(n int) Effect { return Effect{wire.Effect{Kind: wire.Truncated, N: int64(n)}} }

// Drip carries the request out and sends n bytes of the body at a time, every so often.
func Drip(n int, every time.Duration) Effect {
	return Effect{wire.Effect{Kind: wire.Dripped, N: int64(max(n, 1)), Every: every}}
}

// Append carries the request out and sends text after the body.
func Append(text string) Effect { return Effect{wire.Effect{Kind: wire.Appended, Text: text}} }

// Oversize carries the request out and sends n blanks after the body, without announcing a length.
func Oversize(n int64) Effect { return Effect{wire.Effect{Kind: wire.Oversized, N: n}} }
