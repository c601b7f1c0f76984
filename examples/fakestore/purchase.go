package main

import (
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// purchaseVerbs are the verbs that make and change purchases. Each answers with the purchase.
func purchaseVerbs() map[string]verb {
	type named struct {
		Token string `json:"purchaseToken"`
	}
	on := func(do func(s *onestoretest.Store, token string)) verb {
		return command(func(f *fake, in named) (any, error) { return change(f, in.Token, do) })
	}
	return map[string]verb{
		"buy":          command(buy),
		"refund":       command(refund),
		"pause":        command(pause),
		"defer":        command(deferPayment),
		"change-plan":  command(changePlan),
		"revoke":       on((*onestoretest.Store).Revoke),
		"expire":       on((*onestoretest.Store).Expire),
		"renew":        on((*onestoretest.Store).Renew),
		"fail-payment": on((*onestoretest.Store).FailPayment),
		"grace":        on((*onestoretest.Store).Grace),
		"hold":         on((*onestoretest.Store).Hold),
		"resume":       on((*onestoretest.Store).Resume),
		"cancel":       on((*onestoretest.Store).CancelRenewal),
		"reactivate":   on((*onestoretest.Store).Reactivate),
		"consume":      on((*onestoretest.Store).Consume),
		"acknowledge":  on((*onestoretest.Store).Acknowledge),
	}
}

func change(f *fake, token string, do func(s *onestoretest.Store, token string)) (any, error) {
	s := f.store()
	if _, ok := s.Product(token); !ok {
		return nil, unknownToken(token)
	}
	if err := attempt(func() { do(s, token) }); err != nil {
		return nil, err
	}
	return describe(s, token), nil
}

func unknownToken(token string) error {
	if token == "" {
		return invalid("purchaseToken", "is missing")
	}
	return invalid("purchaseToken", "the store never gave that one out")
}

// terms are what a purchase can be made with. Absent: the defaults of the fake.
type terms struct {
	Label        string   `json:"label"`
	Quantity     *int     `json:"quantity"`
	Price        *int64   `json:"price"`
	Period       duration `json:"period"`
	FreePeriod   duration `json:"freePeriod"`
	Acknowledged bool     `json:"acknowledged"`
	Test         bool     `json:"test"`
}

func (t terms) options() (options []onestoretest.Option, err error) {
	add := func(yes bool, o onestoretest.Option) {
		if yes {
			options = append(options, o)
		}
	}
	switch {
	case t.Quantity != nil && (*t.Quantity < 1 || *t.Quantity > 99):
		return nil, invalid("quantity", "is 1 to 99")
	case t.Period != 0 && time.Duration(t.Period) < time.Second:
		return nil, invalid("period", "is at least 1s")
	case t.Price != nil && (*t.Price < 0 || *t.Price > 1e9):
		return nil, invalid("price", "is 0 to 1000000000 whole units of the currency")
	}
	add(t.Label != "", onestoretest.Label(t.Label))
	if t.Quantity != nil {
		add(true, onestoretest.Quantity(*t.Quantity))
	}
	if t.Price != nil {
		add(true, onestoretest.Price(*t.Price))
	}
	add(t.Period != 0, onestoretest.Period(time.Duration(t.Period)))
	add(t.FreePeriod != 0, onestoretest.FreePeriod(time.Duration(t.FreePeriod)))
	add(t.Acknowledged, onestoretest.Acknowledged())
	add(t.Test, onestoretest.Test())
	return options, nil
}

func buy(f *fake, in struct {
	Kind    onestoretest.Kind `json:"kind"`
	Product string            `json:"product"`
	terms
}) (any, error) {
	options, err := in.options()
	if err != nil {
		return nil, err
	}
	switch in.Kind {
	case onestoretest.KindInApp, onestoretest.KindRecurring, onestoretest.KindSubscription:
	default:
		return nil, invalid("kind", "is inapp, auto or subscription")
	}
	s, token := f.store(), ""
	if err := attempt(func() { token = s.Buy(onestoretest.Product{Kind: in.Kind, ID: in.Product}, options...) }); err != nil {
		return nil, err
	}
	return describe(s, token), nil
}

func refund(f *fake, in struct {
	Token string `json:"purchaseToken"`
	ID    string `json:"purchaseId"` // empty: the last payment
}) (any, error) {
	return change(f, in.Token, func(s *onestoretest.Store, token string) {
		if in.ID == "" {
			s.Refund(token)
			return
		}
		s.RefundPayment(token, in.ID)
	})
}

func pause(f *fake, in struct {
	Token    string   `json:"purchaseToken"`
	For      duration `json:"for"`
	AtExpiry bool     `json:"atExpiry"`
}) (any, error) {
	return change(f, in.Token, func(s *onestoretest.Store, token string) {
		if in.AtExpiry {
			s.SchedulePause(token, time.Duration(in.For))
			return
		}
		s.Pause(token, time.Duration(in.For))
	})
}

func deferPayment(f *fake, in struct {
	Token string   `json:"purchaseToken"`
	By    duration `json:"by"`
}) (any, error) {
	return change(f, in.Token, func(s *onestoretest.Store, token string) { s.Defer(token, time.Duration(in.By)) })
}

// changePlan answers with the new purchase.
func changePlan(f *fake, in struct {
	Token   string `json:"purchaseToken"`
	Product string `json:"product"`
	terms
}) (any, error) {
	options, err := in.options()
	if err != nil {
		return nil, err
	}
	var next purchase
	_, err = change(f, in.Token, func(s *onestoretest.Store, token string) {
		next = describe(s, s.ChangePlan(token, onestoretest.Subscription(in.Product), options...))
	})
	return next, err
}

func advance(f *fake, in struct {
	By duration `json:"by"`
}) (any, error) {
	if in.By == 0 {
		return nil, invalid("by", `is missing, such as "72h"; a negative one goes back`)
	}
	if time.Duration(in.By).Abs() > 8760*time.Hour {
		return nil, invalid("by", "is at most a year at a time, 8760h")
	}
	s := f.store()
	s.Advance(time.Duration(in.By))
	return map[string]any{"now": s.Now()}, nil
}
