package statefile_test

import (
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/skugate/skugate/core"
)

// What files of this version have is read by every later package: a record that changes here needs a new
// version, unless what was written before is still read as it was meant.
func TestTheRecordsOfVersion1(t *testing.T) {
	path := one(t)
	f := open(t, path)
	at := time.Date(2026, 3, 26, 12, 0, 0, 0, time.UTC)
	debt := core.Debt{Store: "shop", Token: "t1", Product: "skin", Kind: core.KindInApp, PurchaseID: "p1", By: at}
	e, err := f.Outbox().Record(t.Context(), debt, true)
	if err != nil {
		t.Fatal(err)
	}
	e.Tries, e.NotBefore, e.Fault = 2, at, "refused"
	if err := f.Outbox().Finish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if err := f.Voids().Apply(t.Context(), core.VoidLog{
		Records:     []core.VoidRecord{{Store: "shop", Token: "t1", Whole: true, Payments: []string{"p1"}, Superseded: true, Seen: at}},
		Checkpoints: map[core.StoreID]time.Time{"shop": at},
	}); err != nil {
		t.Fatal(err)
	}
	if err := f.Facts().Save(t.Context(), []core.SavedFact{{
		Store: "shop", Origin: core.StoreInfo{Platform: "onestore"}, Kind: core.KindInApp, Product: "skin", Token: "t1",
		Purchase: core.Purchase{Token: "t1", ID: "p1", State: core.StatePurchased}, VerifiedAt: at, StoreTime: at,
	}}); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}

	want := map[string]string{
		"format":     `{"version":1}`,
		"owners":     `{"Store":"shop","Token":"t1","Product":"skin","Account":"alice","Bound":false,"Number":1}`,
		"outbox":     `{"Store":"shop","Token":"t1","Product":"skin","Kind":"inapp","PurchaseID":"p1","By":"2026-03-26T12:00:00Z","State":2,"At":"*","Tries":2,"NotBefore":"2026-03-26T12:00:00Z","Fault":"refused"}`,
		"voids":      `{"Store":"shop","Token":"t1","Whole":true,"Payments":["p1"],"Superseded":true,"Seen":"2026-03-26T12:00:00Z"}`,
		"facts":      `{"Store":"shop","Origin":{"Platform":"onestore","Application":"","Market":"","Environment":"","Sandbox":false},"Kind":"inapp","Product":"skin","Token":"t1","Purchase":{"ID":"p1",`,
		"voids.read": `{"Store":"shop","Read":"2026-03-26T12:00:00Z"}`,
	}
	edit(t, path, func(tx *bbolt.Tx) error {
		for bucket, want := range want {
			key, record := tx.Bucket([]byte(bucket)).Cursor().First()
			if len(record) < 4 {
				t.Errorf("%s has nothing", bucket)
				continue
			}
			got := string(record[4:])
			wantKey := "\x04shop\x02t1"
			switch bucket {
			case "format":
				wantKey = "format"
			case "voids.read":
				wantKey = "\x04shop"
			}
			if string(key) != wantKey {
				t.Errorf("the key of %s is %q, want %q", bucket, key, wantKey)
			}
			before, after, _ := strings.Cut(want, "*")
			if !strings.HasPrefix(got, before) || bucket != "facts" && !strings.HasSuffix(got, after) {
				t.Errorf("%s has\n%s\nwant\n%s", bucket, got, want)
			}
		}
		return nil
	})
}
