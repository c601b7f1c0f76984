package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
)

func TestAStoryAtGooglePlay(t *testing.T) {
	file := ""
	t.Cleanup(func() { // when the fake is over
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the key file is left: %v", err)
		}
	})
	r := start(t, "-play", "127.0.0.1:0", "-play-package", "com.example.other")
	file = r.env["GOOGLEPLAY_KEY_FILE"]
	key, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	client, err := googleplay.New(googleplay.Config{
		PackageName: r.env["GOOGLEPLAY_PACKAGE_NAME"], ServiceAccountKey: key, BaseURL: r.env["GOOGLEPLAY_BASE_URL"],
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	look := func(what string, p core.Product, token string, want func(*core.Purchase) bool) {
		t.Helper()
		if got, err := client.Lookup(t.Context(), p, token); err != nil || !want(got) {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
	buy := func(terms string) string { return r.control("play-buy", terms)["purchaseToken"].(string) }
	named := func(token string) string { return fmt.Sprintf(`{"purchaseToken":%q}`, token) }

	gems := buy(`{"kind":"inapp","product":"gems","label":"player-1","quantity":3,"acknowledged":true}`)
	look("bought", googleplay.InApp("gems"), gems, func(p *core.Purchase) bool {
		return p.Label == "player-1" && p.Quantity == 3 && p.Acknowledgement == core.Acknowledged
	})
	r.control("play-refund", fmt.Sprintf(`{"purchaseToken":%q,"quantity":1}`, gems))
	look("one of three refunded", googleplay.InApp("gems"), gems, func(p *core.Purchase) bool { return p.Quantity == 2 && p.Refunded == 1 })
	pending := buy(`{"kind":"inapp","product":"gems","pending":true}`)
	look("pending", googleplay.InApp("gems"), pending, func(p *core.Purchase) bool { return p.State == core.StatePending })
	r.control("play-pay", named(pending))
	look("paid", googleplay.InApp("gems"), pending, func(p *core.Purchase) bool { return p.State == core.StatePurchased })

	vip := buy(`{"kind":"subscription","product":"vip","period":"720h"}`)
	r.control("play-acknowledge", named(vip))
	r.control("play-fail-payment", named(vip))
	r.control("play-advance", `{"by":"721h"}`)
	look("in the grace period", googleplay.Subscription("vip"), vip, func(p *core.Purchase) bool { return p.Payment == core.PaymentPending && p.AutoRenewing })
	r.control("play-refund", named(vip))
	look("refunded", googleplay.Subscription("vip"), vip, func(p *core.Purchase) bool { return p.Payment == core.PaymentNone })

	r.control("play-down", "{}")
	if _, err := client.Lookup(t.Context(), googleplay.InApp("gems"), gems); err == nil {
		t.Error("it answers though it is down")
	}
	r.control("play-up", "{}")
	for verb, refused := range map[string]string{
		"play-buy": `{"kind":"auto","product":"gems"}`, "play-refund": `{"purchaseToken":"none"}`, "play-renew": named(gems),
		"play-advance": `{}`, "play-pay": named(gems),
	} {
		if status, text := r.do("POST", r.env["FAKESTORE_CONTROL_URL"]+"/"+verb, refused); status != 400 || !strings.Contains(text, verb) {
			t.Errorf("%s %s: %d %s", verb, refused, status, text)
		}
	}
	r.control("reset", "{}")
	if status, text := r.do("POST", r.env["FAKESTORE_CONTROL_URL"]+"/play-refund", named(vip)); status != 400 {
		t.Errorf("after a reset: %d %s", status, text)
	}
}

func TestWithoutGooglePlayItsVerbsSaySo(t *testing.T) {
	r := start(t)
	for verb, input := range map[string]string{
		"play-buy": `{"kind":"inapp","product":"gems"}`, "play-refund": `{"purchaseToken":"x"}`, "play-advance": `{"by":"1h"}`, "play-down": `{}`,
	} {
		if status, text := r.do("POST", r.env["FAKESTORE_CONTROL_URL"]+"/"+verb, input); status != 400 || !strings.Contains(text, "-play is not given") {
			t.Errorf("%s: %d %s", verb, status, text)
		}
	}
}
