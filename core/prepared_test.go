package core_test

import (
	"bytes"
	"context"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
)

// A denial from memory has one reply, made once, and nobody who gets it can change what the next one gets
// by means that are open to him.
func TestAPreparedReplyIsTheReplyOfItsDecision(t *testing.T) {
	gate := open(t, core.Config{}, newStore(says(*vip("", -time.Hour))))
	for _, status := range []int{0, http.StatusPaymentRequired} {
		route := core.NewRoute(gate, subscription("vip"), core.RouteConfig{DeniedStatus: status})
		admit := func() core.Admission {
			return route.Admit(t.Context(), func() (core.Credentials, error) { return by("alice", "t-1"), nil })
		}
		for range 3 {
			a := admit()
			want := core.Answer(a.Decision(), status)
			got := a.Reply()
			if got.Status != want.Status || !bytes.Equal(got.Body, want.Body) || !reflect.DeepEqual(got.Header, want.Header) {
				t.Errorf("got %d %s %v, want %d %s %v", got.Status, got.Body, got.Header, want.Status, want.Body, want.Header)
			}
			got.Header = append(got.Header, core.HeaderField{Name: "X-More", Value: "1"})
			h := http.Header{"Cache-Control": {"public"}}
			got.SetHeader(h)
			h.Add("Content-Type", "text/plain")
			h.Set("Cache-Control", "private")
			if h.Get("X-More") != "1" {
				t.Errorf("what was appended is not set: %v", h)
			}
		}
		changed := admit().Reply()
		changed.Header = append([]core.HeaderField{{Name: "Content-Type", Value: "text/plain"}}, changed.Header[1:]...)
		h := http.Header{}
		changed.SetHeader(h)
		if want := (http.Header{"Content-Type": {"text/plain"}, "Cache-Control": {"no-store"}}); !reflect.DeepEqual(h, want) {
			t.Errorf("a changed reply sets %v, want %v", h, want)
		}
	}
}

func TestAChangedDecisionIsAnsweredAsChanged(t *testing.T) {
	gate := open(t, core.Config{}, newStore(says(*vip("", -time.Hour))))
	ask := func() core.Decision { return gate.Check(t.Context(), subscription("vip"), by("alice", "t-1")) }
	want(t, ask(), core.Denied, core.ReasonRenewalPending)
	d := ask()
	d.Reason = core.ReasonNotFound
	if got := core.Answer(d, 0); !bytes.Contains(got.Body, []byte(`"reason":"not_owned"`)) {
		t.Errorf("got %s", got.Body)
	}
	d.Outcome = core.Granted
	ctx := core.NewContext(context.Background(), d)
	if got, ok := core.FromContext(ctx); !ok || got != d {
		t.Errorf("got %v %q", got.Outcome, got.Reason)
	}
}

func TestAnEmptyAttachedShowsWhatIsAboveIt(t *testing.T) {
	ctx := core.NewContext(t.Context(), core.Decision{Reason: "outer"})
	if d, ok := core.FromContext(&core.Attached{Context: ctx}); !ok || d.Reason != "outer" {
		t.Errorf("got %q, %v", d.Reason, ok)
	}
}
