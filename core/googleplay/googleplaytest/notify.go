package googleplaytest

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strconv"
	"time"
)

// SubscriptionNotification is the push that something of the type (1 RECOVERED to 22) happened to the
// subscription of token just now, as Pub/Sub posts it. The store does not send it: the test does. Each
// call makes another message; post one twice for a delivery that is repeated.
//
// Spec: Google Play, "Real-time developer notifications reference guide".
func (s *Store) SubscriptionNotification(token string, notificationType int) []byte {
	return s.notification("SubscriptionNotification", token, func(p *purchase, _ time.Time) (member, error) {
		if !p.subscription() {
			return member{}, errors.New("the token is not a subscription's")
		}
		return member{"subscriptionNotification", object{
			{"version", "1.0"}, {"notificationType", int64(notificationType)}, {"purchaseToken", token}, {"subscriptionId", p.product.ID},
		}}, nil
	})
}

// ProductNotification is the push that a one-time product was bought (1) or its pending purchase
// cancelled (2).
func (s *Store) ProductNotification(token string, notificationType int) []byte {
	return s.notification("ProductNotification", token, func(p *purchase, _ time.Time) (member, error) {
		if p.subscription() {
			return member{}, errors.New("the token is a subscription's")
		}
		return member{"oneTimeProductNotification", object{
			{"version", "1.0"}, {"notificationType", int64(notificationType)}, {"purchaseToken", token}, {"sku", p.product.ID},
		}}, nil
	})
}

// VoidedNotification is the push of what was voided last of token.
func (s *Store) VoidedNotification(token string) []byte {
	return s.notification("VoidedNotification", token, func(p *purchase, _ time.Time) (member, error) {
		for i := len(s.voided.entries) - 1; i >= 0; i-- {
			v := &s.voided.entries[i]
			if v.token != token {
				continue
			}
			product, refund := int64(2), int64(1)
			if p.subscription() {
				product = 1
			}
			if v.of > 0 {
				refund = 2
			}
			return member{"voidedPurchaseNotification", object{
				{"purchaseToken", token}, {"orderId", v.order}, {"productType", product}, {"refundType", refund},
			}}, nil
		}
		return member{}, errors.New("nothing of the purchase was voided")
	})
}

// TestNotification is the push that the Play Console sends on request.
func (s *Store) TestNotification() []byte {
	return s.Push(s.developerNotification(s.Now(), member{"testNotification", object{{"version", "1.0"}}}))
}

func (s *Store) notification(verb, token string, what func(*purchase, time.Time) (member, error)) []byte {
	var data []byte
	s.changeAt(verb, token, func(p *purchase, now time.Time) error {
		m, err := what(p, now)
		data = s.developerNotification(now, m)
		return err
	})
	return s.Push(data)
}

func (s *Store) developerNotification(now time.Time, what member) []byte {
	return mustWrite(object{
		{"version", "1.0"}, {"packageName", s.cfg.PackageName}, {"eventTimeMillis", strconv.FormatInt(now.UnixMilli(), 10)}, what,
	})
}

// Push wraps data, whatever it is, as Pub/Sub does, under a message id of its own.
//
// Spec: Google Cloud Pub/Sub, "Push subscriptions", wrapped payload.
func (s *Store) Push(data []byte) []byte {
	now := s.Now().UTC().Format(time.RFC3339Nano)
	id := strconv.FormatUint(136969346945+s.messages.Add(1), 10)
	return mustWrite(object{
		{"message", object{
			{"data", base64.StdEncoding.EncodeToString(data)},
			{"messageId", id}, {"message_id", id}, {"publishTime", now}, {"publish_time", now},
		}},
		{"subscription", "projects/example/subscriptions/play"},
	})
}

func mustWrite(o object) []byte {
	b, err := json.Marshal(o)
	if err != nil {
		panic(err) // texts and numbers can be written
	}
	return b
}
