package statefile_test

import (
	"path/filepath"
	"testing"

	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/statefile"
)

// open opens the file at path for as long as the test.
func open(t *testing.T, path string) *statefile.File {
	t.Helper()
	f, err := statefile.Open(path, statefile.Options{LockTimeout: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// kept runs a suite on part of a fresh file for each test, which reopen closes and opens again.
func kept[T any](run func(*testing.T, func(*testing.T) T, ...func(*testing.T, T) T), part func(*statefile.File) T) func(*testing.T) {
	return func(t *testing.T) {
		run(t, func(t *testing.T) T { return part(fresh(t)) }, func(t *testing.T, _ T) T {
			f := files[t]
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			files[t] = open(t, f.Path())
			return part(files[t])
		})
	}
}

// files are those of the tests that run, one after the other.
var files = map[*testing.T]*statefile.File{}

func fresh(t *testing.T) *statefile.File {
	files[t] = open(t, filepath.Join(t.TempDir(), "state"))
	t.Cleanup(func() { delete(files, t) })
	return files[t]
}

func TestOutbox(t *testing.T) {
	kept(gatetest.RunOutbox, (*statefile.File).Outbox)(t)
}

func TestVoids(t *testing.T) {
	kept(gatetest.RunVoids, (*statefile.File).Voids)(t)
}

func TestFacts(t *testing.T) {
	kept(gatetest.RunFacts, (*statefile.File).Facts)(t)
}
