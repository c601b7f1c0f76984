package faultmatrix_test

import (
	"errors"
	"testing"

	"go.uber.org/goleak"

	"github.com/skugate/skugate/core/internal/faultmatrix"
)

// fasthttp keeps two goroutines of its own: one for the Date of the process, for ever, and one of a
// server's worker pool, which sleeps for up to ten seconds after the server was shut down.
func TestMain(m *testing.M) {
	faultmatrix.Main(m, func() error {
		err := goleak.Find(
			goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
			goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"))
		if err != nil {
			return errors.New("goroutines are left: " + err.Error())
		}
		return nil
	})
}
