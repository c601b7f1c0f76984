package statefile

import (
	"context"
	"time"

	"go.etcd.io/bbolt"

	"github.com/skugate/skugate/core"
)

// Voids is what stores took back or replaced, with their checkpoints, in the file.
func (f *File) Voids() core.Voids { return voids{f} }

type voids struct{ file *File }

// checkpoint is how far the list of a store was read.
type checkpoint struct {
	Store core.StoreID
	Read  time.Time
}

// Load implements core.Voids. It is all of one instant.
func (v voids) Load(ctx context.Context) (core.VoidLog, error) {
	log := core.VoidLog{Checkpoints: map[core.StoreID]time.Time{}}
	err := v.file.view(ctx, func(tx *bbolt.Tx) error {
		err := tx.Bucket(bucketVoids).ForEach(func(key, record []byte) error {
			var r core.VoidRecord
			if err := read(key, record, &r); err != nil {
				return err
			}
			log.Records = append(log.Records, r)
			return nil
		})
		if err != nil {
			return err
		}
		return tx.Bucket(bucketCheckpoints).ForEach(func(key, record []byte) error {
			var c checkpoint
			err := read(key, record, &c)
			log.Checkpoints[c.Store] = c.Read
			return err
		})
	})
	if err != nil {
		return core.VoidLog{}, err
	}
	return log, nil
}

// Apply implements core.Voids.
func (v voids) Apply(ctx context.Context, change core.VoidLog) error {
	return v.file.update(ctx, func(tx *bbolt.Tx) error {
		for _, more := range change.Records {
			key := joinKey(string(more.Store), more.Token)
			r := core.VoidRecord{Store: more.Store, Token: more.Token}
			if _, err := get(tx, bucketVoids, key, &r); err != nil {
				return err
			}
			r.Merge(more)
			if err := put(tx, bucketVoids, key, r); err != nil {
				return err
			}
		}
		for store, until := range change.Checkpoints {
			if err := put(tx, bucketCheckpoints, joinKey(string(store)), checkpoint{store, until}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Forget implements core.Voids.
func (v voids) Forget(ctx context.Context, before time.Time) (int, error) {
	return prune(ctx, v.file, bucketVoids, func(r *core.VoidRecord) bool { return r.Seen.Before(before) })
}
