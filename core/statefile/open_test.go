package statefile_test

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/statefile"
)

// edit changes the database in the file at path as something else than this package would.
func edit(t *testing.T, path string, change func(tx *bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(change), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// record is a record as the format has it: a checksum of key and content, and the content.
func record(key, content string) []byte {
	sum := crc32.Checksum([]byte(key+content), crc32.MakeTable(crc32.Castagnoli))
	return append(binary.BigEndian.AppendUint32(nil, sum), content...)
}

// one makes a file with one owner in it.
func one(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state")
	f := open(t, path)
	if _, err := f.Owners().Claim(t.Context(), core.Ownership{Store: "shop", Token: "t1", Product: "skin", Account: "alice"}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAFileThatCannotBeUsedIsAnErrorAndStaysAsItIs(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil func(t *testing.T, path string)
		want  error
		says  string
	}{
		"of a newer version": {func(t *testing.T, path string) {
			edit(t, path, func(tx *bbolt.Tx) error {
				return tx.Bucket([]byte("format")).Put([]byte("format"), record("format", `{"version":2}`))
			})
		}, statefile.ErrNewer, "version 2, and this program reads up to 1"},
		"without its version": {func(t *testing.T, path string) {
			edit(t, path, func(tx *bbolt.Tx) error { return tx.Bucket([]byte("format")).Delete([]byte("format")) })
		}, statefile.ErrCorrupt, "does not say its version"},
		"a database of something else": {func(t *testing.T, path string) {
			edit(t, path, func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("format")) })
		}, statefile.ErrCorrupt, "not a state file"},
		"with a record that was changed": {func(t *testing.T, path string) {
			edit(t, path, func(tx *bbolt.Tx) error {
				key, value := tx.Bucket([]byte("owners")).Cursor().First()
				return tx.Bucket([]byte("owners")).Put(key, []byte(strings.Replace(string(value), "alice", "mallo", 1)))
			})
		}, statefile.ErrCorrupt, "checksum"},
		"with a record that is too short": {func(t *testing.T, path string) {
			edit(t, path, func(tx *bbolt.Tx) error { return tx.Bucket([]byte("facts")).Put([]byte("k"), []byte("x")) })
		}, statefile.ErrCorrupt, "checksum"},
		"empty": {func(t *testing.T, path string) { truncate(t, path, 0) }, statefile.ErrCorrupt, "empty"},
		"cut":   {func(t *testing.T, path string) { truncate(t, path, 5000) }, statefile.ErrCorrupt, "put a backup in its place"},
		"no database": {func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("<html>", 10000)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, statefile.ErrCorrupt, "put a backup in its place"},
		"in use": {func(t *testing.T, path string) { open(t, path) }, statefile.ErrInUse, "stop that process"},
	} {
		t.Run(name, func(t *testing.T) {
			path := one(t)
			tc.spoil(t, path)
			before := contents(t, path)
			for range 2 { // the second time as well: the first leaves nothing open
				f, err := statefile.Open(path, statefile.Options{LockTimeout: -1})
				if f != nil || !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.says) || !strings.Contains(err.Error(), path) {
					t.Errorf("got %v, %v; want one that is %v and says %q", f, err, tc.want, tc.says)
				}
			}
			if contents(t, path) != before {
				t.Error("the file was changed")
			}
		})
	}
	t.Run("a directory", func(t *testing.T) {
		if f, err := statefile.Open(t.TempDir(), statefile.Options{}); f != nil || err == nil || !strings.Contains(err.Error(), "is not a file") {
			t.Errorf("got %v, %v", f, err)
		}
	})
	t.Run("in a directory that does not exist", func(t *testing.T) {
		if f, err := statefile.Open(filepath.Join(t.TempDir(), "none", "state"), statefile.Options{}); f != nil || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v, %v", f, err)
		}
	})
	t.Run("below a file", func(t *testing.T) {
		if f, err := statefile.Open(filepath.Join(one(t), "state"), statefile.Options{}); f != nil || err == nil {
			t.Errorf("got %v, %v", f, err)
		}
	})
}

func TestAFreshFileLeavesNothingBesideIt(t *testing.T) {
	path := one(t)
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 || entries[0].Name() != filepath.Base(path) {
		t.Errorf("the directory has %v, %v", entries, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v; others must not read it", info.Mode(), err)
	}
}

func TestOfManyThatMakeAFileOneOwnsIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	results := make(chan *statefile.File, 8)
	for range cap(results) {
		go func() {
			f, err := statefile.Open(path, statefile.Options{LockTimeout: -1})
			if err != nil && !errors.Is(err, statefile.ErrInUse) {
				t.Error(err)
			}
			results <- f
		}()
	}
	var open []*statefile.File
	for range cap(results) {
		if f := <-results; f != nil {
			open = append(open, f)
		}
	}
	if len(open) != 1 {
		t.Errorf("%d opened it, want 1", len(open))
	}
	for _, f := range open {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestAClosedFileAnswersWithAnError(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "state"))
	for range 2 {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Owners().Claim(t.Context(), core.Ownership{Store: "shop", Token: "t1", Account: "alice"}); err == nil {
		t.Error("claimed in a closed file")
	}
	if _, _, err := f.Owners().Owner(t.Context(), "shop", "t1"); err == nil {
		t.Error("read from a closed file")
	}
	if _, err := f.Voids().Load(t.Context()); err == nil {
		t.Error("loaded from a closed file")
	}
	if err := f.Voids().Apply(t.Context(), core.VoidLog{}); err == nil {
		t.Error("applied to a closed file")
	}
	for _, err := range f.Facts().Load(t.Context()) {
		if err == nil {
			t.Error("loaded from a closed file")
		}
	}
}

func TestAnAccountThatIsNoneOrTooLongIsAnError(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "state"))
	for _, account := range []string{"", strings.Repeat("a", 20<<10)} {
		if o, err := f.Owners().Claim(t.Context(), core.Ownership{Store: "shop", Token: "t1", Account: account}); err == nil || o != (core.Ownership{}) {
			t.Errorf("an account of %d bytes claimed: %v", len(account), err)
		}
	}
}

func contents(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func truncate(t *testing.T, path string, n int64) {
	t.Helper()
	if err := os.Truncate(path, n); err != nil {
		t.Fatal(err)
	}
}
