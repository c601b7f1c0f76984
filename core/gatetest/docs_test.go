package gatetest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The pages about adding something show code that is compiled and tested: each piece stands in one of the files.
func TestTheGoOfThePagesStandsInTheCode(t *testing.T) {
	for page, sources := range map[string]string{
		"adding-a-store.md":    "*_test.go",
		"adding-an-adapter.md": "../../ginmw/*.go",
	} {
		text, err := os.ReadFile(filepath.Join("../docs", page))
		if err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(sources)
		if err != nil || len(files) == 0 {
			t.Fatalf("%v, %v", files, err)
		}
		var code strings.Builder
		for _, file := range files {
			c, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			code.WriteString("\n" + string(c))
		}
		pieces := strings.Split(string(text), "```go\n")[1:]
		if len(pieces) < 4 {
			t.Errorf("%s has %d pieces of Go", page, len(pieces))
		}
		for _, piece := range pieces {
			piece, _, _ = strings.Cut(piece, "```")
			if !strings.Contains(code.String(), "\n"+piece) {
				t.Errorf("%s shows what is in none of %s:\n%s", page, sources, piece)
			}
		}
	}
}
