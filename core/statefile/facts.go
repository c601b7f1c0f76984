package statefile

import (
	"context"
	"iter"
	"time"

	"go.etcd.io/bbolt"

	"github.com/skugate/skugate/core"
)

// Facts is the snapshot of what stores said, in the file.
func (f *File) Facts() core.Facts { return facts{f} }

type facts struct{ file *File }

// Save implements core.Facts.
func (s facts) Save(ctx context.Context, all []core.SavedFact) error {
	for len(all) > 0 {
		page := all[:min(len(all), pageLen)]
		all = all[len(page):]
		err := s.file.update(ctx, func(tx *bbolt.Tx) error {
			for i := range page {
				if err := put(tx, bucketFacts, joinKey(string(page[i].Store), page[i].Token), &page[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Forget implements core.Facts.
func (s facts) Forget(ctx context.Context, store core.StoreID, token string) error {
	key := joinKey(string(store), token)
	none := false
	err := s.file.view(ctx, func(tx *bbolt.Tx) error {
		none = tx.Bucket(bucketFacts).Get(key) == nil
		return nil
	})
	if err != nil || none {
		return err
	}
	return s.file.update(ctx, func(tx *bbolt.Tx) error { return drop(tx, bucketFacts, key) })
}

// Load implements core.Facts.
func (s facts) Load(ctx context.Context) iter.Seq2[core.SavedFact, error] {
	return paged(ctx, s.file, bucketFacts, func(_ *bbolt.Tx, key, record []byte) (fact core.SavedFact, err error) {
		err = read(key, record, &fact)
		fact.Purchase.Token = fact.Token // which a Purchase does not show
		return fact, err
	})
}

// Prune implements core.Facts.
func (s facts) Prune(ctx context.Context, before time.Time) (int, error) {
	return prune(ctx, s.file, bucketFacts, func(fact *core.SavedFact) bool { return fact.VerifiedAt.Before(before) })
}
