package gatetest

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// documentation is where the exceptions of skugate's own adapters are told to users.
//
//go:embed doc.go
var documentation string

// expect returns the outcome of a case: want, or what the adapter's framework makes of it.
func (a *adapter) expect(t *testing.T, name, want string) string {
	t.Helper()
	for _, e := range a.exceptions {
		if e.Case != name {
			continue
		}
		if e.Outcome == want {
			t.Errorf("the exception for %q is what every framework does: %s", name, want)
		}
		return e.Outcome
	}
	return want
}

// exceptions checks what an adapter claims of its framework. Whether it is true, the cases find out.
func exceptions(t *testing.T, a *adapter) {
	cases := []string{waitingBody}
	for _, c := range spellings() {
		cases = append(cases, c.name)
	}
	for _, e := range a.exceptions {
		if strings.HasPrefix(e.Outcome, "2") {
			t.Errorf("the exception for %q lets in: an exception can only refuse", e.Case)
		}
		if !slices.Contains(cases, e.Case) {
			t.Errorf("the exception for %q is for no case that may have one", e.Case)
		}
		if line := fmt.Sprintf("\n//   - %s: %s, %s\n", e.Case, e.Outcome, e.Why); !strings.Contains(a.documentation, line) {
			t.Errorf("Mount.Documentation does not have the line%s", line)
		}
	}
	if a.noHangUps != "" && !strings.Contains(a.documentation, a.noHangUps) {
		t.Errorf("Mount.Documentation does not say %q", a.noHangUps)
	}
}
