package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore/onestoretest"
	"github.com/skugate/skugate/core/statefile"
)

func TestWhatIsDeliveredBeforeARestartIsAcknowledgedAfterIt(t *testing.T) {
	store := onestoretest.Start(t, onestoretest.Config{Environment: onestoretest.Commercial})
	o, err := parse([]string{"-state", t.TempDir(), "-t-void", "100ms", "-store", store.URL(),
		"-client-id", store.ClientID(), "-client-secret", store.ClientSecret(), "-market", store.Market()})
	if err != nil {
		t.Fatal(err)
	}
	start := func() (state, *core.Gate) {
		t.Helper()
		kept, err := openState(o, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		gate, err := newGate(o, &kept, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return kept, gate
	}
	kept, gate := start()
	token := store.Buy(onestoretest.InApp("skin"))
	d := gate.Check(t.Context(), skin, core.Credentials{Account: "alice", Token: token})
	if err := gate.Delivered(t.Context(), d); err != nil || !d.Granted() {
		t.Fatalf("%+v, %v", d, err)
	}
	if _, err := statefile.Open(kept.file.Path(), statefile.Options{LockTimeout: -1}); !errors.Is(err, statefile.ErrInUse) {
		t.Errorf("a second host opens the state: %v", err)
	}
	if err := errors.Join(gate.Close(t.Context()), kept.Close()); err != nil {
		t.Fatal(err)
	}

	kept, gate = start()
	_, stop, err := work(o, &kept, gate, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for !store.Acknowledged(token) && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	if err := errors.Join(ctx.Err(), gate.Close(t.Context()), kept.Close()); err != nil {
		t.Error(err)
	}
}
