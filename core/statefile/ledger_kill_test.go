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
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/redeem"
	"github.com/skugate/skugate/core/statefile"
)

var (
	redeemer = flag.String("redeemer", "", "run as a game server that redeems and is killed, with its files in `directory`")
	market   = flag.String("market", "", "the `address` of that game's store")
	tokens   = flag.String("tokens", "", "the purchase `tokens` that its players hold")
)

var gems = onestore.InApp("gems").Consumable()

// shopOf is a gate in front of the fake store at url, which is the same fake by its credentials.
func shopOf(t *testing.T, url string) *core.Gate {
	t.Helper()
	fake := onestoretest.New(onestoretest.Config{})
	client, err := onestore.New(onestore.Config{
		ClientID: fake.ClientID(), ClientSecret: fake.ClientSecret(),
		Market: onestore.MarketGlobal, Environment: onestore.Sandbox, BaseURL: url,
	})
	if err != nil {
		t.Fatal(err)
	}
	gate, err := core.New(core.Config{Stores: []core.Store{client}, Guard: core.Guard{TripAfter: 1000}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = gate.Close(context.Background()) })
	return gate
}

// TestRedeemer is a game server whose players insist, two requests at a time for each purchase, until it is
// killed or all of it is delivered.
func TestRedeemer(t *testing.T) {
	if *redeemer == "" {
		t.Skip("it is run by TestAKilledGameDeliversEachPurchaseOnce")
	}
	state, err := statefile.Open(filepath.Join(*redeemer, "state"), statefile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	r, err := redeem.New(redeem.Config{Gate: shopOf(t, *market), Ledger: state.Ledger(), Timeout: 50 * time.Millisecond, Lease: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	db := openGame(t, *redeemer)
	fmt.Println("open")
	var wg sync.WaitGroup
	for _, token := range strings.Split(*tokens, ",") {
		for range 2 {
			wg.Go(func() {
				for {
					if _, err := r.Redeem(context.Background(), gems, core.Credentials{Account: "mina", Token: token}, db.grant(token)); err == nil {
						fmt.Println("told", token)
						return
					}
					time.Sleep(5 * time.Millisecond) // an impatient player
				}
			})
		}
	}
	wg.Wait()
	fmt.Println("delivered")
}

// game is the game's database: lines that are whole or not there. A process that is killed loses no line
// that it wrote.
type game struct {
	mu      sync.Mutex
	file    *os.File
	granted map[string]bool
}

func openGame(t *testing.T, dir string) *game {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(dir, "game"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	g := &game{file: file, granted: map[string]bool{}}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if id, ok := strings.CutPrefix(lines.Text(), "grant "); ok {
			g.granted[strings.Fields(id)[0]] = true
		}
	}
	return g
}

// grant notes that it ran, and grants under the unique redemption id.
func (g *game) grant(token string) redeem.Deliver {
	return func(_ context.Context, r redeem.Redemption) error {
		g.mu.Lock()
		defer g.mu.Unlock()
		if _, err := fmt.Fprintf(g.file, "run %s %s %d %v\n", r.ID, token, r.Quantity, r.Resumed()); err != nil {
			return err
		}
		if g.granted[r.ID] {
			return nil
		}
		time.Sleep(rand.N(2 * time.Millisecond)) // a transaction takes its time, before its commit and after
		if _, err := fmt.Fprintf(g.file, "grant %s\n", r.ID); err != nil {
			return err
		}
		g.granted[r.ID] = true
		time.Sleep(rand.N(2 * time.Millisecond))
		return nil
	}
}

func TestAKilledGameDeliversEachPurchaseOnce(t *testing.T) {
	store := onestoretest.New(onestoretest.Config{KeepUnacknowledged: true})
	url, err := store.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	dir := t.TempDir()
	var bought []string
	told := map[string]bool{}
	left := map[redeem.State]int{} // by the dead, and how far it had got
	for range *kills {
		for range 3 {
			bought = append(bought, store.Buy(onestoretest.InApp("gems"), onestoretest.Label("mina"), onestoretest.Quantity(2)))
		}
		recent := bought[max(0, len(bought)-6):]
		serve(t, dir, url, recent, told, rand.N(15*time.Millisecond)+1)
		state := open(t, filepath.Join(dir, "state"))
		for _, token := range recent {
			e, _, err := state.Ledger().Entry(t.Context(), gems.Store, token)
			if err != nil {
				t.Fatal(err)
			}
			left[e.State]++
		}
		if err := state.Close(); err != nil {
			t.Fatal(err)
		}
	}
	serve(t, dir, url, bought, told, 0)

	content, err := os.ReadFile(filepath.Join(dir, "game"))
	if err != nil {
		t.Fatal(err)
	}
	runs, grants, idOf := map[string]int{}, map[string]int{}, map[string]string{}
	resumed := 0
	for line := range strings.Lines(string(content)) {
		var id, token, again string
		var quantity int
		if _, err := fmt.Sscanf(line, "run %s %s %d %s", &id, &token, &quantity, &again); err == nil {
			if have := idOf[token]; have != "" && have != id {
				t.Errorf("two redemption ids for %s", token)
			}
			if quantity != 2 || (again == "true") != (runs[id] > 0) && runs[id] > 0 {
				t.Errorf("run %d of %s: quantity %d, resumed %s", runs[id]+1, token, quantity, again)
			}
			idOf[token] = id
			if runs[id]++; again == "true" {
				resumed++
			}
			continue
		}
		id = strings.TrimSpace(strings.TrimPrefix(line, "grant "))
		grants[id]++
	}
	gate := shopOf(t, url)
	state := open(t, filepath.Join(dir, "state"))
	for _, token := range bought {
		if n := grants[idOf[token]]; n != 1 || !told[token] {
			t.Errorf("%s was granted %d times, and its player was told: %v", token, n, told[token])
		}
		if d := gate.Check(t.Context(), gems, core.Credentials{Account: "mina", Token: token}); d.Reason != core.ReasonConsumed {
			t.Errorf("the store says of %s: %s", token, d.Reason)
		}
		if e, _, err := state.Ledger().Entry(t.Context(), gems.Store, token); err != nil || e.State != redeem.Completed {
			t.Errorf("the ledger says of %s: %s, %v", token, e.State, err)
		}
	}
	t.Logf("%d kills, %d purchases, %d runs resumed; the dead left %d without an entry, %d intended, %d consumed, %d completed",
		*kills, len(bought), resumed, left[0], left[redeem.Intended], left[redeem.Consumed], left[redeem.Completed])
}

// serve runs the game until all of tokens are delivered, or kills it a while after it opened its files.
func serve(t *testing.T, dir, url string, tokens []string, told map[string]bool, kill time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestRedeemer$", "-test.timeout=5m", "-redeemer="+dir, "-market="+url, "-tokens="+strings.Join(tokens, ","))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	delivered := false
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		token, isToken := strings.CutPrefix(lines.Text(), "told ")
		switch {
		case isToken:
			told[token] = true
		case lines.Text() == "open" && kill > 0:
			time.AfterFunc(kill, func() { _ = cmd.Process.Kill() })
		case lines.Text() == "delivered":
			delivered = true
		case strings.HasPrefix(lines.Text(), "---"):
			t.Errorf("the game says %s", lines.Text())
		}
	}
	if err := cmd.Wait(); kill == 0 && (err != nil || !delivered) {
		t.Errorf("the last game did not deliver all: %v", err)
	}
}
