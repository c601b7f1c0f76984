package main

import (
	"net"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/fibermw"
	"github.com/skugate/skugate/nethttpmw"
)

// framework is the game's premium route, served by one framework.
type framework struct {
	name, url string
	stop      func() error
}

// startAll serves the same gate with gin, fiber and net/http, each on a free port.
func startAll(gate *core.Gate) ([]framework, error) {
	game, err := newGame(gate, vipAnywhere)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /raids/{id}", nethttpmw.Require(gate, vipAnywhere,
		nethttpmw.TokenHeader("X-Purchase-Token", func(r *http.Request) string { return r.Header.Get("X-Player") }))(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("raid")) })))

	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/raids/:id", fibermw.Require(gate, vipAnywhere,
		fibermw.TokenHeader("X-Purchase-Token", func(c *fiber.Ctx) string { return c.Get("X-Player") })),
		func(c *fiber.Ctx) error { return c.SendString("raid") })

	var all []framework
	for _, f := range []server{
		serverOf("gin", game),
		{"fiber", app.Listener, app.Shutdown},
		serverOf("net/http", mux),
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		go func() { _ = f.serve(listener) }()
		all = append(all, framework{f.name, "http://" + listener.Addr().String(), f.stop})
	}
	return all, nil
}

// server is what the frameworks have in common.
type server struct {
	name  string
	serve func(net.Listener) error
	stop  func() error
}

func serverOf(name string, h http.Handler) server {
	s := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	return server{name, s.Serve, s.Close}
}
