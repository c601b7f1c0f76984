package googleplay_test

import (
	"os/exec"
	"strings"
	"testing"
)

// An embedder pays for what a package links: of the OAuth library that is the part that signs.
func TestWhatTheClientAndItsFakeReach(t *testing.T) {
	const module = "github.com/skugate/skugate/"
	for pkg, not := range map[string][]string{
		"core/googleplay":                {"testing", "gin-gonic", "gofiber", "cloud.google.com", "google.golang.org", "golang.org/x/oauth2/google", module + "core/onestore", module + "core/googleplay/googleplaytest"},
		"core/googleplay/googleplaytest": {"testing", "golang.org/x/oauth2", module + "core/internal/rest", module + "core/onestore", module + "cache"},
	} {
		out, err := exec.Command("go", "list", "-deps", module+pkg).CombinedOutput()
		if err != nil {
			t.Fatalf("go list: %v\n%s", err, out)
		}
		for dep := range strings.Lines(string(out)) {
			dep = strings.TrimSpace(dep)
			for _, n := range not {
				if dep != module+pkg && (dep == n || n != "testing" && strings.HasPrefix(dep, n)) {
					t.Errorf("%s reaches %s, which it must not", pkg, dep)
				}
			}
		}
	}
}
