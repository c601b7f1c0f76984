package notify_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"github.com/skugate/skugate/core/onestore/notify"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestEachFrameworkMountsTheHandler(t *testing.T) {
	gin.SetMode(gin.TestMode)
	for name, mount := range map[string]func(h http.Handler) func(*http.Request) (int, error){
		"net/http": func(h http.Handler) func(*http.Request) (int, error) {
			mux := http.NewServeMux()
			mux.Handle("/onestore/", http.StripPrefix("/onestore", h))
			return record(mux)
		},
		"gin": func(h http.Handler) func(*http.Request) (int, error) {
			r := gin.New()
			r.Any("/onestore/*path", gin.WrapH(http.StripPrefix("/onestore", h)))
			return record(r)
		},
		"fiber": func(h http.Handler) func(*http.Request) (int, error) {
			app := fiber.New()
			app.All("/onestore/*", adaptor.HTTPHandler(http.StripPrefix("/onestore", h)))
			return func(r *http.Request) (int, error) {
				res, err := app.Test(r, -1)
				if err != nil {
					return 0, err
				}
				return res.StatusCode, res.Body.Close()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t, func(c *notify.Config) {
				c.OnPayment = func(ctx context.Context, _ notify.Payment) error {
					if ctx.Done() != nil {
						t.Errorf("the context is the framework's own: %v", ctx)
					}
					return nil
				}
			})
			serve := mount(d.h)
			token := d.store.Buy(onestoretest.Subscription("vip"))
			payment, sub := d.store.PaymentNotification(token), d.store.SubscriptionNotification(token, int(notify.Revoked))
			for _, c := range []struct {
				method, path string
				body         []byte
				status       int
			}{
				{"POST", "/payments", payment, 200},
				{"POST", "/payments", bytes.Replace(payment, []byte("COMPLETED"), []byte("CANCELED"), 1), 403},
				{"GET", "/payments", payment, 405},
				{"POST", "/payments", bytes.Repeat([]byte(" "), 64<<10+1), 413},
				{"POST", "/subscriptions/" + secret, sub, 200},
				{"POST", "/subscriptions/wrong", sub, 403},
				{"POST", "/else", sub, 404},
			} {
				r := httptest.NewRequest(c.method, "/onestore"+c.path, bytes.NewReader(c.body))
				r.Header.Set("Content-Type", "application/json")
				if got, err := serve(r); got != c.status || err != nil {
					t.Errorf("%s %s: %d, %v, want %d", c.method, c.path, got, err, c.status)
				}
			}
			d.want("told", d.gate.count(), 2)
			d.gate.panic = "canary"
			d.store.Refund(token)
			r := httptest.NewRequest("POST", "/onestore/payments", bytes.NewReader(d.store.PaymentNotification(token)))
			r.Header.Set("Content-Type", "application/json")
			if got, err := serve(r); got != 500 || err != nil {
				t.Errorf("a panic: %d, %v", got, err)
			}
		})
	}
}

func record(h http.Handler) func(*http.Request) (int, error) {
	return func(r *http.Request) (int, error) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code, nil
	}
}
