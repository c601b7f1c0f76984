package onestoretest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// renewBelow is the remaining life under which a new access token is issued instead of the old one.
//
// Spec: 003_cae853c17ba7f40e.txt, "OAuth概要".
const renewBelow = 600 * time.Second

type accessToken struct {
	value   string
	expires time.Time // as advertised
	dies    time.Time // as it turns out
}

// accessTokens are the app's access tokens: the present one, and all that were ever issued.
type accessTokens struct {
	life    time.Duration
	seed    uint64
	gentle  bool
	current *accessToken
	known   map[string]*accessToken
}

// issue returns the present token again until less than ten minutes of it are left.
func (a *accessTokens) issue(now time.Time) *accessToken {
	if t := a.current; t != nil && t.dies.After(now) && t.expires.Sub(now) >= renewBelow {
		return t
	}
	n := len(a.known) + 1
	t := &accessToken{value: a.name(n), expires: now.Add(a.life)}
	t.dies = t.expires
	if !a.gentle && n%3 == 0 {
		t.dies = now.Add(a.life / 4)
	}
	a.current, a.known[t.value] = t, t
	return t
}

// name makes a token of the documented size 36. One of the document's samples has 35 characters and
// letters beyond hexadecimal ones, so every second token of an unkind store does.
func (a *accessTokens) name(n int) string {
	r := newWhim(a.seed, "access token", n).r
	x, y := r.Uint64(), r.Uint64()
	name := fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", x>>32, x>>16&0xffff, x&0xffff, y>>48, y&0xffffffffffff)
	if !a.gentle && n%2 == 0 {
		name = name[:33] + "nb"
	}
	return name
}

// authorize is the answer to a request whose access token does not do, else nil.
func (s *Store) authorize(c *call) *answer {
	value, _ := bearer(c)
	now := s.Now()
	s.mu.Lock()
	t, ok := s.access.known[value]
	expired := ok && !t.dies.After(now)
	s.mu.Unlock()
	switch {
	case !ok:
		return standardError("InvalidAccessToken")
	case expired:
		return standardError("AccessTokenExpired")
	case c.clientID != s.cfg.ClientID: // a token of one app, the path of another
		return standardError("UnauthorizedAccess")
	default:
		return nil
	}
}

// ExpireAccessTokens ends every access token that was issued so far, before its time. The next one
// that is asked for is new.
func (s *Store) ExpireAccessTokens() {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.access.known {
		if t.dies.After(now) {
			t.dies = now
		}
	}
}

// inspectForm judges the form of a token request. A "+" that was not percent-encoded arrives as a
// blank and makes a wrong secret; "/" and "=" would survive, and are refused so that a careless
// client is found out with every secret.
func (s *Store) inspectForm(c *call) verdict {
	if len(c.header.Values("Authorization")) > 0 {
		return verdict{standardError("InvalidAuthorizationHeader"), "the token request has an Authorization"}
	}
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return verdict{standardError("BadRequest"), "the body is not a form"}
	}
	for _, name := range []string{"client_id", "client_secret", "grant_type"} {
		switch {
		case form.Get(name) == "":
			return verdict{standardError("RequiredValueNotExist", name), "the form lacks " + name}
		case len(form[name]) > 1:
			return verdict{standardError("InvalidRequest", name), "the form repeats " + name}
		}
	}
	if form.Get("grant_type") != "client_credentials" {
		return verdict{standardError("InvalidRequest", "grant_type"), "the grant_type is not client_credentials"}
	}
	for pair := range strings.SplitSeq(string(c.body), "&") {
		if name, raw, _ := strings.Cut(pair, "="); name == "client_secret" && strings.ContainsAny(raw, "/=+ ") {
			return verdict{standardError("InvalidRequest", name), "the client_secret is not percent-encoded"}
		}
	}
	return verdict{}
}

// issueAccessToken answers the token endpoint.
func (s *Store) issueAccessToken(c *call) *answer {
	form, _ := url.ParseQuery(string(c.body)) // inspected before
	if form.Get("client_id") != s.cfg.ClientID || form.Get("client_secret") != s.cfg.ClientSecret {
		if s.choose(c.subject, c.nth, OAuthErrorFlat, OAuthErrorNested) == OAuthErrorNested {
			return standardError("UnauthorizedAccess")
		}
		return oauthError("invalid_client")
	}
	now := s.Now()
	s.mu.Lock()
	t := s.access.issue(now)
	left := int64(t.expires.Sub(now) / time.Second)
	s.mu.Unlock()
	return jsonAnswer(http.StatusOK, s.spell(c.subject, c.nth, object{
		{"client_id", s.cfg.ClientID},
		{"access_token", t.value},
		{"token_type", "bearer"},
		{"expires_in", left},
		{"scope", "DEFAULT"},
	}))
}

// oauthError is an error of the token endpoint as RFC 6749, section 5.2, shapes it.
func oauthError(code string) *answer {
	status := http.StatusBadRequest
	if code == "invalid_client" {
		status = http.StatusUnauthorized
	}
	return jsonAnswer(status, object{{"error", code}})
}
