package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core"
)

// Voids is what stores took back or replaced, with how far their lists were read, of all instances. It keeps;
// it does not tell instances that run of what others applied.
//
// A change of more than 256 records is applied in parts, the checkpoints with the last one: a crash in
// between leaves voids in force whose list is then read again.
func (f *Fleet) Voids() core.Voids { return voids{f} }

// voids keeps records and checkpoints in one slot, so that a part of a change is one script.
type voids struct{ fleet *Fleet }

var _ core.RemoteVoids = voids{}

// Remote implements core.RemoteVoids.
func (voids) Remote() bool { return true }

var errVoid = errors.New("fleet: a void cannot be read: does another program write there?")

func (v voids) keys() []string {
	p := v.fleet.config.Prefix + "{voids}:"
	return []string{p + "records", p + "checkpoints"}
}

// voidRecord is a record with its texts apart: JSON would mend what is not UTF-8.
type voidRecord struct {
	core.VoidRecord
	Token    []byte
	Payments [][]byte
}

func sealVoid(r core.VoidRecord) (string, error) {
	kept := voidRecord{VoidRecord: r, Token: []byte(r.Token)}
	for _, id := range r.Payments {
		kept.Payments = append(kept.Payments, []byte(id))
	}
	text, err := json.Marshal(kept)
	return string(text), err
}

func openVoid(text string) (core.VoidRecord, error) {
	var kept voidRecord
	if json.Unmarshal([]byte(text), &kept) != nil {
		return core.VoidRecord{}, errVoid
	}
	r := kept.VoidRecord
	r.Token = string(kept.Token)
	for _, id := range kept.Payments {
		r.Payments = append(r.Payments, string(id))
	}
	return r, nil
}

// Load implements core.Voids. The checkpoints are of one instant and the records of that or later: none is
// missing whose list a checkpoint says was read.
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
	for store, text := range kept {
		var at time.Time
		if at.UnmarshalText([]byte(text)) != nil {
			return core.VoidLog{}, errVoid
		}
		log.Checkpoints[core.StoreID(store)] = at
	}
	err = v.each(ctx, func(_, text string) error {
		r, err := openVoid(text)
		log.Records = append(log.Records, r)
		return err
	})
	if err != nil {
		return core.VoidLog{}, err
	}
	return log, nil
}

// each hears every record once, in pages.
func (v voids) each(ctx context.Context, hear func(name, text string) error) error {
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

// Apply implements core.Voids.
func (v voids) Apply(ctx context.Context, change core.VoidLog) error {
	var names []string
	more := map[string]core.VoidRecord{}
	for _, r := range change.Records {
		name := joinKey(string(r.Store), r.Token)
		have, ok := more[name]
		if !ok {
			names = append(names, name)
			have = core.VoidRecord{Store: r.Store, Token: r.Token}
		}
		have.Merge(r)
		more[name] = have
	}
	for last := false; !last; {
		page := names[:min(pageLen, len(names))]
		names = names[len(page):]
		var read map[core.StoreID]time.Time
		if last = len(names) == 0; last {
			read = change.Checkpoints
		}
		if err := v.merge(ctx, page, more, read); err != nil {
			return err
		}
	}
	return nil
}

// merge merges records into those that stand, and puts checkpoints, in one step, whoever comes between.
func (v voids) merge(ctx context.Context, names []string, more map[string]core.VoidRecord, read map[core.StoreID]time.Time) error {
	if len(names) == 0 && len(read) == 0 {
		return nil
	}
	for {
		args, err := v.merged(ctx, names, more)
		if err != nil {
			return err
		}
		for store, at := range read {
			text, err := at.MarshalText()
			if err != nil {
				return err
			}
			args = append(args, string(store), text)
		}
		var done bool
		err = v.fleet.call(ctx, "writing voids", func(ctx context.Context) (err error) {
			done, err = mergeScript.Run(ctx, v.fleet.config.Client, v.keys(), args...).Bool()
			return err
		})
		if done || err != nil {
			return err
		}
	}
}

// merged is what mergeScript is told of records: how many, and of each its name, what stands and what is to.
func (v voids) merged(ctx context.Context, names []string, more map[string]core.VoidRecord) ([]any, error) {
	args := []any{len(names)}
	if len(names) == 0 {
		return args, nil
	}
	var stands []any
	err := v.fleet.call(ctx, "reading voids", func(ctx context.Context) (err error) {
		stands, err = v.fleet.config.Client.HMGet(ctx, v.keys()[0], names...).Result()
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, name := range names {
		had, _ := stands[i].(string)
		next := core.VoidRecord{Store: more[name].Store, Token: more[name].Token}
		if had != "" {
			if next, err = openVoid(had); err != nil {
				return nil, err
			}
		}
		next.Merge(more[name])
		text, err := sealVoid(next)
		if err != nil {
			return nil, err
		}
		args = append(args, name, had, text)
	}
	return args, nil
}

// mergeScript puts records in the place of those that were read, and checkpoints, and returns 1; 0 if another
// record stands somewhere by now, and nothing changes.
var mergeScript = redis.NewScript(`
local last = 1 + 3 * ARGV[1]
for i = 2, last, 3 do
	if (redis.call('HGET', KEYS[1], ARGV[i]) or '') ~= ARGV[i + 1] then return 0 end
end
for i = 2, last, 3 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2]) end
for i = last + 1, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
return 1
`)

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
	err = v.each(ctx, func(name, text string) error {
		r, err := openVoid(text)
		if err == nil && r.Seen.Before(before) {
			old = append(old, name, text)
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

// Check is Fleet.Check.
func (v voids) Check(ctx context.Context) error { return v.fleet.Check(ctx) }
