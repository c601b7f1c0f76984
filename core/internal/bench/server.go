package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/skugate/skugate/fibermw"
	"github.com/skugate/skugate/ginmw"
	"github.com/skugate/skugate/nethttpmw"
)

// variants are the servers that are compared, each with the bare one of its framework. A bare one is
// there twice: how far it is from itself says what the rest is worth.
var variants = []struct{ name, bare, goal string }{
	{"std-bare", "std-bare", ""},
	{"std-control", "std-bare", "0.99 to 1.01"},
	{"std-gate", "std-bare", "0.950"},
	{"std-in-place", "std-bare", "0.965"},
	{"gin-bare", "gin-bare", ""},
	{"gin-control", "gin-bare", "0.99 to 1.01"},
	{"gin-gate", "gin-bare", "0.955"},
	{"gin-in-place", "gin-bare", "0.965"},
	{"fiber-bare", "fiber-bare", ""},
	{"fiber-control", "fiber-bare", "0.99 to 1.01"},
	{"fiber-gate", "fiber-bare", "0.960"},
}

// inTurn is how many tokens the load brings.
const inTurn = 1024

// serverTable runs each variant in a process of its own, under wrk, round after round.
func serverTable(s settings) error {
	for _, tool := range []string{"wrk", "taskset"} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("%w (on Debian: apt-get install wrk util-linux)", err)
		}
	}
	script, err := writeScript()
	if err != nil {
		return err
	}
	defer os.Remove(script)
	rate, cpu := map[string][]float64{}, map[string][]float64{}
	for range s.rounds {
		for _, v := range variants {
			if !s.only.MatchString(v.name) && !s.only.MatchString(v.bare) {
				continue
			}
			r, c, err := load1(v.name, script)
			if err != nil {
				return fmt.Errorf("%s: %w", v.name, err)
			}
			rate[v.name], cpu[v.name] = append(rate[v.name], r), append(cpu[v.name], c)
		}
	}
	fmt.Println("requests/s, of bare  goal  CPU a request, of bare  requests/s  us CPU a request")
	for _, v := range variants {
		if len(rate[v.name]) == 0 {
			continue
		}
		r, c := median(rate[v.name]), median(cpu[v.name])
		fmt.Printf("%.3f  %s  %.3f  %.0f  %.2f  %s\n", r/median(rate[v.bare]), v.goal, c/median(cpu[v.bare]), r, c, v.name)
	}
	return nil
}

// writeScript makes wrk send the tokens in turn.
func writeScript() (string, error) {
	f, err := os.CreateTemp("", "*.lua")
	if err != nil {
		return "", err
	}
	w := bufio.NewWriter(f)
	for _, h := range fields("")[:5] {
		fmt.Fprintf(w, "wrk.headers[%q] = %q\n", h[0], h[1])
	}
	fmt.Fprintf(w, `local requests, n = {}, 0
init = function()
  for i = 0, %d do
    wrk.headers["X-Purchase-Token"] = %q .. string.format("-%%011d", i)
    requests[i] = wrk.format("GET", "/raids/7")
  end
end
request = function() n = (n + 1) %% %d; return requests[n] end
`, inTurn-1, strings.Repeat("x", 132), inTurn)
	return f.Name(), errors.Join(w.Flush(), f.Close())
}

var requestsPerSecond = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)

// load1 starts a server on one core, and wrk on another, and returns requests a second and the server's
// microseconds of CPU a request.
func load1(name, script string) (rate, cpu float64, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, 0, err
	}
	server := exec.Command("taskset", "-c", "0", self, "-serve", name)
	server.Stderr = os.Stderr
	stdin, err1 := server.StdinPipe()
	stdout, err2 := server.StdoutPipe()
	if err := errors.Join(err1, err2, server.Start()); err != nil {
		return 0, 0, err
	}
	defer func() { _ = stdin.Close(); _ = server.Wait() }()
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return 0, 0, err
	}
	run := func(seconds int) (string, error) {
		out, err := exec.Command("taskset", "-c", strconv.Itoa(runtime.NumCPU()-1), "wrk", "-t1", "-c32", fmt.Sprintf("-d%ds", seconds),
			"-s", script, "http://"+strings.TrimSpace(address)).CombinedOutput()
		if err == nil && strings.Contains(string(out), "Non-2xx") {
			err = errors.New("not every request was let in: " + string(out))
		}
		return string(out), err
	}
	if _, err := run(1); err != nil { // warm
		return 0, 0, err
	}
	const seconds = 3
	before := ticks(server.Process.Pid)
	out, err := run(seconds)
	if err != nil {
		return 0, 0, err
	}
	used := ticks(server.Process.Pid) - before
	found := requestsPerSecond.FindStringSubmatch(out)
	if found == nil {
		return 0, 0, errors.New("wrk said: " + out)
	}
	rate, err = strconv.ParseFloat(found[1], 64)
	return rate, used.Seconds() * 1e6 / (rate * seconds), err
}

// ticks is the CPU time that a process has used.
func ticks(pid int) time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// serveOne is the process of one variant: it says where it listens and ends with its input. Every variant
// keeps the same cache alive and paces its collections alike, or the comparison would measure the collector.
func serveOne(name string) error {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(512 << 20)
	gate := newGate(&shop{label: account}, 1<<16)
	warm(gate, inTurn)
	defer runtime.KeepAlive(gate)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	framework, variant, _ := strings.Cut(name, "-")
	fmt.Println(l.Addr())
	switch framework {
	case "std":
		h := http.Handler(ok(func(*http.Request) bool { return true }))
		switch variant {
		case "gate":
			h = nethttpmw.Require(gate, vip, whoHTTP)(ok(granted))
		case "in-place":
			h = nethttpmw.Require(gate, vip, whoHTTP, nethttpmw.WithRequestInPlace())(ok(granted))
		}
		return http.Serve(l, mux(h))
	case "gin":
		switch variant {
		case "gate":
			return http.Serve(l, engine(ginmw.Require(gate, vip, whoGin), yesGin))
		case "in-place":
			return http.Serve(l, engine(ginmw.Require(gate, vip, whoGin, ginmw.WithRequestInPlace()), yesGin))
		}
		return http.Serve(l, engine(yesGin))
	default:
		handlers := []fiber.Handler{yesFiber}
		if variant == "gate" {
			handlers = slices.Insert(handlers, 0, fibermw.Require(gate, vip, whoFiber))
		}
		app := fiber.New(fiber.Config{DisableStartupMessage: true})
		app.Get("/raids/:id", handlers...)
		return app.Listener(l)
	}
}
