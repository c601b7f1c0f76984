package health_test

import (
	"testing"

	"go.uber.org/goleak"
)

// fasthttp renews its Date for ever.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}
