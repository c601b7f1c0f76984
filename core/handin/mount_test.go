package handin_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// mounts serve the handler under /iap on a loopback port, as the package documentation says.
var mounts = map[string]func(t *testing.T, h http.Handler) (url string){
	"net/http": func(t *testing.T, h http.Handler) string {
		mux := http.NewServeMux()
		mux.Handle("/iap/", h)
		return listen(t, mux)
	},
	"gin": func(t *testing.T, h http.Handler) string {
		gin.SetMode(gin.ReleaseMode)
		r := gin.New()
		r.Any("/iap/*path", gin.WrapH(h))
		return listen(t, r)
	},
	"fiber": func(t *testing.T, h http.Handler) string {
		app := fiber.New(fiber.Config{DisableStartupMessage: true})
		app.All("/iap/*", adaptor.HTTPHandler(h))
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

// exchange is one request of a player's and the answer to it, in bytes.
type exchange struct{ method, path, player, contentType, body string }

func (e exchange) send(t *testing.T, url string) string {
	t.Helper()
	r, err := http.NewRequest(e.method, url+"/iap"+e.path, strings.NewReader(e.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Close = true
	r.Header.Set("X-Player", e.player)
	if e.contentType != "" {
		r.Header.Set("Content-Type", e.contentType)
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
	var lines []string
	for name, values := range answer.Header {
		if name != "Date" && name != "Connection" {
			lines = append(lines, name+": "+strings.Join(values, " | "))
		}
	}
	slices.Sort(lines)
	return fmt.Sprintf("%s\n%s\n\n%s", answer.Status, strings.Join(lines, "\n"), body)
}

func TestEveryFrameworkMountsBothEndpointsAndAnswersTheSameBytes(t *testing.T) {
	const problem = "Cache-Control: no-store\nContent-Length: %d\nContent-Type: application/problem+json"
	const json = "Cache-Control: no-store\nContent-Length: %d\nContent-Type: application/json"
	answer := func(status, header, body string) string {
		return fmt.Sprintf("%s\n"+header+"\n\n%s", status, len(body), body)
	}
	const good = `{"product":"vip_forever","token":"TOKEN"}`
	steps := []struct {
		name string
		exchange
		want string
	}{
		{"nothing is owned", exchange{"GET", "/entitlements", "mina", "", ""}, answer("200 OK", json,
			`{"entitlements":[{"name":"vip","outcome":"denied","reason":"not_owned","product":"vip_monthly"}]}`+"\n")},
		{"nobody hands in", exchange{"POST", "/purchases", "", "application/json", good}, answer("401 Unauthorized", problem,
			`{"type":"about:blank","title":"The request names no account.","status":401,"reason":"account_missing","retryable":false,"iap":{"group":"client","code":101,"name":"AUTHORIZATION_ERROR"}}`)},
		{"text is handed in", exchange{"POST", "/purchases", "mina", "text/plain", good}, answer("415 Unsupported Media Type", problem,
			`{"type":"about:blank","title":"The Content-Type must be application/json.","status":415,"reason":"content_type_not_supported","retryable":false,"iap":{"group":"server","code":2111,"name":"HTTP_CONTENT_TYPE_NOT_SUPPORT"}}`)},
		{"half a body is handed in", exchange{"POST", "/purchases", "mina", "application/json", good[:20]}, answer("400 Bad Request", problem,
			`{"type":"about:blank","title":"A parameter is invalid.","status":400,"detail":"the body must be one JSON object, in UTF-8, and nothing behind it","reason":"invalid_parameters","retryable":false,"iap":{"group":"server","code":1100,"name":"INVALID_PARAMETERS"}}`)},
		{"another method", exchange{"PUT", "/purchases", "mina", "application/json", good}, answer("405 Method Not Allowed", "Allow: POST\n"+problem,
			`{"type":"about:blank","title":"The method is not allowed here.","status":405,"reason":"method_not_allowed","retryable":false,"iap":{"group":"server","code":2112,"name":"HTTP_REQUEST_METHOD_NOT_SUPPORT"}}`)},
		{"a purchase is handed in", exchange{"POST", "/purchases", "mina", "application/json", good}, answer("200 OK", json,
			`{"outcome":"granted","reason":"active_unacknowledged","product":"vip_forever"}`+"\n")},
		{"it is owned", exchange{"GET", "/entitlements", "mina", "", ""}, answer("200 OK", json,
			`{"entitlements":[{"name":"vip","outcome":"granted","reason":"active_unacknowledged","product":"vip_forever"}]}`+"\n")},
		{"it is not a stranger's", exchange{"POST", "/purchases", "mallory", "application/json", good}, answer("403 Forbidden", problem,
			`{"type":"about:blank","title":"The product is not owned.","status":403,"reason":"not_owned","product":"vip_forever","retryable":false,"iap":{"group":"client","code":112,"name":"INAPP_VERIFY_CONSUME_ERROR"}}`)},
	}
	for name, mount := range mounts {
		t.Run(name, func(t *testing.T) {
			s := open(t, nil)
			token := s.fake.Buy(onestoretest.InApp("vip_forever"))
			url := mount(t, http.StripPrefix("/iap", s.handler))
			for _, step := range steps {
				step.body = strings.ReplaceAll(step.body, "TOKEN", token)
				if got := step.send(t, url); got != step.want {
					t.Errorf("%s: got\n%s\nwant\n%s", step.name, got, step.want)
				}
			}
		})
	}
}
