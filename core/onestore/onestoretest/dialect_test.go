package onestoretest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// said asks for everything that the document leaves open and tells in which dialects it was said.
func said(t *testing.T, w *wire) (heard []onestoretest.Dialect) {
	hear := func(yes bool, d onestoretest.Dialect) {
		if yes {
			heard = append(heard, d)
		}
	}
	token := w.store.Buy(onestoretest.InApp("gold"))
	refunded := w.store.Buy(onestoretest.InApp("gold"))

	empty := w.list(unconfirmed, "startTime", millis(start.AddDate(0, 0, -9)), "endTime", millis(start.AddDate(0, 0, -8)))
	hear(empty.code() == "NoSuchData", onestoretest.EmptyListNoSuchData)
	hear(empty.code() == "NoSuchData" && empty.status == 404, onestoretest.NoSuchData404)
	hear(empty.code() == "NoSuchData" && empty.status == 400, onestoretest.NoSuchData400)
	if empty.status == 200 {
		hear(strings.Contains(empty.body, `:[]`), onestoretest.EmptyListArray)
		hear(!strings.Contains(empty.body, `List`), onestoretest.EmptyListMissing)
		key, there := empty.facts(t)["continuationKey"]
		hear(!there, onestoretest.LastKeyAbsent)
		hear(there && key == nil, onestoretest.LastKeyNull)
		hear(key == "", onestoretest.LastKeyEmpty)
	}

	w.store.Refund(refunded)
	listed := w.list(unconfirmed, "maxResults", "100")
	hear(strings.Contains(listed.body, `List":`), onestoretest.ListKeyPlain)
	hear(strings.Contains(listed.body, `List ":`), onestoretest.ListKeyBlank)
	rows, _ := page(t, listed)
	var stranger, canceled bool
	for _, row := range rows {
		stranger = stranger || row["marketCode"] == "MKT_GLB"
		canceled = canceled || row["purchaseToken"] == refunded
		switch row["purchaseState"] {
		case "0", "1":
			hear(true, onestoretest.StateText)
		case "COMPLETED", "CANCELED":
			hear(true, onestoretest.StateWord)
		case jsonNumber("0"), jsonNumber("1"):
			hear(true, onestoretest.StateNumber)
		}
		_, number := row["purchaseTime"].(interface{ Int64() (int64, error) })
		hear(number, onestoretest.NumbersPlain)
		hear(!number, onestoretest.NumbersText)
		payload, there := row["developerPayload"]
		hear(there && payload == nil, onestoretest.PayloadNull)
		hear(payload == "", onestoretest.PayloadEmpty)
	}
	hear(stranger, onestoretest.OtherMarketRows)
	hear(!stranger, onestoretest.OwnMarketRows)
	hear(canceled, onestoretest.CanceledListed)
	hear(!canceled, onestoretest.CanceledLeftOut)

	first := w.post(token, "all", "acknowledge", "")
	hear(strings.HasPrefix(first.body, `{"result":`), onestoretest.ResultNested)
	hear(strings.HasPrefix(first.body, `{"code":`), onestoretest.ResultFlat)
	again := w.post(token, "all", "acknowledge", "")
	hear(again.status == 200, onestoretest.RepeatSucceeds)
	hear(again.code() == "InvalidPurchaseState", onestoretest.RepeatConflicts)

	wrong := w.form()
	wrong.Set("client_secret", "wrong")
	refused := w.do(w.tokenRequest(wrong.Encode()))
	hear(refused.code() == "invalid_client", onestoretest.OAuthErrorFlat)
	hear(refused.code() == "UnauthorizedAccess", onestoretest.OAuthErrorNested)
	return heard
}

// all but those that a store speaks only when told to
func mixed() []onestoretest.Dialect {
	return slices.DeleteFunc(onestoretest.Dialects(), func(d onestoretest.Dialect) bool {
		return d == onestoretest.PayloadNull || d == onestoretest.UnconfirmedEverywhere
	})
}

func TestAnUnkindStoreSpeaksEveryDialectInTurn(t *testing.T) {
	heard := map[onestoretest.Dialect]bool{}
	w := inProcess(t, onestoretest.Config{Now: frozen, PageSize: 100, Market: onestoretest.MarketKorea})
	for range 60 {
		for _, d := range said(t, w) {
			heard[d] = true
		}
	}
	for _, d := range mixed() {
		if !heard[d] {
			t.Errorf("never heard: %s", d)
		}
	}
	if heard[onestoretest.PayloadNull] {
		t.Error("a null payload in the sandbox")
	}
}

func TestAStoreSpeaksTheDialectThatItIsTold(t *testing.T) {
	groups := [][]onestoretest.Dialect{
		{onestoretest.ListKeyPlain, onestoretest.ListKeyBlank},
		{onestoretest.EmptyListArray, onestoretest.EmptyListMissing, onestoretest.EmptyListNoSuchData},
		{onestoretest.LastKeyAbsent, onestoretest.LastKeyNull, onestoretest.LastKeyEmpty},
		{onestoretest.StateNumber, onestoretest.StateText, onestoretest.StateWord},
		{onestoretest.OwnMarketRows, onestoretest.OtherMarketRows},
		{onestoretest.CanceledLeftOut, onestoretest.CanceledListed},
		{onestoretest.ResultNested, onestoretest.ResultFlat},
		{onestoretest.NoSuchData404, onestoretest.NoSuchData400},
		{onestoretest.NumbersPlain, onestoretest.NumbersText},
		{onestoretest.OAuthErrorFlat, onestoretest.OAuthErrorNested},
		{onestoretest.RepeatSucceeds, onestoretest.RepeatConflicts},
		{onestoretest.PayloadEmpty, onestoretest.PayloadNull},
	}
	// What a dialect needs to be heard.
	company := map[onestoretest.Dialect]onestoretest.Dialect{
		onestoretest.StateNumber: onestoretest.NumbersPlain, onestoretest.StateText: onestoretest.NumbersPlain,
		onestoretest.NoSuchData404: onestoretest.EmptyListNoSuchData, onestoretest.NoSuchData400: onestoretest.EmptyListNoSuchData,
	}
	for _, group := range groups {
		for _, told := range group {
			for _, gentle := range []bool{true, false} {
				dialects := []onestoretest.Dialect{told}
				if d, ok := company[told]; ok {
					dialects = append(dialects, d)
				}
				w := inProcess(t, onestoretest.Config{
					Gentle: gentle, Now: frozen, PageSize: 100, Market: onestoretest.MarketKorea, Dialects: dialects,
				})
				heard := map[onestoretest.Dialect]bool{}
				for range 10 {
					for _, d := range said(t, w) {
						heard[d] = true
					}
				}
				for _, d := range group {
					if heard[d] != (d == told) {
						t.Errorf("told %s, gentle %v: heard %s: %v", told, gentle, d, heard[d])
					}
				}
			}
		}
	}
}

func TestSeveralDialectsOfAGroupAreSpokenInTurn(t *testing.T) {
	w := inProcess(t, onestoretest.Config{Gentle: true, Dialects: []onestoretest.Dialect{onestoretest.StateText, onestoretest.StateWord}, Market: onestoretest.MarketKorea})
	w.store.Buy(onestoretest.InApp("gold"))
	heard := map[any]bool{}
	for range 30 {
		rows, _ := page(t, w.list(unconfirmed))
		heard[rows[0]["purchaseState"]] = true
	}
	if len(heard) != 2 || !heard["0"] || !heard["COMPLETED"] {
		t.Errorf("heard %v", heard)
	}
}

func TestNewPanicsOnWhatItCannotBe(t *testing.T) {
	for name, cfg := range map[string]onestoretest.Config{
		"an unknown dialect":      {Dialects: []onestoretest.Dialect{"klingon"}},
		"a page of fewer than no": {PageSize: -1},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("nothing happened")
				}
			}()
			onestoretest.New(cfg)
		})
	}
}
