package statefile_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/statefile"
)

func TestEveryPartTellsWhetherTheFileWorks(t *testing.T) {
	f, err := statefile.Open(filepath.Join(t.TempDir(), "state"), statefile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]any{"file": f, "owners": f.Owners(), "outbox": f.Outbox(), "voids": f.Voids(), "facts": f.Facts()}
	for _, closed := range []bool{false, true} {
		for name, part := range parts {
			checker, ok := part.(core.Checker)
			if !ok {
				t.Fatalf("%s is no core.Checker", name)
			}
			if err := checker.Check(context.Background()); (err != nil) != closed {
				t.Errorf("%s, closed %v: %v", name, closed, err)
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
