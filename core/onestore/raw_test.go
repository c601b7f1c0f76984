package onestore_test

import (
	"fmt"
	"net/http"
	"reflect"
	"testing"

	"github.com/skugate/skugate/core/onestore"
)

func TestTheBodyIsKeptOnRequestOnly(t *testing.T) {
	for _, keep := range []bool{false, true} {
		for _, d := range details {
			u := &upstream{t: t, reply: body(200, d.sample)}
			cfg := config("")
			cfg.KeepRaw, cfg.HTTPClient = keep, &http.Client{Transport: u}
			got, err := d.call(t.Context(), client(t, cfg), "gold", token)
			if err != nil {
				t.Fatal(err)
			}
			raw := reflect.ValueOf(got).Elem().FieldByName("Raw").Interface().(onestore.Raw)
			if keep && string([]byte(raw)) != d.sample || !keep && raw != nil {
				t.Errorf("%s, KeepRaw %v: %q", d.name, keep, []byte(raw))
			}
			if want := fmt.Sprintf("[%d bytes]", len(raw)); fmt.Sprint(raw) != want || fmt.Sprintf("%#v", raw) != want {
				t.Errorf("prints as %v, %#v", raw, raw)
			}
		}
	}
}
