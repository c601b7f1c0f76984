package examples_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// programs returns the complete programs in the README.
func programs(t *testing.T) (all []string) {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(readme), "```go\n")[1:] {
		if code, _, _ := strings.Cut(block, "```"); strings.HasPrefix(code, "package main") {
			all = append(all, code)
		}
	}
	if len(all) < 3 {
		t.Errorf("%d programs found, want one for each framework", len(all))
	}
	return all
}

// Every complete program in the README builds as it stands.
func TestTheProgramsOfTheREADMEBuild(t *testing.T) {
	for i, code := range programs(t) {
		file := filepath.Join(t.TempDir(), "main.go")
		if err := os.WriteFile(file, []byte(code), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("go", "vet", file).CombinedOutput(); err != nil {
			t.Errorf("program %d: %v\n%s", i+1, err, out)
		}
	}
}

// Each program runs as an example too, with a fake in the place of the store: what it does from the
// requirement to the check of the routes stands there as it stands in the README.
func TestTheProgramsOfTheREADMERunAsExamples(t *testing.T) {
	var examples strings.Builder
	for _, framework := range []string{"nethttp", "gin", "fiber"} {
		code, err := os.ReadFile(framework + "_test.go")
		if err != nil {
			t.Fatal(err)
		}
		examples.Write(code)
	}
	for i, code := range programs(t) {
		begin, end := strings.Index(code, "\tvip := "), strings.LastIndex(code, "\tlog.Fatal(")
		if begin < 0 || end < begin {
			t.Errorf("program %d has no gate between a requirement and a server", i+1)
			continue
		}
		if gated := code[begin:end]; !strings.Contains(examples.String(), gated) {
			t.Errorf("program %d is no example: none has\n%s", i+1, gated)
		}
	}
}

// A program that a reader runs fits on two screens, and makes the gate as the other two do.
func TestTheProgramsOfTheFrameworksAreShortAndMakeTheSameGate(t *testing.T) {
	gates := map[string]bool{}
	for _, framework := range []string{"nethttp", "gin", "fiber"} {
		code, err := os.ReadFile(filepath.Join(framework, "main.go"))
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(code), "\n"); lines >= 80 {
			t.Errorf("%s has %d lines, the limit is 79", framework, lines)
		}
		_, gate, _ := strings.Cut(string(code), "func main() {")
		gate, _, found := strings.Cut(gate, "\tplayer := ")
		if gates[gate] = true; !found || len(gates) > 1 {
			t.Errorf("%s makes another gate:\n%s", framework, gate)
		}
	}
}
