package statefile

import (
	"bytes"
	"context"
	"iter"

	"go.etcd.io/bbolt"
)

// pageLen is how many records one transaction touches: one that reads for long keeps the pages that
// were replaced meanwhile, and one that writes keeps everybody waiting.
const pageLen = 256

// paged yields what item makes of each record of a bucket, in the order of the keys, without holding a
// transaction while the caller is at work.
func paged[T any](ctx context.Context, f *File, bucket []byte, item func(tx *bbolt.Tx, key, record []byte) (T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var after []byte
		for {
			var page []T
			err := f.view(ctx, func(tx *bbolt.Tx) error {
				c := tx.Bucket(bucket).Cursor()
				key, record := c.Seek(after)
				if after != nil && bytes.Equal(key, after) {
					key, record = c.Next()
				}
				for ; key != nil && len(page) < pageLen; key, record = c.Next() {
					t, err := item(tx, key, record)
					if err != nil {
						return err
					}
					page = append(page, t)
					after = bytes.Clone(key)
				}
				return nil
			})
			if err != nil {
				yield(*new(T), err)
				return
			}
			for _, t := range page {
				if !yield(t, nil) {
					return
				}
			}
			if len(page) < pageLen {
				return
			}
		}
	}
}

// firstKeys is the keys at the beginning of a bucket that are of a kind, a page of them at most.
func firstKeys(b *bbolt.Bucket, which func(key []byte) bool) [][]byte {
	var keys [][]byte
	c := b.Cursor()
	for key, _ := c.First(); key != nil && len(keys) < pageLen && which(key); key, _ = c.Next() {
		keys = append(keys, bytes.Clone(key))
	}
	return keys
}

// prune drops the records of a bucket that are old, and returns how many. It writes only if there are any.
func prune[T any](ctx context.Context, f *File, bucket []byte, old func(*T) bool) (n int, err error) {
	var keys [][]byte
	all := paged(ctx, f, bucket, func(_ *bbolt.Tx, key, record []byte) (found []byte, err error) {
		var v T
		if err = read(key, record, &v); err == nil && old(&v) {
			found = bytes.Clone(key)
		}
		return found, err
	})
	for key, err := range all {
		if err != nil {
			return 0, err
		}
		if key != nil {
			keys = append(keys, key)
		}
	}
	for len(keys) > 0 {
		page := keys[:min(len(keys), pageLen)]
		keys = keys[len(page):]
		gone := 0
		err := f.update(ctx, func(tx *bbolt.Tx) error {
			gone = 0
			for _, key := range page {
				var v T // which may be younger by now, or gone
				if ok, err := get(tx, bucket, key, &v); err != nil || !ok || !old(&v) {
					if err != nil {
						return err
					}
					continue
				}
				if err := drop(tx, bucket, key); err != nil {
					return err
				}
				gone++
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		n += gone
	}
	return n, nil
}
