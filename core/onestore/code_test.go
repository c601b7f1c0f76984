package onestore_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
)

// standard is the table of the document, with the class of each code for a look-up.
var standard = []struct {
	code     string
	status   int
	message  string
	sentinel error
	fault    core.StoreFault
	reason   core.Reason
}{
	{"AccessBlocked", 403, "The request was blocked.", onestore.ErrAccessBlocked, core.FaultMisconfigured, core.ReasonUpstreamBlocked},
	{"AccessTokenExpired", 401, "Access token has expired.", onestore.ErrAccessTokenExpired, core.FaultMisconfigured, core.ReasonUpstreamAuth},
	{"BadRequest", 400, "The request are invalid.", onestore.ErrBadRequest, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
	{"DeveloperPayloadNotMatch", 400, "The request developerPayload does not match the value passed in the purchase request.", onestore.ErrDeveloperPayloadNotMatch, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
	{"InternalError", 500, "An undefined error has occurred.", onestore.ErrInternalError, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
	{"InvalidAccessToken", 401, "Access token is invalid.", onestore.ErrInvalidAccessToken, core.FaultMisconfigured, core.ReasonUpstreamAuth},
	{"InvalidAuthorizationHeader", 400, "Authorization header is invalid.", onestore.ErrInvalidAuthorizationHeader, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
	{"InvalidConsumeState", 409, "The purchase consumption status cannot be changed or has already been changed.", onestore.ErrInvalidConsumeState, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
	{"InvalidContentType", 415, "The request content-type is invalid.", onestore.ErrInvalidContentType, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
	{"InvalidPurchaseState", 409, "Purchase history does not exist or is not completed.", onestore.ErrInvalidPurchaseState, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
	{"InvalidRequest", 400, "Request parameters are invalid. [ purchaseToken ]", onestore.ErrInvalidRequest, core.FaultTokenRefused, core.ReasonInvalidToken},
	{"MethodNotAllowed", 405, "HTTP method not supported.", onestore.ErrMethodNotAllowed, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
	{"NoSuchData", 404, "The requested data could not be found.", onestore.ErrNoSuchData, core.FaultNotFound, core.ReasonNotFound},
	{"RequiredValueNotExist", 400, "Request parameters are required. [ purchaseToken ]", onestore.ErrRequiredValueNotExist, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
	{"ResourceNotFound", 404, "The requested resource could not be found.", onestore.ErrResourceNotFound, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
	{"ServiceMaintenance", 503, "System maintenance is in progress.", onestore.ErrServiceMaintenance, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
	{"UnauthorizedAccess", 403, "Not authorized to this API.", onestore.ErrUnauthorizedAccess, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
}

func TestEachStandardCodeHasItsSentinelAndItsClass(t *testing.T) {
	for _, tc := range standard {
		for _, d := range details {
			t.Run(tc.code+" "+d.name, func(t *testing.T) {
				u := &upstream{t: t, reply: standardError(tc.status, tc.code, tc.message)}
				c := u.inProcess(t)
				_, err := d.call(t.Context(), c, "gold", token)
				var e *onestore.Error
				if !errors.As(err, &e) || e.Op != d.name || e.Status != tc.status || e.Code != tc.code || e.Message != tc.message {
					t.Fatalf("got %+v", err)
				}
				for _, other := range standard {
					if isError(err, other.sentinel) != (other.code == tc.code) {
						t.Errorf("errors.Is(%v, %v)", err, other.sentinel)
					}
				}
				if se := lookup(t, u.inProcess(t), d.product); se.Fault != tc.fault || se.Reason != tc.reason || !isError(se, tc.sentinel) {
					t.Errorf("got %+v", se)
				}
			})
		}
	}
}

func TestTheCodeDecidesBeforeTheStatus(t *testing.T) {
	page := "<html>404</html>"
	for name, tc := range map[string]struct {
		status int
		body   string
		fault  core.StoreFault
		reason core.Reason
	}{
		"NoSuchData with 400":             {400, `{"error":{"code":"NoSuchData"}}`, core.FaultNotFound, core.ReasonNotFound},     // T-18
		"NoSuchData, flat":                {404, `{"code":"NoSuchData","message":"x"}`, core.FaultNotFound, core.ReasonNotFound}, // T-14
		"NoSuchData in another case":      {404, `{"error":{"code":"nosuchdata"}}`, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
		"NoSuchData with 403":             {403, `{"error":{"code":"NoSuchData"}}`, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
		"NoSuchData with 429":             {429, `{"error":{"code":"NoSuchData"}}`, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"NoSuchData twice":                {404, `{"error":{"code":"X","code":"NoSuchData"}}`, core.FaultUnavailable, core.ReasonUpstreamFault},
		"NoSuchData and garbage":          {404, `{"error":{"code":"NoSuchData"}} x`, core.FaultUnavailable, core.ReasonUpstreamFault},
		"a page with 404":                 {404, page, core.FaultUnavailable, core.ReasonUpstreamFault},
		"nothing with 404":                {404, "", core.FaultUnavailable, core.ReasonUpstreamFault},
		"an empty object with 404":        {404, "{}", core.FaultUnavailable, core.ReasonUpstreamFault},
		"a page with 400":                 {400, page, core.FaultUnavailable, core.ReasonUpstreamFault},
		"a page with 401":                 {401, page, core.FaultMisconfigured, core.ReasonUpstreamAuth},
		"a page with 403":                 {403, page, core.FaultUnavailable, core.ReasonUpstreamFault},
		"a page with 408":                 {408, page, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"a page with 429":                 {429, page, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"a page with 502":                 {502, page, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"nothing with 204":                {204, "", core.FaultUnavailable, core.ReasonMalformedUpstream},
		"nothing with 304":                {304, "", core.FaultUnavailable, core.ReasonUpstreamFault},
		"Success with 500":                {500, `{"error":{"code":"Success"}}`, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"Success with 400":                {400, `{"error":{"code":"Success"}}`, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
		"ServiceMaintenance with 200":     {200, `{"error":{"code":"ServiceMaintenance"}}`, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"an unknown code with 400":        {400, `{"error":{"code":"NewCode"}}`, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
		"an unknown code with 429":        {429, `{"error":{"code":"NewCode"}}`, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"an unknown code with 500":        {500, `{"error":{"code":"NewCode"}}`, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"InternalError with 400":          {400, `{"error":{"code":"InternalError"}}`, core.FaultUnavailable, core.ReasonUpstreamUnavailable},
		"InvalidRequest of our own":       {400, `{"error":{"code":"InvalidRequest","message":"Request parameters are invalid. [ clientId, x-market-code ]"}}`, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
		"InvalidRequest without fields":   {400, `{"error":{"code":"InvalidRequest","message":"purchaseToken"}}`, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
		"InvalidRequest of the product":   {400, `{"error":{"code":"InvalidRequest","message":"[clientId,productId]"}}`, core.FaultTokenRefused, core.ReasonInvalidToken},
		"InvalidRequest with 500":         {500, `{"error":{"code":"InvalidRequest","message":"[ purchaseToken ]"}}`, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
		"InvalidRequest of a longer name": {400, `{"error":{"code":"InvalidRequest","message":"[ purchaseTokens ]"}}`, core.FaultMisconfigured, core.ReasonUpstreamMisconfigured},
	} {
		t.Run(name, func(t *testing.T) {
			u := &upstream{t: t, reply: body(tc.status, tc.body)}
			se := lookup(t, u.inProcess(t), onestore.InApp("gold"))
			if se.Fault != tc.fault || se.Reason != tc.reason {
				t.Errorf("got %+v", se)
			}
			if isError(se, onestore.ErrNoSuchData) != (tc.fault == core.FaultNotFound) {
				t.Error("ErrNoSuchData is matched by what is no such purchase alone")
			}
		})
	}
}

func TestRetryAfterIsCarried(t *testing.T) {
	for value, want := range map[string]time.Duration{"2": 2 * time.Second, "-1": 0, "abc": 0, "1000000000": time.Minute} {
		u := &upstream{t: t, reply: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", value)
			standardError(503, "ServiceMaintenance", "System maintenance is in progress.")(w, r)
		}}
		se := lookup(t, u.inProcess(t), onestore.InApp("gold"))
		var e *onestore.Error
		if !errors.As(se, &e) || se.RetryAfter != want || e.RetryAfter != want {
			t.Errorf("%s: got %v", value, se.RetryAfter)
		}
	}
}

func TestMessagesAreMadeSafe(t *testing.T) {
	for message, want := range map[string]string{
		"no purchase " + token:                  "",
		"no purchase " + strings.ToLower(token): "",
		"Bearer " + access:                      "",
		"see https://x/y":                       "",
		"another one, 260918043551SGP40543.":    "",
		"field1, field2 of developerPayload":    "field1, field2 of developerPayload",
		"a\nb\x1b[31m\u202ec\u200b\x00d":        "ab[31mcd",
		strings.Repeat("é", 150):                strings.Repeat("é", 100) + "…",
		"plain":                                 "plain",
	} {
		u := &upstream{t: t, reply: standardError(500, "InternalError", message)}
		se := lookup(t, u.inProcess(t), onestore.InApp("gold"))
		var e *onestore.Error
		if !errors.As(se, &e) || e.Message != want {
			t.Errorf("%q: got %q", message, e.Message)
		}
	}
	u := &upstream{t: t, reply: standardError(400, "DeveloperPayloadNotMatch", "mina is not Joon")}
	err := u.inProcess(t).AcknowledgePurchase(t.Context(), "gold", token, "joon")
	var e *onestore.Error
	if !errors.As(err, &e) || e.Message != "" || strings.Contains(err.Error(), "oon") {
		t.Errorf("a payload is quoted: %v", err)
	}
	for _, code := range []string{token, "X1", "a-b", "a.b", "a b", "x\n", strings.Repeat("x", 65), access} {
		u := &upstream{t: t, reply: standardError(400, code, "x")}
		se := lookup(t, u.inProcess(t), onestore.InApp("gold"))
		var e *onestore.Error
		if !errors.As(se, &e) || e.Code != "" {
			t.Errorf("%q: got %q", code, e.Code)
		}
	}
}

func TestOnlyDocumentedCodesAreInTheText(t *testing.T) {
	for answer, want := range map[string]string{
		`{"error":{"code":"InternalError","message":"failed for mina"}}`: "status 500, InternalError",
		`{"error":{"code":"Mina","message":"failed"}}`:                   "status 500, a code that is not documented",
		`{"error":"invalid_client","error_description":"mina"}`:          "status 500, invalid_client",
		`{"error":{"message":"mina"}}`:                                   "status 500",
	} {
		u := &upstream{t: t, reply: body(500, answer)}
		_, err := u.inProcess(t).PurchaseDetails(t.Context(), "gold", token)
		if err == nil || err.Error() != "onestore: getPurchaseDetails: "+want {
			t.Errorf("%s: got %v, want %s", answer, err, want)
		}
	}
}

func TestNoErrorShowsASecret(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) { // quotes all that it was sent, in every way
		all := r.URL.String() + r.Header.Get("Authorization") + secret + token
		w.Header().Set("Location", "://"+all)
		switch r.Header.Get("X-Market-Code") {
		case "MKT_GLB":
			standardError(500, token, all)(w, r)
		default:
			w.WriteHeader(302)
		}
	}
	hijacked := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = conn.Write([]byte(text))
			_ = conn.Close()
		}
	}
	oauths := map[string]http.HandlerFunc{
		"issues": nil,
		"echoes": func(w http.ResponseWriter, r *http.Request) {
			standardError(400, "invalid_client", "client_secret="+secret)(w, r)
		},
		"echoes coded": func(w http.ResponseWriter, r *http.Request) {
			body(401, `{"error":"invalid_client","error_description":"CANARY%2Fsecret%2Bwith%3Dsigns%3D"}`)(w, r)
		},
		"bad token": func(w http.ResponseWriter, _ *http.Request) { issue(w, "CANARY\r\nX: y") },
	}
	replies := map[string]http.HandlerFunc{
		"echo": echo, "dead": hijacked(""), "not HTTP": hijacked("CANARY " + token), "broken header": hijacked("HTTP/1.1 200 OK\r\nCANARY\r\n\r\n"),
		"a member with the token": body(200, `{"purchaseState":"`+token+`","expiryTimeMillis":"CANARY","expiryTime":"`+token+`"}`),
	}
	for oname, oauth := range oauths {
		for rname, reply := range replies {
			u := &upstream{t: t, oauth: oauth, reply: reply}
			c := u.listen(t)
			for _, d := range details {
				lookup(t, c, d.product) // looks at the error
				if _, err := d.call(t.Context(), c, "gold", token); err == nil {
					t.Errorf("%s, %s: no error", oname, rname)
				}
			}
		}
	}
	cfg := config("http://127.0.0.1:1")
	lookup(t, client(t, cfg), onestore.InApp("gold"))
	cfg.HTTPClient = &http.Client{Transport: &upstream{t: t, reply: echo}}
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	_, err := client(t, cfg).Lookup(ctx, onestore.InApp("gold"), token)
	mustBeClean(t, err)
}
