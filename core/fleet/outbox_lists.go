package fleet

import (
	"context"
	"iter"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core"
)

// wakeScript makes a page of what has waited long enough ready, and returns how many.
var wakeScript = redis.NewScript(`
local page = redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, purchase in ipairs(page) do
	redis.call('ZREM', KEYS[5], purchase)
	redis.call('ZADD', KEYS[4], 0, string.sub(redis.call('HGET', KEYS[1], purchase), 1, 8) .. purchase)
end
return #page
`)

// takeScript lets a page of what is ready wait until the hold is over, and returns it.
var takeScript = redis.NewScript(`
local taken = {}
for i, place in ipairs(redis.call('ZRANGE', KEYS[4], 0, ARGV[1] - 1)) do
	local purchase = string.sub(place, 9)
	redis.call('ZREM', KEYS[4], place)
	redis.call('ZADD', KEYS[5], ARGV[2], purchase)
	taken[i] = redis.call('HGET', KEYS[1], purchase)
end
return taken
`)

// Take implements core.Outbox.
func (o outbox) Take(ctx context.Context, now time.Time, hold time.Duration, limit int) ([]core.OutboxEntry, error) {
	if limit <= 0 {
		return nil, ctx.Err()
	}
	if err := o.paged(ctx, "waking the outbox", wakeScript, now.UnixMicro(), nil); err != nil {
		return nil, err
	}
	var kept []string
	err := o.fleet.call(ctx, "taking from the outbox", func(ctx context.Context) (err error) {
		kept, err = takeScript.Run(ctx, o.fleet.config.Client, o.keys(), min(limit, pageLen), microsUp(now.Add(hold))).StringSlice()
		return err
	})
	if err != nil {
		return nil, err
	}
	return openEntries(kept)
}

// paged runs a script that works on a page of entries at most, until no page is full, so that nobody else
// waits for the server for long. It adds up what the script returns.
func (o outbox) paged(ctx context.Context, what string, script *redis.Script, arg any, total *int) error {
	for {
		var n int
		err := o.fleet.call(ctx, what, func(ctx context.Context) (err error) {
			n, err = script.Run(ctx, o.fleet.config.Client, o.keys(), arg, pageLen).Int()
			return err
		})
		if total != nil {
			*total += n
		}
		if err != nil || n < pageLen {
			return err
		}
	}
}

// openScript returns the last place of a page of open entries, and the entries.
var openScript = redis.NewScript(`
local places = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[1], '+', 'LIMIT', 0, ARGV[2])
local page = {places[#places] or ''}
for i, place in ipairs(places) do page[i + 1] = redis.call('HGET', KEYS[1], string.sub(place, 9)) end
return page
`)

// Unsettled implements core.Outbox.
func (o outbox) Unsettled(ctx context.Context) iter.Seq2[core.OutboxEntry, error] {
	return func(yield func(core.OutboxEntry, error) bool) {
		for from := "-"; ; {
			var page []string
			err := o.fleet.call(ctx, "reading the outbox", func(ctx context.Context) (err error) {
				page, err = openScript.Run(ctx, o.fleet.config.Client, o.keys(), from, pageLen).StringSlice()
				return err
			})
			var entries []core.OutboxEntry
			if err == nil {
				entries, err = openEntries(page[1:])
			}
			if err != nil {
				yield(core.OutboxEntry{}, err)
				return
			}
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
			}
			if len(entries) < pageLen {
				return
			}
			from = "(" + page[0]
		}
	}
}

// pruneScript drops a page of entries whose deadlines are before one, and returns how many.
var pruneScript = redis.NewScript(`
local gone = 0
for list = 2, 3 do
	for _, place in ipairs(redis.call('ZRANGEBYLEX', KEYS[list], '-', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2] - gone)) do
		local purchase = string.sub(place, 9)
		redis.call('ZREM', KEYS[list], place)
		redis.call('ZREM', KEYS[4], place)
		redis.call('ZREM', KEYS[5], purchase)
		redis.call('HDEL', KEYS[1], purchase)
		gone = gone + 1
	end
end
return gone
`)

// Prune implements core.Outbox.
func (o outbox) Prune(ctx context.Context, before time.Time) (n int, err error) {
	err = o.paged(ctx, "pruning the outbox", pruneScript, timeKey(before), &n)
	return n, err
}
