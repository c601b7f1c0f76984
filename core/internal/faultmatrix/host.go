package faultmatrix

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Host is a test host that runs.
type Host struct {
	Address string // HOST:PORT
	cmd     *exec.Cmd
	out     output
	exited  chan struct{}
	err     error // valid once exited is closed
	admin   http.Client
}

// output is what the process wrote, to both of its streams.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// startHost starts a test host and waits until it listens.
func startHost(env []string, args ...string) (*Host, error) {
	h := &Host{exited: make(chan struct{})}
	h.cmd = exec.Command(testhost, args...)
	h.cmd.Env = append(os.Environ(), env...)
	h.cmd.Stderr = &h.out
	stdout, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := h.cmd.Start(); err != nil {
		return nil, err
	}
	r := bufio.NewReader(stdout)
	first, err := r.ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSpace(first), "listening on ")
	go func() {
		defer close(h.exited)
		_, _ = io.Copy(&h.out, r) // ends when the process does
		h.err = h.cmd.Wait()
	}()
	if err != nil || !ok {
		_ = h.cmd.Process.Kill()
		<-h.exited
		return nil, fmt.Errorf("the test host did not start: %s", h.out.String())
	}
	h.Address = address
	h.admin = http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	return h, nil
}

// Output is what the process wrote so far.
func (h *Host) Output() string { return h.out.String() }

// Logs tells whether the process writes text before d is over. What it wrote takes a moment to get here.
func (h *Host) Logs(text string, d time.Duration) bool {
	for end := time.Now().Add(d); ; time.Sleep(10 * time.Millisecond) {
		if strings.Contains(h.Output(), text) {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}

// Signal sends the process a signal.
func (h *Host) Signal(s os.Signal) error { return h.cmd.Process.Signal(s) }

// Alive tells whether the process runs.
func (h *Host) Alive() bool {
	select {
	case <-h.exited:
		return false
	default:
		return true
	}
}

// Exited waits for the end of the process; ok false if it does not come within d.
func (h *Host) Exited(d time.Duration) (err error, ok bool) {
	select {
	case <-h.exited:
		return h.err, true
	case <-time.After(d):
		return nil, false
	}
}

// stop stops the process gracefully, or kills it.
func (h *Host) stop(d time.Duration) error {
	if h.Alive() {
		_ = h.Signal(syscall.SIGTERM)
	}
	err, ok := h.Exited(d)
	if !ok {
		_ = h.cmd.Process.Kill()
		<-h.exited
		return errors.New("it did not stop and was killed")
	}
	return err
}

// Ask asks an endpoint of the tester's.
func (h *Host) Ask(path string) (string, error) {
	r, err := h.admin.Get("http://" + h.Address + path)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", path, r.Status)
	}
	return string(body), err
}
