package nethttpmw_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

// naming answers with whom and what the gate let in.
func naming(w http.ResponseWriter, r *http.Request) {
	d, _ := nethttpmw.From(r)
	_, _ = fmt.Fprint(w, player(r), " with ", d.Purchase.Token)
}

// The requests of several players arrive in one piece on one connection.
func TestPipelinedRequestsKeepTheirIdentity(t *testing.T) {
	handler := &premium{do: naming}
	c := dial(t, serve(t, nethttpmw.Require(newGate(t, newShop(honest)), vip, one)(handler)))
	var all strings.Builder
	const rounds = 20
	for i := range rounds {
		all.WriteString(request("GET", fmt.Sprintf("X-Player: p%d", i), fmt.Sprintf("X-Purchase-Token: vip.p%d", i)))
		all.WriteString(request("GET", "X-Player: mallory", fmt.Sprintf("X-Purchase-Token: vip.p%d", i)))
		all.WriteString(request("GET", fmt.Sprintf("X-Player: p%d", i)))
	}
	c.send(t, all.String())
	for i := range rounds {
		if a, want := c.final(t, "GET"), fmt.Sprintf("p%d with vip.p%d", i, i); a.status != 200 || a.body != want {
			t.Errorf("got %d %q, want %q", a.status, a.body, want)
		}
		wantRefusal(t, c.final(t, "GET"), 403, "", bodyNotOwned)
		wantRefusal(t, c.final(t, "GET"), 400, "", bodyMissing)
	}
	handler.wantRuns(t, rounds)
}

func TestParallelRequestsGetTheDecisionOfTheirOwnToken(t *testing.T) {
	const players, rounds = 16, 25
	store, handler := newShop(honest), &premium{do: naming}
	addr := serve(t, nethttpmw.Require(newGate(t, store), vip, one)(handler))
	var wg sync.WaitGroup
	for i := range players {
		c := dial(t, addr)
		wg.Go(func() {
			me, next := fmt.Sprintf("p%d", i), fmt.Sprintf("p%d", (i+1)%players)
			for range rounds {
				// The one after somebody else's token must not be answered from it, nor the other way round.
				for token, want := range map[string]string{me: "200 " + me + " with vip." + me, next: "403 " + bodyNotOwned} {
					if _, err := fmt.Fprint(c, request("GET", "X-Player: "+me, "X-Purchase-Token: vip."+token)); err != nil {
						t.Error(err)
						return
					}
					a, err := c.receive("GET")
					if got := fmt.Sprint(a.status, " ", a.body); err != nil || got != want {
						t.Errorf("%s with the token of %s: got %q, %v; want %q", me, token, got, err, want)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	handler.wantRuns(t, players*rounds)
	if n := store.lookups(); n != players {
		t.Errorf("the store was asked %d times, want once for each of %d tokens", n, players)
	}
}

func TestAClientThatHangsUpEndsItsOwnCheckOnly(t *testing.T) {
	begun, release := make(chan struct{}, 1), make(chan struct{})
	store := newShop(func(ctx context.Context, p core.Product, token string) (*core.Purchase, error) {
		begun <- struct{}{}
		select {
		case <-release:
			return honest(ctx, p, token)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	reports, refused := make(chan handled, 4), make(chan core.Decision, 4)
	handler := &premium{do: naming}
	gate := newGate(t, store, observing(reports))
	addr := serve(t, nethttpmw.Require(gate, vip, one, nethttpmw.WithErrorHandler(
		func(w http.ResponseWriter, _ *http.Request, d core.Decision, reply core.Reply) {
			nethttpmw.WriteReply(w, reply) // into the void
			refused <- d
		}))(handler))
	lines := []string{"X-Player: alice", "X-Purchase-Token: vip.alice"}

	gone := dial(t, addr)
	gone.send(t, request("GET", lines...))
	<-begun
	_ = gone.Close()
	if d := <-refused; d.Outcome != core.Undetermined || d.Reason != core.ReasonCallerGone {
		t.Errorf("got %v %q, want undetermined %q", d.Outcome, d.Reason, core.ReasonCallerGone)
	}
	handler.wantRuns(t, 0)
	if len(reports) > 0 {
		t.Errorf("reported %+v", <-reports)
	}

	close(release)
	if a := get(t, addr, lines...); a.status != 200 || a.body != "alice with vip.alice" {
		t.Errorf("the next request: got %d %s", a.status, a.body)
	}
	if n := store.lookups(); n != 1 {
		t.Errorf("the store was asked %d times; the look-up should have gone on", n)
	}
}
