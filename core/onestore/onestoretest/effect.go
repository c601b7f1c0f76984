package onestoretest

import (
	"net/http"
	"time"

	"github.com/skugate/skugate/core/internal/wire"
)

// Effect is what a Fault does to a request. Make it with the functions of this file.
type Effect struct{ wire wire.Effect }

// What an effect does to lists alone.
const (
	emptyPage   = wire.Further + iota // no rows, and yet a key
	cycledKeys                        // the same n keys in turn
	endlessKeys                       // a new key on every page
)

// Answer answers with exactly this; the request does nothing. header may be nil. A Content-Length
// and a Date are added; a header named there wins.
func Answer(status int, header http.Header, body string) Effect {
	return Effect{wire.Replace(status, header, body)}
}

// StandardError answers with a standard error of the document, such as "InternalError", under its
// documented status. It panics on a code that the document does not have.
func StandardError(code string) Effect {
	return Effect{wire.Effect{Kind: wire.Replaced, Answer: standardError(code)}}
}

// Maintenance answers 503 ServiceMaintenance with this Retry-After: seconds, an HTTP date, or nonsense.
func Maintenance(retryAfter string) Effect {
	e := StandardError("ServiceMaintenance")
	e.wire.Answer.Header.Set("Retry-After", retryAfter)
	return e
}

// OAuthError answers in the flat shape of RFC 6749, such as {"error":"invalid_client"}. The other
// shape is that of StandardError.
func OAuthError(code string) Effect {
	return Effect{wire.Effect{Kind: wire.Replaced, Answer: oauthError(code)}}
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

// EmptyPage answers a page of a list that has no rows and yet a continuationKey; the rows come with
// the page that the key asks for. Like the two effects below it changes nothing but lists.
func EmptyPage() Effect { return Effect{wire.Effect{Kind: emptyPage}} }

// CycleKeys answers pages of a list whose continuationKeys are the same n, one after the other for
// ever; the page that comes with each is the same. With 1 each page repeats the key that asked for it.
func CycleKeys(n int) Effect { return Effect{wire.Effect{Kind: cycledKeys, N: int64(max(n, 1))}} }

// EndlessKeys answers every page of a list with one more new continuationKey, those after the last
// row included, which are empty.
func EndlessKeys() Effect { return Effect{wire.Effect{Kind: endlessKeys}} }
