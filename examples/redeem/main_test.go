package main

import (
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/redeem"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func Example() {
	if err := play(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// mallory guessed mina's token:                        403, mallory has 0 gems
	// the store consumes, and its answer is lost:          503, mina has 0 gems
	// the database fails before the commit:                500, mina has 0 gems
	// the commit holds, and its answer is lost:            500, mina has 200 gems
	// resumed, with the same redemption:                   204, mina has 200 gems
	// repeated by a client that lost its answer:           200, mina has 200 gems
	// mallory again:                                       403, mallory has 0 gems
}

func TestTheLedger(t *testing.T) {
	file := map[*testing.T]string{}
	start := func(t *testing.T) redeem.Ledger {
		db, err := open("file:" + file[t])
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return ledger{db}
	}
	gatetest.RunLedger(t, func(t *testing.T) redeem.Ledger {
		file[t] = filepath.Join(t.TempDir(), "game")
		return start(t)
	}, func(t *testing.T, l redeem.Ledger) redeem.Ledger {
		if err := l.(ledger).db.Close(); err != nil {
			t.Fatal(err)
		}
		return start(t)
	})
}
