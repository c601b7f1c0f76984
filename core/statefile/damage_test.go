package statefile_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/statefile"
)

// fill writes entries in one transaction each and returns the file as it was before the last one, and
// after it.
func fill(t *testing.T, n int) (before, after string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state")
	f := open(t, path)
	for i := range n {
		if i == n-1 {
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			before = contents(t, path)
			f = open(t, path)
		}
		if _, err := f.Outbox().Record(t.Context(), core.Debt{Store: "shop", Token: fmt.Sprintf("t%03d", i), By: time.Unix(int64(i+1), 0)}, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return before, contents(t, path)
}

// reopened is how many entries a file with these contents has, all of the first ones; an error if it does
// not open.
func reopened(t *testing.T, path, content string) (int, error) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := statefile.Open(path, statefile.Options{LockTimeout: -1})
	if err != nil {
		return 0, err
	}
	defer func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}()
	n := 0
	for e, err := range f.Outbox().Unsettled(t.Context()) {
		if err != nil {
			return 0, err
		}
		if want := fmt.Sprintf("t%03d", n); e.Token != want {
			t.Fatalf("entry %d is %q", n, e.Token)
		}
		n++
	}
	return n, nil
}

const pageSize = 4096

// A commit writes its data pages, and when those are flushed one of the two pages that say where
// everything is. The process may be killed after any byte of it.
func TestACommitThatIsCutAnywhereIsWholeOrHasNotHappened(t *testing.T) {
	const n = 40
	before, after := fill(t, n)
	path := filepath.Join(t.TempDir(), "state")
	if os.Getpagesize() != pageSize {
		t.Skipf("the machine's pages have %d bytes", os.Getpagesize())
	}
	image := []byte(before)
	if len(after) > len(before) {
		image = append(image, make([]byte, len(after)-len(before))...)
	}
	check := func(where string, want ...int) {
		t.Helper()
		if got, err := reopened(t, path, string(image)); err != nil || !slices.Contains(want, got) {
			t.Errorf("cut %s: %d entries, %v; want one of %v", where, got, err, want)
		}
	}
	check("before the first byte", n-1)
	for page := 2; page < len(image)/pageSize; page++ {
		from, to := page*pageSize, (page+1)*pageSize
		if string(image[from:to]) == after[from:to] {
			continue
		}
		for _, cut := range []int{1, 16, 17, 100, 511, 512, 2048, 4095, 4096} {
			copy(image[from:from+cut], after[from:])
			check(fmt.Sprintf("in page %d after %d bytes", page, cut), n-1)
		}
	}
	for page := range 2 {
		from := page * pageSize
		if string(image[from:from+pageSize]) == after[from:from+pageSize] {
			continue
		}
		for cut := 1; cut <= 96; cut++ {
			copy(image[from:from+cut], after[from:])
			check(fmt.Sprintf("in the last page after %d bytes", cut), n-1, n)
		}
		copy(image[from:from+pageSize], after[from:])
		check("after the last byte", n)
	}
}

// Damage is found when the file is opened, and never ends the process. What opens has everything, but
// for the last commit if it is the page that says so which is damaged.
func TestDamageIsFoundAndNeverEndsTheProcess(t *testing.T) {
	const n = 300
	_, after := fill(t, n)
	path := filepath.Join(t.TempDir(), "state")
	rng := rand.New(rand.NewPCG(1, 2))
	found := 0
	check := func(what, content string) {
		t.Helper()
		got, err := reopened(t, path, content)
		switch {
		case err == nil && got >= n-1:
		case errors.Is(err, statefile.ErrCorrupt):
			found++
		default:
			t.Errorf("%s: %d entries, %v", what, got, err)
		}
	}
	for size := 0; size < len(after); size += pageSize / 2 {
		check(fmt.Sprintf("cut to %d bytes", size), after[:size])
	}
	for range 300 {
		b := []byte(after)
		at := rng.IntN(len(b))
		b[at] ^= 1 << rng.IntN(8)
		check(fmt.Sprintf("byte %d flipped", at), string(b))
	}
	for page := range len(after) / pageSize {
		for _, with := range []func(b []byte){
			func(b []byte) { clear(b) },
			func(b []byte) {
				for i := range b {
					b[i] = byte(rng.Uint32())
				}
			},
		} {
			b := []byte(after)
			with(b[page*pageSize : (page+1)*pageSize])
			check(fmt.Sprintf("page %d overwritten", page), string(b))
		}
	}
	if found < 50 {
		t.Errorf("of all this damage %d were found: does the test damage anything?", found)
	}
}
