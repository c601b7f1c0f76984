package gatetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/skugate/skugate/cache"
	"github.com/skugate/skugate/core"
)

// RunShared tests that a tier does what core.Shared says. empty returns one that has nothing; whoever it
// belongs to is cleaned up by t.Cleanup. The tier is taken to be well and near: what it does when it is
// not is its own to test. A lease should end within 30 s.
func RunShared(t *testing.T, empty func(t *testing.T) core.Shared) {
	run := func(name string, test func(shared)) {
		t.Run(name, func(t *testing.T) { test(shared{t, empty(t)}) })
	}
	run("of those who find nothing one is to ask", oneAsks)
	run("an answer comes back as it is, and older", wholeAnswer)
	run("that there is no such purchase is an answer", sharedAbsence)
	run("an answer ends the lease, whoever puts it", putEndsLease)
	run("who gives up lets another ask", releasedLease)
	run("another's ticket ends no lease", strangersTicket)
	run("a lease ends though its holder is gone", expiredLease)
	run("past freshness one is to ask, and the answer is still there", staleAnswer)
	run("what is forgotten is gone, for every product", forgottenAnswer)
	run("what was read before a token was forgotten is not kept", lateAnswer)
	run("without a ticket nothing is kept", noTicket)
	run("an earlier read does not replace a later one", earlierRead)
	run("an answer goes when nobody may use it any more", outlivedAnswer)
	run("no two questions run into each other", oddQuestions)
	run("an ended context is an error", sharedEndedContext)
	run("all may come at once", parallelShared)
}

// shared is a tier under test.
type shared struct {
	*testing.T
	core.Shared
}

// life is long enough for any test.
var life = cache.Life{Fresh: time.Minute, Refresh: 2 * time.Minute, Usable: time.Hour}

func question(token, product string) core.SharedQuestion {
	return core.SharedQuestion{SharedToken: core.SharedToken{
		Store: "shop", Token: token,
		Origin: core.StoreInfo{Platform: "gatetest", Application: "app", Market: "MKT_ONE", Environment: "test"},
	}, Kind: core.KindSubscription, Product: product}
}

// sharedFact is one with a value in every field, read just now.
func sharedFact(token string) core.SharedFact {
	saved := fact("shop", token, 0)
	now := time.Now()
	return core.SharedFact{Purchase: &saved.Purchase, VerifiedAt: now, StoreTime: now.Add(time.Second), Life: life}
}

func (s *shared) get(q core.SharedQuestion) core.SharedAnswer {
	s.Helper()
	a, err := s.Get(s.Context(), q)
	if err != nil {
		s.Fatalf("get: %v", err)
	}
	return a
}

func (s *shared) put(q core.SharedQuestion, ticket string, f core.SharedFact) {
	s.Helper()
	if err := s.Put(s.Context(), q, ticket, f); err != nil {
		s.Fatalf("put: %v", err)
	}
}

func (s *shared) forget(t core.SharedToken) {
	s.Helper()
	if err := s.Forget(s.Context(), t); err != nil {
		s.Fatalf("forget: %v", err)
	}
}

// nothing tells whether there is no answer, and whether another was given the lease.
func (s *shared) nothing(q core.SharedQuestion, busy bool) (ticket string) {
	s.Helper()
	a := s.get(q)
	if a.Fact != nil || a.Busy != busy {
		s.Fatalf("got %+v; want nothing, busy %v", a, busy)
	}
	return a.Ticket
}

// has tells whether there is the answer want, and returns it.
func (s *shared) has(q core.SharedQuestion, want core.SharedFact) core.SharedFact {
	s.Helper()
	a := s.get(q)
	if a.Fact == nil {
		s.Fatalf("got %+v; want an answer", a)
	}
	if got, want := answered(*a.Fact), answered(want); got != want {
		s.Fatalf("got\n%s\nwant\n%s", got, want)
	}
	return *a.Fact
}

// answered makes answers comparable: without what the tier need not return, whatever the zone of their times.
func answered(f core.SharedFact) string {
	saved := core.SavedFact{VerifiedAt: f.VerifiedAt, StoreTime: f.StoreTime}
	if f.Purchase == nil {
		saved.Product = "none"
	} else {
		saved.Purchase = *f.Purchase
	}
	return written(saved)
}

// await looks again until ok, as long as a slow machine may take.
func (s *shared) await(what string, q core.SharedQuestion, ok func(core.SharedAnswer) bool) core.SharedAnswer {
	s.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		a := s.get(q)
		if ok(a) {
			return a
		}
		if time.Now().After(end) {
			s.Fatalf("not within 30 s: %s; got %+v", what, a)
		}
	}
}

func oneAsks(s shared) {
	q := question("t1", "vip")
	if s.nothing(q, false) == "" {
		s.Error("no ticket")
	}
	s.nothing(q, true)
	s.nothing(q, true)
	s.nothing(question("t1", "gold"), false)
	s.nothing(question("t2", "vip"), false)
}

func wholeAnswer(s shared) {
	q, f := question("t1", "vip"), sharedFact("t1")
	f.Age = 3 * time.Second
	ticket := s.nothing(q, false)
	s.put(q, ticket, f)
	if got := s.has(q, f); got.Age != 0 && (got.Age < f.Age-time.Second || got.Age > f.Age+time.Minute) {
		s.Errorf("it is %v old; it was put at an age of %v", got.Age, f.Age)
	}
	bare := core.SharedFact{Purchase: &core.Purchase{Token: "t2"}, VerifiedAt: time.Now(), StoreTime: time.Now(), Life: life}
	q = question("t2", "vip")
	s.put(q, s.nothing(q, false), bare)
	s.has(q, bare)
}

func sharedAbsence(s shared) {
	q := question("t1", "vip")
	none := core.SharedFact{VerifiedAt: time.Now(), StoreTime: time.Now(), Life: life}
	s.put(q, s.nothing(q, false), none)
	s.has(q, none)
	s.nothing(question("t1", "gold"), false)
}

func putEndsLease(s shared) {
	q, f := question("t1", "vip"), sharedFact("t1")
	s.nothing(q, false)
	s.put(q, s.nothing(q, true), f)
	if a := s.get(q); a.Busy {
		s.Errorf("busy with %+v", a)
	}
}

func releasedLease(s shared) {
	q := question("t1", "vip")
	ticket := s.nothing(q, false)
	s.nothing(q, true)
	for range 2 {
		if err := s.Release(s.Context(), q, ticket); err != nil {
			s.Error(err)
		}
	}
	s.nothing(q, false)
	s.nothing(q, true)
}

func strangersTicket(s shared) {
	q := question("t1", "vip")
	first := s.nothing(q, false)
	second := s.nothing(q, true)
	for _, ticket := range []string{second, "", "no ticket", "*"} {
		if err := s.Release(s.Context(), q, ticket); err != nil {
			s.Errorf("release: %v", err)
		}
	}
	s.nothing(q, true)
	if err := s.Release(s.Context(), q, first); err != nil {
		s.Error(err)
	}
	s.nothing(q, false)
	if err := s.Release(s.Context(), q, first); err != nil { // whose lease is over
		s.Error(err)
	}
	s.nothing(q, true)
}

func expiredLease(s shared) {
	q := question("t1", "vip")
	s.nothing(q, false)
	s.await("the lease is over", q, func(a core.SharedAnswer) bool { return !a.Busy })
}

func staleAnswer(s shared) {
	q, f := question("t1", "vip"), sharedFact("t1")
	f.Life = cache.Life{Fresh: 100 * time.Millisecond, Refresh: time.Minute, Usable: time.Hour}
	f.Age = 100 * time.Millisecond
	s.put(q, s.nothing(q, false), f)
	if a := s.get(q); a.Fact == nil || a.Busy {
		s.Fatalf("got %+v, want the answer and the lease", a)
	}
	a := s.get(q)
	if a.Fact == nil || !a.Busy {
		s.Fatalf("got %+v, want the answer while another asks", a)
	}
	later := sharedFact("t1")
	s.put(q, a.Ticket, later)
	s.has(q, later)
}

func forgottenAnswer(s shared) {
	kept := []core.SharedQuestion{question("t2", "vip")}
	other := question("t1", "vip")
	other.Store = "other"
	elsewhere := question("t1", "vip")
	elsewhere.Origin.Market = "MKT_GLB"
	kept = append(kept, other, elsewhere)
	gone := []core.SharedQuestion{question("t1", "vip"), question("t1", "gold")}
	for _, q := range append(gone, kept...) {
		s.put(q, s.nothing(q, false), sharedFact(q.Token))
	}
	for range 2 {
		s.forget(gone[0].SharedToken)
	}
	for _, q := range gone {
		s.nothing(q, false)
	}
	for _, q := range kept {
		if a := s.get(q); a.Fact == nil {
			s.Errorf("%+v is forgotten", q)
		}
	}
	s.forget(question("never", "seen").SharedToken)
	f := sharedFact("t1")
	s.put(gone[0], s.nothing(gone[0], true), f)
	s.has(gone[0], f)
}

func lateAnswer(s shared) {
	q := question("t1", "vip")
	ticket := s.nothing(q, false)
	s.forget(q.SharedToken)
	s.put(q, ticket, sharedFact("t1"))
	next := s.nothing(q, false)
	s.put(q, ticket, sharedFact("t1")) // nor later
	s.nothing(q, true)
	s.forget(q.SharedToken)
	s.put(q, next, sharedFact("t1"))
	s.put(q, ticket, sharedFact("t1"))
	s.nothing(q, false)
}

func noTicket(s shared) {
	q := question("t1", "vip")
	for _, ticket := range []string{"", "no ticket"} {
		s.put(q, ticket, sharedFact("t1"))
	}
	s.nothing(q, false)
	for _, ticket := range []string{"", "no ticket"} {
		s.put(q, ticket, sharedFact("t1"))
	}
	s.nothing(q, true)
}

func earlierRead(s shared) {
	q := question("t1", "vip")
	ticket := s.nothing(q, false)
	later, earlier := sharedFact("t1"), sharedFact("t1")
	earlier.VerifiedAt, earlier.Age = later.VerifiedAt.Add(-10*time.Second), 10*time.Second
	s.put(q, ticket, later)
	s.put(q, ticket, earlier)
	s.has(q, later)
	last := sharedFact("t1")
	last.Purchase = nil
	s.put(q, ticket, last)
	s.has(q, last)
}

func outlivedAnswer(s shared) {
	q, f := question("t1", "vip"), sharedFact("t1")
	f.Life.Usable = time.Hour
	f.Age = time.Hour - 200*time.Millisecond
	s.put(q, s.nothing(q, false), f)
	s.await("the answer is gone", q, func(a core.SharedAnswer) bool { return a.Fact == nil })
}

func oddQuestions(s shared) {
	var all []core.SharedQuestion
	for _, name := range [][3]string{{"a", "bc", "d"}, {"ab", "c", "d"}, {"a:", "bc", "d"}, {"a", ":bc", "d"}, {"a", "b", "cd"}, {"a\x00b", "c", "d"}, {"a", "b\x00c", "d"}, {"店", "토큰", "상품"}, {"a", strings.Repeat("t", 1<<10), "d"}, {"{a}", "{b}", "{c}"}} {
		q := question(name[1], name[2])
		q.Store = core.StoreID(name[0])
		all = append(all, q)
	}
	base := question("t", "p")
	for _, change := range []func(*core.SharedQuestion){
		func(*core.SharedQuestion) {},
		func(q *core.SharedQuestion) { q.Kind = core.KindInApp },
		func(q *core.SharedQuestion) { q.Origin.Platform += "x" },
		func(q *core.SharedQuestion) { q.Origin.Application += "x" },
		func(q *core.SharedQuestion) { q.Origin.Market += "x" },
		func(q *core.SharedQuestion) { q.Origin.Environment += "x" },
		func(q *core.SharedQuestion) { q.Origin.Sandbox = true },
	} {
		q := base
		change(&q)
		all = append(all, q)
	}
	for i, q := range all {
		f := sharedFact(q.Token)
		f.Purchase.ID = fmt.Sprint("p", i)
		s.put(q, s.nothing(q, false), f)
	}
	for i, q := range all {
		if a := s.get(q); a.Fact == nil || a.Fact.Purchase == nil || a.Fact.Purchase.ID != fmt.Sprint("p", i) || a.Fact.Purchase.Token != q.Token {
			s.Errorf("question %d has %+v", i, a.Fact)
		}
	}
}

func sharedEndedContext(s shared) {
	q := question("t1", "vip")
	ticket := s.nothing(q, false)
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	if a, err := s.Get(ctx, q); err == nil || a != (core.SharedAnswer{}) {
		s.Errorf("get: %+v, %v", a, err)
	}
	if s.Put(ctx, q, ticket, sharedFact("t1")) == nil || s.Release(ctx, q, ticket) == nil || s.Forget(ctx, q.SharedToken) == nil {
		s.Error("no error")
	}
}

func parallelShared(s shared) {
	var asks atomic.Int64
	var wg sync.WaitGroup
	q := question("t1", "vip")
	for i := range 16 {
		wg.Go(func() {
			a, err := s.Get(s.Context(), q)
			if err != nil {
				s.Error(err)
			}
			if !a.Busy {
				asks.Add(1)
			}
			own := question(fmt.Sprint("own", i%4), "vip")
			for range 5 {
				a, err := s.Get(s.Context(), own)
				if err != nil {
					s.Error(err)
				}
				if err := s.Put(s.Context(), own, a.Ticket, sharedFact(own.Token)); err != nil {
					s.Error(err)
				}
				if err := s.Forget(s.Context(), own.SharedToken); err != nil {
					s.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := asks.Load(); n != 1 {
		s.Errorf("%d were told to ask, want 1", n)
	}
}
