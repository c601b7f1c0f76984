package fleet

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core"
)

// Peers are the other instances, as one gate tells them what it learned: through a log that a Listener of each
// reads. Two gates in one process need a Fleet each, of the same client if you like: what a Fleet told it
// does not hear.
//
// What was told is heard by every instance that can reach the server, and later by those that cannot. A
// server that forgets what it answered for, in a crash or a failover, may lose the last of it: voids are
// still found on the stores' lists, and anything else ends with Lifetimes.
func (f *Fleet) Peers() core.Peers { return log{f} }

// log is a stream of entries, numbered by the server, of which the oldest are dropped.
type log struct{ fleet *Fleet }

var _ core.Peers = log{}

// The fields of an entry. An entry without news says that an instance began to read there.
const (
	fieldFrom = "from"
	fieldNews = "news1" // with the version of what is in it
)

func (l log) key() string { return l.fleet.config.Prefix + "log" }

// Tell implements core.Peers.
func (l log) Tell(ctx context.Context, n core.News) error {
	for page := range pages(n) {
		text, err := sealNews(page)
		if err != nil {
			return err
		}
		if _, err := l.add(ctx, fieldNews, text); err != nil {
			return err
		}
	}
	return nil
}

// mark makes an entry without news and returns its number.
func (l log) mark(ctx context.Context) (string, error) { return l.add(ctx) }

func (l log) add(ctx context.Context, fields ...any) (number string, err error) {
	entry := &redis.XAddArgs{
		Stream: l.key(), MaxLen: int64(l.fleet.config.LogLength), Approx: true,
		Values: append([]any{fieldFrom, l.fleet.id}, fields...),
	}
	err = l.fleet.call(ctx, "writing to the log", func(ctx context.Context) (err error) {
		number, err = l.fleet.config.Client.XAdd(ctx, entry).Result()
		return err
	})
	return number, err
}

// entriesAtOnce is how many entries are heard at once, beside the one that was heard before.
const entriesAtOnce = 64

// from reads the entries from a number on, that one included.
func (l log) from(ctx context.Context, number string) (entries []redis.XMessage, err error) {
	err = l.fleet.call(ctx, "reading the log", func(ctx context.Context) (err error) {
		entries, err = l.fleet.config.Client.XRangeN(ctx, l.key(), number, "+", 1+entriesAtOnce).Result()
		return err
	})
	return entries, err
}

// before returns the number of the last entry that is not younger than one made at a millisecond of the server's
// clock; empty if there is none.
func (l log) before(ctx context.Context, millisecond string) (number string, err error) {
	var entries []redis.XMessage
	err = l.fleet.call(ctx, "reading the log", func(ctx context.Context) (err error) {
		entries, err = l.fleet.config.Client.XRevRangeN(ctx, l.key(), millisecond, "-", 1).Result()
		return err
	})
	if err != nil || len(entries) == 0 {
		return "", err
	}
	return entries[0].ID, nil
}

// madeAt is when an entry was made, by the server's clock.
func madeAt(number string) (time.Time, error) {
	text, _, _ := strings.Cut(number, "-")
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, errors.New("fleet: the log numbers its entries in a way that is not known")
	}
	return time.UnixMilli(ms), nil
}
