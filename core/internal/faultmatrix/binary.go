package faultmatrix

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// testhost is the path of the test host, built once for a run.
var testhost string

// Main builds the test host, runs the tests and cleans up. verify, which may be nil, is asked after a
// green run.
func Main(m *testing.M, verify func() error) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "test.parallel" })
	if !asked { // rows wait more than they work, unless they are large or the race detector works
		rows := "6"
		switch {
		case *full:
			rows = "1"
		case Race:
			rows = "2"
		}
		_ = flag.Set("test.parallel", rows)
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "faultmatrix")
		if err != nil {
			return complain(err)
		}
		defer os.RemoveAll(dir)
		testhost = filepath.Join(dir, "testhost")
		root, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/skugate/skugate/core/internal/faultmatrix").Output()
		if err != nil {
			return complain(err)
		}
		build := exec.Command("go", append(append([]string{"build"}, raceFlags...),
			"-o", testhost, "github.com/skugate/skugate/examples/testhost")...)
		build.Dir = strings.TrimSpace(string(root)) // in the module that knows what the host needs
		if out, err := build.CombinedOutput(); err != nil {
			return complain(fmt.Errorf("%w\n%s", err, out))
		}
		code := m.Run()
		if verify != nil && code == 0 {
			if err := verify(); err != nil {
				return complain(err)
			}
		}
		return code
	}())
}

func complain(err error) int {
	fmt.Fprintln(os.Stderr, "faultmatrix:", err)
	return 1
}
