package nethttpmw

import (
	"net/http"

	"github.com/skugate/skugate/core"
)

// attached is a copy of a request with the decision in its context, in one piece of memory.
type attached struct {
	request http.Request
	context core.Attached
}

// attach returns a copy of r with the decision in its context. WithContext is inlined here, and its own
// copy stays on the stack: a test counts the allocations.
func attach(r *http.Request, admission core.Admission) *http.Request {
	a := &attached{context: admission.Attached(r.Context())}
	a.request = *r.WithContext(&a.context)
	return &a.request
}

// attachInPlace puts the decision in r's own context.
func attachInPlace(r *http.Request, admission core.Admission) *http.Request {
	*r = *r.WithContext(admission.Context(r.Context()))
	return r
}
