package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestMain is also the processes that the program starts.
func TestMain(m *testing.M) {
	if os.Getenv(nodeVariable) == "" {
		os.Exit(m.Run())
	}
	if err := node(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func TestTheFleetInShort(t *testing.T) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("SKUGATE_NO_SKIP") != "" {
			t.Fatal(err)
		}
		t.Skip("redis-server is not on PATH")
	}
	var out bytes.Buffer
	if err := play(t.Context(), &out, []string{"-n", "2", "-players", "3", "-for", "300ms"}); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, line := range []string{"2 processes, 3 players", "each on its own ", "with Redis "} {
		if !strings.Contains(out.String(), line) {
			t.Errorf("there is no %q in\n%s", line, out.String())
		}
	}
}

func TestACommandLineThatMakesNoSense(t *testing.T) {
	for _, args := range [][]string{{"-n", "0"}, {"-players", "0"}, {"-for", "0s"}, {"-nodes", "3"}} {
		if err := play(t.Context(), &bytes.Buffer{}, args); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}
