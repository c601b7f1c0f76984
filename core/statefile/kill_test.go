package statefile_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/statefile"
)

var (
	kills  = flag.Int("kills", 15, "how many processes the test kills")
	victim = flag.String("victim", "", "run as the process that is killed, with the state `file`")
)

// TestVictim promises things, and says so, until it is killed.
func TestVictim(t *testing.T) {
	if *victim == "" {
		t.Skip("it is run by TestWhatWasPromisedOutlivesAKill")
	}
	f, err := statefile.Open(*victim, statefile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	done := found(t, f)
	var say sync.Mutex
	promised := func(what string, n int) {
		say.Lock()
		defer say.Unlock()
		fmt.Printf("promised %s %d\n", what, n)
	}
	owner, entry := func(n int) error {
		_, err := f.Owners().Claim(context.Background(), core.Ownership{Store: "shop", Token: fmt.Sprint("t", n), Account: "alice"})
		return err
	}, func(n int) error {
		_, err := f.Outbox().Record(context.Background(), core.Debt{Store: "shop", Token: fmt.Sprint("t", n), By: time.Unix(int64(n), 0)}, true)
		return err
	}
	void := func(n int) error {
		return f.Voids().Apply(context.Background(), core.VoidLog{
			Records:     []core.VoidRecord{{Store: "shop", Token: fmt.Sprint("t", n), Whole: true, Seen: time.Unix(int64(n), 0)}},
			Checkpoints: map[core.StoreID]time.Time{"shop": time.Unix(int64(n), 0)},
		})
	}
	var wg sync.WaitGroup
	for what, promise := range map[string]func(int) error{"owner": owner, "entry": entry, "void": void} {
		wg.Go(func() {
			for n := done[what] + 1; ; n++ {
				if err := promise(n); err != nil {
					t.Error(err)
					return
				}
				promised(what, n)
			}
		})
	}
	wg.Wait()
}

func TestWhatWasPromisedOutlivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	most := map[string]int{}
	for round := range *kills {
		killOne(t, path, most)
		f := open(t, path)
		have := found(t, f)
		for what, n := range most {
			if have[what] < n {
				t.Errorf("round %d: %d of %s are there, %d were promised", round, have[what], what, n)
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for what, n := range most {
		t.Logf("%d of %s were promised over %d kills", n, what, *kills)
	}
	if len(most) < 3 {
		t.Errorf("promised were only %v: the victims were killed too early to prove anything", most)
	}
}

// found is how many of each promise are in the file, which were made in order.
func found(t *testing.T, f *statefile.File) map[string]int {
	t.Helper()
	owned, err := f.Owners().Owned(context.Background(), "alice")
	if err != nil {
		t.Fatal(err)
	}
	entries := 0
	for _, err := range f.Outbox().Unsettled(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		entries++
	}
	log, err := f.Voids().Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if at, ok := log.Checkpoints["shop"]; ok && at.Unix() != int64(len(log.Records)) {
		t.Errorf("%d voids with a checkpoint of %d: one is there without the other", len(log.Records), at.Unix())
	}
	return map[string]int{"owner": len(owned), "entry": entries, "void": len(log.Records)}
}

// killOne runs a victim for some milliseconds and notes what it promised.
func killOne(t *testing.T, path string, most map[string]int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestVictim$", "-victim="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	killed := false
	for lines.Scan() {
		if !killed { // it has made its first promise, and is in the middle of others
			killed = true
			time.AfterFunc(rand.N(30*time.Millisecond), func() { _ = cmd.Process.Kill() })
		}
		var what string
		var n int
		if _, err := fmt.Sscanf(lines.Text(), "promised %s %d", &what, &n); err == nil {
			most[what] = max(most[what], n)
		} else if strings.HasPrefix(lines.Text(), "---") {
			t.Errorf("the victim says %s", lines.Text())
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the victim ended by itself")
	}
}
