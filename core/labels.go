package core

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"strings"
)

// Labels turns an account into the label that the game gives a purchase when it starts it (ONE
// store: developerPayload, Google Play: obfuscatedExternalAccountId), and reads labels back.
// Implementations are pure and safe for concurrent use.
type Labels interface {
	// Label is what to set at purchase. It must fit the stores: at most 200 characters for ONE store, 64
	// for Google Play, which also blocks purchases whose label names a person in clear text.
	Label(account string) string
	// Match tells whether label, as a store reported it, is account's.
	Match(label, account string) LabelMatch
}

// LabelMatch is what a purchase's label says about an account.
type LabelMatch uint8

// What a label says. Unlabelled purchases are bound through the owners' registry.
const (
	Unlabelled    LabelMatch = iota // the label names nobody
	LabelMatches                    // the purchase was made for the account
	LabelMismatch                   // the purchase was made for somebody else
)

// PlainLabels is the default: the label is the account itself, and any other label is another
// account's. At Google Play that suits short ids that say nothing about a person; else use HMACLabels. A game that puts something else into developerPayload (an order number, say) uses
// HMACLabels, which recognises its own labels, or its own Labels.
type PlainLabels struct{}

var _ Labels = PlainLabels{}

// Label implements Labels.
func (PlainLabels) Label(account string) string { return account }

// Match implements Labels.
func (PlainLabels) Match(label, account string) LabelMatch {
	switch label {
	case "":
		return Unlabelled
	case account:
		return LabelMatches
	default:
		return LabelMismatch
	}
}

// hmacPrefix marks our labels, so that whatever else a game puts there reads as unlabelled.
const hmacPrefix = "sg1."

// HMACLabels returns labels that show nobody the account: "sg1." and 43 characters derived with
// the key. Text without that prefix reads as unlabelled. The key has at least 16 bytes, is the same
// on every instance, and must outlive the purchases labelled with it.
func HMACLabels(key []byte) (Labels, error) {
	if len(key) < 16 {
		return nil, errors.New("core: HMACLabels: the key is shorter than 16 bytes")
	}
	return hmacLabels{key: append([]byte(nil), key...)}, nil
}

type hmacLabels struct{ key []byte }

func (l hmacLabels) Label(account string) string {
	mac := hmac.New(sha256.New, l.key)
	mac.Write([]byte(account))
	return hmacPrefix + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (l hmacLabels) Match(label, account string) LabelMatch {
	switch {
	case !strings.HasPrefix(label, hmacPrefix):
		return Unlabelled
	case hmac.Equal([]byte(label), []byte(l.Label(account))):
		return LabelMatches
	default:
		return LabelMismatch
	}
}

// String keeps the key out of logs.
func (hmacLabels) String() string { return "core.HMACLabels" }

// GoString keeps the key out of logs.
func (l hmacLabels) GoString() string { return l.String() }
