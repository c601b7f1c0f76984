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

// list reads all pages of a list, as far as the caller wants them. It keeps to its first window on all
// pages, ends where the store has no other key or gives one again, and leaves out rows of another market.
func list[T any, P row[T]](ctx context.Context, c *Client, op operation, w Window) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		now, _ := c.clock.Now()
		if argument, err := w.check(now); err != nil {
			yield(none, invalidArgument(op, argument, err))
			return
		}
		var query url.Values
		ask := input{query: func() url.Values {
			if query == nil { // not before there is an access token: its answer may be the first to show the store's clock
				now, known := c.clock.Now()
				query = w.query(now, known)
			}
			return query
		}}
		seen := map[string]bool{}
		for range maxPages {
			p, err := call[page[T, P]](ctx, c, op, ask)
			switch {
			case errors.Is(err, ErrNoSuchData):
				return
			case err != nil:
				yield(none, err)
				return
			}
			for i := range p.rows {
				if m := P(&p.rows[i]).market(); m != "" && m != string(c.market) {
					continue
				}
				if !yield(p.rows[i], nil) {
					return
				}
			}
			if p.next == "" || seen[p.next] {
				return
			}
			seen[p.next] = true
			query.Set("continuationKey", p.next)
		}
		yield(none, &Error{Op: op.name, cause: ErrTooManyPages})
	}
}
