package onestore_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/skugate/skugate/core/onestore"
)

// hidden is what nothing may print: the client's secret, access tokens, and purchase tokens.
var hidden = []string{"CANARY", token, "SANDBOX3000002616574", "19062709124410111299", "PAYLOAD-of-mina"}

// TestNothingShowsASecret prints all that the package makes, in all the ways in which a program prints.
func TestNothingShowsASecret(t *testing.T) {
	echo := func(status int, code string) http.HandlerFunc { // quotes all that it was sent
		return func(w http.ResponseWriter, r *http.Request) {
			all := fmt.Sprint(r.URL, r.Header, secret, token, "PAYLOAD-of-mina")
			w.Header().Set("Location", "://"+all)
			w.Header().Set("X-Echo", all)
			standardError(status, code, all)(w, r)
		}
	}
	replies := map[string]http.HandlerFunc{
		"a success of each kind": func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method == http.MethodPost:
				done(w, r)
			case strings.HasSuffix(r.URL.Path, "/voided-purchases"):
				body(200, `{"voidedPurchaseList":[`+fmt.Sprintf(lists[0].row, "purchase-id")+`]}`)(w, r)
			case strings.HasSuffix(r.URL.Path, "/unconfirmed-purchases"):
				body(200, `{"unconfirmedPurchaseList":[`+fmt.Sprintf(lists[1].row, "purchase-id")+`]}`)(w, r)
			default:
				for _, d := range details {
					if strings.Contains(d.path, strings.Split(r.URL.Path, "/")[5]) {
						body(200, d.sample)(w, r)
					}
				}
			}
		},
		"an echo with 200":   echo(200, token),
		"an echo with 302":   echo(302, "X"),
		"an echo with 400":   echo(400, "DeveloperPayloadNotMatch"),
		"an echo with 401":   echo(401, access),
		"an echo with 404":   echo(404, "NoSuchData"),
		"an echo with 409":   echo(409, "InvalidConsumeState"),
		"an echo with 500":   echo(500, secret),
		"an echo with 503":   echo(503, "ServiceMaintenance"),
		"a lost answer":      lose,
		"members of secrets": body(200, `{"result":{"code":"`+token+`"},"purchaseState":"`+access+`","voidedPurchaseList":["`+token+`"],"CANARY":1,"canary":2}`),
	}
	var shown bytes.Buffer
	show := func(v any) {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
			fmt.Fprintf(&shown, verb+"\n", v)
		}
		for _, h := range []slog.Handler{slog.NewTextHandler(&shown, nil), slog.NewJSONHandler(&shown, nil)} {
			slog.New(h).Info("made", "v", v)
		}
	}
	for name, reply := range replies {
		u := &upstream{t: t, reply: reply}
		cfg := config("")
		cfg.KeepRaw, cfg.UnconfirmedInGlobalMarket = true, true
		c := u.listenWith(t, cfg)
		show(cfg)
		show(&cfg)
		show(c)
		var errs []error
		failed := func(err error) {
			errs = append(errs, err)
			show(err)
			for e := err; e != nil; e = errors.Unwrap(e) {
				show(e)
			}
			var e *onestore.Error
			if errors.As(err, &e) {
				b, err := json.Marshal(e)
				if err != nil {
					t.Error(err)
				}
				shown.Write(b)
				show(*e)
			}
		}
		for _, d := range details {
			result, err := d.call(t.Context(), c, "gold", token)
			failed(err)
			if result != nil {
				show(result)
			}
			purchase, err := c.Lookup(t.Context(), d.product, token)
			failed(err)
			_ = purchase // core's, and core's to print
		}
		for _, ch := range changes {
			failed(ch.call(t.Context(), c, "gold", token))
		}
		failed(c.AcknowledgePurchase(t.Context(), "gold", token, "PAYLOAD-of-mina"))
		failed(c.ConsumePurchaseOnce(t.Context(), "gold", token, "PAYLOAD-of-mina"))
		for v, err := range c.VoidedPurchases(t.Context(), onestore.Window{}) {
			failed(err)
			show(v)
			show(&v)
			show([]onestore.VoidedPurchase{v})
		}
		for v, err := range c.UnconfirmedPurchases(t.Context(), onestore.Window{}) {
			failed(err)
			show(v)
			show(&v)
		}
		if len(errs) < 15 {
			t.Fatalf("%s: only %d calls", name, len(errs))
		}
		for _, h := range hidden {
			if i := strings.Index(shown.String(), h); i >= 0 {
				t.Fatalf("%s: %q is shown: …%s…", name, h, shown.String()[max(0, i-200):min(shown.Len(), i+100)])
			}
		}
		if !strings.Contains(shown.String(), clientID) {
			t.Fatal("nothing was shown")
		}
		shown.Reset()
	}
}

// A code is a word of letters, and so can an access token be.
func TestACodeThatIsTheAccessTokenIsNotShown(t *testing.T) {
	const letters = "CANARYOFLETTERS"
	u := &upstream{t: t, oauth: func(w http.ResponseWriter, _ *http.Request) { issue(w, letters) }, reply: standardError(400, letters, "no")}
	_, err := u.inProcess(t).PurchaseDetails(t.Context(), "gold", token)
	var e *onestore.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v", err)
	}
	if e.Code != "" {
		t.Errorf("the code is %q", e.Code)
	}
}
