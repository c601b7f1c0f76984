package rediscache_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/cache/rediscache"
	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/redisclient"
)

var macKey = bytes.Repeat([]byte("k"), 32)

// offline is a tier whose Redis is never asked.
func offline(t testing.TB, key []byte) *rediscache.Cache {
	t.Helper()
	client := redis.NewUniversalClient(redisclient.Options(redis.UniversalOptions{Addrs: []string{"127.0.0.1:1"}}))
	t.Cleanup(func() { _ = client.Close() })
	return tier(t, rediscache.Config{Client: client, MACKey: key})
}

func tier(t testing.TB, c rediscache.Config) *rediscache.Cache {
	t.Helper()
	cache, err := rediscache.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return cache
}

func question() core.SharedQuestion {
	return core.SharedQuestion{
		SharedToken: core.SharedToken{
			Store: "shop", Token: "the-token", Origin: core.StoreInfo{Platform: "onestore", Application: "app", Market: "MKT_ONE", Environment: "commercial"},
		},
		Kind: core.KindSubscription, Product: "vip",
	}
}

// whole has a value other than zero in every field of a purchase, whichever there are.
func whole(t testing.TB, token string) *core.SharedFact {
	t.Helper()
	at := time.Date(2026, 3, 26, 12, 0, 0, 123456789, time.UTC)
	p := &core.Purchase{}
	for i := range reflect.TypeFor[core.Purchase]().NumField() {
		switch f := reflect.ValueOf(p).Elem().Field(i).Addr().Interface().(type) {
		case *string:
			*f = strings.Repeat("x", i+1)
		case *bool:
			*f = true
		case *int:
			*f = -i - 200
		case *core.State:
			*f = core.StateTest
		case *core.Consumption:
			*f = core.Consumed
		case *core.Acknowledgement:
			*f = core.Acknowledged
		case *core.Payment:
			*f = core.PaymentFree
		case *time.Time:
			*f = at.Add(time.Duration(i) * time.Hour)
		default:
			t.Fatalf("a field of a type that values do not have: %T", f)
		}
	}
	p.Token = token
	return &core.SharedFact{Purchase: p, VerifiedAt: at, StoreTime: at.Add(time.Millisecond)}
}

// facts are some to write and read.
func facts(t testing.TB, token string) []*core.SharedFact {
	at := time.Date(2026, 3, 26, 12, 0, 0, 1, time.UTC)
	strange := &core.Purchase{Token: token, State: 255, ExpiresAt: time.Date(-4, 1, 1, 0, 0, 0, 0, time.UTC), Label: "\x00\xff 선수"}
	return []*core.SharedFact{
		whole(t, token), {Purchase: &core.Purchase{Token: token}}, {VerifiedAt: at, StoreTime: at}, {Purchase: strange, VerifiedAt: at},
		{Purchase: &core.Purchase{Token: token, AutoRenewing: true}}, {Purchase: &core.Purchase{Token: token, Test: true}},
	}
}

func TestAValueIsReadAsItWasWritten(t *testing.T) {
	for _, key := range [][]byte{nil, macKey} {
		c := offline(t, key)
		q := question()
		for i, want := range facts(t, q.Token) {
			value := c.Seal(q, want)
			got, err := c.Open(q, value)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("fact %d: got %+v, %v; want %+v", i, got, err, want)
			}
			if bytes.Contains(value, []byte(q.Token)) {
				t.Errorf("fact %d: the value has the token", i)
			}
			if len(value) > 200 {
				t.Errorf("fact %d takes %d bytes", i, len(value))
			}
		}
	}
}

func TestADamagedValueIsNotUsed(t *testing.T) {
	for _, key := range [][]byte{nil, macKey} {
		c := offline(t, key)
		q := question()
		for _, f := range facts(t, q.Token) {
			value := c.Seal(q, f)
			for i := range value {
				for _, bit := range []byte{1, 2, 16, 128} {
					damaged := slices.Clone(value)
					damaged[i] ^= bit
					got, err := c.Open(q, damaged)
					if want := rediscache.ErrCorrupt; got != nil || !errors.Is(err, want) && !(i == 0 && errors.Is(err, rediscache.ErrNewer)) {
						t.Errorf("byte %d, bit %d: got %+v, %v", i, bit, got, err)
					}
				}
				if got, err := c.Open(q, value[:i]); got != nil || !errors.Is(err, rediscache.ErrCorrupt) {
					t.Errorf("cut at %d: got %+v, %v", i, got, err)
				}
			}
			if got, err := c.Open(q, append(value, 0)); got != nil || !errors.Is(err, rediscache.ErrCorrupt) {
				t.Errorf("one byte more: got %+v, %v", got, err)
			}
		}
	}
}

func TestAValueForAnythingElseIsNotUsed(t *testing.T) {
	c := offline(t, macKey)
	q := question()
	value := c.Seal(q, whole(t, q.Token))
	for _, test := range []struct {
		name   string
		change func(*core.SharedQuestion)
		want   error
	}{
		{"another token", func(q *core.SharedQuestion) { q.Token = "the-other" }, rediscache.ErrOtherKey},
		{"another store", func(q *core.SharedQuestion) { q.Store = "shop2" }, rediscache.ErrOtherKey},
		{"another kind", func(q *core.SharedQuestion) { q.Kind = core.KindInApp }, rediscache.ErrOtherKey},
		{"another product", func(q *core.SharedQuestion) { q.Product = "gold" }, rediscache.ErrOtherKey},
		{"another platform", func(q *core.SharedQuestion) { q.Origin.Platform = "googleplay" }, rediscache.ErrOtherOrigin},
		{"another application", func(q *core.SharedQuestion) { q.Origin.Application = "app2" }, rediscache.ErrOtherOrigin},
		{"another market", func(q *core.SharedQuestion) { q.Origin.Market = "MKT_GLB" }, rediscache.ErrOtherOrigin},
		{"another environment", func(q *core.SharedQuestion) { q.Origin.Environment = "sandbox" }, rediscache.ErrOtherOrigin},
		{"a sandbox", func(q *core.SharedQuestion) { q.Origin.Sandbox = true }, rediscache.ErrOtherOrigin},
	} {
		other := question()
		test.change(&other)
		if got, err := c.Open(other, value); got != nil || !errors.Is(err, test.want) {
			t.Errorf("%s: got %+v, %v", test.name, got, err)
		}
	}
	for name, c := range map[string]*rediscache.Cache{"no MAC": offline(t, nil), "another MAC": offline(t, bytes.Repeat([]byte("z"), 32))} {
		if got, err := c.Open(q, value); got != nil || !errors.Is(err, rediscache.ErrCorrupt) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestAKeyTellsNoToken(t *testing.T) {
	q := question()
	plain, keyed, again := offline(t, nil), offline(t, macKey), offline(t, macKey)
	if plain.KeyOf(q.SharedToken) == keyed.KeyOf(q.SharedToken) {
		t.Error("whoever guesses tokens can guess keys, though there is a MACKey")
	}
	if keyed.KeyOf(q.SharedToken) != again.KeyOf(q.SharedToken) {
		t.Error("two instances have two keys")
	}
	for _, key := range []string{plain.KeyOf(q.SharedToken), keyed.KeyOf(q.SharedToken)} {
		if !strings.HasPrefix(key, "skugate:") || strings.Contains(key, q.Token) || len(key) != len("skugate:")+43 {
			t.Errorf("the key is %q", key)
		}
	}
}
