package onestore

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/skugate/skugate/core/internal/rest"
)

// payloadBody is the body of what confirms a purchase. A payload that was not given is not sent: one
// that is sent has to match.
//
// Spec: 003_cae853c17ba7f40e.txt, "acknowledgePurchase".
func payloadBody(payload string) string {
	if payload == "" {
		return "{}"
	}
	quoted, _ := json.Marshal(payload) // a string always can be written
	return `{"developerPayload":` + string(quoted) + "}"
}

// open reads the object of a successful answer, or makes the error of any other. Success is the
// status 200 with an object that has no error, and a result where, and only where, op gives one.
func open(op operation, a *rest.Answer, secrets ...string) (*rest.Object, *Error) {
	o, err := rest.Parse(a.Body)
	if a.Status != http.StatusOK {
		return nil, refusal(op, a, o, secrets...)
	}
	if err == nil && (o.Has("error") || o.Has("result") && !op.result) {
		e := refusal(op, a, o, secrets...)
		e.cause = fmt.Errorf("%w: it carries an error or a result", ErrMalformedAnswer)
		return nil, e
	}
	if err != nil {
		return nil, malformed(op, a.Status, err)
	}
	return o, nil
}
