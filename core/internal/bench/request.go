package main

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/golang-jwt/jwt/v5"
)

// jwtSecret signs what the peers that read JSON web tokens are sent.
var jwtSecret = []byte("a secret of the benchmark's own ")

// fields are the headers of every request, whoever it is sent to.
func fields(token string) [][2]string {
	signed, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"sub": account, "identity": account, "iss": "game", "aud": "raids", "exp": time.Now().Add(24 * time.Hour).Unix(), "orig_iat": time.Now().Unix(),
	}).SignedString(jwtSecret)
	if err != nil {
		panic(err)
	}
	return [][2]string{
		{"User-Agent", "Game/4.2.1 (Android 15)"},
		{"Accept", "application/json"},
		{"Accept-Encoding", "gzip"},
		{"Authorization", "Bearer " + signed},
		{"X-Player", account},
		{"X-Purchase-Token", token},
	}
}

// dropping is a writer that keeps nothing but the status.
type dropping struct {
	header http.Header
	status int
}

func (d *dropping) Header() http.Header         { return d.header }
func (d *dropping) Write(b []byte) (int, error) { return len(b), nil }
func (d *dropping) WriteHeader(status int)      { d.status = status }

type serverKey struct{}

// serves measures a handler of net/http. The request is copied from a template before each call, so that
// what is put on it cannot pile up; its context is a server's, not context.Background.
func serves(h http.Handler, token string, want int, more ...[2]string) func(b *testing.B) {
	template := httptest.NewRequest("GET", "/raids/7", nil)
	template = template.WithContext(context.WithValue(context.Background(), serverKey{}, 1))
	for _, f := range append(fields(token), more...) {
		template.Header.Set(f[0], f[1])
	}
	return func(b *testing.B) {
		w, r := &dropping{header: http.Header{}}, new(http.Request)
		b.ReportAllocs()
		for b.Loop() {
			w.status = 0
			*r = *template
			h.ServeHTTP(w, r)
			if w.status != want {
				b.Fatalf("got %d, want %d", w.status, want)
			}
		}
	}
}

// servesFiber measures an application of fiber's, without a socket.
func servesFiber(app *fiber.App, token string, want int) func(b *testing.B) {
	var head strings.Builder
	head.WriteString("GET /raids/7 HTTP/1.1\r\nHost: game\r\n")
	for _, f := range fields(token) {
		head.WriteString(f[0] + ": " + f[1] + "\r\n")
	}
	head.WriteString("\r\n")
	serve := app.Handler()
	ctx := requestFor(serve)
	if err := ctx.Request.Read(bufio.NewReader(strings.NewReader(head.String()))); err != nil {
		panic(err)
	}
	return func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ctx.Response.Reset()
			ctx.ResetUserValues()
			serve(ctx)
			if got := ctx.Response.StatusCode(); got != want {
				b.Fatalf("got %d, want %d", got, want)
			}
		}
	}
}

// requestFor makes an empty request of fasthttp's kind.
func requestFor[T any](func(*T)) *T { return new(T) }
