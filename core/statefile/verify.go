package statefile

import (
	"bytes"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
)

// format says how the file is to be read.
type format struct {
	Version int `json:"version"`
}

// version is the format that this package writes. It grows when an older package would misread a file.
const version = 1

var formatKey = []byte("format")

// verify reads the whole file, so that damage is found at the start and not by a player. Buckets that an
// older package did not know are made.
func (f *File) verify() error {
	missing := false
	err := f.db.View(func(tx *bbolt.Tx) error {
		if tx.Bucket(bucketFormat) == nil || tx.Bucket(bucketSums) == nil {
			return errors.New("it is a database, but not a state file")
		}
		var have format
		if ok, err := get(tx, bucketFormat, formatKey, &have); err != nil || !ok {
			return errors.Join(errors.New("it does not say its version"), err)
		}
		if have.Version > version {
			return fmt.Errorf("%w: %s is of version %d, and this program reads up to %d; run the program that wrote it, or a newer one",
				ErrNewer, f.path, have.Version, version)
		}
		for _, name := range buckets {
			missing = missing || tx.Bucket(name) == nil
		}
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error { return verifyBucket(tx, name, b) })
	})
	if err != nil || !missing {
		return err
	}
	return f.db.Update(func(tx *bbolt.Tx) error {
		for _, name := range buckets {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
}

func verifyBucket(tx *bbolt.Tx, name []byte, b *bbolt.Bucket) error {
	var last []byte
	var found sum
	err := b.ForEach(func(key, record []byte) error {
		if last != nil && bytes.Compare(last, key) >= 0 {
			return fmt.Errorf("the records of %q are out of order", name)
		}
		last = bytes.Clone(key)
		if b.Get(key) == nil { // the pages that lead to it are damaged
			return fmt.Errorf("a record of %q is not found by its key", name)
		}
		if _, err := unseal(key, record); err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
		found.add(record)
		return nil
	})
	if err != nil || bytes.Equal(name, bucketSums) {
		return err
	}
	want, err := sumOf(tx, name)
	if err == nil && found != want {
		err = fmt.Errorf("%q has %d records with the sum %08x, and should have %d with %08x", name, found.Records, found.Checksum, want.Records, want.Checksum)
	}
	return err
}
