package histories_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/skugate/skugate/core"
)

// said is what an answer says about access, read without the client: nothing at all, that there is no
// such purchase, or a purchase that gives access until an instant or does not.
type said struct {
	decided  bool
	absent   bool
	gives    bool      // but for its end
	end      time.Time // the last millisecond of access; zero: a managed product has none of the store's
	bought   time.Time
	owed     bool // no acknowledgement yet
	renewing bool
	spent    bool // cancelled or consumed: nothing brings it back
	id       string
	label    string
	linked   string
}

// required are the members without which an answer says nothing.
var required = map[core.Kind][]string{
	core.KindInApp:        {"purchaseState", "consumptionState", "purchaseTime"},
	core.KindRecurring:    {"lastPurchaseState", "expiryTime"},
	core.KindSubscription: {"expiryTimeMillis"},
}

func readAnswer(kind core.Kind, status int, body []byte) said {
	var raw map[string]json.RawMessage
	if json.Unmarshal(body, &raw) != nil {
		return said{}
	}
	m := map[string]string{}
	for k, v := range raw {
		if text := strings.Trim(string(v), `"`); text != "null" {
			m[strings.TrimSpace(k)] = text
		}
	}
	switch {
	case (status == 404 || status == 400) && strings.Contains(m["error"], `"NoSuchData"`):
		return said{decided: true, absent: true}
	case status != 200 || len(m) == 0 || m["error"] != "" || m["result"] != "":
		return said{}
	}
	for _, name := range required[kind] {
		if m[name] == "" {
			return said{}
		}
	}
	s := said{decided: true, label: m["developerPayload"], owed: m["acknowledgeState"] == "0" || m["acknowledgementState"] == "0"}
	switch kind {
	case core.KindInApp:
		s.gives = m["purchaseState"] == "0" && m["consumptionState"] == "0"
		s.spent = m["purchaseState"] == "1" || m["consumptionState"] == "1"
		s.bought, s.id = millis(m["purchaseTime"]), m["purchaseId"]
	case core.KindRecurring:
		s.gives = m["lastPurchaseState"] == "0"
		s.end, s.bought, s.id = millis(m["expiryTime"]), millis(m["startTime"]), m["lastPurchaseId"]
	case core.KindSubscription:
		switch m["paymentState"] {
		case "1", "2", "3":
			s.gives = true
		case "0":
			s.gives = m["lastPurchaseId"] != ""
		}
		s.end, s.bought, s.id = millis(m["expiryTimeMillis"]), millis(m["startTimeMillis"]), m["lastPurchaseId"]
		s.linked = m["linkedPurchaseToken"]
	}
	s.renewing = m["autoRenewing"] == "true"
	return s
}

func millis(text string) time.Time {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n == 0 {
		return time.Time{}
	}
	return time.UnixMilli(n)
}

// ends is the last millisecond of access to product, zero if there is none.
func (s said) ends(product core.Product) time.Time {
	if product.Kind != core.KindInApp {
		return s.end
	}
	if product.Term() > 0 {
		return s.bought.Add(product.Term())
	}
	return time.Time{}
}

// owned tells whether the answer gives access to product at an instant of the store's clock.
func (s said) owned(product core.Product, at time.Time) bool {
	end := s.ends(product)
	return s.decided && !s.absent && s.gives && (end.IsZero() || at.UnixMilli() <= end.UnixMilli())
}
