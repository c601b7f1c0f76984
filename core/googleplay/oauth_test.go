package googleplay_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/oauth2"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/googleplay/googleplaytest"
)

// keyed is a client of u that has a key; its assertions go to u too.
func (u *upstream) keyed(t *testing.T) *googleplay.Client {
	t.Helper()
	return client(t, googleplay.Config{PackageName: packageName, ServiceAccountKey: keyFile(t, nil), HTTPClient: &http.Client{Transport: u}})
}

// oauth answers the token endpoint with one reply and everything else with another.
func oauth(token, rest http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			token(w, r)
			return
		}
		rest(w, r)
	}
}

func TestARefusedAssertionIsAFaultOfOurCredentials(t *testing.T) {
	for name, tc := range map[string]struct {
		reply  http.HandlerFunc
		fault  core.StoreFault
		reason core.Reason
	}{
		"a bad signature":           {body(400, `{"error":"invalid_grant","error_description":"Invalid JWT Signature."}`), core.FaultMisconfigured, core.ReasonUpstreamAuth},
		"invalid_client with 401":   {body(401, `{"error":"invalid_client"}`), core.FaultMisconfigured, core.ReasonUpstreamAuth},
		"a scope that is not given": {body(403, `{"error":"access_denied"}`), core.FaultMisconfigured, core.ReasonUpstreamAuth},
		"the API's own shape":       {apiError(400, "invalidValue", "x"), core.FaultMisconfigured, core.ReasonUpstreamAuth},
		"notFound with 404":         {apiError(404, "notFound", "x"), core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
		"a page with 404":           {body(404, "<html>"), core.FaultUnavailable, core.ReasonUpstreamFault},
		"a page with 400":           {body(400, "<html>"), core.FaultUnavailable, core.ReasonUpstreamFault},
		"a redirect":                {body(302, ""), core.FaultUnavailable, core.ReasonUpstreamFault},
		"429":                       {body(429, `{"error":"rate_limit"}`), core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"503":                       {body(503, ""), core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"success without a token":   {body(200, `{"expires_in":3599}`), core.FaultUnavailable, core.ReasonMalformedUpstream},
		"success with an error":     {body(200, `{"error":"x","access_token":"abc"}`), core.FaultUnavailable, core.ReasonMalformedUpstream},
		"a token that is a number":  {body(200, `{"access_token":1}`), core.FaultUnavailable, core.ReasonMalformedUpstream},
		"a token with a line break": {body(200, `{"access_token":"a\nb"}`), core.FaultUnavailable, core.ReasonMalformedUpstream},
		"a token twice":             {body(200, `{"access_token":"a","access_token":"b"}`), core.FaultUnavailable, core.ReasonMalformedUpstream},
		"a body without an end":     {body(200, strings.Repeat(" ", 1<<20+1)), core.FaultUnavailable, core.ReasonMalformedUpstream},
	} {
		t.Run(name, func(t *testing.T) {
			u := &upstream{t: t, reply: oauth(tc.reply, whole)}
			se := lookup(t, u.keyed(t), googleplay.InApp("gold"))
			var e *googleplay.Error
			if se.Fault != tc.fault || se.Reason != tc.reason || !errors.As(se, &e) || e.Op != "getAccessToken" {
				t.Errorf("got %+v", se)
			}
			if isError(se, googleplay.ErrNotFound) || isError(se, googleplay.ErrInvalidValue) {
				t.Error("it reads as something about a purchase")
			}
			if u.count() != 1 {
				t.Errorf("%d calls", u.count())
			}
		})
	}
}

func TestAnyWayToWriteALifeIsAccepted(t *testing.T) {
	for _, life := range []string{`3599`, `3599.0`, `"3599"`, `0`, `-5`, `null`, `99999999999`, `9`, `239`, `"soon"`} {
		synctest.Test(t, func(t *testing.T) {
			tokens := 0
			u := &upstream{t: t, reply: oauth(func(w http.ResponseWriter, r *http.Request) {
				tokens++
				body(200, `{"access_token":"a","expires_in":`+life+`,"token_type":"Bearer"}`)(w, r)
			}, whole)}
			c := u.keyed(t)
			for range 60 {
				if _, err := c.ProductPurchase(t.Context(), "gold", token); err != nil {
					t.Fatalf("%s: %v", life, err)
				}
				synctest.Wait()
				time.Sleep(time.Second)
			}
			if tokens > 60 {
				t.Errorf("%s: %d token calls in a minute", life, tokens)
			}
			time.Sleep(25 * time.Hour)
			before := tokens
			if _, err := c.ProductPurchase(t.Context(), "gold", token); err != nil {
				t.Fatal(err)
			}
			if tokens == before {
				t.Errorf("%s: the token is good for ever", life)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Package jwt posts without a context; the fetch is bounded all the same, and Close ends it.
func TestAHangingTokenEndpointHoldsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := googleplaytest.New(googleplaytest.Config{})
		tok := fake.Buy(googleplaytest.InApp("gold"))
		fake.Fail(googleplaytest.Fault{Op: googleplaytest.OpAccessToken, Effect: googleplaytest.Hang()})
		c := clientOf(t, fake)
		began := time.Now()
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				_, err := c.Lookup(ctx, googleplay.InApp("gold"), tok)
				var se *core.StoreError
				if !errors.As(err, &se) || se.Reason != core.ReasonDeadline {
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
		if d := time.Since(began); d != 100*time.Millisecond {
			t.Errorf("Close took %v", d)
		}
	})
}

func TestARefusedAccessTokenIsRenewedOnce(t *testing.T) {
	fake := googleplaytest.New(googleplaytest.Config{})
	tok := fake.Buy(googleplaytest.InApp("gold"))
	c := clientOf(t, fake)
	for range 3 {
		if _, err := c.ProductPurchase(t.Context(), "gold", tok); err != nil {
			t.Fatal(err)
		}
		fake.ExpireAccessTokens()
	}
	if tokens, gets := fake.TokenCalls(), fake.Count(googleplaytest.OpProductGet); tokens != 3 || gets != 5 {
		t.Errorf("%d token calls, %d look-ups", tokens, gets)
	}
	refused := &issuer{}
	u := &upstream{t: t, reply: apiError(401, "authError", "Invalid Credentials")}
	cfg := config("")
	cfg.TokenSource, cfg.HTTPClient = refused, &http.Client{Transport: u}
	if se := lookup(t, client(t, cfg), googleplay.InApp("gold")); se.Reason != core.ReasonUpstreamAuth {
		t.Errorf("got %v", se)
	}
	if u.count() > 2 || refused.count() > 2 {
		t.Errorf("%d look-ups and %d tokens for one that is refused for ever", u.count(), refused.count())
	}
}

func TestATokenSourceIsAskedAndRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &issuer{}
		u := &upstream{t: t, reply: whole}
		cfg := config("")
		cfg.TokenSource, cfg.HTTPClient = source, &http.Client{Transport: u}
		c := client(t, cfg)
		for second := range 3600 {
			if second == 55*60 && source.count() != 1 {
				t.Error("a token with five minutes left was renewed")
			}
			if _, err := c.ProductPurchase(t.Context(), "gold", token); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			time.Sleep(time.Second)
		}
		if source.count() != 2 {
			t.Errorf("%d tokens in an hour", source.count())
		}
	})
}

func TestATokenSourceThatFailsShowsNothingOfItsOwn(t *testing.T) {
	canary := &oauth2.RetrieveError{Response: &http.Response{StatusCode: 400, Body: io.NopCloser(strings.NewReader(""))}, Body: []byte("CANARY"), ErrorCode: "invalid_grant", ErrorDescription: "CANARY"}
	for name, tc := range map[string]struct {
		token  func(int) (*oauth2.Token, error)
		fault  core.StoreFault
		reason core.Reason
	}{
		"a refusal":             {func(int) (*oauth2.Token, error) { return nil, canary }, core.FaultMisconfigured, core.ReasonUpstreamAuth},
		"an error":              {func(int) (*oauth2.Token, error) { return nil, errors.New("CANARY") }, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"a deadline of its own": {func(int) (*oauth2.Token, error) { return nil, context.DeadlineExceeded }, core.FaultUnavailable, core.ReasonDeadline},
		"nothing":               {func(int) (*oauth2.Token, error) { return nil, nil }, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"an empty token":        {func(int) (*oauth2.Token, error) { return &oauth2.Token{}, nil }, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"a token with a blank":  {func(int) (*oauth2.Token, error) { return &oauth2.Token{AccessToken: "CANARY x"}, nil }, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"a panic":               {func(int) (*oauth2.Token, error) { panic("CANARY") }, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"an end of its own":     {func(int) (*oauth2.Token, error) { runtime.Goexit(); return nil, nil }, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			u := &upstream{t: t, reply: whole}
			cfg := config("")
			cfg.TokenSource, cfg.HTTPClient = &issuer{token: tc.token}, &http.Client{Transport: u}
			se := lookup(t, client(t, cfg), googleplay.InApp("gold"))
			var e *googleplay.Error
			if se.Fault != tc.fault || se.Reason != tc.reason || !errors.As(se, &e) || e.Op != "getAccessToken" || u.count() != 0 {
				t.Errorf("got %+v", se)
			}
		})
	}
}

// A "no" of the API proves the token as well as a purchase does: one that is refused later is renewed
// at once, not a second later.
func TestANoProvesTheTokenToo(t *testing.T) {
	source, dead := &issuer{}, false
	source.token = func(int) (*oauth2.Token, error) {
		dead = false
		return &oauth2.Token{AccessToken: access, Expiry: time.Now().Add(time.Hour)}, nil
	}
	u := &upstream{t: t, reply: func(w http.ResponseWriter, r *http.Request) {
		if dead {
			apiError(401, "authError", "Invalid Credentials")(w, r)
			return
		}
		apiError(404, "notFound", "x")(w, r)
	}}
	cfg := config("")
	cfg.TokenSource, cfg.HTTPClient = source, &http.Client{Transport: u}
	c := client(t, cfg)
	for range 3 { // each token dies right after an answer that it got
		if se := lookup(t, c, googleplay.InApp("gold")); se.Reason != core.ReasonNotFound {
			t.Errorf("got %+v", se)
		}
		dead = true
	}
	if source.count() != 3 || u.count() != 5 {
		t.Errorf("%d tokens, %d look-ups", source.count(), u.count())
	}
}

func TestAHangingTokenSourceKeepsNobodyFromClosing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		source := &issuer{token: func(int) (*oauth2.Token, error) { <-release; return nil, nil }}
		cfg := config("")
		cfg.TokenSource, cfg.HTTPClient = source, &http.Client{Transport: &upstream{t: t, reply: whole}}
		c := client(t, cfg)
		for range 2 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, _ = c.ProductPurchase(ctx, "gold", token)
			cancel()
			time.Sleep(15 * time.Second) // the first call of the source is given up
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		close(release)
	})
}

func TestAHangingTokenSourceIsAskedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		source := &issuer{}
		source.token = func(n int) (*oauth2.Token, error) {
			if n == 1 {
				<-release
			}
			return &oauth2.Token{AccessToken: access}, nil
		}
		cfg := config("")
		cfg.TokenSource, cfg.HTTPClient = source, &http.Client{Transport: &upstream{t: t, reply: whole}}
		c := client(t, cfg)
		for range 30 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err := c.ProductPurchase(ctx, "gold", token)
			cancel()
			if err == nil {
				t.Fatal("it answers")
			}
			time.Sleep(time.Second)
		}
		if source.count() != 1 {
			t.Errorf("asked %d times while it hangs", source.count())
		}
		close(release)
		time.Sleep(2 * time.Second)
		if _, err := c.ProductPurchase(t.Context(), "gold", token); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// TestNoErrorShowsASecret has everything that the client sends sent back to it, in every place.
func TestNoErrorShowsASecret(t *testing.T) {
	echo := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			sent := "CANARY " + r.URL.String() + " " + r.Header.Get("Authorization")
			if b, err := io.ReadAll(r.Body); err == nil {
				sent += " " + string(b)
			}
			w.Header().Set("Location", "://"+sent)
			apiError(status, sent, sent)(w, r)
		}
	}
	u := &upstream{t: t}
	var posted string
	u.reply = func(w http.ResponseWriter, r *http.Request) {
		if form, err := url.ParseQuery(u.bodies[len(u.bodies)-1]); err == nil {
			posted = form.Get("assertion")
		}
		echoed := "assertion " + posted
		body(400, `{"error":"invalid_grant","error_description":"`+echoed+`"}`)(w, r)
	}
	se := lookup(t, u.keyed(t), googleplay.InApp("gold"))
	if posted == "" || strings.Contains(se.Error(), posted) || strings.Contains(se.Error(), "assertion ey") {
		t.Errorf("the assertion is shown: %v", se)
	}
	for _, status := range []int{200, 302, 400, 401, 403, 404, 409, 410, 429, 500} {
		for _, m := range methods {
			u := &upstream{t: t, reply: echo(status)}
			mustBeClean(t, m.call(t.Context(), u.listen(t), "gold", token))
		}
		u := &upstream{t: t, reply: echo(status)}
		for _, err := range u.listen(t).VoidedPurchases(t.Context(), googleplay.Window{}) {
			mustBeClean(t, err)
		}
	}
	for _, m := range methods { // nobody listens there
		err := m.call(t.Context(), client(t, config("http://127.0.0.1:1")), "gold", token)
		mustBeClean(t, err)
		if err == nil {
			t.Error("no error")
		}
	}
}
