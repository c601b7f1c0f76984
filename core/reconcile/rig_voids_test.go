package reconcile_test

import (
	"context"
	"net/http"
	"strings"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// failingVoids is a log that fails to keep anything while err is set.
type failingVoids struct {
	core.Voids
	err error
}

func (f *failingVoids) Apply(ctx context.Context, change core.VoidLog) error {
	if f.err != nil {
		return f.err
	}
	return f.Voids.Apply(ctx, change)
}

// breaksOff makes a list fail for a while when it comes to a page.
type breaksOff struct {
	*rig
	page   int
	effect onestoretest.Effect
}

func (b *breaksOff) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/voided-purchases") {
		if b.page--; b.page == 0 {
			b.store.Fail(onestoretest.Fault{Op: onestoretest.OpVoidedPurchases, Times: 4, Effect: b.effect})
		}
	}
	return b.store.RoundTripper().RoundTrip(r)
}
