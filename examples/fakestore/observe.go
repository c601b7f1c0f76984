package main

import (
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// purchase is what the control API tells about one.
type purchase struct {
	Token        string            `json:"purchaseToken"`
	Kind         onestoretest.Kind `json:"kind"`
	Product      string            `json:"product"`
	Path         string            `json:"path"` // of its look-up
	Acknowledged bool              `json:"acknowledged"`
	Consumed     bool              `json:"consumed"`
	Payments     []payment         `json:"payments"`
	Facts        map[string]any    `json:"facts"`
}

type payment struct {
	ID       string     `json:"purchaseId"`
	At       time.Time  `json:"at"`
	VoidedAt *time.Time `json:"voidedAt"`
}

// describe tells about a purchase that the store gave out.
func describe(s *onestoretest.Store, token string) purchase {
	product, _ := s.Product(token)
	p := purchase{
		Token: token, Kind: product.Kind, Product: product.ID, Path: s.LookupPath(token),
		Acknowledged: s.Acknowledged(token), Consumed: s.Consumed(token), Facts: s.Facts(token),
	}
	for _, paid := range s.Payments(token) {
		entry := payment{ID: paid.ID, At: paid.At}
		if !paid.VoidedAt.IsZero() {
			entry.VoidedAt = &paid.VoidedAt
		}
		p.Payments = append(p.Payments, entry)
	}
	return p
}

func facts(f *fake, in struct {
	Token string `json:"purchaseToken"`
}) (any, error) {
	return change(f, in.Token, func(*onestoretest.Store, string) {})
}

func purchases(f *fake, _ struct{}) (any, error) {
	s, list := f.store(), []purchase{}
	for _, token := range s.Purchases() {
		list = append(list, describe(s, token))
	}
	return map[string]any{"purchases": list, "now": s.Now()}, nil
}

func requests(f *fake, _ struct{}) (any, error) {
	type request struct {
		At        time.Time       `json:"at"`
		Op        onestoretest.Op `json:"op"` // empty: a path that is no endpoint
		Method    string          `json:"method"`
		Path      string          `json:"path"`
		Query     string          `json:"query"`
		Token     string          `json:"purchaseToken"`
		Market    string          `json:"market"`
		Body      string          `json:"body"`
		Status    int             `json:"status"` // 0: no answer yet, or none at all
		Malformed string          `json:"malformed"`
	}
	list := []request{}
	for _, r := range f.store().Requests() {
		list = append(list, request(r))
	}
	return map[string]any{"requests": list}, nil
}

func counts(f *fake, _ struct{}) (any, error) {
	s := f.store()
	byOp := map[onestoretest.Op]int{"other": s.Count("")}
	for _, op := range onestoretest.Ops() {
		byOp[op] = s.Count(op)
	}
	return map[string]any{
		"counts": byOp, "malformed": len(s.Malformed()), "inFlight": s.InFlight(), "maxInFlight": s.MaxInFlight(),
	}, nil
}
