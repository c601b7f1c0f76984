package notify_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/onestore"
	"github.com/skugate/skugate/core/onestore/notify"
	"github.com/skugate/skugate/core/onestore/onestoretest"
)

func TestAFaultyConfigurationIsReportedWhole(t *testing.T) {
	app := notify.App{ClientID: "1", Market: onestore.MarketKorea, Environment: onestore.Commercial}
	shop := onestoretest.New(onestoretest.Config{})
	client, err := onestore.New(onestore.Config{Name: "korea", ClientID: "1", ClientSecret: "x", Market: onestore.MarketKorea, Environment: onestore.Commercial})
	if err != nil {
		t.Fatal(err)
	}
	gate, err := core.New(core.Config{Stores: []core.Store{client}})
	if err != nil {
		t.Fatal(err)
	}
	defer gate.Close(context.Background())
	pay := func(context.Context, notify.Payment) error { return nil }
	change := func(context.Context, notify.Subscription) error { return nil }
	for _, c := range []struct {
		name   string
		config notify.Config
		says   []string // nil: it is fine
	}{
		{"nothing", notify.Config{}, []string{"Gate is nil", "App.ClientID", "App.Market", "App.Environment", "no notification could be accepted"}},
		{"functions that are never called", notify.Config{Gate: gate, Store: "korea", App: app, OnPayment: pay, OnSubscription: change},
			[]string{"OnPayment is set", "OnSubscription is set", "no notification could be accepted"}},
		{"a store that the gate does not have", notify.Config{Gate: gate, App: app, Secret: secret}, []string{`Store is "onestore"`}},
		{"a gate that was not made", notify.Config{Gate: (*core.Gate)(nil), App: app, Secret: secret}, []string{"no store of the gate"}},
		{"a short secret", notify.Config{Gate: gate, Store: "korea", App: app, Secret: "canary-15-bytes"}, []string{"Secret has 15 bytes"}},
		{"a long secret", notify.Config{Gate: gate, Store: "korea", App: app, Secret: strings.Repeat("canary", 43)}, []string{"Secret has 258 bytes"}},
		{"a secret that a URL would change", notify.Config{Gate: gate, Store: "korea", App: app, Secret: secret + "/"}, []string{"Secret has a character"}},
		{"a header without a secret", notify.Config{Gate: gate, Store: "korea", App: app, SecretHeader: "X-A"}, []string{"SecretHeader", "no notification could be accepted"}},
		{"what is no header", notify.Config{Gate: gate, Store: "korea", App: app, Secret: secret, SecretHeader: "X A"}, []string{"SecretHeader"}},
		{"limits that are none", notify.Config{Gate: gate, Store: "korea", App: app, Secret: secret, PerToken: notify.Limit{Every: -1}, Overall: notify.Limit{Every: 1}},
			[]string{"PerToken.Every is -1ns", "Overall.Every is 1ns"}},
		{"a faulty key", notify.Config{Gate: gate, Store: "korea", App: notify.App{ClientID: "1", Market: onestore.MarketKorea, Environment: onestore.Commercial, LicenceKey: "eA=="}},
			[]string{"App.LicenceKey"}},

		{"a secret alone", notify.Config{Gate: gate, Store: "korea", App: app, Secret: secret, OnSubscription: change, PerToken: notify.Limit{Burst: 1, Every: time.Second}}, nil},
		{"a key alone", notify.Config{Gate: gate, Store: "korea", OnPayment: pay,
			App: notify.App{ClientID: "1", Market: onestore.MarketKorea, Environment: onestore.Commercial, LicenceKey: shop.LicenceKey()}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := notify.New(c.config)
			if (h == nil) != (c.says != nil) || (err == nil) != (c.says == nil) {
				t.Fatalf("got %v, %v", h, err)
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%v does not say %q", err, part)
				}
			}
			if err != nil && (strings.Contains(err.Error(), "canary") || len(strings.Split(err.Error(), "\n")) != len(c.says)) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestNothingPrintsTheSecret(t *testing.T) {
	d := open(t, nil)
	c := notify.Config{App: of(d.store), Secret: secret}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", c, "handler", d.h)
	for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", c, c, c, &c), fmt.Sprintf("%v %+v %#v", d.h, *d.h, d.h), log.String()} {
		if strings.Contains(text, "canary") {
			t.Errorf("it prints %s", text)
		}
	}
	if got := (notify.Config{}).String(); strings.Contains(got, "redacted") {
		t.Errorf("without a secret: %s", got)
	}
}
