package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fixture is a module of one function, half of which is tested.
func fixture(t *testing.T) string {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module fixture\n\ngo 1.26\n",
		"max.go": "package fixture\n\nfunc larger(a, b int) int {\n\tif a > b {\n\t\treturn a\n\t}\n\treturn b\n}\n",
		"max_test.go": "package fixture\n\nimport \"testing\"\n\nfunc TestLarger(t *testing.T) {\n" +
			"\tif got := larger(2, 1); got != 2 {\n\t\tt.Errorf(\"got %d\", got)\n\t}\n}\n",
		".git/config": "not copied",
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

func TestTheCommandTellsWhatWasNoticed(t *testing.T) {
	for _, test := range []struct {
		name string
		s    sabotage
		args []string
		code int
		says string
	}{
		{"what a test notices", sabotage{name: "the smaller", file: "max.go", old: "a > b", new: "a < b"}, nil, 0, "red"},
		{"what no test notices", sabotage{name: "the second", file: "max.go", old: "return b\n", new: "return b + 1\n"}, nil, 1, "SURVIVED"},
		{"a text that is not there", sabotage{name: "gone", file: "max.go", old: "a >= b", new: "a < b"}, nil, 1, "0 times"},
		{"a text that is there twice", sabotage{name: "twice", file: "max.go", old: "return", new: "panic"}, nil, 1, "2 times"},
		{"a file that is not there", sabotage{name: "gone", file: "min.go", old: "a", new: "b"}, nil, 1, "UNFIT"},
		{"what does not compile", sabotage{name: "broken", file: "max.go", old: "a > b", new: "a >"}, nil, 1, "does not compile"},
		{"what changes nothing", sabotage{name: "nothing", file: "max.go", old: "a > b", new: "a > b"}, nil, 1, "changes nothing"},
		{"a list of what fits", sabotage{name: "the second", file: "max.go", old: "return b\n", new: "return b + 1\n"}, []string{"-list"}, 0, "fits"},
		{"a list with what does not", sabotage{name: "gone", file: "max.go", old: "a >= b", new: "a < b"}, []string{"-list"}, 1, "UNFIT"},
		{"a pattern that nothing matches", sabotage{name: "the smaller", file: "max.go", old: "a > b", new: "a < b"}, []string{"-run", "larger"}, 1, "0 sabotages"},
		{"a pattern that is none", sabotage{}, []string{"-run", "("}, 2, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.s.tests = "."
			var out strings.Builder
			code, err := run(context.Background(), &out, []sabotage{test.s}, append([]string{"-dir", fixture(t)}, test.args...))
			if code != test.code || (code == 2) != (err != nil) || !strings.Contains(out.String(), test.says) {
				t.Errorf("code %d, %v\n%s", code, err, &out)
			}
		})
	}
}

// TestASabotageIsMended: the next one must not stand on the one before.
func TestASabotageIsMended(t *testing.T) {
	s := sabotage{name: "the smaller", file: "max.go", old: "a > b", new: "a < b", tests: "."}
	var out strings.Builder
	if code, err := run(context.Background(), &out, []sabotage{s, s}, []string{"-dir", fixture(t)}); code != 0 || err != nil {
		t.Errorf("code %d, %v\n%s", code, err, &out)
	}
}

func TestACommandThatIsInterruptedSaysSo(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	s := sabotage{name: "the smaller", file: "max.go", old: "a > b", new: "a < b", tests: "."}
	var out strings.Builder
	if code, err := run(ctx, &out, []sabotage{s}, []string{"-dir", fixture(t)}); code != 2 || err == nil {
		t.Errorf("code %d, %v\n%s", code, err, &out)
	}
}

// TestEverySabotageFitsTheCode keeps the list from rotting: whoever changes a line that one of them breaks
// is told so.
func TestEverySabotageFitsTheCode(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	names := map[string]bool{}
	for _, s := range all() {
		if err := s.fits(root); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		if key := s.file + ": " + s.name; names[key] {
			t.Errorf("two are %q", key)
		} else {
			names[key] = true
		}
		for pkg := range strings.FieldsSeq(s.tests) {
			if _, err := os.Stat(filepath.Join(root, pkg)); err != nil {
				t.Errorf("%s: %v", s.name, err)
			}
		}
	}
	if len(names) < 200 {
		t.Errorf("%d sabotages", len(names))
	}
}
