package fleet_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/fleet"
	"github.com/skugate/skugate/core/internal/redistest"
	"github.com/skugate/skugate/core/redeem"
)

// fault is an instance that is lost at a command: before the server has it or after, never to send another.
type fault struct {
	at    int
	after bool
	seen  int
}

var errLost = errors.New("a fault of the test")

func (f *fault) lose(send func() error) error {
	at := f.seen
	f.seen++
	if at < f.at {
		return send()
	}
	if at == f.at && f.after {
		_ = send()
	}
	return errLost
}

func (f *fault) DialHook(next redis.DialHook) redis.DialHook { return next }

func (f *fault) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := f.lose(func() error { return next(ctx, cmd) })
		if err != nil {
			cmd.SetErr(err)
		}
		return err
	}
}

func (f *fault) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := f.lose(func() error { return next(ctx, cmds) })
		for _, cmd := range cmds {
			if err != nil {
				cmd.SetErr(err)
			}
		}
		return err
	}
}

// everywhere plays with an instance that is lost at every command that it sends, and with another one that
// sees what is left, each time from nothing. least is how many commands there are at least: an enumeration
// that came to nothing would prove nothing.
func everywhere(t *testing.T, least int, play func(t *testing.T, lost, left *fleet.Fleet)) {
	server := redistest.Start(t, fit...)
	left := join(t, server.Addr())
	for at := 0; ; at++ {
		for _, after := range []bool{false, true} {
			if err := server.Client().FlushAll(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
			f := &fault{at: at, after: after}
			c := client(t, server.Addr())
			c.(*redis.Client).AddHook(f)
			t.Run(fmt.Sprintf("command %d, done %v", at, after), func(t *testing.T) {
				play(t, with(t, fleet.Config{Client: c}), left)
			})
			if f.seen <= at {
				if at < least {
					t.Errorf("there were %d commands, want %d or more", at, least)
				}
				return
			}
		}
	}
}

func TestAClaimThatIsLostAnywhereCanBeMadeAgain(t *testing.T) {
	everywhere(t, 3, func(t *testing.T, lost, left *fleet.Fleet) {
		claim := core.Ownership{Store: "shop", Token: "t1", Product: "skin", Account: "mina"}
		told, lostErr := lost.Owners().Claim(t.Context(), claim)
		o, ok, err := left.Owners().Owner(t.Context(), "shop", "t1")
		owned, ownedErr := left.Owners().Owned(t.Context(), "mina")
		if err != nil || ownedErr != nil {
			t.Fatal(err, ownedErr)
		}
		if ok != slices.Contains(owned, claim) || ok && o != claim || !ok && len(owned) > 0 {
			t.Errorf("the owner is %+v, %v, and mina has %+v", o, ok, owned)
		}
		if lostErr == nil && (told != claim || !ok) {
			t.Errorf("was told %+v, and the owner is %+v, %v", told, o, ok)
		}
		for range 2 {
			if got, err := left.Owners().Claim(t.Context(), claim); err != nil || got != claim {
				t.Errorf("again: %+v, %v", got, err)
			}
		}
		if owned, err := left.Owners().Owned(t.Context(), "mina"); err != nil || !slices.Equal(owned, []core.Ownership{claim}) {
			t.Errorf("afterwards mina has %+v, %v", owned, err)
		}
	})
}

// An instance that is lost between two steps leaves no entry that its account's list does not have.
func TestARedemptionThatIsLostAnywhereIsFoundAgain(t *testing.T) {
	everywhere(t, 8, func(t *testing.T, lost, left *fleet.Fleet) {
		l, err := left.Ledger(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		other, err := lost.Ledger(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		steps := []redeem.State{redeem.Intended, redeem.Consumed, redeem.Completed}
		e := redeem.Entry{Store: "shop", Token: "t1", Account: "mina", ID: "1", Began: time.Now()}
		reached := uint64(0)
		for _, s := range steps {
			e.State = s
			next, swapped, err := other.Swap(t.Context(), e)
			if err != nil || !swapped {
				break
			}
			e, reached = next, next.Version
		}
		stands, ok, err := l.Entry(t.Context(), "shop", "t1")
		if err != nil || stands.Version < reached || stands.Version > reached+1 {
			t.Fatalf("%d versions were promised, %+v, %v stands", reached, stands, err)
		}
		open, err := l.Unfinished(t.Context(), "mina")
		if err != nil || (len(open) == 1) != (ok && !stands.Finished()) {
			t.Errorf("%s stands, %d are unfinished, %v", stands.State, len(open), err)
		}
		if !ok {
			stands = redeem.Entry{Store: "shop", Token: "t1", Account: "mina", ID: "1", Began: time.Now()}
		}
		for _, s := range steps[min(int(stands.Version), len(steps)):] {
			stands.State = s
			next, swapped, err := l.Swap(t.Context(), stands)
			if err != nil || !swapped {
				t.Fatalf("going on: %v, %v", swapped, err)
			}
			stands = next
		}
		if open, err := l.Unfinished(t.Context(), "mina"); err != nil || len(open) > 0 || stands.State != redeem.Completed {
			t.Errorf("afterwards %d are unfinished, %v", len(open), err)
		}
	})
}

func TestADebtThatIsLostAnywhereIsSettled(t *testing.T) {
	everywhere(t, 6, func(t *testing.T, lost, left *fleet.Fleet) {
		debt := core.Debt{Store: "shop", Token: "t1", Product: "skin", By: time.Now().Add(time.Hour)}
		now := time.Now()
		told := work(t, lost.Outbox(), debt, now)
		entries := unsettled(t, left.Outbox())
		for _, e := range entries {
			if told >= 1 && e.State != core.DebtDelivered || told == 3 {
				t.Errorf("it was told of %d steps, and is left %v", told, e.State)
			}
		}
		if told == 1 && len(entries) == 0 {
			t.Error("it was told that the delivery is recorded, and it is not")
		}
		work(t, left.Outbox(), debt, now.Add(2*time.Minute)) // when the hold of what is lost is over
		if entries := unsettled(t, left.Outbox()); len(entries) > 0 {
			t.Errorf("afterwards %v is left", entries)
		}
		if again, err := left.Outbox().Take(t.Context(), now.Add(time.Hour), time.Minute, 9); err != nil || len(again) > 0 {
			t.Errorf("afterwards %v is taken, %v", again, err)
		}
	})
}

// work records, takes and settles a debt, and returns how many steps it was told are done.
func work(t *testing.T, o core.Outbox, d core.Debt, now time.Time) (told int) {
	if _, err := o.Record(t.Context(), d, true); err != nil {
		return told
	}
	told++
	due, err := o.Take(t.Context(), now, time.Minute, 9)
	if err != nil {
		return told
	}
	told++
	for _, e := range due {
		e.State = core.DebtAcknowledged
		if o.Finish(t.Context(), e) != nil {
			return told
		}
	}
	return told + 1
}

func unsettled(t *testing.T, o core.Outbox) (entries []core.OutboxEntry) {
	t.Helper()
	for e, err := range o.Unsettled(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	return entries
}

// A checkpoint says that everything before it is kept: it comes with the last record or later.
func TestAChangeThatIsLostAnywhereHasNoCheckpointWithoutItsVoids(t *testing.T) {
	change := core.VoidLog{Checkpoints: map[core.StoreID]time.Time{"shop": time.Unix(1000, 0)}}
	for i := range 600 {
		change.Records = append(change.Records, core.VoidRecord{Store: "shop", Token: fmt.Sprint("t", i), Whole: true, Seen: time.Unix(1000, 0)})
	}
	everywhere(t, 6, func(t *testing.T, lost, left *fleet.Fleet) {
		lostErr := lost.Voids().Apply(t.Context(), change)
		for _, again := range []bool{false, true} {
			log, err := left.Voids().Load(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			all := len(log.Records) == len(change.Records)
			if len(log.Checkpoints) > 0 && !all || (lostErr == nil || again) && (!all || len(log.Checkpoints) != 1) {
				t.Errorf("%d records and %d checkpoints", len(log.Records), len(log.Checkpoints))
			}
			if err := left.Voids().Apply(t.Context(), change); err != nil {
				t.Fatal(err)
			}
		}
	})
}
