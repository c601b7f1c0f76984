package fleet

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core"
)

// Voids is what stores took back or replaced, with how far their lists were read, of all instances. An instance
// that applies a void does not tell the others by that.
func (f *Fleet) Voids() core.Voids { return voids{f} }

// voids keeps records and checkpoints in one slot, so that a change is one script.
type voids struct{ fleet *Fleet }

func (v voids) keys() []string {
	p := v.fleet.config.Prefix + "{voids}:"
	return []string{p + "records", p + "checkpoints"}
}

// voidRecord is a record with its texts apart: JSON would mend what is not UTF-8.
type voidRecord struct {
	core.VoidRecord
	Store, Token []byte
	Payments     [][]byte
}

func sealVoid(r core.VoidRecord) ([]byte, error) {
	kept := voidRecord{VoidRecord: r, Store: []byte(r.Store), Token: []byte(r.Token)}
	for _, id := range r.Payments {
		kept.Payments = append(kept.Payments, []byte(id))
	}
	return json.Marshal(kept)
}

func readVoid(text string) (core.VoidRecord, error) {
	var kept voidRecord
	if err := json.Unmarshal([]byte(text), &kept); err != nil {
		return core.VoidRecord{}, fmt.Errorf("fleet: a void cannot be read: %w", err)
	}
	r := kept.VoidRecord
	r.Store, r.Token, r.Payments = core.StoreID(kept.Store), string(kept.Token), nil
	for _, id := range kept.Payments {
		r.Payments = append(r.Payments, string(id))
	}
	return r, nil
}

// checkpoint is how far the list of a store was read.
type checkpoint struct {
	Store []byte
	Read  time.Time
}

// Load implements core.Voids. The checkpoints are of one instant, and the records of that or later: nothing
// is missing that was read before a checkpoint.
func (v voids) Load(ctx context.Context) (core.VoidLog, error) {
	log := core.VoidLog{Checkpoints: map[core.StoreID]time.Time{}}
	var kept map[string]string
	err := v.fleet.call(ctx, "reading how far voids were read", func(ctx context.Context) (err error) {
		kept, err = v.fleet.config.Client.HGetAll(ctx, v.keys()[1]).Result()
		return err
	})
	if err != nil {
		return core.VoidLog{}, err
	}
	for _, text := range kept {
		var c checkpoint
		if err := json.Unmarshal([]byte(text), &c); err != nil {
			return core.VoidLog{}, fmt.Errorf("fleet: a checkpoint cannot be read: %w", err)
		}
		log.Checkpoints[core.StoreID(c.Store)] = c.Read
	}
	err = v.each(ctx, func(_, text string) error {
		r, err := readVoid(text)
		log.Records = append(log.Records, r)
		return err
	})
	if err != nil {
		return core.VoidLog{}, err
	}
	return log, nil
}

// each hears every record once, in pages.
func (v voids) each(ctx context.Context, hear func(member, text string) error) error {
	seen := map[string]bool{} // a scan may say something twice
	for cursor := uint64(0); ; {
		var page []string
		err := v.fleet.call(ctx, "reading voids", func(ctx context.Context) (err error) {
			page, cursor, err = v.fleet.config.Client.HScan(ctx, v.keys()[0], cursor, "", pageLen).Result()
			return err
		})
		if err != nil {
			return err
		}
		for i := 0; i+1 < len(page); i += 2 {
			if seen[page[i]] {
				continue
			}
			seen[page[i]] = true
			if err := hear(page[i], page[i+1]); err != nil {
				return err
			}
		}
		if cursor == 0 {
			return nil
		}
	}
}

// applyScript puts records in the place of those that were read, and checkpoints, and returns 1; 0 if one of
// them is another by now, and nothing changes.
var applyScript = redis.NewScript(`
local records = tonumber(ARGV[1])
local last = 1 + 3 * records
for i = 2, last, 3 do
	if (redis.call('HGET', KEYS[1], ARGV[i]) or '') ~= ARGV[i + 1] then return 0 end
end
for i = 2, last, 3 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2]) end
for i = last + 1, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
return 1
`)

// Apply implements core.Voids.
func (v voids) Apply(ctx context.Context, change core.VoidLog) error {
	var members []string
	records := map[string]core.VoidRecord{}
	for _, r := range change.Records {
		m := digest(string(r.Store), r.Token)
		have, ok := records[m]
		if !ok {
			members = append(members, m)
			have = core.VoidRecord{Store: r.Store, Token: r.Token}
		}
		have.Merge(r)
		records[m] = have
	}
	for ctx.Err() == nil {
		done, err := v.try(ctx, members, records, change.Checkpoints)
		if done || err != nil {
			return err
		}
	}
	return ctx.Err()
}

// try is Apply, unless somebody comes between.
func (v voids) try(ctx context.Context, members []string, records map[string]core.VoidRecord, checkpoints map[core.StoreID]time.Time) (done bool, err error) {
	args := []any{len(members)}
	for from := 0; from < len(members); from += pageLen {
		page := members[from:min(from+pageLen, len(members))]
		var kept []any
		err := v.fleet.call(ctx, "reading voids", func(ctx context.Context) (err error) {
			kept, err = v.fleet.config.Client.HMGet(ctx, v.keys()[0], page...).Result()
			return err
		})
		if err != nil {
			return false, err
		}
		for i, m := range page {
			had, _ := kept[i].(string)
			next := core.VoidRecord{Store: records[m].Store, Token: records[m].Token}
			if had != "" {
				if next, err = readVoid(had); err != nil {
					return false, err
				}
			}
			next.Merge(records[m])
			text, err := sealVoid(next)
			if err != nil {
				return false, err
			}
			args = append(args, m, had, text)
		}
	}
	for store, read := range checkpoints {
		text, err := json.Marshal(checkpoint{[]byte(store), read})
		if err != nil {
			return false, err
		}
		args = append(args, digest(string(store)), text)
	}
	err = v.fleet.call(ctx, "writing voids", func(ctx context.Context) (err error) {
		done, err = applyScript.Run(ctx, v.fleet.config.Client, v.keys(), args...).Bool()
		return err
	})
	return done, err
}

// forgetScript drops records that are still what was read, and returns how many.
var forgetScript = redis.NewScript(`
local gone = 0
for i = 1, #ARGV, 2 do
	if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then gone = gone + redis.call('HDEL', KEYS[1], ARGV[i]) end
end
return gone
`)

// Forget implements core.Voids.
func (v voids) Forget(ctx context.Context, before time.Time) (n int, err error) {
	var old []any
	err = v.each(ctx, func(member, text string) error {
		r, err := readVoid(text)
		if err == nil && r.Seen.Before(before) {
			old = append(old, member, text)
		}
		return err
	})
	for err == nil && len(old) > 0 {
		page := old[:min(2*pageLen, len(old))]
		old = old[len(page):]
		var gone int
		err = v.fleet.call(ctx, "forgetting voids", func(ctx context.Context) (err error) {
			gone, err = forgetScript.Run(ctx, v.fleet.config.Client, v.keys(), page...).Int()
			return err
		})
		n += gone
	}
	return n, err
}
