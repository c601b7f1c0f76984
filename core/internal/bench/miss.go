package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/skugate/skugate/core"
)

// answerJSON is what a store says of a purchase, some 450 bytes.
const answerJSON = `{"consumptionState":0,"developerPayload":"player-8231","purchaseState":0,"purchaseTime":1345678900000,` +
	`"purchaseId":"SANDBOX3000000004564","acknowledgeState":1,"quantity":1,"purchaseToken":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",` +
	`"productId":"skin","packageName":"com.example.raids","region":"KR","result":{"code":"Success","message":"Request has been completed successfully."}}`

type decoded struct {
	ConsumptionState *int   `json:"consumptionState"`
	DeveloperPayload string `json:"developerPayload"`
	PurchaseState    *int   `json:"purchaseState"`
	PurchaseTime     int64  `json:"purchaseTime"`
	PurchaseID       string `json:"purchaseId"`
	AcknowledgeState *int   `json:"acknowledgeState"`
	Quantity         int    `json:"quantity"`
}

const decodeRow = "JSON decode of a purchase"

// missTable is a miss without its store call, and with one over loopback.
func missTable(s settings) error {
	gate := newGate(&shop{label: account}, 1<<14)
	i := 0
	rows := []*row{
		{name: decodeRow, base: decodeRow, bench: func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := json.Unmarshal([]byte(answerJSON), &decoded{}); err != nil {
					b.Fatal(err)
				}
			}
		}},
		{name: "miss, all but the store call", base: decodeRow, goal: "0.35, 5 allocs", bench: func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				i++
				if !gate.Check(context.Background(), skin, core.Credentials{Account: account, Token: tokenOf(i)}).Granted() {
					b.Fatal("not granted")
				}
			}
		}},
	}
	if err := measure(rows, s); err != nil {
		return err
	}
	if err := show(rows, "of decode", s); err != nil {
		return err
	}
	return loopback(s)
}

// overHTTP asks a server on this machine, as a store client does.
type overHTTP struct {
	shop
	client *http.Client
	url    string
}

func (o *overHTTP) Lookup(ctx context.Context, _ core.Product, token string) (*core.Purchase, error) {
	r, err := http.NewRequestWithContext(ctx, "GET", o.url, nil)
	if err != nil {
		return nil, err
	}
	res, err := o.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var d decoded
	if err := json.NewDecoder(res.Body).Decode(&d); err != nil {
		return nil, err
	}
	return &core.Purchase{
		Token: token, ID: d.PurchaseID, Label: d.DeveloperPayload, State: core.StatePurchased, Consumption: core.Unconsumed,
		Acknowledgement: core.Acknowledged, Quantity: d.Quantity, PurchasedAt: time.UnixMilli(d.PurchaseTime),
	}, nil
}

// loopback alternates single calls, bare and through the gate, and compares their medians.
func loopback(s settings) error {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(answerJSON)))
		_, _ = w.Write([]byte(answerJSON))
	}))
	defer server.Close()
	store := &overHTTP{client: server.Client(), url: server.URL}
	gate := newGate(store, 1<<14)
	var bare, gated []float64
	for i := range 1000 * s.rounds {
		token := tokenOf(i)
		began := time.Now()
		if _, err := store.Lookup(context.Background(), skin, token); err != nil {
			return err
		}
		bare = append(bare, float64(time.Since(began)))
		began = time.Now()
		if !gate.Check(context.Background(), skin, core.Credentials{Account: account, Token: token}).Granted() {
			return fmt.Errorf("not granted")
		}
		gated = append(gated, float64(time.Since(began)))
	}
	fmt.Printf("\nmiss over loopback  x %.3f of a bare call and decode (%.1f us)  goal 1.065\n", median(gated)/median(bare), median(bare)/1000)
	return nil
}
