package statefile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/redeem"
	"github.com/skugate/skugate/core/statefile"
)

func TestLedger(t *testing.T) {
	kept(gatetest.RunLedger, (*statefile.File).Ledger)(t)
}

func TestAnAccountTooLongForTheLedgerIsRefused(t *testing.T) {
	l := fresh(t).Ledger()
	e := redeem.Entry{Store: "shop", Token: "t1", Account: strings.Repeat("a", 16<<10), ID: "1", State: redeem.Intended, Began: time.Now()}
	if _, swapped, err := l.Swap(t.Context(), e); err != nil || !swapped {
		t.Errorf("at the limit: %v, %v", swapped, err)
	}
	e.Token, e.Account = "t2", e.Account+"a"
	if _, swapped, err := l.Swap(t.Context(), e); err == nil || swapped {
		t.Errorf("past the limit: %v, %v", swapped, err)
	}
}

func TestAClosedFilesLedgerAnswersWithAnError(t *testing.T) {
	f := fresh(t)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	l := f.Ledger()
	if _, _, err := l.Entry(t.Context(), "shop", "t1"); err == nil {
		t.Error("Entry: no error")
	}
	if _, _, err := l.Swap(t.Context(), redeem.Entry{Store: "shop", Token: "t1", Account: "alice"}); err == nil {
		t.Error("Swap: no error")
	}
	if _, err := l.Unfinished(t.Context(), "alice"); err == nil {
		t.Error("Unfinished: no error")
	}
}
