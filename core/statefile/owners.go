package statefile

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"

	"go.etcd.io/bbolt"

	"github.com/skugate/skugate/core"
)

// Owners is the owners' registry in the file. An account's length is limited to 16 KiB.
func (f *File) Owners() core.Owners { return owners{f} }

type owners struct{ file *File }

// owner is an ownership with its place among those of its account.
type owner struct {
	core.Ownership
	Number uint64
}

const maxAccount = 16 << 10 // a key of the database has 32 KiB at most

var (
	errEmptyAccount = errors.New("statefile: an account is empty")
	errLongAccount  = errors.New("statefile: an account is longer than 16 KiB")
)

// Claim implements core.Owners.
func (o owners) Claim(ctx context.Context, claim core.Ownership) (stands core.Ownership, err error) {
	switch {
	case claim.Account == "":
		return stands, errEmptyAccount
	case len(claim.Account) > maxAccount:
		return stands, errLongAccount
	}
	key := joinKey(string(claim.Store), claim.Token)
	// Most claims change nothing, and reading waits for nobody.
	if have, ok, err := o.find(ctx, key); err != nil || ok && (have.Account != claim.Account || have.Bound || !claim.Bound) {
		return have, err
	}
	err = o.file.update(ctx, func(tx *bbolt.Tx) error {
		var have owner
		ok, err := get(tx, bucketOwners, key, &have)
		switch {
		case err != nil:
			return err
		case ok && (have.Account != claim.Account || have.Bound || !claim.Bound):
			stands = have.Ownership
			return nil
		case ok:
			have.Bound = true
		default:
			have.Ownership = claim
			if have.Number, err = tx.Bucket(bucketOwners).NextSequence(); err != nil {
				return err
			}
			if err := putContent(tx, bucketAccounts, have.index(), key); err != nil {
				return err
			}
		}
		stands = have.Ownership
		return put(tx, bucketOwners, key, have)
	})
	if err != nil {
		return core.Ownership{}, err
	}
	return stands, nil
}

// Owner implements core.Owners.
func (o owners) Owner(ctx context.Context, store core.StoreID, token string) (core.Ownership, bool, error) {
	return o.find(ctx, joinKey(string(store), token))
}

func (o owners) find(ctx context.Context, key []byte) (core.Ownership, bool, error) {
	var have owner
	var ok bool
	err := o.file.view(ctx, func(tx *bbolt.Tx) (err error) {
		ok, err = get(tx, bucketOwners, key, &have)
		return err
	})
	if err != nil {
		return core.Ownership{}, false, err
	}
	return have.Ownership, ok, nil
}

// Owned implements core.Owners.
func (o owners) Owned(ctx context.Context, account string) ([]core.Ownership, error) {
	var owned []core.Ownership
	err := o.file.view(ctx, func(tx *bbolt.Tx) error {
		prefix := joinKey(account)
		c := tx.Bucket(bucketAccounts).Cursor()
		for index, record := c.Seek(prefix); bytes.HasPrefix(index, prefix); index, record = c.Next() {
			key, err := unseal(index, record)
			if err != nil {
				return err
			}
			var have owner
			if err := follow(tx, bucketOwners, key, &have); err != nil {
				return err
			}
			owned = append(owned, have.Ownership)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return owned, nil
}

// Release implements core.Owners.
func (o owners) Release(ctx context.Context, store core.StoreID, token string) error {
	key := joinKey(string(store), token)
	return o.file.update(ctx, func(tx *bbolt.Tx) error {
		var have owner
		if ok, err := get(tx, bucketOwners, key, &have); err != nil || !ok {
			return err
		}
		if err := drop(tx, bucketAccounts, have.index()); err != nil {
			return err
		}
		return drop(tx, bucketOwners, key)
	})
}

// index is where the ownership stands among those of its account, oldest first.
func (o *owner) index() []byte {
	return binary.BigEndian.AppendUint64(joinKey(o.Account), o.Number)
}
