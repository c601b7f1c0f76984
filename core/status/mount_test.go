package status_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/status"
)

// mounts serve the page at /ops/skugate on a loopback port, as the package documentation says.
var mounts = map[string]func(t *testing.T, h http.Handler) (url string){
	"net/http": func(t *testing.T, h http.Handler) string {
		mux := http.NewServeMux()
		mux.Handle("/ops/skugate", h)
		return listen(t, mux)
	},
	"gin": func(t *testing.T, h http.Handler) string {
		gin.SetMode(gin.ReleaseMode)
		r := gin.New()
		r.Any("/ops/skugate", gin.WrapH(h))
		return listen(t, r)
	},
	"fiber": func(t *testing.T, h http.Handler) string {
		app := fiber.New(fiber.Config{DisableStartupMessage: true})
		app.All("/ops/skugate", adaptor.HTTPHandler(h))
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		stopped := make(chan error, 1)
		go func() { stopped <- app.Listener(listener) }()
		t.Cleanup(func() {
			if err := app.Shutdown(); err != nil {
				t.Error(err)
			}
			if err := <-stopped; err != nil {
				t.Error(err)
			}
		})
		return "http://" + listener.Addr().String()
	},
}

func listen(t *testing.T, h http.Handler) string {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func TestEveryFrameworkMountsThePage(t *testing.T) {
	for name, mount := range mounts {
		t.Run(name, func(t *testing.T) {
			gate := open(t, core.Config{}, shop())
			base := mount(t, newPage(t, status.Config{Gate: gate, Requirements: []core.Requirement{look}}))
			ask := func(method, query, form string, header ...string) (*http.Response, string) {
				t.Helper()
				r, err := http.NewRequest(method, base+"/ops/skugate"+query, strings.NewReader(form))
				if err != nil {
					t.Fatal(err)
				}
				r.Close = true
				if form != "" {
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				}
				for i := 0; i < len(header); i += 2 {
					r.Header.Set(header[i], header[i+1])
				}
				answer, err := http.DefaultTransport.RoundTrip(r)
				if err != nil {
					t.Fatal(err)
				}
				defer answer.Body.Close()
				body, err := io.ReadAll(answer.Body)
				if err != nil {
					t.Fatal(err)
				}
				return answer, string(body)
			}
			form := url.Values{"requirement": {"0"}, "account": {"alice"}, "token": {"skin-1"}, "ask": {"store"}}.Encode()
			answer, body := ask("GET", "", "")
			has(t, body, "<h1>skugate</h1>", "</html>")
			has(t, answer.Header.Get("Content-Security-Policy"), "default-src 'none'")
			_, body = ask("GET", "?format=json", "")
			has(t, body, `"stores": [`)
			_, body = ask("POST", "", form, "Origin", base)
			has(t, body, "granted</strong>", "from store")
			if answer, _ = ask("POST", "", form, "Origin", "http://evil.example"); answer.StatusCode != http.StatusForbidden {
				t.Errorf("another site's form is answered %d", answer.StatusCode)
			}
			if answer, body = ask("HEAD", "", ""); answer.StatusCode != http.StatusOK || body != "" {
				t.Errorf("the head is answered %d, %s", answer.StatusCode, body)
			}
			if answer, _ = ask("PUT", "", ""); answer.StatusCode != http.StatusMethodNotAllowed {
				t.Errorf("another method is answered %d", answer.StatusCode)
			}
		})
	}
}
