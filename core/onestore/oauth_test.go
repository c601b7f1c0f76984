package onestore_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
)

func TestARefusedTokenCallIsAFaultOfOurCredentials(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		body   string
		fault  core.StoreFault
		reason core.Reason
	}{
		"the store's shape":         {401, `{"error":{"code":"UnauthorizedAccess","message":"x"}}`, core.FaultMisconfigured, core.ReasonUpstreamAuth},
		"the shape of RFC 6749":     {401, `{"error":"invalid_client"}`, core.FaultMisconfigured, core.ReasonUpstreamAuth},
		"RFC 6749 with 400":         {400, `{"error":"invalid_client","error_description":"x"}`, core.FaultMisconfigured, core.ReasonUpstreamAuth},
		"InvalidRequest":            {400, `{"error":{"code":"InvalidRequest","message":"[ productId, purchaseToken ]"}}`, core.FaultMisconfigured, core.ReasonUpstreamAuth},
		"NoSuchData with 400":       {400, `{"error":{"code":"NoSuchData"}}`, core.FaultMisconfigured, core.ReasonUpstreamAuth},
		"NoSuchData with 404":       {404, `{"error":{"code":"NoSuchData"}}`, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
		"ResourceNotFound":          {404, `{"error":{"code":"ResourceNotFound"}}`, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
		"AccessBlocked":             {403, `{"error":{"code":"AccessBlocked"}}`, core.FaultMisconfigured, core.ReasonUpstreamBlocked},
		"a page with 404":           {404, `<html>`, core.FaultUnavailable, core.ReasonUpstreamFault},
		"maintenance":               {503, `{"error":{"code":"ServiceMaintenance"}}`, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"success without a token":   {200, `{"expires_in":3600}`, core.FaultUnavailable, core.ReasonMalformedUpstream},
		"success with an error":     {200, `{"error":"x","access_token":"abc"}`, core.FaultUnavailable, core.ReasonMalformedUpstream},
		"a token that is a number":  {200, `{"access_token":1}`, core.FaultUnavailable, core.ReasonMalformedUpstream},
		"a token with a line break": {200, `{"access_token":"a\nb"}`, core.FaultUnavailable, core.ReasonMalformedUpstream},
		"a token twice":             {200, `{"access_token":"a","access_token":"b"}`, core.FaultUnavailable, core.ReasonMalformedUpstream},
	} {
		t.Run(name, func(t *testing.T) {
			u := &upstream{t: t, oauth: body(tc.status, tc.body)}
			se := lookup(t, u.inProcess(t), onestore.InApp("gold"))
			var e *onestore.Error
			if se.Fault != tc.fault || se.Reason != tc.reason || !errors.As(se, &e) || e.Op != "getAccessToken" {
				t.Errorf("got %+v", se)
			}
			if isError(se, onestore.ErrNoSuchData) {
				t.Error("it reads as no such purchase")
			}
			if _, others := u.count(); others != 0 {
				t.Errorf("%d look-ups without a token", others)
			}
		})
	}
}

func TestAnyWayToWriteALifeIsAccepted(t *testing.T) {
	for _, life := range []string{`3600`, `3600.0`, `"3600"`, `0`, `-5`, `null`, `99999999999`, `9`, `599`, `"soon"`} {
		synctest.Test(t, func(t *testing.T) {
			u := &upstream{t: t, oauth: body(200, `{"access_token":"a","expires_in":`+life+`}`), reply: body(200, details[0].sample)}
			c := u.inProcess(t)
			for range 600 {
				if _, err := c.Lookup(t.Context(), onestore.InApp("gold"), token); err != nil {
					t.Fatalf("%s: %v", life, err)
				}
				synctest.Wait()
				time.Sleep(100 * time.Millisecond)
			}
			if tokens, _ := u.count(); tokens > 60 {
				t.Errorf("%s: %d token calls in a minute", life, tokens)
			}
			time.Sleep(25 * time.Hour)
			before, _ := u.count()
			if _, err := c.Lookup(t.Context(), onestore.InApp("gold"), token); err != nil {
				t.Fatal(err)
			}
			if after, _ := u.count(); after == before {
				t.Errorf("%s: the token is good for ever", life)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTwoHundredCallersWithAnExpiredTokenCauseOneTokenCall(t *testing.T) {
	var generation atomic.Int64
	var mu sync.Mutex
	asked := map[string]int{}
	generation.Store(1)
	u := &upstream{t: t}
	u.oauth = func(w http.ResponseWriter, _ *http.Request) { issue(w, fmt.Sprint("token-", generation.Load())) }
	u.reply = func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[r.URL.Path]++
		mu.Unlock()
		if r.Header.Get("Authorization") != fmt.Sprint("Bearer token-", generation.Load()) {
			standardError(401, "AccessTokenExpired", "Access token has expired.")(w, r)
			return
		}
		body(200, details[0].sample)(w, r)
	}
	c := u.listen(t)
	if _, err := c.PurchaseDetails(t.Context(), "gold", token); err != nil {
		t.Fatal(err)
	}
	generation.Store(2) // all tokens issued so far are dead
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			if _, err := c.PurchaseDetails(t.Context(), "gold", fmt.Sprintf("TOKEN-%03d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if tokens, _ := u.count(); tokens != 2 {
		t.Errorf("%d token calls, want the first and one renewal", tokens)
	}
	for path, n := range asked {
		if n > 2 {
			t.Errorf("%s was asked %d times", path, n)
		}
	}
}

func TestATokenRefusedForEverIsRenewedOnceAndNoMore(t *testing.T) {
	for _, refusal := range []http.HandlerFunc{
		standardError(401, "InvalidAccessToken", "Access token is invalid."),
		standardError(403, "AccessTokenExpired", "the code counts"),
		body(401, "<html>"),
	} {
		synctest.Test(t, func(t *testing.T) {
			u := &upstream{t: t, reply: refusal}
			c := u.inProcess(t)
			const n = 1000
			for range n {
				se := lookup(t, c, onestore.InApp("gold"))
				if se.Fault != core.FaultMisconfigured || se.Reason != core.ReasonUpstreamAuth {
					t.Fatalf("got %+v", se)
				}
				time.Sleep(5 * time.Millisecond)
			}
			if tokens, others := u.count(); tokens < 5 || tokens > 6 || others != n+tokens-1 {
				t.Errorf("%d token calls and %d look-ups for %d in 5 s", tokens, others, n)
			}
			u.reply = body(200, details[0].sample)
			time.Sleep(time.Second)
			if _, err := c.Lookup(t.Context(), onestore.InApp("gold"), token); err != nil {
				t.Errorf("it does not recover: %v", err)
			}
		})
	}
}

func TestABadAuthorizationHeaderRenewsNothing(t *testing.T) { // T-75
	u := &upstream{t: t, reply: standardError(400, "InvalidAuthorizationHeader", "x")}
	lookup(t, u.inProcess(t), onestore.InApp("gold"))
	if tokens, others := u.count(); tokens != 1 || others != 1 {
		t.Errorf("%d token calls, %d look-ups", tokens, others)
	}
}

func TestANoProvesTheTokenToo(t *testing.T) {
	dead := false
	u := &upstream{t: t}
	u.oauth = func(w http.ResponseWriter, _ *http.Request) { dead = false; issue(w, access) }
	u.reply = func(w http.ResponseWriter, r *http.Request) {
		if dead {
			standardError(401, "AccessTokenExpired", "x")(w, r)
			return
		}
		standardError(404, "NoSuchData", "x")(w, r)
	}
	c := u.inProcess(t)
	for range 3 { // each token dies right after an answer that it got
		if se := lookup(t, c, onestore.InApp("gold")); se.Reason != core.ReasonNotFound {
			t.Errorf("got %+v", se)
		}
		dead = true
	}
	if tokens, others := u.count(); tokens != 3 || others != 5 {
		t.Errorf("%d token calls, %d look-ups", tokens, others)
	}
}

func TestASlowTokenCallHoldsNobodyPastTheirDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{t: t, reply: body(200, details[0].sample)}
		u.oauth = func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(2 * time.Second):
				issue(w, access)
			case <-r.Context().Done():
			}
		}
		c := u.inProcess(t)
		began := time.Now()
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				_, err := c.Lookup(ctx, onestore.InApp("gold"), token)
				var se *core.StoreError
				if !errors.As(err, &se) || se.Fault != core.FaultUnavailable || se.Reason != core.ReasonDeadline {
					t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
		if d := time.Since(began); d != 100*time.Millisecond {
			t.Errorf("the callers were back after %v", d)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		_, err := c.Lookup(t.Context(), onestore.InApp("gold"), token)
		var se *core.StoreError
		if !errors.As(err, &se) || se.Reason != core.ReasonClosed || !strings.Contains(err.Error(), "the client was closed") {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestCloseIdleConnectionsEndsARenewalThatNobodyWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var renewing atomic.Bool
		u := &upstream{t: t, reply: body(200, details[0].sample)}
		u.oauth = func(w http.ResponseWriter, r *http.Request) {
			if renewing.Load() {
				<-r.Context().Done()
				renewing.Store(false)
				return
			}
			issue(w, access)
		}
		c := u.inProcess(t)
		ask := func() {
			t.Helper()
			if _, err := c.Lookup(t.Context(), onestore.InApp("gold"), token); err != nil {
				t.Fatal(err)
			}
		}
		ask()
		time.Sleep(3100 * time.Second)
		renewing.Store(true)
		ask()
		synctest.Wait()
		c.CloseIdleConnections()
		if renewing.Load() {
			t.Error("the renewal goes on")
		}
		ask()
	})
}
