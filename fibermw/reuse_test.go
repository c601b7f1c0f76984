package fibermw_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/fibermw"
)

// fiber uses the memory of a request's strings for the next request on the connection. A token that
// was kept without a copy would turn into whatever the next client sends.
func TestMadeUpTokensAfterAPaidOneOnTheSameConnectionOpenNothing(t *testing.T) {
	fake := onestoretest.New(onestoretest.Config{})
	store, err := onestore.New(onestore.Config{
		ClientID: fake.ClientID(), ClientSecret: fake.ClientSecret(), Market: onestore.MarketGlobal, Environment: onestore.Sandbox,
		HTTPClient: &http.Client{Transport: fake.RoundTripper()},
	})
	if err != nil {
		t.Fatal(err)
	}
	gate, err := core.New(core.Config{Stores: []core.Store{store}, UnknownTokens: core.UnknownTokens{Burst: -1}})
	if err != nil {
		t.Fatal(err)
	}
	defer gate.Close(context.Background())

	// Nothing here copies: the middleware has to.
	raw := func(c *fiber.Ctx) (core.Credentials, error) {
		return core.Credentials{Account: c.Get("X-Player"), Token: c.Get("X-Purchase-Token")}, nil
	}
	account := func(c *fiber.Ctx) string { return c.Get("X-Player") }
	for name, who := range map[string]fibermw.CredentialsFunc{
		"TokenHeader":                       fibermw.TokenHeader("X-Purchase-Token", account),
		"credentials that point into fiber": raw,
	} {
		t.Run(name, func(t *testing.T) {
			app := fiber.New(fiber.Config{DisableStartupMessage: true})
			app.Get("/", fibermw.Require(gate, onestore.InApp("skin"), who), func(c *fiber.Ctx) error { return c.SendString("PREMIUM") })
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			go func() { _ = app.Listener(listener) }()
			defer app.Shutdown()
			conn, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			answers := bufio.NewReader(conn)
			status := func(player, token string) int {
				fmt.Fprintf(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Player: %s\r\nX-Purchase-Token: %s\r\n\r\n", player, token)
				answer, err := http.ReadResponse(answers, nil)
				if err != nil {
					t.Fatal(err)
				}
				defer answer.Body.Close()
				buf := make([]byte, 4096)
				for {
					if _, err := answer.Body.Read(buf); err != nil {
						return answer.StatusCode
					}
				}
			}

			paid := fake.Buy(onestoretest.InApp("skin"))
			if got := status("mina", paid); got != http.StatusOK {
				t.Fatalf("the owner got %d", got)
			}
			for i := range 49 {
				if got := status("mina", fmt.Sprintf("SANDBOX%013d", i)); got != http.StatusForbidden {
					t.Errorf("made-up token %d got %d, want 403", i, got)
				}
			}
			if got := status("loki", paid); got != http.StatusForbidden {
				t.Errorf("a stranger with the paid token got %d, want 403", got)
			}
			if got := status("mina", paid); got != http.StatusOK {
				t.Errorf("the owner got %d at the end", got)
			}
		})
	}
}
