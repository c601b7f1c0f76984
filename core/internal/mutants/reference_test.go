package mutants_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// mayGrant is the reference reader: whether an answer says that the purchase gives access now. It reads the
// top level only, names the members itself, and knows of no type but text and number.
func mayGrant(kind string, status int, body []byte, now time.Time) bool {
	m, ok := members(body)
	if !ok || status != 200 || m.has("error") || m.has("result") {
		return false
	}
	switch kind {
	case "inapp":
		bought, ok := m.whole("purchaseTime")
		return m.is("purchaseState", "0") && m.is("consumptionState", "0") && ok && bought > 0 && bought <= now.Add(5*time.Minute).UnixMilli()
	case "auto":
		end, ok := m.whole("expiryTime")
		return m.is("lastPurchaseState", "0") && ok && end >= now.UnixMilli()
	case "subscription":
		end, ok := m.whole("expiryTimeMillis")
		paid := m.is("paymentState", "1") || m.is("paymentState", "2") || m.is("paymentState", "3")
		grace := m.is("paymentState", "0") && m["lastPurchaseId"] != nil && !m.is("lastPurchaseId", "")
		return ok && end >= now.UnixMilli() && (paid || grace)
	}
	return false
}

// flat is an object's members, each a json.Number, a string, a bool, nil, or a delimiter for what is nested.
type flat map[string]json.Token

func (m flat) has(name string) bool { _, ok := m[name]; return ok }

// is compares the text of a number or string.
func (m flat) is(name, text string) bool {
	switch v := m[name].(type) {
	case json.Number:
		return v.String() == text
	case string:
		return v == text
	}
	return false
}

func (m flat) whole(name string) (int64, bool) {
	var text string
	switch v := m[name].(type) {
	case json.Number:
		text = v.String()
	case string:
		text = v
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// members reads one object and nothing else. Blanks around names do not count, but a name without them
// goes first; any other two names that are equal but for case make the object say two things.
func members(body []byte) (flat, bool) {
	if !utf8.Valid(body) || !json.Valid(body) {
		return nil, false
	}
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.UseNumber()
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, false
	}
	m, bare := flat{}, map[string]bool{}
	for dec.More() {
		raw, err := dec.Token()
		if err != nil {
			return nil, false
		}
		name := strings.TrimSpace(raw.(string))
		for other, wasBare := range bare {
			if strings.EqualFold(other, name) && (other != name || wasBare == (name == raw)) {
				return nil, false
			}
		}
		value, err := dec.Token()
		if err != nil {
			return nil, false
		}
		if !bare[name] {
			m[name], bare[name] = value, name == raw
		}
		for depth := nesting(value); depth > 0; {
			inner, err := dec.Token()
			if err != nil {
				return nil, false
			}
			depth += nesting(inner)
		}
	}
	return m, true
}

func nesting(t json.Token) int {
	switch t {
	case json.Delim('{'), json.Delim('['):
		return 1
	case json.Delim('}'), json.Delim(']'):
		return -1
	}
	return 0
}
