package examples_test

import (
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/nethttpmw"
)

// A client is told that the product is not owned, and the server why.
func Example_refused() {
	fake, store := openShop()
	gate, err := core.New(core.Config{Stores: []core.Store{store}})
	if err != nil {
		log.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))

	logged := nethttpmw.WithErrorHandler(func(w http.ResponseWriter, r *http.Request, d core.Decision, reply core.Reply) {
		logger.Info("refused", "decision", d)
		nethttpmw.WriteReply(w, reply)
	})

	vip := onestore.Subscription("vip_monthly")
	player := func(r *http.Request) string { return r.Header.Get("X-Player") }
	raids := nethttpmw.Require(gate, vip, nethttpmw.TokenHeader("X-Purchase-Token", player), logged)(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "the raid begins") }))
	labelled := fake.Buy(onestoretest.Subscription("vip_monthly"), onestoretest.Label("order-4711"))
	other := fake.Buy(onestoretest.InApp("vip_monthly"), onestoretest.Label(gate.Label("mina")))
	for _, token := range []string{labelled, other} {
		w := httptest.NewRecorder()
		raids.ServeHTTP(w, request("mina", token))
		fmt.Println(w.Code)
	}
	// Output:
	// level=INFO msg=refused decision.outcome=denied decision.reason=account_mismatch decision.product=onestore/subscription/vip_monthly decision.source=store
	// 403
	// level=INFO msg=refused decision.outcome=denied decision.reason=not_found decision.product=onestore/subscription/vip_monthly decision.source=store
	// 403
}
