package fleet_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/fleet"
	"github.com/skugate/skugate/core/internal/redistest"
	"github.com/skugate/skugate/core/redeem"
)

const secret = "canary"

// use lets a fleet keep something of each kind, all of a token and an account that are secret.
func use(t *testing.T, f *fleet.Fleet) (faults []error) {
	t.Helper()
	token, account := secret+" token", secret+" account"
	fault := func(err error) {
		if err != nil {
			faults = append(faults, err)
		}
	}
	_, err := f.Owners().Claim(t.Context(), core.Ownership{Store: "shop", Token: token, Account: account})
	fault(err)
	_, err = f.Owners().Owned(t.Context(), account)
	fault(err)
	_, err = f.Outbox().Record(t.Context(), core.Debt{Store: "shop", Token: token, By: time.Now()}, true)
	fault(err)
	_, err = f.Outbox().Take(t.Context(), time.Now(), time.Minute, 1)
	fault(err)
	for _, err := range f.Outbox().Unsettled(t.Context()) {
		fault(err)
	}
	fault(f.Voids().Apply(t.Context(), core.VoidLog{
		Records:     []core.VoidRecord{{Store: "shop", Token: token, Whole: true}},
		Checkpoints: map[core.StoreID]time.Time{"shop": time.Now()},
	}))
	_, err = f.Voids().Load(t.Context())
	fault(err)
	if l, err := f.Ledger(t.Context()); err != nil {
		fault(err)
	} else {
		_, _, err = l.Swap(t.Context(), redeem.Entry{Store: "shop", Token: token, Account: account, ID: "1", State: redeem.Intended})
		fault(err)
		_, _, err = l.Entry(t.Context(), "shop", token)
		fault(err)
		_, err = l.Unfinished(t.Context(), account)
		fault(err)
	}
	_, err = f.Turns().Take(t.Context(), "voids", time.Minute)
	fault(err)
	return faults
}

func TestKeysBeginWithThePrefixAndTellNothing(t *testing.T) {
	server := redistest.Start(t, fit...)
	f := with(t, fleet.Config{Client: client(t, server.Addr()), Prefix: "game one:"})
	if faults := use(t, f); len(faults) > 0 {
		t.Fatal(faults)
	}
	keys, err := server.Client().Keys(t.Context(), "*").Result()
	if err != nil || len(keys) < 9 {
		t.Fatalf("got %q, %v", keys, err)
	}
	for _, key := range keys {
		hidden, _ := base64.RawURLEncoding.DecodeString(key[strings.LastIndex(key, ":")+1:])
		if !strings.HasPrefix(key, "game one:") || strings.Contains(key+string(hidden), secret) {
			t.Errorf("a key is %q", key)
		}
		expires, err := server.Client().TTL(t.Context(), key).Result()
		if err != nil || (expires >= 0) != strings.HasPrefix(key, "game one:turn:") {
			t.Errorf("%q expires in %v, %v: only turns may", key, expires, err)
		}
	}
}

// Games that share a server do not see each other.
func TestPrefixesKeepGamesApart(t *testing.T) {
	server := redistest.Start(t, fit...)
	use(t, join(t, server.Addr()))
	other := with(t, fleet.Config{Client: client(t, server.Addr()), Prefix: "other:"})
	if owned, err := other.Owners().Owned(t.Context(), secret+" account"); err != nil || len(owned) > 0 {
		t.Errorf("got %v, %v", owned, err)
	}
	if mine, err := other.Turns().Take(t.Context(), "voids", time.Minute); err != nil || !mine {
		t.Errorf("got %v, %v", mine, err)
	}
}

// Whatever other programs wrote there is an error that quotes nothing of it, not a panic and not state.
func TestWhatCannotBeReadIsAnErrorThatQuotesNothing(t *testing.T) {
	server := redistest.Start(t, fit...)
	c := server.Client()
	f := join(t, server.Addr())
	for _, spoil := range []struct {
		name string
		kind string
		do   func(key string) error
	}{
		{"another type", "", func(key string) error { c.Del(t.Context(), key); return c.Set(t.Context(), key, secret, 0).Err() }},
		{"no JSON", "hash", func(key string) error { return overwrite(t, c, key, secret) }},
		{"another JSON", "hash", func(key string) error { return overwrite(t, c, key, `        "`+secret+`"`) }},
		{"nothing", "hash", func(key string) error { return overwrite(t, c, key, "") }},
	} {
		t.Run(spoil.name, func(t *testing.T) {
			if err := c.FlushAll(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
			if faults := use(t, f); len(faults) > 0 {
				t.Fatal(faults)
			}
			keys, err := c.Keys(t.Context(), "*").Result()
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range keys {
				if kind := c.Type(t.Context(), key).Val(); spoil.kind == "" || kind == spoil.kind {
					if err := spoil.do(key); err != nil {
						t.Fatal(err)
					}
				}
			}
			faults := use(t, f)
			if len(faults) == 0 {
				t.Error("nobody was told")
			}
			for _, err := range faults {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("said too much: %v", err)
				}
			}
		})
	}
}

// overwrite puts the same value into every field of a hash.
func overwrite(t *testing.T, c *redis.Client, key, value string) error {
	fields, err := c.HKeys(t.Context(), key).Result()
	for _, field := range fields {
		if err == nil {
			err = c.HSet(t.Context(), key, field, value).Err()
		}
	}
	return err
}

// What an account's list says too much goes, but not while somebody may be about to need it.
func TestAListThatSaysTooMuchIsTidied(t *testing.T) {
	server := redistest.Start(t, fit...)
	c, f := server.Client(), join(t, server.Addr())
	list := func(name string) (key string, members []string) {
		t.Helper()
		keys, err := c.Keys(t.Context(), "skugate:"+name+":*").Result()
		if err != nil || len(keys) > 1 {
			t.Fatalf("lists %q, %v", keys, err)
		}
		if len(keys) == 0 {
			return "", nil
		}
		members, err = c.ZRange(t.Context(), keys[0], 0, -1).Result()
		if err != nil {
			t.Fatal(err)
		}
		return keys[0], members
	}
	for i := range 300 {
		if _, err := f.Owners().Claim(t.Context(), core.Ownership{Store: "shop", Token: fmt.Sprint("t", i), Account: "mina"}); err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			if err := f.Owners().Release(t.Context(), "shop", fmt.Sprint("t", i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	owned := func(members int) {
		t.Helper()
		if owned, err := f.Owners().Owned(t.Context(), "mina"); err != nil || len(owned) != 1 {
			t.Errorf("mina has %v, %v", owned, err)
		}
		if _, now := list("owned"); len(now) != members {
			t.Errorf("the list has %d members, want %d", len(now), members)
		}
	}
	owned(300) // somebody may be claiming them
	key, members := list("owned")
	for _, m := range members {
		if err := c.ZAdd(t.Context(), key, redis.Z{Score: float64(time.Now().Add(-2 * time.Hour).UnixMicro()), Member: m}).Err(); err != nil {
			t.Fatal(err)
		}
	}
	owned(1)

	l, err := f.Ledger(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e := redeem.Entry{Store: "shop", Token: "t1", Account: "mina", ID: "1"}
	for _, step := range []struct {
		state   redeem.State
		members int
	}{{redeem.Intended, 1}, {redeem.Consumed, 1}, {redeem.Completed, 0}} {
		e.State = step.state
		if e, _, err = l.Swap(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if _, members := list("redemptions"); len(members) != step.members {
			t.Errorf("%s: %d members", step.state, len(members))
		}
	}
	// An instance that was lost before it tidied, and one that is about to open the entry again.
	e.State = redeem.Intended
	if e, _, err = l.Swap(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	key, members = list("redemptions")
	member := members[0]
	e.State = redeem.Withdrawn
	if e, _, err = l.Swap(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	for version, left := range map[uint64]int{e.Version: 0, e.Version + 1: 1} {
		if err := c.ZAdd(t.Context(), key, redis.Z{Score: float64(version), Member: member}).Err(); err != nil {
			t.Fatal(err)
		}
		if open, err := l.Unfinished(t.Context(), "mina"); err != nil || len(open) > 0 {
			t.Errorf("unfinished are %v, %v", open, err)
		}
		if _, members := list("redemptions"); len(members) != left {
			t.Errorf("needed for version %d of %d: %d members are left", version, e.Version, len(members))
		}
		c.Del(t.Context(), key)
	}
}
