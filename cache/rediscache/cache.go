package rediscache

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/skugate/skugate/core"
)

// Cache is a core.Shared in Redis. Make it with New; it is safe for concurrent use, starts no goroutine
// until it is asked something, and needs no closing.
type Cache struct {
	config Config
	guard  *guard

	corrupt, newer, otherOrigin, otherKey, unwritten atomic.Uint64
}

var (
	_ core.Shared         = (*Cache)(nil)
	_ core.SharedReporter = (*Cache)(nil)
)

// versionKept is how long a token's version is kept at least after a Get: longer than a look-up takes.
const versionKept = time.Minute

// New makes a Cache. It reports every fault of the configuration at once, and asks Redis nothing.
func New(config Config) (*Cache, error) {
	config = config.withDefaults()
	if err := config.check(); err != nil {
		return nil, err
	}
	config.MACKey = append([]byte(nil), config.MACKey...)
	c := &Cache{config: config}
	c.guard = newGuard(config.Timeout, c.probe)
	return c, nil
}

// Get implements core.Shared.
func (c *Cache) Get(ctx context.Context, q core.SharedQuestion) (core.SharedAnswer, error) {
	ticket := rand.Text()
	got, err := guarded(ctx, c.guard, "get", func(ctx context.Context) (looked, error) {
		return c.get(ctx, c.keyOf(q.SharedToken), fieldOf("a", q), fieldOf("l", q), ticket)
	})
	if err != nil {
		return core.SharedAnswer{}, err
	}
	a := core.SharedAnswer{Busy: got.busy, Ticket: got.version + " " + ticket}
	if got.answer != "" {
		a.Fact = c.read(q, got.answer, got.now)
	}
	return a, nil
}

// looked is what getScript returns.
type looked struct {
	version, answer string
	busy            bool
	now             int64 // microseconds of the server's clock
}

var errAnswer = errors.New("the script answers what it cannot")

// get runs getScript.
func (c *Cache) get(ctx context.Context, key, answer, lease, ticket string) (l looked, err error) {
	got, err := getScript.Run(ctx, c.config.Client, []string{key}, answer, lease, ticket,
		c.config.Lease.Microseconds(), versionKept.Milliseconds()).Slice()
	if err != nil {
		return l, err
	}
	if len(got) != 4 {
		return l, errAnswer
	}
	busy, isBusy := got[2].(int64)
	l.version, _ = got[0].(string)
	l.answer, _ = got[1].(string)
	l.now, _ = got[3].(int64)
	if l.busy = busy != 0; !isBusy || l.version == "" || l.now == 0 {
		return looked{}, errAnswer
	}
	return l, nil
}

// read makes a fact of what is kept, nil if it is not to be used. now is the server's clock, as in looked.
func (c *Cache) read(q core.SharedQuestion, kept string, now int64) *core.SharedFact {
	parts := strings.SplitN(kept, " ", 4) // as putScript writes it
	at, err := strconv.ParseInt(parts[0], 10, 64)
	if len(parts) < 4 || err != nil {
		c.corrupt.Add(1)
		return nil
	}
	f, err := c.open(q, []byte(parts[3]))
	switch err {
	case nil:
		f.Age = time.Duration(max(now-at, 0)) * time.Microsecond
		return f
	case errNewer:
		c.newer.Add(1)
	case errOtherOrigin:
		c.otherOrigin.Add(1)
	case errOtherKey:
		c.otherKey.Add(1)
	default:
		c.corrupt.Add(1)
	}
	return nil
}

// Put implements core.Shared.
func (c *Cache) Put(ctx context.Context, q core.SharedQuestion, ticket string, f core.SharedFact) error {
	version, _, _ := strings.Cut(ticket, " ")
	if version == "" || f.Age >= f.Life.Usable {
		return ctx.Err()
	}
	kept, err := guarded(ctx, c.guard, "put", func(ctx context.Context) (bool, error) {
		return putScript.Run(ctx, c.config.Client, []string{c.keyOf(q.SharedToken)}, fieldOf("a", q), fieldOf("l", q), version,
			(f.Age + time.Microsecond - 1).Microseconds(), f.Life.Fresh.Microseconds(), f.Life.Usable.Microseconds(), c.seal(q, &f)).Bool()
	})
	if err == nil && !kept {
		c.unwritten.Add(1)
	}
	return err
}

// Release implements core.Shared.
func (c *Cache) Release(ctx context.Context, q core.SharedQuestion, ticket string) error {
	_, own, ok := strings.Cut(ticket, " ")
	if !ok {
		return ctx.Err()
	}
	_, err := guarded(ctx, c.guard, "release", func(ctx context.Context) (any, error) {
		return releaseScript.Run(ctx, c.config.Client, []string{c.keyOf(q.SharedToken)}, fieldOf("l", q), own).Result()
	})
	return err
}

// Forget implements core.Shared.
func (c *Cache) Forget(ctx context.Context, t core.SharedToken) error {
	_, err := guarded(ctx, c.guard, "forget", func(ctx context.Context) (int64, error) {
		return c.config.Client.Del(ctx, c.keyOf(t)).Result()
	})
	return err
}

// probe does what every look-up does, with a key of its own.
func (c *Cache) probe(ctx context.Context) error {
	_, err := c.get(ctx, c.config.Prefix+"probe", "a", "l", rand.Text())
	return err
}

// Check tells whether Redis can be used now: nil, or an error that says why not. It asks Redis, whatever was
// found out before, and waits no longer than Config.Timeout. No player is refused for what it says.
func (c *Cache) Check(ctx context.Context) error {
	if _, err := bounded(ctx, c.config.Timeout, func(ctx context.Context) (struct{}, error) { return struct{}{}, c.probe(ctx) }); err != nil {
		return fmt.Errorf("rediscache: check: %w", plain(err))
	}
	return nil
}

// TierStats implements core.SharedReporter.
func (c *Cache) TierStats() core.TierStats {
	return core.TierStats{
		Calls: c.guard.calls.Load(), Failed: c.guard.failed.Load(), Skipped: c.guard.skipped.Load(),
		Corrupt: c.corrupt.Load(), Newer: c.newer.Load(), OtherOrigin: c.otherOrigin.Load(), OtherKey: c.otherKey.Load(),
		Unwritten: c.unwritten.Load(), Breaker: c.guard.breaker.State().String(),
	}
}
