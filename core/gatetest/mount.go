package gatetest

import (
	"context"
	"net"
	"testing"

	"github.com/skugate/skugate/core"
)

// Mount is an adapter and its framework, as RunAdapter drives them. The adapter's part is its own
// functions as they are, so that all adapters are spelled alike: C is what the framework hands to a
// middleware, M the middleware, W the adapter's CredentialsFunc, O its Option.
type Mount[C, M any, W ~func(C) (core.Credentials, error), O any] struct {
	// Require and Attach make the middleware.
	Require, Attach func(gate *core.Gate, r core.Requirement, who W, opts ...O) M
	// TokenHeader, TokensHeader, TokenLookup and Owned say who asks, and with which tokens.
	TokenHeader, TokensHeader func(name string, account func(C) string) W
	TokenLookup               func(account func(C) string, tokens func(ctx context.Context, account string) ([]core.Token, error)) W
	Owned                     func(account func(C) string) W
	// WithDeniedStatus and WithConsumables are the adapter's options.
	WithDeniedStatus func(status int) O
	WithConsumables  func() O
	// WithErrorHandler is the adapter's option with a handler that sends, by the adapter's
	// WriteReply, what change makes of the reply, and nothing if that has no status. For a nil change
	// it is the option with a nil handler.
	WithErrorHandler func(change func(core.Decision, core.Reply) core.Reply) O

	// Then is a middleware of the framework's own kind that runs what follows it and then calls after.
	Then func(after func(Request)) M
	// Header is a header of the request in the string that the framework hands out, not copied.
	Header func(c C, name string) string
	// Serve builds an application with nothing but these routes, serves it on a loopback port and
	// returns the address. t.Cleanup stops it and waits for it. A panic of a handler must not end the
	// process: where the framework lets it, a recovering middleware stands in front.
	Serve func(t *testing.T, routes []Route[M]) (address string)

	// StatusError is the error that a handler returns to answer with status. Nil where handlers of
	// the framework return no errors.
	StatusError func(status int) error
	// NoHangUps says that the framework does not tell a handler that its client is gone, and why.
	NoHangUps string
	// Exceptions are the requests that the framework reads unlike the others do.
	Exceptions []Exception
	// Documentation is where users are told of Exceptions and NoHangUps: the adapter's own doc.go, embedded.
	// Default: this package's, which has those of skugate's own adapters.
	Documentation string
}

// Route is one path of the application under test. It answers every method.
type Route[M any] struct {
	Path    string             // literal, such as "/raids"
	Front   []core.HeaderField // set on the answer before the gates see the request
	Gates   []M                // the outermost first
	Handler Handler
}

// Handler is a handler written for no framework. See Handler.ServeHTTP for those that have net/http
// underneath.
type Handler func(Request) Response

// Request is what a handler is given. It must not be kept, except for Decision.
type Request struct {
	Method   string
	Header   func(name string) string
	Body     string
	Context  context.Context
	Decision core.Decision // of the adapter's From
	Found    bool          // of the adapter's From
}

// Response is what a handler wants done, in this order of precedence. The zero value does nothing: the
// framework answers 200 without a body.
type Response struct {
	// Err is what the handler returns instead of an answer, for frameworks with StatusError.
	Err error
	// Hijack takes the connection over. The framework sends nothing, and the connection is closed
	// when Hijack returns.
	Hijack func(net.Conn)
	// Stream answers 200 with whatever it sends, each piece flushed. Fiber runs it after the handler.
	Stream func(send func(string))
	// Status is set unless it is zero.
	Status int
	// Body is written unless it is empty.
	Body string
}

// Exception is a hostile or odd request that a framework reads unlike the others. It can only refuse:
// RunAdapter fails for one that lets a request in, for one that is not true, and for one that
// Mount.Documentation does not list in a line "//   - Case: Outcome, Why".
type Exception struct {
	Case    string // the name of the test, such as "5 KB"
	Outcome string // the status, and the reason if the answer gives one
	Why     string // in one clause
}
