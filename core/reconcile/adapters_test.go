package reconcile_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"
	fiberrecover "github.com/gofiber/fiber/v2/middleware/recover"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/reconcile"
	"github.com/skugate/skugate/fibermw"
	"github.com/skugate/skugate/ginmw"
	"github.com/skugate/skugate/nethttpmw"
)

// Row 54, through each adapter: what a handler that fails was let in with is not acknowledged.
func TestEachAdapterSaysWhatItsHandlerDelivered(t *testing.T) {
	gin.SetMode(gin.TestMode)
	skin := onestore.InApp("skin")
	for adapter, mount := range map[string]func(gate *core.Gate, status int) func(*http.Request){
		"net/http": func(gate *core.Gate, status int) func(*http.Request) {
			who := nethttpmw.TokenHeader("X-Token", func(*http.Request) string { return "alice" })
			h := nethttpmw.Require(gate, skin, who)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if status == 0 {
					panic("handler")
				}
				w.WriteHeader(status)
			}))
			return func(r *http.Request) {
				defer func() { _ = recover() }()
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
		},
		"gin": func(gate *core.Gate, status int) func(*http.Request) {
			e := gin.New()
			e.Use(gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, _ any) { c.Status(500) }))
			e.GET("/", ginmw.Require(gate, skin, ginmw.TokenHeader("X-Token", func(*gin.Context) string { return "alice" })), func(c *gin.Context) {
				if status == 0 {
					panic("handler")
				}
				c.Status(status)
			})
			return func(r *http.Request) { e.ServeHTTP(httptest.NewRecorder(), r) }
		},
		"fiber": func(gate *core.Gate, status int) func(*http.Request) {
			app := fiber.New()
			app.Use(fiberrecover.New())
			app.Get("/", fibermw.Require(gate, skin, fibermw.TokenHeader("X-Token", func(*fiber.Ctx) string { return "alice" })), func(c *fiber.Ctx) error {
				if status == 0 {
					panic("handler")
				}
				return c.SendStatus(status)
			})
			return func(r *http.Request) {
				if _, err := app.Test(r, -1); err != nil {
					panic(err)
				}
			}
		},
	} {
		for status, want := range map[int]int{200: 1, 204: 1, 302: 0, 500: 0, 0: 0} {
			t.Run(adapter, func(t *testing.T) {
				store := onestoretest.Start(t, onestoretest.Config{})
				client, err := onestore.New(onestore.Config{ClientID: store.ClientID(), ClientSecret: store.ClientSecret(), Market: onestore.MarketGlobal, Environment: onestore.Sandbox, BaseURL: store.URL()})
				if err != nil {
					t.Fatal(err)
				}
				gate, err := core.New(core.Config{Stores: []core.Store{client}, Outbox: core.NewMemoryOutbox()})
				if err != nil {
					t.Fatal(err)
				}
				defer gate.Close(t.Context())
				worker, err := reconcile.New(reconcile.Config{Gate: gate, CallTimeout: time.Minute})
				if err != nil {
					t.Fatal(err)
				}
				r := httptest.NewRequest("GET", "/", nil)
				r.Header.Set("X-Token", store.Buy(onestoretest.InApp("skin")))
				mount(gate, status)(r)
				report, err := worker.RunOnce(t.Context())
				if err != nil || report.Acknowledged != want || len(report.Undelivered) != 1-want {
					t.Errorf("status %d: the report is %+v, %v; want %d acknowledged", status, report, err, want)
				}
			})
		}
	}
}
