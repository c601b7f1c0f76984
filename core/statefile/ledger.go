package statefile

import (
	"bytes"
	"context"
	"time"

	"go.etcd.io/bbolt"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/redeem"
)

// Ledger is the ledger of redemptions in the file: for a game of one instance. An account's length is
// limited to 16 KiB.
func (f *File) Ledger() redeem.Ledger { return ledger{f} }

type ledger struct{ file *File }

var _ redeem.Pruner = ledger{}

// redemption is an entry with its account apart: JSON would mend one that is not UTF-8.
type redemption struct {
	redeem.Entry
	Account []byte
}

func (r *redemption) entry() redeem.Entry {
	r.Entry.Account = string(r.Account)
	return r.Entry
}

// Entry implements redeem.Ledger.
func (l ledger) Entry(ctx context.Context, store core.StoreID, token string) (redeem.Entry, bool, error) {
	var have redemption
	var ok bool
	err := l.file.view(ctx, func(tx *bbolt.Tx) (err error) {
		ok, err = get(tx, bucketLedger, joinKey(string(store), token), &have)
		return err
	})
	if err != nil {
		return redeem.Entry{}, false, err
	}
	return have.entry(), ok, nil
}

// Swap implements redeem.Ledger.
func (l ledger) Swap(ctx context.Context, e redeem.Entry) (stands redeem.Entry, swapped bool, err error) {
	if err := e.Check(); err != nil {
		return stands, false, err
	}
	if len(e.Account) > maxAccount {
		return stands, false, errLongAccount
	}
	key := joinKey(string(e.Store), e.Token)
	err = l.file.update(ctx, func(tx *bbolt.Tx) error {
		var have redemption
		if _, err := get(tx, bucketLedger, key, &have); err != nil {
			return err
		}
		stands = have.entry()
		if swapped = stands.Version == e.Version; !swapped {
			return nil
		}
		if stands.Version > 0 && !stands.Finished() {
			if err := drop(tx, bucketLedgerOpen, openIndex(&stands, key)); err != nil {
				return err
			}
		}
		stands = e
		stands.Version++
		if !stands.Finished() {
			if err := putContent(tx, bucketLedgerOpen, openIndex(&stands, key), key); err != nil {
				return err
			}
		}
		return put(tx, bucketLedger, key, redemption{stands, []byte(stands.Account)})
	})
	if err != nil {
		return redeem.Entry{}, false, err
	}
	return stands, swapped, nil
}

// Unfinished implements redeem.Ledger.
func (l ledger) Unfinished(ctx context.Context, account string) ([]redeem.Entry, error) {
	var found []redeem.Entry
	err := l.file.view(ctx, func(tx *bbolt.Tx) error {
		prefix := joinKey(account)
		c := tx.Bucket(bucketLedgerOpen).Cursor()
		for index, record := c.Seek(prefix); bytes.HasPrefix(index, prefix); index, record = c.Next() {
			key, err := unseal(index, record)
			if err != nil {
				return err
			}
			var have redemption
			if err := follow(tx, bucketLedger, key, &have); err != nil {
				return err
			}
			found = append(found, have.entry())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return found, nil
}

// Prune implements redeem.Pruner.
func (l ledger) Prune(ctx context.Context, before time.Time) (int, error) {
	return prune(ctx, l.file, bucketLedger, func(r *redemption) bool { return r.Finished() && r.FinishedAt().Before(before) })
}

// openIndex is where an entry stands among the unfinished ones of its account, the oldest first.
func openIndex(e *redeem.Entry, key []byte) []byte {
	return append(joinKey(e.Account), timeKey(e.Began, key)...)
}
