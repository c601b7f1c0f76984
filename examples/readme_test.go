package examples_test

import (
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// blocks returns the README's pieces of Go: whole programs, the test of one, and the rest.
func blocks(t *testing.T) (programs []string, test string, pieces []string) {
	t.Helper()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(string(readme), "```go\n")[1:] {
		switch code, _, _ := strings.Cut(block, "```"); {
		case strings.Contains(code, "func main() {"):
			programs = append(programs, code)
		case strings.HasPrefix(code, "package main"):
			test += code
		default:
			pieces = append(pieces, code)
		}
	}
	if len(programs) != 3 || strings.Count(test, "package main") != 1 || len(pieces) < 6 {
		t.Fatalf("%d programs, %d tests and %d pieces found", len(programs), strings.Count(test, "package main"), len(pieces))
	}
	return programs, test, pieces
}

// fibersAnswer is how the piece of the README begins that stands in the place of a recorder in fiber's test.
const fibersAnswer = "\t\tanswer, err := app.Test(request)\n"

// Every complete program in the README builds as it stands, and the README's test of it passes: with fiber's way to
// send a request where the README says so.
func TestTheProgramsOfTheREADMEPassItsTest(t *testing.T) {
	programs, test, pieces := blocks(t)
	for i, code := range programs {
		test := test
		if strings.Contains(code, "fibermw.Require") {
			begin := strings.Index(test, "\t\tanswer := ")
			end := begin + strings.Index(test[begin:], "\n\t\t}\n") + len("\n\t\t}\n")
			for _, piece := range pieces {
				if strings.HasPrefix(piece, fibersAnswer) {
					test = test[:begin] + piece + test[end:]
				}
			}
		}
		dir := t.TempDir()
		files := []string{filepath.Join(dir, "main.go"), filepath.Join(dir, "main_test.go")}
		for j, text := range []string{code, test} {
			if formatted, err := format.Source([]byte(text)); err != nil || string(formatted) != text {
				t.Errorf("program %d or its test is not formatted: %v", i+1, err)
			}
			if err := os.WriteFile(files[j], []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if out, err := exec.Command("go", append([]string{"test"}, files...)...).CombinedOutput(); err != nil {
			t.Errorf("program %d: %v\n%s", i+1, err, out)
		}
	}
}

// examples returns the code of the examples, each line without the blanks in front of it.
func examples(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.WriteString("\n" + unindented(string(code)))
	}
	return all.String()
}

func unindented(code string) string {
	lines := strings.Split(code, "\n")
	for i := range lines {
		lines[i] = strings.TrimLeft(lines[i], "\t")
	}
	return strings.Join(lines, "\n")
}

// Each program runs as an example too, with a fake in the place of the store: its routes, from the requirement on,
// stand there as they stand in the README. So does every other piece of Go.
func TestTheGoOfTheREADMERunsAsExamples(t *testing.T) {
	programs, _, pieces := blocks(t)
	for i, code := range programs {
		begin, end := strings.Index(code, "\tvip := "), strings.LastIndex(code, "\treturn ")
		if begin < 0 || end < begin {
			t.Errorf("program %d has no routes between a requirement and their validation", i+1)
			continue
		}
		pieces = append(pieces, code[begin:end])
	}
	have := examples(t)
	for _, piece := range pieces {
		if !strings.HasPrefix(piece, fibersAnswer) && !strings.Contains(have, "\n"+unindented(piece)) {
			t.Errorf("no example has\n%s", piece)
		}
	}
}

// Every example that the README names exists, and so does every file and every link.
func TestWhatTheREADMEPointsToExists(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(readme), "](")[1:] {
		target, _, _ := strings.Cut(part, ")")
		if strings.Contains(target, "://") {
			continue
		}
		if _, err := os.Stat(filepath.Join("..", target)); err != nil {
			t.Errorf("the README links to %v", err)
		}
	}
	for i, part := range strings.Split(string(readme), "`") {
		if i%2 == 0 || !(strings.HasPrefix(part, "core/") || strings.HasPrefix(part, "examples/")) || strings.Contains(part, " ") {
			continue
		}
		if _, err := os.Stat(filepath.Join("..", part)); err != nil {
			t.Errorf("the README names %v", err)
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
