package toxi_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"

	fm "github.com/skugate/skugate/core/internal/faultmatrix"
)

func TestMain(m *testing.M) {
	zerolog.SetGlobalLevel(zerolog.Disabled) // some toxics log whatever their server says
	fm.Main(m, nil)
}

// proxies are the proxies of one row, one for each adapter.
type proxies struct {
	mu  sync.Mutex
	all map[string]*toxiproxy.Proxy
}

// store puts a proxy before the sim and returns its URL.
func (p *proxies) store(s *fm.Scene) string {
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, s.Adapter, "127.0.0.1:0", strings.TrimPrefix(s.Sim.URL(), "http://"))
	if err := proxy.Start(); err != nil {
		s.Fatalf("%v", err)
	}
	s.CloseFirst(proxy.Stop)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[string]*toxiproxy.Proxy{}
	}
	p.all[s.Adapter] = proxy
	return "http://" + proxy.Listen
}

func (p *proxies) of(s *fm.Scene) *toxiproxy.Proxy {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all[s.Adapter]
}

// poison makes the answers of the store suffer.
func poison(s *fm.Scene, proxy *toxiproxy.Proxy, kind, attributes string) {
	text := fmt.Sprintf(`{"name":"it","type":%q,"stream":"downstream","attributes":{%s}}`, kind, attributes)
	if _, err := proxy.Toxics.AddToxicJson(strings.NewReader(text)); err != nil {
		s.Fatalf("%v", err)
	}
}
