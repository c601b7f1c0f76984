package status_test

import (
	"testing"

	"go.uber.org/goleak"
)

// fasthttp keeps two goroutines of its own: one for the Date of the process, for ever, and one of a
// server's worker pool, which sleeps for up to ten seconds after the server was shut down.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
}
