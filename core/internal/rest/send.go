package rest

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"
)

// DefaultTimeout bounds a call whose context has no deadline.
const DefaultTimeout = 10 * time.Second

// Answer is a whole HTTP answer, whatever its status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Send makes one attempt at req and reads the answer to its end, if its body has at most limit bytes.
// It ends by the deadline of req's context, or after DefaultTimeout if that has none. Its error is a
// *NoAnswer: there was no answer, or not the whole of it.
//
// A GET is sent once, as everything else is: net/http would send it again on each idle connection that
// turns out to be dead.
func Send(client *http.Client, req *http.Request, limit int64) (*Answer, error) {
	ctx := req.Context()
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, DefaultTimeout)
		defer cancel()
		req = req.WithContext(ctx)
	}
	if err := ctx.Err(); err != nil { // an injected transport may not look
		e := noAnswer(ctx, err)
		e.unsent = true
		return nil, e
	}
	if req.Method == http.MethodGet && req.Body == nil {
		withoutReplay(req)
	}
	// An injected transport may decompress behind our back; it does not if we name an encoding.
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := client.Do(req)
	if err != nil {
		return nil, noAnswer(ctx, err)
	}
	defer resp.Body.Close() // a body too long is not drained: its connection goes
	var body []byte
	if resp.ContentLength <= limit { // what says that it is longer is not begun
		if body, err = io.ReadAll(io.LimitReader(resp.Body, limit+1)); err != nil {
			return nil, noAnswer(ctx, err)
		}
	}
	if max(resp.ContentLength, int64(len(body))) > limit {
		return nil, &NoAnswer{what: tooLong(limit).Error(), cause: ErrTooLong, lasting: true}
	}
	return &Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}, nil
}

// withoutReplay gives a request an empty body, for net/http repeats nothing whose body it cannot get
// again. That the encoding is named keeps it from looking whether there is a body, and from sending
// "chunked" if that look takes it too long; on the wire nothing of either shows.
func withoutReplay(req *http.Request) {
	req.Body = io.NopCloser(strings.NewReader(""))
	req.TransferEncoding = []string{"identity"}
}
