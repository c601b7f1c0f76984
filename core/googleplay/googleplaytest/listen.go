package googleplaytest

import (
	"cmp"
	"fmt"
)

// TB is the part of testing.TB that Start needs.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Start returns a store that listens on loopback until the test ends. The test fails if a client
// sent a malformed request by then, unless cfg.AllowMalformed is set.
func Start(tb TB, cfg Config) *Store {
	tb.Helper()
	s := New(cfg)
	if _, err := s.Listen("127.0.0.1:0"); err != nil {
		tb.Fatalf("%v", err)
	}
	tb.Cleanup(func() {
		tb.Helper()
		_ = s.Close()
		if !cfg.AllowMalformed {
			s.Check(tb)
		}
	})
	return s
}

// Check fails the test for every malformed request since the last ResetLog. Start calls it at the
// end of the test; a test that uses New calls it itself.
func (s *Store) Check(tb TB) {
	tb.Helper()
	for _, r := range s.Malformed() {
		tb.Errorf("googleplaytest: malformed request, %s %s: %s", r.Method, r.Op, r.Malformed)
	}
}

// Listen makes the store answer on a loopback address ("127.0.0.1:0" picks a port) and returns its
// URL. A store listens once, until Close.
func (s *Store) Listen(address string) (url string, err error) {
	if url, err = s.server.Listen(address, s); err != nil {
		err = fmt.Errorf("googleplaytest: %w", err)
	}
	return url, err
}

// URL is the store's base URL: Config.BaseURL, or that of the own listener; empty unless it listens or has
// listened.
func (s *Store) URL() string { return cmp.Or(s.cfg.BaseURL, s.server.URL()) }

// Close ends the listener, breaks its connections and waits for their requests. A store that does
// not listen has nothing to close; one that is reached by RoundTripper goes on answering.
func (s *Store) Close() error { return s.server.Close() }
