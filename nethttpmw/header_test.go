package nethttpmw_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

// What becomes of a request, by status and the reason in the body.
const (
	letIn     = "200"
	missing   = "400 purchase_token_missing"
	malformed = "400 purchase_token_malformed"
	notOwned  = "403 not_owned"
	notHTTP   = "400 by net/http" // the server refuses before any handler
)

// outcome names what an answer was.
func outcome(a answer) string {
	if _, rest, ok := strings.Cut(a.body, `"reason":"`); ok {
		reason, _, _ := strings.Cut(rest, `"`)
		return fmt.Sprintf("%d %s", a.status, reason)
	}
	if a.status == 400 {
		return notHTTP
	}
	return fmt.Sprint(a.status)
}

func TestTokenHeadersAsTheyComeOverTheWire(t *testing.T) {
	gate := newGate(t, newShop(honest))
	handler := &premium{}
	mux := http.NewServeMux()
	// However the name is spelled here, it is the one header.
	mux.Handle("/one", nethttpmw.Require(gate, vip, nethttpmw.TokenHeader("x-pURCHASE-token", player))(handler))
	mux.Handle("/several", nethttpmw.Require(gate, vip, nethttpmw.TokensHeader("x-PURCHASE-tOKEN", player))(handler))
	addr := serve(t, mux)

	for _, c := range []struct {
		name, lines  string
		one, several string
	}{
		{"one token", "X-Purchase-Token: vip.alice\r\n", letIn, letIn},
		{"the name in lower case", "x-purchase-token: vip.alice\r\n", letIn, letIn},
		{"the name in upper case, no blank after the colon", "X-PURCHASE-TOKEN:vip.alice\r\n", letIn, letIn},
		{"blanks and tabs around the value", "X-Purchase-Token: \t vip.alice \t\r\n", letIn, letIn},
		{"a bare line feed ends the line", "X-Purchase-Token: vip.alice\n", letIn, letIn},
		{"no such header", "", missing, missing},
		{"an empty value", "X-Purchase-Token:\r\n", missing, missing},
		{"blanks alone", "X-Purchase-Token: \t \r\n", missing, missing},
		{"the same line twice", "X-Purchase-Token: vip.alice\r\nX-Purchase-Token: vip.alice\r\n", malformed, malformed},
		{"the same line twice, spelled differently", "X-Purchase-Token: vip.alice\r\nx-purchase-token: vip.alice\r\n", malformed, malformed},
		{"somebody else's line after", "X-Purchase-Token: vip.alice\r\nX-Purchase-Token: vip.bob\r\n", malformed, malformed},
		{"somebody else's line before", "X-Purchase-Token: vip.bob\r\nX-Purchase-Token: vip.alice\r\n", malformed, malformed},
		{"an empty line before", "X-Purchase-Token:\r\nX-Purchase-Token: vip.alice\r\n", malformed, malformed},
		{"an empty line after", "X-Purchase-Token: vip.alice\r\nX-Purchase-Token: \r\n", malformed, malformed},
		{"two empty lines", "X-Purchase-Token:\r\nX-Purchase-Token:\r\n", malformed, malformed},
		{"a value folded in two", "X-Purchase-Token: vip.\r\n alice\r\n", malformed, malformed},
		{"a value folded onto the next line", "X-Purchase-Token:\r\n\tvip.alice\r\n", letIn, letIn}, // net/http unfolds it to one value
		{"a header folded into the one before", "X-Other: a\r\n X-Purchase-Token: vip.alice\r\n", missing, missing},
		{"a blank before the colon", "X-Purchase-Token : vip.alice\r\n", notHTTP, notHTTP},
		{"a blank before the colon beside a proper line", "X-Purchase-Token : vip.bob\r\nX-Purchase-Token: vip.alice\r\n", notHTTP, notHTTP},
		{"an underscore in the name", "X_Purchase_Token: vip.alice\r\n", missing, missing},
		{"a byte 0xFF inside", "X-Purchase-Token: vip.\xffalice\r\n", malformed, malformed},
		{"a byte 0xFF after", "X-Purchase-Token: vip.alice\xff\r\n", malformed, malformed},
		{"letters that are not ASCII", "X-Purchase-Token: vip.ålice\r\n", malformed, malformed},
		{"a no-break space after", "X-Purchase-Token: vip.alice\u00a0\r\n", malformed, malformed},
		{"a tab inside", "X-Purchase-Token: vip.\talice\r\n", malformed, malformed},
		{"a NUL inside", "X-Purchase-Token: vip.\x00alice\r\n", notHTTP, notHTTP},
		{"a DEL inside", "X-Purchase-Token: vip.\x7falice\r\n", notHTTP, notHTTP},
		{"5 KB", "X-Purchase-Token: vip." + strings.Repeat("a", 5<<10) + "\r\n", malformed, malformed},
		{"1,024 bytes", "X-Purchase-Token: vip." + strings.Repeat("a", 1020) + "\r\n", notOwned, notOwned},
		{"1,025 bytes", "X-Purchase-Token: vip." + strings.Repeat("a", 1021) + "\r\n", malformed, malformed},
		{"two tokens in one line, the own one first", "X-Purchase-Token: vip.alice,vip.bob\r\n", malformed, letIn},
		{"two tokens in one line, the own one last", "X-Purchase-Token: vip.bob , vip.alice\r\n", malformed, letIn},
		{"two tokens in one line, none the own", "X-Purchase-Token: vip.bob,vip.carol\r\n", malformed, notOwned},
		{"a comma after", "X-Purchase-Token: vip.alice,\r\n", malformed, malformed},
		{"a comma alone", "X-Purchase-Token: ,\r\n", malformed, malformed},
		{"nine tokens in one line", "X-Purchase-Token: vip.alice" + strings.Repeat(",vip.alice", 8) + "\r\n", malformed, malformed},
		{"a hint at the route's product", "X-Purchase-Token: vip.alice;product=vip\r\n", malformed, letIn},
		{"a hint at another product", "X-Purchase-Token: vip.alice;product=pass\r\n", malformed, notOwned},
		{"a hint at the store", "X-Purchase-Token: vip.alice; store=shop\r\n", malformed, letIn},
		{"a hint at a store that is not there", "X-Purchase-Token: vip.alice;store=other\r\n", malformed, malformed},
		{"a token in the trailer", "Transfer-Encoding: chunked\r\nTrailer: X-Purchase-Token\r\n\r\n0\r\nX-Purchase-Token: vip.alice\r\n", missing, missing},
		{"a token in a cookie", "Cookie: X-Purchase-Token=vip.alice\r\n", missing, missing},
	} {
		for path, want := range map[string]string{"/one": c.one, "/several": c.several} {
			t.Run(c.name+path, func(t *testing.T) {
				runs := handler.runs.Load()
				conn := dial(t, addr)
				defer conn.Close()
				conn.send(t, "GET "+path+"?X-Purchase-Token=vip.alice HTTP/1.1\r\nHost: game\r\nX-Player: alice\r\nConnection: close\r\n"+c.lines+"\r\n")
				a := conn.final(t, "GET")
				if got := outcome(a); got != want {
					t.Errorf("got %s (%q), want %s", got, a.body, want)
				}
				if want == letIn {
					runs++
				}
				handler.wantRuns(t, runs)
			})
		}
	}
}

// FuzzTokenHeader: whatever lines a stranger sends, only the one line that holds alice's token lets
// alice in, and nothing is a fault of the server.
func FuzzTokenHeader(f *testing.F) {
	for _, seed := range []string{
		"vip.alice", " vip.alice\t", "", "\n", "vip.alice\n", "vip.alice\nvip.alice", "vip.bob\nvip.alice",
		"vip.alice,vip.alice", "vip.alice;product=vip", "vip.alice\x00", "\xffvip.alice", "pass.alice", "nodot", "..", "vip.\u00e5",
	} {
		f.Add(seed)
	}
	gate := newGate(f, newShop(honest), func(c *core.Config) { c.UnknownTokens.Burst = -1 })
	gated := func(h http.Handler) http.Handler { return nethttpmw.Require(gate, vip, one)(h) }
	f.Fuzz(func(t *testing.T, header string) {
		lines := strings.Split(header, "\n")
		handler := &premium{}
		r := httptest.NewRequest("GET", "/raids/7", nil)
		r.Header["X-Player"] = []string{"alice"}
		r.Header["X-Purchase-Token"] = lines
		w := httptest.NewRecorder()
		gated(handler).ServeHTTP(w, r)

		if len(lines) == 1 && strings.Trim(lines[0], " \t") == "vip.alice" {
			handler.wantRuns(t, 1)
			return
		}
		handler.wantRuns(t, 0)
		if w.Code != 400 && w.Code != 403 {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
	})
}
