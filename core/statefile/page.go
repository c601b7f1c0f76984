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

// prune drops the records of a bucket that are old, and returns how many. Each transaction looks at a
// page of them.
func prune[T any](ctx context.Context, f *File, bucket []byte, old func(*T) bool) (n int, err error) {
	var after []byte
	for {
		var gone, seen int
		next := after
		err := f.update(ctx, func(tx *bbolt.Tx) error {
			var oldKeys [][]byte
			gone, seen, next = 0, 0, after
			c := tx.Bucket(bucket).Cursor()
			for key, record := c.Seek(after); key != nil && seen < pageLen; key, record = c.Next() {
				seen++
				next = append(bytes.Clone(key), 0) // the least key after it
				var v T
				if err := read(key, record, &v); err != nil {
					return err
				}
				if old(&v) {
					oldKeys = append(oldKeys, bytes.Clone(key))
				}
			}
			for _, key := range oldKeys { // not under the cursor, which a deletion moves
				if err := drop(tx, bucket, key); err != nil {
					return err
				}
			}
			gone = len(oldKeys)
			return nil
		})
		if err != nil {
			return n, err
		}
		n, after = n+gone, next
		if seen < pageLen {
			return n, nil
		}
	}
}
