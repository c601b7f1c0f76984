package statefile

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"go.etcd.io/bbolt"
)

// File is an open state file. It is safe for concurrent use. Close it when nothing uses it any more.
type File struct {
	db   *bbolt.DB
	raw  *os.File // the database's own, for when the database cannot close it
	path string

	lead chan struct{} // holds a token while somebody commits or closes

	mu       sync.Mutex
	wait     []*write
	end      error // why nothing works any more; nil while it does
	panicked bool

	outbox outbox
}

// Every record stands in one of these, under a key that joinKey made.
var (
	bucketFormat      = []byte("format")
	bucketOwners      = []byte("owners")           // store, token -> ownership
	bucketAccounts    = []byte("owners.account")   // account, number -> key of the ownership
	bucketOutbox      = []byte("outbox")           // store, token -> entry
	bucketOutboxOpen  = []byte("outbox.open")      // deadline, store, token -> state, of what is not acknowledged
	bucketOutboxDone  = []byte("outbox.done")      // the same of what is
	bucketVoids       = []byte("voids")            // store, token -> record
	bucketCheckpoints = []byte("voids.read")       // store -> instant
	bucketFacts       = []byte("facts")            // store, token -> fact
	bucketLedger      = []byte("redemptions")      // store, token -> entry
	bucketLedgerOpen  = []byte("redemptions.open") // account, instant, store, token -> key of the entry
	bucketSums        = []byte("sums")             // bucket -> sum of its records
)

// buckets are those of this format, in the order in which a new file gets them.
var buckets = [][]byte{
	bucketFormat, bucketOwners, bucketAccounts, bucketOutbox, bucketOutboxOpen, bucketOutboxDone,
	bucketVoids, bucketCheckpoints, bucketFacts, bucketLedger, bucketLedgerOpen, bucketSums,
}

var errClosed = errors.New("statefile: the file is closed")

// Path is the path that Open was given.
func (f *File) Path() string { return f.path }

// Close waits for the changes under way and closes the file; those that wait are refused. Afterwards
// everything is an error. It may be called more than once.
func (f *File) Close() error {
	f.lead <- struct{}{}
	defer func() { <-f.lead }()
	f.mu.Lock()
	closed := f.end == errClosed
	f.end = errClosed
	for _, w := range f.wait {
		w.finish(errClosed)
	}
	f.wait = nil
	panicked := f.panicked
	f.mu.Unlock()

	var err error
	switch {
	case closed:
		return nil
	case panicked:
		err = f.abandon()
	default:
		err = f.db.Close()
	}
	if err != nil {
		return fmt.Errorf("statefile: closing %s: %w", f.path, err)
	}
	return nil
}

// abandon closes the file of a database that panicked, which may hold its own locks for ever.
func (f *File) abandon() error {
	unlock(f.raw)
	return f.raw.Close()
}

// ended is why the file works no more, nil if it does.
func (f *File) ended() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.end
}

// fail ends the use of the file.
func (f *File) fail(err error, panicked bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.panicked = f.panicked || panicked
	if f.end == nil {
		f.end = err
	}
}
