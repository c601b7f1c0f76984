package core_test

import (
	"os/exec"
	"strings"
	"testing"
)

func TestTheArrowsBetweenPackagesRunOneWay(t *testing.T) {
	const module = "github.com/skugate/skugate/"
	for _, test := range []struct {
		pkg string
		not []string
	}{
		{"cache", []string{module + "core", "net/http", "testing"}},
		{"cache/rediscache", []string{"gin-gonic", "gofiber", "bbolt", "testing", module + "core/fleet", module + "core/onestore", module + "core/googleplay"}},
		{"core", []string{"gin-gonic", "gofiber", "fasthttp", "redis", "bbolt", "prometheus", "opentelemetry", "testing", module + "core/", module + "nethttpmw", module + "ginmw", module + "fibermw"}},
		{"core/onestore", []string{"gin-gonic", "gofiber", "opentelemetry", "testing", module + "core/onestore/onestoretest"}},
		{"core/googleplay/notify", []string{"gin-gonic", "gofiber", "testing", module + "core/googleplay/googleplaytest", module + "core/onestore"}},
		{"core/onestore/notify", []string{"gin-gonic", "gofiber", "testing", module + "core/onestore/onestoretest", module + "core/handin"}},
		{"core/onestore/onestoretest", []string{"testing", module + "core/internal/rest", module + "core/internal/terms", module + "core/internal/intake", module + "core/handin"}},
		{"core/statefile", []string{"gin-gonic", "gofiber", "testing", module + "core/onestore", module + "core/googleplay", module + "core/reconcile"}},
		{"core/fleet", []string{"gin-gonic", "gofiber", "bbolt", "testing", module + "core/onestore", module + "core/googleplay", module + "core/reconcile", module + "core/statefile"}},
		{"core/redisclient", []string{"gin-gonic", "gofiber", "bbolt", "testing", module + "core/"}},
		{"core/reconcile", []string{"gin-gonic", "gofiber", "redis", "bbolt", "testing", module + "core/onestore", module + "core/googleplay", module + "core/statefile"}},
		{"core/promstats", []string{"gin-gonic", "gofiber", "opentelemetry", "testing", module + "core/onestore", module + "core/googleplay"}},
		{"core/oteltrace", []string{"gin-gonic", "gofiber", "prometheus", "testing", "opentelemetry.io/otel/sdk", module + "core/onestore", module + "core/googleplay"}},
		{"core/health", []string{"gin-gonic", "gofiber", "redis", "bbolt", "testing", module + "core/onestore", module + "core/googleplay"}},
		{"core/handin", []string{"gin-gonic", "gofiber", "testing", module + "core/onestore"}},
		{"core/status", []string{"gin-gonic", "gofiber", "redis", "bbolt", "testing", module + "core/onestore", module + "core/googleplay"}},
		{"core/redeem", []string{"gin-gonic", "gofiber", "redis", "bbolt", "testing", module + "core/"}},
		{"nethttpmw", []string{"gin-gonic", "gofiber", "redis", "testing", module + "core/"}},
		{"ginmw", []string{"gofiber", "redis", module + "core/"}},
		{"fibermw", []string{"gin-gonic", "redis", module + "core/"}},
	} {
		out, err := exec.Command("go", "list", "-deps", module+test.pkg).CombinedOutput()
		if err != nil {
			t.Fatalf("go list: %v\n%s", err, out)
		}
		for dep := range strings.Lines(string(out)) {
			dep = strings.TrimSpace(dep)
			for _, not := range test.not {
				if dep == module+"core/redeem" && not == module+"core/" { // what an adapter's Redeem takes
					continue
				}
				if dep == not || strings.Contains(dep, not) && not != "testing" && dep != module+test.pkg {
					t.Errorf("%s reaches %s, which it must not", test.pkg, dep)
				}
			}
		}
	}
}
