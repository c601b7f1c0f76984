package gatetest

import (
	"bytes"
	"strings"
	"sync"
)

// journal is a log that servers write and a test reads.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

// errors counts the lines that tell of an error.
func (j *journal) errors() int { return strings.Count(j.String(), "level=ERROR") }
