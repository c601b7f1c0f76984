package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// module makes a module with a fuzz target that finds something and one that does not.
func module(t *testing.T) string {
	dir := t.TempDir()
	const head = "package fixture\n\nimport \"testing\"\n\n"
	for name, text := range map[string]string{
		"go.mod":                  "module fixture\n\ngo 1.26\n",
		"doc.go":                  "package fixture\n\nfunc FuzzNothing() {}\n",
		"sound_test.go":           head + "func FuzzSound(f *testing.F) { f.Add(1); f.Fuzz(func(*testing.T, int) {}) }\n",
		"deep/faulty_test.go":     head + "func FuzzFaulty(f *testing.F) { f.Add(1); f.Fuzz(func(t *testing.T, n int) { t.Error(n) }) }\n",
		"nested/go.mod":           "module nested\n",
		"nested/other_test.go":    head + "func FuzzNested(f *testing.F) {}\n",
		".hidden/hidden_test.go":  head + "func FuzzHidden(f *testing.F) {}\n",
		"testdata/sample_test.go": "no Go",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTheCommandRunsEveryTarget(t *testing.T) {
	for _, c := range []struct {
		name        string
		args        []string
		says, fault string
	}{
		{"all of them, listed", []string{"-list"}, "deep FuzzFaulty\n. FuzzSound\n", ""},
		{"one that finds nothing", []string{"-run", "Sound", "-times", "100"}, "       100", ""},
		{"one that finds something", []string{"-run", "Faulty", "-times", "100"}, "deep FuzzFaulty", "--- FAIL: FuzzFaulty"},
		{"none that matches", []string{"-run", "Nested"}, "", "no target matches"},
		{"a pattern that is none", []string{"-run", "("}, "", "missing closing )"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			err := run(context.Background(), &out, append([]string{"-dir", module(t)}, c.args...))
			if !strings.Contains(out.String(), c.says) || (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
				t.Errorf("%v\n%s", err, &out)
			}
		})
	}
}

// TestTheModuleHasFuzzTargets: for what strangers write, at least.
func TestTheModuleHasFuzzTargets(t *testing.T) {
	list, err := targets(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []target{
		{"cache", "FuzzRecord"}, {"core", "FuzzAnswer"}, {"core", "FuzzConfig"}, {"core", "FuzzParseTokens"}, {"core/internal/rest", "FuzzParse"},
		{"core/internal/rest", "FuzzRetryAfter"}, {"core/onestore", "FuzzPurchaseDetails"}, {"core/onestore", "FuzzSubscriptionDetail"},
		{"core/onestore", "FuzzErrorAnswer"}, {"core/onestore", "FuzzAccessToken"}, {"core/onestore", "FuzzVoidedPurchases"},
		{"core/onestore", "FuzzPath"}, {"core/onestore/notify", "FuzzHostilePayment"}, {"core/googleplay", "FuzzProductPurchase"},
	} {
		if !slices.Contains(list, want) {
			t.Errorf("there is no %s", want)
		}
	}
}

// TestWhatRanIsThere: a target that is gone, or has another name, leaves the table.
func TestWhatRanIsThere(t *testing.T) {
	list, err := targets(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("ran.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[target]bool{}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) != 4 {
			t.Fatalf("a line that the command does not write: %q", line)
		}
		ran := target{f[2], f[3]}
		if !slices.Contains(list, ran) || seen[ran] {
			t.Errorf("%s is there twice, or is no target", ran)
		}
		seen[ran] = true
	}
}
