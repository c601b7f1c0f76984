package googleplaytest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	jwtGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	scope    = "https://www.googleapis.com/auth/androidpublisher"

	// maxAssertionLife is how long an assertion may be good for.
	maxAssertionLife = 3600
	// clockTolerance is by how much the client's clock may differ.
	clockTolerance = 5 * time.Minute
)

// accessTokens are all that were ever issued, with when they die.
type accessTokens struct {
	known map[string]time.Time
}

// authorize is the answer to a request whose access token does not do, else nil.
func (s *Store) authorize(c *call) *answer {
	value, _ := bearer(c)
	now := s.Now()
	s.mu.Lock()
	dies, ok := s.access.known[value]
	s.mu.Unlock()
	switch {
	case !ok || !dies.After(now):
		return unauthorized()
	case c.packageName != s.cfg.PackageName:
		return apiError(http.StatusForbidden, "userInsufficientPermission", "The current user has insufficient permissions to perform the requested operation.", "")
	default:
		return nil
	}
}

// ExpireAccessTokens ends every access token that was issued so far, before its time.
func (s *Store) ExpireAccessTokens() {
	now := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for value := range s.access.known {
		s.access.known[value] = now
	}
}

// inspectForm judges the form of a token request.
func (s *Store) inspectForm(c *call) verdict {
	bad := func(code, what string) verdict { return verdict{oauthError(code, "Bad Request"), what} }
	media, _, err := mime.ParseMediaType(c.header.Get("Content-Type"))
	form, formErr := url.ParseQuery(string(c.body))
	switch {
	case err != nil || media != "application/x-www-form-urlencoded":
		return bad("invalid_request", "the Content-Type is not application/x-www-form-urlencoded")
	case formErr != nil:
		return bad("invalid_request", "the body is not a form")
	case c.query != "" || len(c.header.Values("Authorization")) > 0:
		return bad("invalid_request", "the token request has a query or an Authorization")
	case form.Get("grant_type") != jwtGrant:
		return bad("unsupported_grant_type", "the grant_type is not the JWT bearer's")
	case len(form["assertion"]) != 1:
		return bad("invalid_request", "the form has no or several assertions")
	}
	if _, what := s.readAssertion(form.Get("assertion")); what != "" {
		return bad("invalid_grant", what)
	}
	return verdict{}
}

// claims are what an assertion says.
type claims struct {
	Issuer   string `json:"iss"`
	Scope    string `json:"scope"`
	Audience string `json:"aud"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`

	signed    string
	signature []byte
}

// readAssertion takes an assertion apart; what is wrong with its form is the second result. It goes by
// the process's clock, as the client does: only purchases live on the store's.
//
// Spec: RFC 7523, "3. JWT Format and Processing Requirements".
func (s *Store) readAssertion(text string) (*claims, string) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil, "the assertion does not have three parts"
	}
	var raw [3][]byte
	for i, part := range parts {
		b, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			return nil, "a part of the assertion is not base64url"
		}
		raw[i] = b
	}
	var header struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
	}
	c := &claims{signed: parts[0] + "." + parts[1], signature: raw[2]}
	if json.Unmarshal(raw[0], &header) != nil || json.Unmarshal(raw[1], c) != nil {
		return nil, "a part of the assertion is not JSON"
	}
	now := time.Now()
	issued, expires := time.Unix(c.Issued, 0), time.Unix(c.Expires, 0)
	switch {
	case header.Algorithm != "RS256":
		return nil, "the assertion is not signed with RS256"
	case header.KeyID != accountKeyID:
		return nil, "the assertion does not name the key"
	case c.Expires-c.Issued > maxAssertionLife:
		return nil, "the assertion lives for more than an hour"
	case !expires.After(now) || issued.After(now.Add(clockTolerance)):
		return nil, "the assertion has expired or is not yet good"
	case c.Scope != scope:
		return nil, "the assertion asks for another scope"
	case c.Audience != defaultTokenURL && c.Audience != s.URL()+"/token":
		return nil, "the assertion is for another audience"
	}
	return c, ""
}

// issueAccessToken answers the token endpoint.
func (s *Store) issueAccessToken(c *call) *answer {
	form, _ := url.ParseQuery(string(c.body)) // inspected before
	a, _ := s.readAssertion(form.Get("assertion"))
	digest := sha256.Sum256([]byte(a.signed))
	switch {
	case a.Issuer != accountEmail:
		return oauthError("invalid_grant", "Invalid grant: account not found")
	case rsa.VerifyPKCS1v15(&key().PublicKey, crypto.SHA256, digest[:], a.signature) != nil:
		return oauthError("invalid_grant", "Invalid JWT Signature.")
	}
	now := s.Now()
	s.mu.Lock()
	n := len(s.access.known) + 1
	life := s.cfg.AccessTokenLife
	if !s.cfg.Gentle && n%3 == 0 {
		life /= 4 // it dies long before its time
	}
	w := newWhim(s.cfg.Seed, "access token", n)
	value := fmt.Sprintf("ya29.c.%06d%016x%016x-%016x", n, w.r.Uint64(), w.r.Uint64(), w.r.Uint64())
	s.access.known[value] = now.Add(life)
	s.mu.Unlock()
	return jsonAnswer(http.StatusOK, object{
		{"access_token", value},
		{"expires_in", int64(s.cfg.AccessTokenLife / time.Second)},
		{"token_type", "Bearer"},
	})
}

// oauthError is an error of the token endpoint as RFC 6749, section 5.2, shapes it.
func oauthError(code, description string) *answer {
	status := http.StatusBadRequest
	if code == "invalid_client" {
		status = http.StatusUnauthorized
	}
	return jsonAnswer(status, object{{"error", code}, {"error_description", description}})
}
