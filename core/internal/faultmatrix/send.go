package faultmatrix

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Get sends one request.
func (s *Scene) Get(k Key) Check { return s.get(context.Background(), k, k.Route.Path) }

// GetAt sends one request to another path, whose requirement is that of the key's route.
func (s *Scene) GetAt(path string, k Key) Check { return s.get(context.Background(), k, path) }

// GetFor sends one request whose client leaves after d.
func (s *Scene) GetFor(d time.Duration, k Key) Check {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return s.get(ctx, k, k.Route.Path)
}

func (s *Scene) get(ctx context.Context, k Key, path string) Check {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Nodes[k.Node].Address+path, nil)
	if err != nil {
		panic(err)
	}
	req.Header["X-Purchase-Token"] = []string{k.Token}
	req.Header["X-Account"] = []string{k.Account}
	if n := s.underway.Add(1); n > s.widest.Load() { // losing a race costs little
		s.widest.Store(n)
	}
	defer s.underway.Add(-1)
	c := Check{Key: k, Start: time.Now(), Outcome: Gone, Budget: s.row.Call}
	resp, err := s.client.Do(req)
	if err == nil {
		var body []byte
		body, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		c.End = time.Now()
		if err == nil {
			c.read(resp.StatusCode, resp.Header, string(body))
		}
	}
	c.End = time.Now()
	s.record(&c)
	return c
}

func (s *Scene) record(c *Check) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.id = len(s.checks)
	s.checks = append(s.checks, *c)
	if !c.Counted {
		s.loose = true
	}
}

// Storm sends all requests at once.
func (s *Scene) Storm(keys ...Key) []Check { return s.Crowd(len(keys), keys...) }

// Crowd sends the requests, so many at a time.
func (s *Scene) Crowd(width int, keys ...Key) []Check {
	checks := make([]Check, len(keys))
	next := make(chan int)
	var wg sync.WaitGroup
	for range width {
		wg.Go(func() {
			for i := range next {
				checks[i] = s.Get(keys[i])
			}
		})
	}
	for i := range keys {
		next <- i
	}
	close(next)
	wg.Wait()
	return checks
}

// Stream sends a request every so often for a while, whether or not those before were answered.
func (s *Scene) Stream(every, during time.Duration, key func(i int) Key) []Check {
	var (
		wg     sync.WaitGroup
		mu     sync.Mutex
		checks []Check
	)
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	end := time.Now().Add(during)
	for i := 0; time.Now().Before(end); i++ {
		k := key(i)
		wg.Go(func() {
			c := s.Get(k)
			mu.Lock()
			defer mu.Unlock()
			checks = append(checks, c)
		})
		<-ticker.C
	}
	wg.Wait()
	return checks
}

// Raw sends bytes on a connection of their own and reads as many answers as there are keys. An answer
// that does not come, or comes in pieces, is Gone.
func (s *Scene) Raw(bytes string, keys ...Key) []Check {
	checks := make([]Check, len(keys))
	start := time.Now()
	for i, k := range keys {
		checks[i] = Check{Key: k, Start: start, End: start, Outcome: Gone}
	}
	conn, err := net.DialTimeout("tcp", s.Host.Address, 5*time.Second)
	if err != nil {
		s.Errorf("dial: %v", err)
		return checks
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	go func() { _, _ = io.Copy(conn, strings.NewReader(bytes)) }() // a server may answer before it has read all
	r := bufio.NewReader(conn)
	for i := range checks {
		resp, err := http.ReadResponse(r, nil)
		for err == nil && resp.StatusCode == http.StatusContinue {
			resp, err = http.ReadResponse(r, nil)
		}
		if err != nil {
			break
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		checks[i].End = time.Now()
		if err != nil {
			break
		}
		checks[i].read(resp.StatusCode, resp.Header, string(body))
	}
	for i := range checks {
		s.record(&checks[i])
	}
	return checks
}

// Warm asks for each key until the answer is a yes: what a row needs before it begins.
func (s *Scene) Warm(keys ...Key) {
	for _, k := range keys {
		s.Recover("before it begins", k, 5*time.Second)
	}
}

// Expect notes a breach for every check that did not come to one of the outcomes. A check that is
// undetermined because the machine took its time is none.
func (s *Scene) Expect(what string, checks []Check, want ...Outcome) {
	for i, c := range checks {
		ok := false
		for _, w := range want {
			ok = ok || c.Outcome == w
		}
		if !ok && c.Outcome == U && s.starved(&c) {
			s.excuse(&c)
			continue
		}
		if !ok {
			s.Errorf("%s: request %d (%s) came to %s (%d %s), want %v; all: %v", what, i, c.Key.Route.Path, c.Outcome, c.Status, c.Reason, want, Tally(checks))
			return
		}
	}
}

// Recover asks again and again until the answer is a yes, which must come within d.
func (s *Scene) Recover(what string, k Key, d time.Duration) time.Duration {
	begin := time.Now()
	for {
		c := s.Get(k)
		took := c.End.Sub(begin)
		if c.Outcome == G && took <= d+s.slack(begin, c.End)+50*time.Millisecond {
			return took
		}
		if took > d+s.slack(begin, c.End)+50*time.Millisecond {
			s.Fatalf("%s: %s (%d %s) still after %v, at most %v are allowed", what, c.Outcome, c.Status, c.Reason, took, d)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
