package statefile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"go.etcd.io/bbolt"
)

// write is a change that waits to be committed.
type write struct {
	change func(*bbolt.Tx) error
	done   chan struct{}
	err    error // when done
}

func (w *write) finish(err error) {
	w.err = err
	close(w.done)
}

// update commits change, together with the changes of others that wait at the same time: they share one
// flush. change may run several times; only what its last run did is kept, and only if that ended
// without an error. ctx ends the wait for others, not a flush that began: after an error of ctx the change
// is not made, now or later.
func (f *File) update(ctx context.Context, change func(*bbolt.Tx) error) error {
	w := &write{change: change, done: make(chan struct{})}
	f.mu.Lock()
	if f.end != nil {
		defer f.mu.Unlock()
		return f.end
	}
	f.wait = append(f.wait, w)
	f.mu.Unlock()

	// Whoever gets the lead commits for everybody, and gives it back when its own change is done.
	select {
	case <-w.done:
		return w.err
	case f.lead <- struct{}{}:
		f.commit()
		<-f.lead
		return w.err
	case <-ctx.Done():
		if f.withdraw(w) {
			return fmt.Errorf("statefile: waiting for the file: %w", context.Cause(ctx))
		}
		<-w.done
		return w.err
	}
}

// withdraw takes w back, unless its commit began.
func (f *File) withdraw(w *write) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.Index(f.wait, w)
	if i < 0 {
		return false
	}
	f.wait = slices.Delete(f.wait, i, i+1)
	return true
}

// commit commits everything that waits. The caller has the lead.
func (f *File) commit() {
	f.mu.Lock()
	batch := f.wait
	f.wait = nil
	end := f.end
	f.mu.Unlock()
	for len(batch) > 0 {
		if end != nil {
			for _, w := range batch {
				w.finish(end)
			}
			return
		}
		var refused int
		var refusal error
		err := contain(func() error {
			return f.db.Update(func(tx *bbolt.Tx) error {
				for i, w := range batch {
					if refusal = w.change(tx); refusal != nil {
						refused = i
						return refusal
					}
				}
				return nil
			})
		})
		switch {
		case panicked(err):
			end = f.corrupt(err)
			f.fail(end, true)
		case refusal != nil: // one change's own: nothing of the transaction is kept, and the others go again
			batch[refused].finish(f.wrap(refusal))
			batch = append(batch[:refused:refused], batch[refused+1:]...)
		case err == nil || full(err):
			for _, w := range batch {
				w.finish(f.wrap(err))
			}
			return
		default:
			// What the disk kept of it nobody knows, and what the next flush would say is no better.
			end = fmt.Errorf("statefile: %s is not used any more because the disk failed; open it again to find out what it kept: %w", f.path, err)
			f.fail(end, false)
		}
	}
}

// full tells whether there was no room, which leaves the file as it was. Of a file that could not be made
// longer, before anything was written, the database keeps only the text of the error.
func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || strings.HasPrefix(err.Error(), "file resize error: ")
}

// wrap says where err comes from.
func (f *File) wrap(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errChecksum):
		return f.corrupt(err)
	default:
		return fmt.Errorf("statefile: %w", err)
	}
}

func (f *File) corrupt(err error) error {
	return fmt.Errorf("%w: %s: %w; %s", ErrCorrupt, f.path, err, restore)
}

// view reads. What read is given is valid until it returns.
func (f *File) view(ctx context.Context, read func(*bbolt.Tx) error) error {
	if err := f.ended(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("statefile: %w", context.Cause(ctx))
	}
	err := contain(func() error { return f.db.View(read) })
	if panicked(err) {
		err = f.corrupt(err)
		f.fail(err, true)
		return err
	}
	return f.wrap(err)
}
