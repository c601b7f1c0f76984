package statefile_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/statefile"
)

var cramped = flag.String("cramped", "", "run as the process whose file in `directory` may not grow")

// limitFiles bounds the length of every file that this process writes; 0 is no bound.
func limitFiles(t *testing.T, n uint64) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Cur = limit.Max; n > 0 {
		limit.Cur = n
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
}

// promise records a delivery; the token is promised if it returns nil.
func promise(t *testing.T, f *statefile.File, token string) error {
	t.Helper()
	_, err := f.Outbox().Record(t.Context(), core.Debt{Store: "shop", Token: token, By: time.Unix(1e9, 0)}, true)
	return err
}

// hasAll checks that a file has what was promised.
func hasAll(t *testing.T, f *statefile.File, promised []string) {
	t.Helper()
	have := map[string]bool{}
	for e, err := range f.Outbox().Unsettled(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		have[e.Token] = true
	}
	for _, token := range promised {
		if !have[token] {
			t.Errorf("%s was promised and is gone", token)
		}
	}
}

// A file that cannot grow refuses what is new, keeps what it promised, and goes on when there is room again.
// The limit is a process's, so it is one of its own.
func TestAFileThatCannotGrowKeepsWhatItPromised(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestCramped$", "-cramped="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestCramped(t *testing.T) {
	if *cramped == "" {
		t.Skip("it is run by TestAFileThatCannotGrowKeepsWhatItPromised")
	}
	signal.Ignore(syscall.SIGXFSZ)
	path := filepath.Join(*cramped, "state")
	f := open(t, path)
	shop := gatetest.NewStore("shop")
	skin := core.Product{Store: "shop", Kind: core.KindInApp, ID: "skin"}
	gate, err := core.New(core.Config{Stores: []core.Store{shop}, Owners: f.Owners(), Outbox: f.Outbox(), Voids: f.Voids(), Facts: f.Facts()})
	if err != nil {
		t.Fatal(err)
	}
	defer gate.Close(t.Context())
	owned := gatetest.Owned(skin, "bought", "mina")
	owned.Acknowledgement = core.Unacknowledged
	shop.Put(skin, owned)

	limitFiles(t, 256<<10)
	defer limitFiles(t, 0)
	var promised []string
	var refused error
	padding := strings.Repeat("x", 900)
	for i := 0; refused == nil && i < 5000; i++ {
		token := fmt.Sprintf("t%04d%s", i, padding)
		if refused = promise(t, f, token); refused == nil {
			promised = append(promised, token)
		}
	}
	if refused == nil || !strings.Contains(refused.Error(), syscall.EFBIG.Error()) || errors.Is(refused, statefile.ErrCorrupt) || strings.Contains(refused.Error(), padding) {
		t.Fatalf("after %d entries: %.300v", len(promised), refused)
	}
	for range 3 {
		if err := promise(t, f, "one more"+padding); err == nil {
			promised = append(promised, "one more"+padding) // a small hole may be left
		}
	}
	hasAll(t, f, promised)
	d := gate.Check(t.Context(), skin, core.Credentials{Account: "mina", Token: "bought"})
	if !d.Granted() {
		t.Errorf("the gate refuses what its store grants: %s, %v", d.Reason, d.Err)
	}

	limitFiles(t, 0)
	if err := promise(t, f, "with room again"); err != nil {
		t.Errorf("there is room again: %v", err)
	}
	promised = append(promised, "with room again")
	if err := gate.Delivered(t.Context(), d); err != nil {
		t.Errorf("there is room again: %v", err)
	}
	promised = append(promised, "bought")
	if err := errors.Join(gate.Close(t.Context()), f.Close()); err != nil {
		t.Fatal(err)
	}
	hasAll(t, open(t, path), promised)
}

// under puts another file under the database's own descriptor, and returns what puts it back.
func under(t *testing.T, path, other string, flag int) (back func()) {
	t.Helper()
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if to, err := os.Readlink(link); err != nil || to != path {
			continue
		}
		var fd int
		if _, err := fmt.Sscanf(filepath.Base(link), "%d", &fd); err != nil {
			t.Fatal(err)
		}
		saved, err := syscall.Dup(fd)
		if err != nil {
			t.Fatal(err)
		}
		with, err := syscall.Open(other, flag, 0)
		if err == nil {
			err = errors.Join(syscall.Dup3(with, fd, syscall.O_CLOEXEC), syscall.Close(with))
		}
		if err != nil {
			t.Fatal(err)
		}
		return func() {
			t.Helper()
			if err := errors.Join(syscall.Dup3(saved, fd, syscall.O_CLOEXEC), syscall.Close(saved)); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Fatal("no descriptor of the file was found")
	return nil
}

func TestAFullDiskRefusesAndGoesOnWhenThereIsRoom(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	f := open(t, path)
	if err := promise(t, f, "before"); err != nil {
		t.Fatal(err)
	}
	back := under(t, path, "/dev/full", syscall.O_RDWR)
	for range 3 {
		if err := promise(t, f, "during"); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("a full disk: %v", err)
		}
	}
	hasAll(t, f, []string{"before"})
	back()
	if err := promise(t, f, "after"); err != nil {
		t.Errorf("there is room again: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	hasAll(t, open(t, path), []string{"before", "after"})
}

// After any other error of a disk nobody knows what it kept: the file says so until it is opened again.
func TestADiskThatFailsEndsTheUseOfTheFileAndTheNextOpenHasWhatItPromised(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	f := open(t, path)
	if err := promise(t, f, "before"); err != nil {
		t.Fatal(err)
	}
	back := under(t, path, os.DevNull, syscall.O_RDONLY) // to which nothing can be written
	for range 2 {
		if err := promise(t, f, "during"); err == nil || !strings.Contains(err.Error(), "open it again") || errors.Is(err, statefile.ErrCorrupt) {
			t.Errorf("a failing disk: %v", err)
		}
	}
	for _, err := range f.Outbox().Unsettled(t.Context()) {
		if err == nil {
			t.Error("what cannot be relied on is still read")
		}
	}
	back()
	if err := promise(t, f, "too soon"); err == nil {
		t.Error("it is used again without being opened")
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, path)
	hasAll(t, again, []string{"before"})
	if err := promise(t, again, "after"); err != nil {
		t.Error(err)
	}
}
