package rest

import (
	"context"
	"io"
	"net/http"
	"time"
)

// DefaultTimeout bounds a call whose context has no deadline.
const DefaultTimeout = 10 * time.Second

// Answer is a whole HTTP answer, whatever its status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // at most MaxBody bytes
}

// Send makes one attempt at req and reads the answer to its end. It ends by the deadline of req's
// context, or after DefaultTimeout if that has none. Its error is a *NoAnswer: there was no answer,
// or not the whole of it.
func Send(client *http.Client, req *http.Request) (*Answer, error) {
	ctx := req.Context()
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, DefaultTimeout)
		defer cancel()
		req = req.WithContext(ctx)
	}
	// An injected transport may decompress behind our back; it does not if we name an encoding.
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := client.Do(req)
	if err != nil {
		return nil, noAnswer(ctx, err)
	}
	defer resp.Body.Close() // a body too long is not drained: its connection goes
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody+1))
	if err == nil && len(body) > MaxBody {
		err = ErrTooLong
	}
	if err != nil {
		return nil, noAnswer(ctx, err)
	}
	return &Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}, nil
}
