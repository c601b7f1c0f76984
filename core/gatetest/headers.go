package gatetest

import (
	"fmt"
	"strings"
	"testing"
)

// What becomes of a request whose header is odd, by status and, if the gate answered, reason.
const (
	letIn     = "200"
	missing   = "400 purchase_token_missing"
	malformed = "400 purchase_token_malformed"
	notOwned  = "403 not_owned"
	notHTTP   = "400" // the framework's own answer, before any handler
)

// spelled is a request of alice's with these lines.
type spelled struct {
	name, lines  string
	one, several string // outcomes where one token belongs, and where several may stand
}

// spellings are headers as they come over the wire, proper and hostile.
func spellings() []spelled {
	same := func(name, lines, outcome string) spelled { return spelled{name, lines, outcome, outcome} }
	return []spelled{
		same("one token", "X-Purchase-Token: vip.alice\r\n", letIn),
		same("the name in lower case", "x-purchase-token: vip.alice\r\n", letIn),
		same("the name in mixed case", "x-pURCHASE-tOKEN: vip.alice\r\n", letIn),
		same("the name in upper case, no blank after the colon", "X-PURCHASE-TOKEN:vip.alice\r\n", letIn),
		same("blanks around the value", "X-Purchase-Token:   vip.alice  \r\n", letIn),
		same("tabs around the value", "X-Purchase-Token: \t vip.alice \t\r\n", letIn),
		same("a bare line feed ends the line", "X-Purchase-Token: vip.alice\n\r\n", letIn), // and an end that all see

		same("no such header", "", missing),
		same("an empty value", "X-Purchase-Token:\r\n", missing),
		same("blanks alone", "X-Purchase-Token: \t \r\n", missing),
		same("an underscore in the name", "X_Purchase_Token: vip.alice\r\n", missing),
		same("a header folded into the one before", "X-Other: a\r\n X-Purchase-Token: vip.alice\r\n", missing),
		same("a token in the trailer", "Transfer-Encoding: chunked\r\nTrailer: X-Purchase-Token\r\n\r\n0\r\nX-Purchase-Token: vip.alice\r\n", missing),
		same("a token in a trailer that was not announced", "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Purchase-Token: vip.alice\r\n", missing),
		same("a token in the header and one in the trailer", "X-Purchase-Token: vip.alice\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Purchase-Token: vip.bob\r\n", letIn),
		same("a token behind a header whose last line a bare line feed ends", "X-Other: a\n\r\nX-Purchase-Token: vip.alice\r\n", missing),
		same("a token in the trailer, behind such a header", "Transfer-Encoding: chunked\r\nX-Other: a\n\r\n0\r\nX-Purchase-Token: vip.alice\r\n", missing),
		same("a token in such a header, and one behind it", "X-Purchase-Token: vip.alice\n\r\nX-Purchase-Token: vip.bob\r\n", letIn),
		same("an Expect that nobody knows, and somebody else's token", "Expect: a\r\nX-Purchase-Token: vip.bob\r\n", "417"),
		same("a Transfer-Encoding that is none, and somebody else's token", "Transfer-Encoding: identity\r\nX-Purchase-Token: vip.bob\r\n", "501"),
		same("a token in a cookie", "Cookie: X-Purchase-Token=vip.alice\r\n", missing),

		same("the same line twice", "X-Purchase-Token: vip.alice\r\nX-Purchase-Token: vip.alice\r\n", malformed),
		same("the same line twice, spelled differently", "X-Purchase-Token: vip.alice\r\nx-purchase-TOKEN: vip.alice\r\n", malformed),
		same("the same line twice with another between", "X-Purchase-Token: vip.alice\r\nX-Other: a\r\nX-Purchase-Token: vip.alice\r\n", malformed),
		same("somebody else's line after", "X-Purchase-Token: vip.alice\r\nX-Purchase-Token: vip.bob\r\n", malformed),
		same("somebody else's line before", "X-Purchase-Token: vip.bob\r\nX-Purchase-Token: vip.alice\r\n", malformed),
		same("an empty line before", "X-Purchase-Token:\r\nX-Purchase-Token: vip.alice\r\n", malformed),
		same("an empty line after", "X-Purchase-Token: vip.alice\r\nX-Purchase-Token: \r\n", malformed),
		same("two empty lines", "X-Purchase-Token:\r\nX-Purchase-Token:\r\n", malformed),
		same("a line with an underscore beside a proper one", "X_Purchase_Token: vip.bob\r\nX-Purchase-Token: vip.alice\r\n", letIn),

		same("a value folded in two", "X-Purchase-Token: vip.\r\n alice\r\n", malformed),
		same("a value folded onto the next line", "X-Purchase-Token:\r\n\tvip.alice\r\n", letIn),
		same("a blank before the colon", "X-Purchase-Token : vip.alice\r\n", notHTTP),
		same("a tab before the colon", "X-Purchase-Token\t: vip.alice\r\n", notHTTP),
		same("a blank before the colon beside a proper line", "X-Purchase-Token : vip.bob\r\nX-Purchase-Token: vip.alice\r\n", notHTTP),
		same("a blank before the name", "Accept: a\r\nX-Other: a\r\n X-Purchase-Token: vip.bob\r\nX-Purchase-Token: vip.alice\r\n", letIn),
		same("a line without a colon", "X-Purchase-Token\r\n", notHTTP),
		same("a carriage return inside", "X-Purchase-Token: vip.\ralice\r\n", notHTTP),
		same("a NUL inside", "X-Purchase-Token: vip.\x00alice\r\n", notHTTP),
		same("a NUL in the name", "X-Purchase\x00-Token: vip.alice\r\n", notHTTP),
		same("a DEL inside", "X-Purchase-Token: vip.\x7falice\r\n", notHTTP),
		same("a tab inside", "X-Purchase-Token: vip.\talice\r\n", malformed),
		same("a byte 0xFF inside", "X-Purchase-Token: vip.\xffalice\r\n", malformed),
		same("a byte 0xFF after", "X-Purchase-Token: vip.alice\xff\r\n", malformed),
		same("letters that are not ASCII", "X-Purchase-Token: vip.ålice\r\n", malformed),
		same("a no-break space after", "X-Purchase-Token: vip.alice\u00a0\r\n", malformed),

		same("a token of 1,024 bytes", "X-Purchase-Token: vip."+strings.Repeat("a", 1020)+"\r\n", notOwned),
		same("a token of 1,025 bytes", "X-Purchase-Token: vip."+strings.Repeat("a", 1021)+"\r\n", malformed),
		same("a token of 5 KB", "X-Purchase-Token: vip."+strings.Repeat("a", 5<<10)+"\r\n", malformed),

		{"two tokens in one line, the own one first", "X-Purchase-Token: vip.alice,vip.bob\r\n", malformed, letIn},
		{"two tokens in one line, the own one last", "X-Purchase-Token: vip.bob , vip.alice\r\n", malformed, letIn},
		{"two tokens in one line, none the own", "X-Purchase-Token: vip.bob,vip.carol\r\n", malformed, notOwned},
		same("a comma after", "X-Purchase-Token: vip.alice,\r\n", malformed),
		same("a comma alone", "X-Purchase-Token: ,\r\n", malformed),
		same("nine tokens in one line", "X-Purchase-Token: vip.alice"+strings.Repeat(",vip.alice", 8)+"\r\n", malformed),
		{"a hint at the route's product", "X-Purchase-Token: vip.alice;product=vip\r\n", malformed, letIn},
		{"a hint at another product", "X-Purchase-Token: vip.alice;product=skin\r\n", malformed, notOwned},
		{"a hint at the store", "X-Purchase-Token: vip.alice; store=shop\r\n", malformed, letIn},
		{"a hint at a store that is not there", "X-Purchase-Token: vip.alice;store=other\r\n", malformed, malformed},
	}
}

func headers(t *testing.T, a *adapter) {
	handler := &premium{}
	gate := newGate(t, newShop())
	// However the name is spelled here, it is the one header.
	address := a.serve(t,
		handler.at("/one", a.require(gate, vip, a.tokenHeader("x-pURCHASE-token", player))),
		handler.at("/several", a.require(gate, vip, a.tokensHeader("X-PURCHASE-tOKEN", player))))
	for _, c := range spellings() {
		for path, want := range map[string]string{"/one": c.one, "/several": c.several} {
			t.Run(c.name+path, func(t *testing.T) {
				want := a.expect(t, c.name, want)
				runs := handler.runs.Load()
				conn := dial(t, address)
				defer conn.Close()
				got, err := conn.do("GET", fmt.Sprintf(
					"GET %s?X-Purchase-Token=vip.alice HTTP/1.1\r\nHost: game\r\nX-Player: alice\r\nConnection: close\r\n%s\r\n", path, c.lines))
				if err != nil {
					t.Fatal(err)
				}
				if outcome := got.outcome(); outcome != want {
					t.Errorf("got %s, want %s\n%s", outcome, want, got)
				}
				switch want {
				case letIn:
					runs++
				case missing:
					goldenMissing.want(t, got)
				case malformed:
					goldenMalformed.want(t, got)
				case notOwned:
					goldenNotOwned.want(t, got)
				}
				handler.wantRuns(t, runs)
			})
		}
	}
}

// outcome is the status, with the reason if the gate answered.
func (a answer) outcome() string {
	if _, rest, ok := strings.Cut(a.body, `"reason":"`); ok {
		reason, _, _ := strings.Cut(rest, `"`)
		return fmt.Sprintf("%d %s", a.code(), reason)
	}
	return fmt.Sprint(a.code())
}
