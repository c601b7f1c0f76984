package nethttpmw_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/nethttpmw"
)

// FuzzTokenHeader: whatever lines a stranger sends, only the one line that holds alice's token lets
// alice in, and nothing is a fault of the server.
func FuzzTokenHeader(f *testing.F) {
	for _, seed := range []string{
		"vip.alice", " vip.alice\t", "", "\n", "vip.alice\n", "vip.alice\nvip.alice", "vip.bob\nvip.alice",
		"vip.alice,vip.alice", "vip.alice;product=vip", "vip.alice\x00", "\xffvip.alice", "pass.alice", "nodot", "..", "vip.\u00e5",
	} {
		f.Add(seed)
	}
	gated := nethttpmw.Require(newGate(f, func(c *core.Config) { c.UnknownTokens.Burst = -1 }), vip, one)
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
