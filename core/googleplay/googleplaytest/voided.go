package googleplaytest

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// The values of voidedSource and voidedReason that the store uses by itself.
//
// Spec: 004_eda03f688089c052.txt, "VoidedPurchase".
const (
	byDeveloper    int64 = 1
	byGoogle       int64 = 2
	other          int64 = 0
	unacknowledged int64 = 8
)

// Bounds of the list.
const (
	keptVoids = 30 * day
	maxPage   = 1000

	quotaCalls, quotaSpan = 30, 30 * time.Second
	quotaDaily            = 6000
)

// void is an entry of the list of voided purchases.
type void struct {
	token, order       string
	bought, at         time.Time
	recorded           time.Time // what windows go by
	source, reason, of int64     // of: voidedQuantity, 0 if the whole was voided
	subscription       bool
	serial             int64 // of the purchase
}

// voidedList is what was voided, in the order in which it was recorded. Its owner holds the lock.
type voidedList struct {
	entries []void
	pages   map[string]page
	asked   []time.Time // of the last day, by the base clock
}

// page is what a nextPageToken stands for.
type page struct {
	from int
	list []void
}

// record lists a void. It happened a little before it was recorded, unless the store is gentle.
func (s *Store) record(p *purchase, at time.Time, source, reason, quantity int64) {
	v := void{
		token: p.token, order: p.order(), bought: p.bought, at: at, recorded: at,
		source: source, reason: reason, of: quantity, subscription: p.subscription(), serial: p.serial,
	}
	if w := s.whim(p.token, p.orders); w != nil {
		v.at = at.Add(-time.Duration(w.r.IntN(600_000)) * time.Millisecond)
	}
	s.voided.entries = append(s.voided.entries, v)
}

// listVoided answers the list of voided purchases.
func (s *Store) listVoided(c *call) *answer {
	now, q := s.Now(), c.values
	base := s.cfg.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.voided.exhausted(base) {
		return s.tooMany(c)
	}
	for _, p := range s.purchases { // what falls due by itself may be a void
		s.settle(p, now)
	}
	s.voided.sort()
	size := s.cfg.PageSize
	if n, err := strconv.Atoi(q.Get("maxResults")); err == nil {
		size = min(size, n)
	}
	at := page{}
	if token := q.Get("token"); token != "" {
		p, ok := s.voided.pages[token]
		if !ok {
			return invalidValue("token")
		}
		at = p
	} else {
		list, refusal := s.voided.window(now, q)
		if refusal != nil {
			return refusal
		}
		at.list = list
	}
	end := min(at.from+size, len(at.list))
	rows := []object{}
	for _, v := range at.list[at.from:end] {
		rows = append(rows, v.facts())
	}
	body := object{{"voidedPurchases", rows}}
	if len(rows) == 0 {
		body = object{}
	}
	if end < len(at.list) {
		next := fmt.Sprintf("page:%d/%d", len(s.voided.pages), end)
		s.voided.pages[next] = page{end, at.list}
		body = append(body, member{"tokenPagination", object{{"nextPageToken", next}}})
	}
	if w := s.whim("voided", c.nth); w != nil {
		body = w.loosen(body)
	} else {
		body = body.without()
	}
	return jsonAnswer(http.StatusOK, body)
}

// sort puts the earliest first: what fell due by itself was recorded when somebody looked.
func (l *voidedList) sort() {
	slices.SortStableFunc(l.entries, func(a, b void) int {
		return cmp.Or(a.recorded.Compare(b.recorded), cmp.Compare(a.serial, b.serial))
	})
}

// window picks what a first page is asked about.
func (l *voidedList) window(now time.Time, q url.Values) ([]void, *answer) {
	from, to := now.Add(-keptVoids), now
	for name, at := range map[string]*time.Time{"startTime": &from, "endTime": &to} {
		text := q.Get(name)
		if text == "" {
			continue
		}
		ms, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, invalidValue(name)
		}
		*at = time.UnixMilli(ms)
	}
	switch {
	case from.Before(now.Add(-keptVoids)):
		return nil, invalidValue("startTime")
	case to.After(now):
		return nil, invalidValue("endTime")
	}
	var list []void
	for _, v := range l.entries {
		switch {
		case v.recorded.Before(from), v.recorded.After(to),
			v.subscription && q.Get("type") != "1",
			v.of > 0 && q.Get("includeQuantityBasedPartialRefund") != "true":
		default:
			list = append(list, v)
		}
	}
	return list, nil
}

// exhausted counts a call of the list, and tells whether it is one too many.
func (l *voidedList) exhausted(now time.Time) bool {
	for len(l.asked) > 0 && now.Sub(l.asked[0]) >= day {
		l.asked = l.asked[1:]
	}
	recent := 0
	for i := len(l.asked) - 1; i >= 0 && now.Sub(l.asked[i]) < quotaSpan; i-- {
		recent++
	}
	if recent >= quotaCalls || len(l.asked) >= quotaDaily {
		return true
	}
	l.asked = append(l.asked, now)
	return false
}

func (v *void) facts() object {
	o := object{
		{"kind", "androidpublisher#voidedPurchase"},
		{"purchaseToken", v.token},
		{"purchaseTimeMillis", strconv.FormatInt(v.bought.UnixMilli(), 10)},
		{"voidedTimeMillis", strconv.FormatInt(v.at.UnixMilli(), 10)},
		{"orderId", v.order},
		{"voidedSource", v.source},
		{"voidedReason", v.reason},
	}
	if v.of > 0 {
		o = append(o, member{"voidedQuantity", v.of})
	}
	return o
}
