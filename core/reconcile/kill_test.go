package reconcile_test

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
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/reconcile"
	"github.com/skugate/skugate/core/statefile"
)

var (
	kills  = flag.Int("kills", 12, "how many processes the test kills")
	victim = flag.String("victim", "", "run as the process that is killed, with the state `file`")
	shop   = flag.String("shop", "", "the `address` of the victim's store")
)

// host is a game server: its gate, worker and state file.
type host struct {
	gate   *core.Gate
	worker *reconcile.Worker
	state  *statefile.File
}

func newHost(t *testing.T, path, url string) *host {
	t.Helper()
	state, err := statefile.Open(path, statefile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	credentials := onestoretest.New(onestoretest.Config{}) // the default ones are everybody's
	client, err := onestore.New(onestore.Config{
		ClientID: credentials.ClientID(), ClientSecret: credentials.ClientSecret(), Market: onestore.MarketGlobal,
		Environment: onestore.Sandbox, BaseURL: url,
	})
	if err != nil {
		t.Fatal(err)
	}
	gate, err := core.New(core.Config{Stores: []core.Store{client}, Owners: state.Owners(), Outbox: state.Outbox(), Voids: state.Voids(), Facts: state.Facts()})
	if err != nil {
		t.Fatal(err)
	}
	worker, err := reconcile.New(reconcile.Config{Gate: gate, AcknowledgeEvery: 10 * time.Millisecond, Parallel: 1, SaveEvery: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return &host{gate, worker, state}
}

// TestVictim serves the players whose tokens it reads, and says whom it answered, until it is killed.
func TestVictim(t *testing.T) {
	if *victim == "" {
		t.Skip("it is run by TestWhatWasAnsweredIsAcknowledgedHoweverOftenTheProcessIsKilled")
	}
	h := newHost(t, *victim, *shop)
	go func() { _ = h.worker.Run(context.Background()) }()
	p := &process{route: core.NewRoute(h.gate, onestore.InApp("skin"), core.RouteConfig{})}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if d := p.request(context.Background(), lines.Text(), 200); d.Granted() {
			fmt.Println("answered", lines.Text())
		} else {
			t.Errorf("refused: %s, %v", d.Reason, d.Err)
		}
	}
	select {}
}

// Row 52 with real processes and a real file.
func TestWhatWasAnsweredIsAcknowledgedHoweverOftenTheProcessIsKilled(t *testing.T) {
	store := onestoretest.Start(t, onestoretest.Config{})
	path := filepath.Join(t.TempDir(), "state")
	waiting := map[string]bool{} // players without an answer, who come back
	for range *kills {
		for range 10 {
			waiting[store.Buy(onestoretest.InApp("skin"))] = true
		}
		kill(t, path, store.URL(), waiting)
	}
	h := newHost(t, path, store.URL())
	route := core.NewRoute(h.gate, onestore.InApp("skin"), core.RouteConfig{})
	for token := range waiting {
		(&process{route: route}).request(t.Context(), token, 200)
	}
	if _, err := h.worker.RunOnce(t.Context()); err != nil {
		t.Error(err)
	}
	if err := h.gate.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := h.state.Close(); err != nil {
		t.Error(err)
	}
	all := store.Purchases()
	for i, token := range all {
		if !store.Acknowledged(token) {
			t.Errorf("purchase %d of %d is not acknowledged", i, len(all))
		}
	}
	// Each kill may cost the call that was under way.
	told := store.Count(onestoretest.OpAcknowledgePurchase)
	if most := len(all) + *kills; told > most {
		t.Errorf("the store was told %d times of %d purchases, want %d at most", told, len(all), most)
	}
	t.Logf("%d kills, %d purchases, %d acknowledgements", *kills, len(all), told)
}

// kill runs a victim for some milliseconds and takes out of waiting whom it answered.
func kill(t *testing.T, path, url string, waiting map[string]bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestVictim$", "-victim="+path, "-shop="+url)
	var tokens strings.Builder
	for token := range waiting {
		fmt.Fprintln(&tokens, token)
	}
	cmd.Stdin = strings.NewReader(tokens.String())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killed := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if !killed { // somebody was answered, and others are being
			killed = true
			time.AfterFunc(rand.N(60*time.Millisecond), func() { _ = cmd.Process.Kill() })
		}
		if token, ok := strings.CutPrefix(lines.Text(), "answered "); ok {
			delete(waiting, token)
		} else {
			t.Errorf("the victim says %s", lines.Text())
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Error("the victim ended by itself")
	}
}
