package redeem_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/redeem"
)

// wantReply checks what a client is told.
func wantReply(t *testing.T, reply core.Reply, status, iap int) {
	t.Helper()
	var problem struct {
		Status    int
		Reason    string
		Retryable bool
		IAP       struct{ Code int }
	}
	if err := json.Unmarshal(reply.Body, &problem); err != nil {
		t.Fatalf("%v: %s", err, reply.Body)
	}
	if reply.Status != status || problem.Status != status || problem.IAP.Code != iap {
		t.Errorf("answered %d %s, want %d with code %d", reply.Status, reply.Body, status, iap)
	}
	if retry := status == 409 || status == 503; problem.Retryable != retry && problem.Reason != "pending" {
		t.Errorf("retryable is %v: %s", problem.Retryable, reply.Body)
	}
}

func TestAFaultyConfigurationIsReportedWhole(t *testing.T) {
	_, err := redeem.New(redeem.Config{Timeout: time.Millisecond, Lease: time.Microsecond})
	if err == nil {
		t.Fatal("no error")
	}
	for _, field := range []string{"Gate", "Ledger", "Timeout", "Lease"} {
		if !strings.Contains(err.Error(), "Config."+field) {
			t.Errorf("%v does not name %s", err, field)
		}
	}
	if _, err := redeem.New(redeem.Config{Gate: &core.Gate{}, Ledger: redeem.NewMemoryLedger(), Lease: 2 * time.Hour}); err == nil {
		t.Error("a lease of two hours is accepted")
	}
}

func TestARedeemerThatWasNotMadeRefuses(t *testing.T) {
	deliver := func(context.Context, redeem.Redemption) error { t.Error("delivered"); return nil }
	c := core.Credentials{Account: "mina", Token: "t1"}
	zeroGate, err := redeem.New(redeem.Config{Gate: &core.Gate{}, Ledger: redeem.NewMemoryLedger()})
	if err != nil {
		t.Fatal(err)
	}
	in := newWorld().start(t)
	for name, refused := range map[string]error{
		"nil":           second((*redeem.Redeemer)(nil).Redeem(context.Background(), gems, c, deliver)),
		"zero":          second((&redeem.Redeemer{}).Redeem(context.Background(), gems, c, deliver)),
		"a zero gate":   second(zeroGate.Redeem(context.Background(), gems, c, deliver)),
		"a nil handler": second(in.redeemer.Redeem(context.Background(), gems, c, nil)),
	} {
		t.Run(name, func(t *testing.T) { wantRefused(t, refused, core.ReasonMisconfigured) })
	}
	for name, err := range map[string]error{
		"nil":           second((*redeem.Redeemer)(nil).Resume(context.Background(), "mina", deliver)),
		"a nil handler": second(in.redeemer.Resume(context.Background(), "mina", nil)),
		"Check":         (*redeem.Redeemer)(nil).Check(gems),
	} {
		if err == nil {
			t.Errorf("Resume or Check of %s: no error", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestCheckSaysWhatCanNeverBeRedeemed(t *testing.T) {
	in := newWorld().start(t)
	if err := in.redeemer.Check(gems); err != nil {
		t.Error(err)
	}
	for name, p := range map[string]core.Product{
		"not consumable":  {Store: gems.Store, Kind: gems.Kind, ID: "skin"},
		"another store's": gems.On("elsewhere"),
		"no product":      {},
	} {
		if err := in.redeemer.Check(p); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestALedgerThatFailsIsSaidWithoutTokenAndAccount(t *testing.T) {
	var log bytes.Buffer
	w := newWorld()
	w.buy("token-1", "mina")
	in := w.start(t)
	in.step = func(step string, happen func() error) error {
		if step == "read" {
			return context.DeadlineExceeded
		}
		return happen()
	}
	redeemer, err := redeem.New(redeem.Config{Gate: in.gate, Ledger: ledger{in}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	_, err = redeemer.Redeem(context.Background(), gems, core.Credentials{Account: "mina", Token: "token-1"}, in.grant)
	wantRefused(t, err, core.ReasonLedgerFailed)
	if said := log.String(); !strings.Contains(said, "ledger") || strings.Contains(said, "mina") || strings.Contains(said, "token-1") {
		t.Errorf("said %q", said)
	}
}
