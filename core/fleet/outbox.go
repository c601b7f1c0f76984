package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core"
)

// Outbox is the outbox of acknowledgements of all instances: what one of them takes no other does, until the
// hold is over by the clock of the one that asks.
func (f *Fleet) Outbox() core.Outbox { return outbox{f} }

// outbox keeps everything in one slot, so that each change is one script. A hash has the entries. Every entry
// is listed by its deadline as open or, once it is acknowledged, as done. What is delivered is besides either
// ready, by its deadline, or waiting, by the microsecond at which its hold or its pause is over.
type outbox struct{ fleet *Fleet }

var errDebtEntry = errors.New("fleet: an entry of the outbox cannot be read: does another program write there?")

func (o outbox) keys() []string {
	p := o.fleet.config.Prefix + "{outbox}:"
	return []string{p + "entries", p + "open", p + "done", p + "ready", p + "waiting"}
}

// entry is one with its token apart: JSON would mend one that is not UTF-8. What is kept begins with its
// deadline in eight bytes, which together with the purchase are its place in the lists.
type entry struct {
	core.OutboxEntry
	Token []byte
}

func sealEntry(e core.OutboxEntry) (string, error) {
	text, err := json.Marshal(entry{e, []byte(e.Token)})
	return timeKey(e.By) + string(text), err
}

func openEntry(kept string) (core.OutboxEntry, error) {
	var e entry
	if len(kept) < 8 || json.Unmarshal([]byte(kept[8:]), &e) != nil {
		return core.OutboxEntry{}, errDebtEntry
	}
	e.OutboxEntry.Token = string(e.Token)
	return e.OutboxEntry, nil
}

func openEntries(kept []string) ([]core.OutboxEntry, error) {
	entries := make([]core.OutboxEntry, len(kept))
	for i, k := range kept {
		var err error
		if entries[i], err = openEntry(k); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// writeScript puts an entry in the place of the one that was read and returns 1; 0 if another one stands
// there by now.
var writeScript = redis.NewScript(`
local purchase, had, entry, list, wait = unpack(ARGV)
if (redis.call('HGET', KEYS[1], purchase) or '') ~= had then return 0 end
if had ~= '' then
	local place = string.sub(had, 1, 8) .. purchase
	for i = 2, 4 do redis.call('ZREM', KEYS[i], place) end
	redis.call('ZREM', KEYS[5], purchase)
end
local place = string.sub(entry, 1, 8) .. purchase
redis.call('HSET', KEYS[1], purchase, entry)
redis.call('ZADD', KEYS[tonumber(list)], 0, place)
if wait == 'ready' then
	redis.call('ZADD', KEYS[4], 0, place)
elseif wait ~= '' then
	redis.call('ZADD', KEYS[5], wait, purchase)
end
return 1
`)

const listOpen, listDone = 2, 3 // as writeScript has them

// write is writeScript for an entry that is released.
func (o outbox) write(ctx context.Context, purchase, had string, e core.OutboxEntry) (written bool, err error) {
	kept, err := sealEntry(e)
	if err != nil {
		return false, err
	}
	list, wait := listOpen, ""
	switch {
	case e.State == core.DebtAcknowledged:
		list = listDone
	case e.State == core.DebtDelivered && e.NotBefore.IsZero():
		wait = "ready"
	case e.State == core.DebtDelivered:
		wait = strconv.FormatInt(microsUp(e.NotBefore), 10)
	}
	err = o.fleet.call(ctx, "writing the outbox", func(ctx context.Context) (err error) {
		written, err = writeScript.Run(ctx, o.fleet.config.Client, o.keys(), purchase, had, kept, list, wait).Bool()
		return err
	})
	return written, err
}

// microsUp is the first whole microsecond that is not before t: scores are exact to that.
func microsUp(t time.Time) int64 { return t.Add(time.Microsecond - 1).UnixMicro() }

// change puts what become makes of the entry that stands in its place, whoever comes between; the zero entry
// stands for none. Nothing is written that become says need not be.
func (o outbox) change(ctx context.Context, store core.StoreID, token string, become func(have core.OutboxEntry) (core.OutboxEntry, bool)) (core.OutboxEntry, error) {
	purchase := joinKey(string(store), token)
	for {
		var had string
		err := o.fleet.promptly(ctx, "reading the outbox", func(ctx context.Context) (err error) {
			had, err = o.fleet.config.Client.HGet(ctx, o.keys()[0], purchase).Result()
			if errors.Is(err, redis.Nil) {
				err = nil
			}
			return err
		})
		var have core.OutboxEntry
		if err == nil && had != "" {
			have, err = openEntry(had)
		}
		if err != nil {
			return core.OutboxEntry{}, err
		}
		next, changed := become(have)
		if !changed {
			return next, nil
		}
		if written, err := o.write(ctx, purchase, had, next); err != nil {
			return core.OutboxEntry{}, err
		} else if written {
			return next, nil
		}
	}
}

// Record implements core.Outbox.
func (o outbox) Record(ctx context.Context, d core.Debt, delivered bool) (core.OutboxEntry, error) {
	if err := d.Check(); err != nil {
		return core.OutboxEntry{}, err
	}
	now := time.Now()
	return o.change(ctx, d.Store, d.Token, func(have core.OutboxEntry) (core.OutboxEntry, bool) {
		return d.Recorded(have, delivered, now)
	})
}

// Finish implements core.Outbox.
func (o outbox) Finish(ctx context.Context, e core.OutboxEntry) error {
	now := time.Now()
	_, err := o.change(ctx, e.Store, e.Token, func(have core.OutboxEntry) (core.OutboxEntry, bool) {
		if have.State == 0 {
			return have, false
		}
		return e.Finished(have, now), true
	})
	return err
}

// Check is Fleet.Check.
func (o outbox) Check(ctx context.Context) error { return o.fleet.Check(ctx) }
