package statefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// What can be wrong with a file; find them with errors.Is. The error that wraps them names the file and
// says what to do.
var (
	ErrInUse   = errors.New("statefile: the file is in use by another process")
	ErrNewer   = errors.New("statefile: the file is of a newer version")
	ErrCorrupt = errors.New("statefile: the file is corrupt")
)

// restore is what to do about a corrupt file.
const restore = "keep it, and put a backup in its place; only without one move it away, so that a fresh file is made, which forgets what this one promised"

// Options are how a file is opened. The zero value is ready for use.
type Options struct {
	// LockTimeout is how long to wait for another process to close the file, which a deployment that
	// starts the new process before the old one ended needs. Default: 5 s. Negative: not at all.
	LockTimeout time.Duration
}

// Open opens the state file at path. One that does not exist is made, in a directory that does; an
// existing one is read through and never replaced. The error matches ErrInUse, ErrNewer or ErrCorrupt,
// or is one of the operating system.
func Open(path string, o Options) (*File, error) {
	switch {
	case o.LockTimeout == 0:
		o.LockTimeout = 5 * time.Second
	case o.LockTimeout < 0:
		o.LockTimeout = time.Nanosecond
	}
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		if err := create(path); err != nil {
			return nil, fmt.Errorf("statefile: making %s: %w", path, err)
		}
	case err != nil:
		return nil, fmt.Errorf("statefile: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("statefile: %s is not a file; want the path of one", path)
	case info.Size() == 0: // the database would take it for a fresh one
		return nil, fmt.Errorf("%w: %s is empty, as no file is that Open made; %s", ErrCorrupt, path, restore)
	}
	f := &File{path: path, lead: make(chan struct{}, 1)}
	f.outbox.file, f.outbox.held = f, map[string]time.Time{}
	if err := f.open(o.LockTimeout); err != nil {
		return nil, err
	}
	if err := contain(f.verify); err != nil {
		f.fail(err, panicked(err))
		err = errors.Join(err, f.Close())
		if errors.Is(err, ErrNewer) {
			return nil, err
		}
		return nil, f.corrupt(err)
	}
	return f, nil
}

func (f *File) open(timeout time.Duration) error {
	err := contain(func() (err error) {
		f.db, err = bbolt.Open(f.path, 0o600, &bbolt.Options{
			Timeout:      timeout,
			FreelistType: bbolt.FreelistMapType,
			OpenFile: func(name string, flag int, mode os.FileMode) (file *os.File, err error) {
				// Never a fresh one in the place of one that was there a moment ago.
				file, err = os.OpenFile(name, flag&^os.O_CREATE, mode)
				f.raw = file
				return file, err
			},
		})
		return err
	})
	var system *fs.PathError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, bbolterrors.ErrTimeout):
		return fmt.Errorf("%w: %s; stop that process, or give each instance a file of its own", ErrInUse, f.path)
	case errors.As(err, &system):
		return fmt.Errorf("statefile: %w", err)
	}
	if panicked(err) {
		err = errors.Join(err, f.abandon())
	}
	return f.corrupt(err)
}

// create makes a file that is whole the instant it appears at path, also if the process is killed or
// another one makes it at the same time.
func create(path string) (err error) {
	dir := filepath.Dir(path)
	fresh, err := os.CreateTemp(dir, "."+filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(fresh.Name())) }()
	if err := fresh.Close(); err != nil {
		return err
	}
	db, err := bbolt.Open(fresh.Name(), 0o600, nil)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range buckets {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return put(tx, bucketFormat, formatKey, format{Version: version})
	})
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	if err := os.Link(fresh.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

// syncDir makes the new name survive a loss of power. Where directories cannot be flushed they need not.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, os.ErrPermission) && !errors.Is(err, os.ErrInvalid) {
		return errors.Join(err, d.Close())
	}
	return d.Close()
}
