package onestoretest_test

import (
	"strings"
	"testing"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestAcknowledgingAndConsuming(t *testing.T) {
	gold, vip, pass := onestoretest.InApp("gold"), onestoretest.Subscription("vip"), onestoretest.Recurring("pass")
	nothing := func(*store, string) {}
	tests := []struct {
		name       string
		product    onestoretest.Product
		before     func(s *store, token string)
		kind, verb string
		body       string
		status     int
		code       string // empty: Success
	}{
		{"a managed product is acknowledged", gold, nothing, "all", "acknowledge", "", 200, ""},
		{"a monthly one", pass, nothing, "all", "acknowledge", "{}", 200, ""},
		{"a subscription", vip, nothing, "all", "acknowledge", `{"developerPayload":"player-1"}`, 200, ""},
		{"twice", gold, func(s *store, x string) { s.Acknowledge(x) }, "all", "acknowledge", "", 200, ""},
		{"a null payload counts as none", gold, nothing, "all", "acknowledge", `{"developerPayload":null}`, 200, ""},
		{"another payload", gold, nothing, "all", "acknowledge", `{"developerPayload":"player-2"}`, 400, "DeveloperPayloadNotMatch"},
		{"an empty payload for a label", gold, nothing, "all", "acknowledge", `{"developerPayload":""}`, 400, "DeveloperPayloadNotMatch"},
		{"a number for a payload", gold, nothing, "all", "acknowledge", `{"developerPayload":1}`, 400, "InvalidRequest"},
		{"a payload beyond its size", gold, nothing, "all", "acknowledge", `{"developerPayload":"` + strings.Repeat("x", 201) + `"}`, 400, "InvalidRequest"},
		{"a body that is no object", gold, nothing, "all", "acknowledge", `[]`, 400, "BadRequest"},
		{"a body beyond all measure", gold, nothing, "all", "acknowledge", `{"x":"` + strings.Repeat("x", 1<<17) + `"}`, 400, "BadRequest"},
		{"a refunded one", gold, func(s *store, x string) { s.Refund(x) }, "all", "acknowledge", "", 409, "InvalidPurchaseState"},
		{"under its own kind", gold, nothing, "inapp", "acknowledge", "", 404, "ResourceNotFound"},

		{"a managed product is consumed", gold, nothing, "inapp", "consume", `{"developerPayload":"player-1"}`, 200, ""},
		{"twice is a conflict", gold, func(s *store, x string) { s.Consume(x) }, "inapp", "consume", "", 409, "InvalidConsumeState"},
		{"a refunded one is another", gold, func(s *store, x string) { s.Refund(x) }, "inapp", "consume", "", 409, "InvalidPurchaseState"},
		{"a subscription cannot be consumed", vip, nothing, "inapp", "consume", "", 409, "InvalidPurchaseState"},
		{"consuming as V6 did", gold, nothing, "all", "consume", "", 404, "ResourceNotFound"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := overTCP(t, onestoretest.Config{Gentle: true, AllowMalformed: true})
			token := w.store.Buy(tt.product, onestoretest.Label("player-1"))
			tt.before(w.store, token)
			got := w.post(token, tt.kind, tt.verb, tt.body)
			if got.status != tt.status || got.code() != tt.code {
				t.Fatalf("got %d %s", got.status, got.body)
			}
			if tt.code != "" {
				return
			}
			if want := `{"result":{"code":"Success","message":"Request has been completed successfully."}}`; got.body != want {
				t.Errorf("got %s", got.body)
			}
			if v := look(w.store, token); !v.confirmed {
				t.Error("not acknowledged")
			}
			if f := w.store.Facts(token); tt.verb == "consume" && f["consumptionState"] != int64(1) {
				t.Error("not consumed")
			}
		})
	}
}

func TestConfirmingWhatIsNotThereIsAConflict(t *testing.T) {
	w := inProcess(t, onestoretest.Config{Gentle: true})
	token := w.store.Buy(onestoretest.InApp("gold"))
	path := strings.Replace(w.store.LookupPath(token), "gold", "silver", 1)
	if got := w.do(w.request("POST", path+"/consume", "")); got.status != 409 || got.code() != "InvalidPurchaseState" {
		t.Errorf("got %d %s", got.status, got.body)
	}
}
