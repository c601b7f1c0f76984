package rest

import "context"

// Call says what a request is for, to a transport that wants to know: the URL alone names the purchase.
type Call struct {
	Store     string // the client's name
	Operation string // as the store's document calls it
	Template  string // of the path, with the segments that vary {like this}
	Resent    int    // how often the same call was sent before
}

type callKey struct{}

// WithCall makes a context for the request of a call.
func WithCall(ctx context.Context, c *Call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// CallOf returns the call that a request's context is for, nil if it is for none.
func CallOf(ctx context.Context) *Call {
	c, _ := ctx.Value(callKey{}).(*Call)
	return c
}
