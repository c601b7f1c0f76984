package onestore

import (
	"context"
	"errors"
	"iter"
	"net/url"

	"github.com/skugate/skugate/core/internal/rest"
)

// maxPages ends the reading of a list that does not end.
const maxPages = 1000

// ErrTooManyPages ends a list that has more than 1,000 pages: ask for a narrower Window.
var ErrTooManyPages = errors.New("the list has more than 1000 pages")

// row is an entry of a list that reads itself.
type row[T any] interface {
	*T
	list() string // the name of the member that has the rows
	readRow(o *rest.Object)
	market() string
}

// page is the answer with one part of a list. A list that is missing is empty.
type page[T any, P row[T]] struct {
	rows []T
	next string
}

func (p *page[T, P]) read(o *rest.Object, _ origin) {
	for _, entry := range o.Objects(P(nil).list()) {
		var r T
		P(&r).readRow(entry)
		p.rows = append(p.rows, r)
	}
	if p.next = o.Text("continuationKey"); len(p.next) > maxContinuationKey {
		o.Fault("continuationKey", "is too long")
	}
}

// maxContinuationKey is far above the 41 characters that the document has for it.
const maxContinuationKey = 1024

// list reads all pages of a list, as far as the caller wants them, and leaves out rows of another market.
func list[T any, P row[T]](ctx context.Context, c *Client, op operation, w Window) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		now, _ := c.clock.Now()
		if argument, err := w.check(now); err != nil {
			yield(none, invalidArgument(op, argument, err))
			return
		}
		r := reader[T, P]{client: c, op: op, window: w, seen: map[string]bool{}}
		for range maxPages {
			rows, more, err := r.next(ctx)
			if err != nil {
				yield(none, err)
				return
			}
			for i := range rows {
				if m := P(&rows[i]).market(); m != "" && m != string(c.market) {
					continue
				}
				if !yield(rows[i], nil) {
					return
				}
			}
			if !more {
				return
			}
		}
		yield(none, &Error{Op: op.name, cause: ErrTooManyPages})
	}
}

// reader turns the pages of a list.
type reader[T any, P row[T]] struct {
	client *Client
	op     operation
	window Window
	query  url.Values // of the next page; nil before the first
	seen   map[string]bool
}

// next reads a page. There are no more where the store gives no key, or one that it gave before.
func (r *reader[T, P]) next(ctx context.Context) (rows []T, more bool, err error) {
	p, err := call[page[T, P]](ctx, r.client, r.op, input{query: r.ask})
	if refusesWindow(err) && len(r.seen) == 0 && !r.client.refusedWindow.Swap(true) {
		r.query = nil
		p, err = call[page[T, P]](ctx, r.client, r.op, input{query: r.ask})
	}
	switch {
	case errors.Is(err, ErrNoSuchData):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	case p.next == "" || r.seen[p.next]:
		return p.rows, false, nil
	}
	r.seen[p.next] = true
	r.query.Set("continuationKey", p.next)
	return p.rows, true, nil
}

// ask is called when there is an access token, whose answer may have been the first to show the store's
// clock. All pages keep to the window of the first.
func (r *reader[T, P]) ask() url.Values {
	if r.query == nil {
		r.query = r.client.query(r.window)
	}
	return r.query
}

// refusesWindow: the servers behind the store's front need not have the clock that its answers show.
func refusesWindow(err error) bool {
	return errors.Is(err, ErrInvalidRequest) || errors.Is(err, ErrBadRequest)
}
