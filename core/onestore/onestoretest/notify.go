package onestoretest

import (
	"strconv"
	"strings"
	"time"
)

// PaymentMessage is a payment notification before it is signed, its fields in the order in which they
// are sent. Sign writes it as it stands, however senseless, so that a test can forge.
//
// Spec: ONE store, "PNS", message SINGLE_PAYMENT_TRANSACTION 3.1.0.
type PaymentMessage struct {
	Version          string // "3.1.0", in the sandbox "3.1.0D"
	ClientID         string
	PackageName      string // sent instead of ClientID if Version begins with "3.0."
	ProductID        string
	MessageType      string
	PurchaseID       string
	DeveloperPayload string // "" is sent as null
	PurchaseTime     time.Time
	State            string // "COMPLETED" or "CANCELED"
	Price            string
	Currency         string
	ProductName      string
	PaidBy           []PaidBy
	BillingKey       string // "" is sent as null
	TestPhone        bool
	Token            string
	Environment      string // "SANDBOX" or "COMMERCIAL"
	Market           string

	// Extra are members that the document does not name, sent behind the others. A value is a string,
	// bool, int64, json.Number or nil.
	Extra []Member
}

// PaidBy is one part of a payment.
type PaidBy struct{ Method, Amount string }

// Member is a member of a JSON object.
type Member struct {
	Name  string
	Value any
}

// Sign makes the notification as it is sent: signed without white space and needless escapes, and
// written as the options say, with the signature behind the other members.
func (s *Signer) Sign(m PaymentMessage, options ...WireOption) []byte {
	var wire spelling
	for _, o := range options {
		o(&wire)
	}
	o := m.members()
	signature := s.Signature(string(spelling{}.object(nil, o)))
	return wire.object(nil, append(o, member{"signature", signature}))
}

func (m *PaymentMessage) members() object {
	app := member{"clientId", m.ClientID}
	if strings.HasPrefix(m.Version, "3.0.") {
		app = member{"packageName", m.PackageName}
	}
	paid := make([]object, len(m.PaidBy))
	for i, p := range m.PaidBy {
		paid[i] = object{{"paymentMethod", p.Method}, {"amount", p.Amount}}
	}
	o := object{
		{"msgVersion", m.Version},
		app,
		{"productId", m.ProductID},
		{"messageType", m.MessageType},
		{"purchaseId", m.PurchaseID},
		{"developerPayload", stringOrNull(m.DeveloperPayload)},
		{"purchaseTimeMillis", m.PurchaseTime.UnixMilli()},
		{"purchaseState", m.State},
		{"price", m.Price},
		{"priceCurrencyCode", m.Currency},
		{"productName", m.ProductName},
		{"paymentTypeList", paid},
		{"billingKey", stringOrNull(m.BillingKey)},
		{"isTestMdn", m.TestPhone},
		{"purchaseToken", m.Token},
		{"environment", m.Environment},
		{"marketCode", m.Market},
	}
	for _, e := range m.Extra {
		o = append(o, member{e.Name, e.Value})
	}
	return o
}

// PaymentMessage is what the store has to say about the last payment of token, for a test that changes
// it before it signs it.
func (s *Store) PaymentMessage(token string) PaymentMessage {
	var m PaymentMessage
	s.change("PaymentMessage", token, func(p *purchase, _ time.Time) error {
		price := strconv.FormatInt(p.price, 10)
		m = PaymentMessage{
			Version:          s.messageVersion(),
			ClientID:         s.cfg.ClientID,
			PackageName:      "com.onestore.sample",
			ProductID:        p.product.ID,
			MessageType:      "SINGLE_PAYMENT_TRANSACTION",
			PurchaseID:       p.lastID(),
			DeveloperPayload: p.label,
			PurchaseTime:     p.bought,
			State:            "COMPLETED",
			Price:            price,
			Currency:         s.currency(),
			ProductName:      "골드 <100> & \"more\" (+20) 50/50 🎮",
			PaidBy:           []PaidBy{{"CREDITCARD", price}},
			Token:            p.token,
			Environment:      s.environmentWord(),
			Market:           s.cfg.Market,
		}
		if p.canceled {
			m.State = "CANCELED"
		}
		if w := s.whim("PNS "+p.token, 0); w != nil && w.oneIn(2) { // as sales of the web shop have them
			m.Extra = []Member{{"serviceUserId", "user/1"}, {"serviceUserId2", nil}, {"serviceServerId", "kr-1"}}
		}
		return nil
	})
	return m
}

// PaymentNotification is the notification of the last payment of token as it stands now, signed with
// the store's key. The store does not send it: the test does.
func (s *Store) PaymentNotification(token string, options ...WireOption) []byte {
	return s.Signer().Sign(s.PaymentMessage(token), options...)
}

// SubscriptionNotification is the notification that something of the type (1 to 13) happened to token
// just now. Nothing signs it, and "environment" is sometimes misspelled as in the document's sample,
// unless the store is gentle.
//
// Spec: ONE store, "SNS".
func (s *Store) SubscriptionNotification(token string, notificationType int) []byte {
	var o object
	s.change("SubscriptionNotification", token, func(p *purchase, now time.Time) error {
		environment := "environment"
		if w := s.whim("SNS "+p.token, notificationType); w != nil && w.oneIn(2) {
			environment = "environmenmt"
		}
		o = object{
			{"msgVersion", s.messageVersion()},
			{"clientId", s.cfg.ClientID},
			{"eventTimeMillis", now.UnixMilli()},
			{"subscriptionNotification", object{
				{"version", "1"},
				{"notificationType", int64(notificationType)},
				{"purchaseToken", p.token},
				{"productId", p.product.ID},
			}},
			{environment, s.environmentWord()},
			{"marketCode", s.cfg.Market},
		}
		return nil
	})
	return spelling{}.object(nil, o)
}

func (s *Store) messageVersion() string {
	if s.cfg.Environment == Commercial {
		return "3.1.0"
	}
	return "3.1.0D"
}

func (s *Store) environmentWord() string {
	if s.cfg.Environment == Commercial {
		return "COMMERCIAL"
	}
	return "SANDBOX"
}

func (s *Store) currency() string {
	if s.cfg.Market == MarketKorea {
		return "KRW"
	}
	return "USD"
}
