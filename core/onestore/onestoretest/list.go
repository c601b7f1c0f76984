package onestoretest

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// row is a row of a list, and what its place in the list goes by.
type row struct {
	at      time.Time
	ordinal uint32
	facts   object
}

// list answers a page of rows, which are all that there are. The caller holds the lock. Rows that
// arrive or go while somebody turns pages move no other row: a page begins after a row, not at a
// number.
func (s *Store) list(c *call, name string, now time.Time, rows []row) *answer {
	w, refusal := s.resolve(c.page, now)
	if refusal != nil {
		return refusal
	}
	from := cursor{window: w, at: w.start}
	if c.page.after != nil {
		from = *c.page.after
	}
	for i := range rows {
		rows[i].at = rows[i].at.Truncate(time.Millisecond) // as keys count
	}
	rows = slices.DeleteFunc(rows, func(r row) bool {
		return r.at.Before(w.start) || r.at.After(w.end) || from.includes(r)
	})
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.ordinal, b.ordinal)) })

	size := min(c.page.max, s.cfg.PageSize)
	stranger := size > 1 && s.choose(c.subject, c.nth, OwnMarketRows, OtherMarketRows) == OtherMarketRows
	if stranger {
		size--
	}
	more := len(rows) > size
	rows = rows[:min(size, len(rows))]
	next := from
	if len(rows) > 0 {
		next.at, next.ordinal = rows[len(rows)-1].at, rows[len(rows)-1].ordinal
	}
	if c.effect.wire.Kind == emptyPage {
		rows, stranger = nil, false
	}
	if spoiled, ok := c.effect.spoil(from, next); ok {
		next, more = spoiled, true
	}
	page := make([]object, 0, len(rows)+1)
	for _, r := range rows {
		page = append(page, r.facts)
	}
	if stranger {
		page = append(page, s.strangerTo(c, name, w))
	}
	key := any(nil)
	if more {
		key = s.key(c.op(), next)
	}
	return s.pageAnswer(c, name, page, key)
}

// spoil is the key that a fault puts behind a page, whether there is more or not.
func (e *Effect) spoil(from, next cursor) (cursor, bool) {
	switch e.wire.Kind {
	case emptyPage:
		next = from
		next.salt++
	case cycledKeys:
		if from.salt > 0 { // the first page leads into the cycle
			next = from
		}
		next.salt = from.salt%uint32(e.wire.N) + 1
	case endlessKeys:
		next.salt++
	default:
		return cursor{}, false
	}
	return next, true
}

// includes: r was on the page before, or on one before that.
func (c cursor) includes(r row) bool {
	order := r.at.Compare(c.at)
	return order < 0 || order == 0 && r.ordinal <= c.ordinal
}

// pageAnswer writes a page; key is nil on the last one.
func (s *Store) pageAnswer(c *call, name string, page []object, key any) *answer {
	choose := func(group ...Dialect) Dialect { return s.choose(c.subject, c.nth, group...) }
	for i, facts := range page {
		page[i] = s.spell(c.subject+" row "+strconv.Itoa(i), c.nth, facts)
	}
	if choose(ListKeyPlain, ListKeyBlank) == ListKeyBlank {
		name += " "
	}
	var body object
	last := LastKeyNull
	if key == nil {
		last = choose(LastKeyAbsent, LastKeyNull, LastKeyEmpty)
	}
	switch last {
	case LastKeyNull:
		body = append(body, member{"continuationKey", key})
	case LastKeyEmpty:
		body = append(body, member{"continuationKey", ""})
	}
	empty := EmptyListArray
	if len(page) == 0 && key == nil {
		empty = choose(EmptyListArray, EmptyListMissing, EmptyListNoSuchData)
	}
	switch empty {
	case EmptyListNoSuchData:
		return s.noSuchData(c)
	case EmptyListArray:
		body = append(body, member{name, page})
	}
	if w := s.whim(c.subject, c.nth); w != nil {
		w.shuffle(body)
		w.r.Shuffle(len(page), func(i, j int) { page[i], page[j] = page[j], page[i] })
	}
	return jsonAnswer(http.StatusOK, body)
}

// settleAll lets everything happen that fell due until now.
func (s *Store) settleAll(now time.Time) {
	for _, p := range s.bought {
		s.settle(p, now)
	}
}

// strangerTo is a row of another market: nothing that this store sold.
func (s *Store) strangerTo(c *call, name string, w window) object {
	other := MarketKorea
	if s.cfg.Market == MarketKorea {
		other = MarketGlobal
	}
	n := strconv.Itoa(100_000_000 + newWhim(s.cfg.Seed, name, c.nth).r.IntN(900_000_000))
	p := &purchase{product: InApp("gold"), token: "SANDBOXT000" + n, quantity: 1, payments: []Payment{{"SANDBOX9000" + n, w.end, w.end}}}
	if name == unconfirmedList {
		return s.unconfirmedFacts(c, p, other)
	}
	return voidedFacts(void{p.token, p.payments[0]}, other)
}
