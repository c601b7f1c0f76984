package statefile

import (
	"bytes"
	"context"
	"iter"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"github.com/skugate/skugate/core"
)

// Outbox is the outbox of acknowledgements in the file.
func (f *File) Outbox() core.Outbox { return &f.outbox }

// outbox keeps entries in the file, and who holds them in memory: nobody does after a restart.
type outbox struct {
	file *File
	mu   sync.Mutex
	held map[string]time.Time
}

// Record implements core.Outbox.
func (o *outbox) Record(ctx context.Context, d core.Debt, delivered bool) (stands core.OutboxEntry, err error) {
	if err := d.Check(); err != nil {
		return stands, err
	}
	key, now := joinKey(string(d.Store), d.Token), time.Now()
	err = o.file.update(ctx, func(tx *bbolt.Tx) error {
		var have core.OutboxEntry
		if _, err := get(tx, bucketOutbox, key, &have); err != nil {
			return err
		}
		var changed bool
		if stands, changed = d.Recorded(have, delivered, now); !changed {
			return nil
		}
		return writeEntry(tx, key, &have, &stands)
	})
	if err != nil {
		return core.OutboxEntry{}, err
	}
	return stands, nil
}

// Take implements core.Outbox.
func (o *outbox) Take(ctx context.Context, now time.Time, hold time.Duration, limit int) ([]core.OutboxEntry, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var due []core.OutboxEntry
	err := o.file.view(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(bucketOutboxOpen).Cursor()
		for index, record := c.First(); index != nil && len(due) < limit; index, record = c.Next() {
			state, err := unseal(index, record)
			if err != nil {
				return err
			}
			key := index[8:]
			if core.DebtState(state[0]) != core.DebtDelivered || o.held[string(key)].After(now) {
				continue
			}
			var e core.OutboxEntry
			if err := follow(tx, bucketOutbox, key, &e); err != nil {
				return err
			}
			if !e.NotBefore.After(now) {
				due = append(due, e)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, e := range due {
		o.held[string(joinKey(string(e.Store), e.Token))] = now.Add(hold)
	}
	return due, nil
}

// Finish implements core.Outbox.
func (o *outbox) Finish(ctx context.Context, e core.OutboxEntry) error {
	key, now := joinKey(string(e.Store), e.Token), time.Now()
	err := o.file.update(ctx, func(tx *bbolt.Tx) error {
		var have core.OutboxEntry
		if ok, err := get(tx, bucketOutbox, key, &have); err != nil || !ok {
			return err
		}
		next := e.Finished(have, now)
		return writeEntry(tx, key, &have, &next)
	})
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.held, string(key))
	return nil
}

// Unsettled implements core.Outbox.
func (o *outbox) Unsettled(ctx context.Context) iter.Seq2[core.OutboxEntry, error] {
	return paged(ctx, o.file, bucketOutboxOpen, func(tx *bbolt.Tx, index, _ []byte) (e core.OutboxEntry, err error) {
		err = follow(tx, bucketOutbox, index[8:], &e)
		return e, err
	})
}

// Prune implements core.Outbox.
func (o *outbox) Prune(ctx context.Context, before time.Time) (n int, err error) {
	end := timeKey(before, nil)
	for more := true; more; {
		var gone int
		err := o.file.update(ctx, func(tx *bbolt.Tx) error {
			gone = 0
			for _, name := range [][]byte{bucketOutboxOpen, bucketOutboxDone} {
				old := firstKeys(tx.Bucket(name), func(index []byte) bool { return bytes.Compare(index[:8], end) < 0 })
				for _, index := range old {
					if err := drop(tx, name, index); err != nil {
						return err
					}
					if err := drop(tx, bucketOutbox, index[8:]); err != nil {
						return err
					}
				}
				gone += len(old)
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		n += gone
		more = gone > 0
	}
	return n, nil
}

// writeEntry puts next in the place of have, in the index that its state belongs to.
func writeEntry(tx *bbolt.Tx, key []byte, have, next *core.OutboxEntry) error {
	if have.State != 0 {
		if err := drop(tx, indexOf(have.State), timeKey(have.By, key)); err != nil {
			return err
		}
	}
	if err := putContent(tx, indexOf(next.State), timeKey(next.By, key), []byte{byte(next.State)}); err != nil {
		return err
	}
	return put(tx, bucketOutbox, key, next)
}

func indexOf(s core.DebtState) []byte {
	if s == core.DebtAcknowledged {
		return bucketOutboxDone
	}
	return bucketOutboxOpen
}
