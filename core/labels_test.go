package core_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
)

func hmacLabels(t testing.TB, key string) core.Labels {
	t.Helper()
	l, err := core.HMACLabels([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLabels(t *testing.T) {
	plain, hmac := core.Labels(core.PlainLabels{}), hmacLabels(t, "0123456789abcdef")
	other := hmacLabels(t, "0123456789abcdeF")
	for _, c := range []struct {
		name   string
		labels core.Labels
		label  string
		want   core.LabelMatch
	}{
		{"plain: the account itself", plain, "alice", core.LabelMatches},
		{"plain: its own label", plain, plain.Label("alice"), core.LabelMatches},
		{"plain: nothing", plain, "", core.Unlabelled},
		{"plain: another account", plain, "bob", core.LabelMismatch},
		{"plain: the account with a blank", plain, "alice ", core.LabelMismatch},
		{"plain: the account in capitals", plain, "ALICE", core.LabelMismatch},
		{"hmac: its own label", hmac, hmac.Label("alice"), core.LabelMatches},
		{"hmac: another account's", hmac, hmac.Label("bob"), core.LabelMismatch},
		{"hmac: another key's", hmac, other.Label("alice"), core.LabelMismatch},
		{"hmac: nothing", hmac, "", core.Unlabelled},
		{"hmac: an order number", hmac, "order-17", core.Unlabelled},
		{"hmac: the account itself", hmac, "alice", core.Unlabelled},
		{"hmac: the bare prefix", hmac, "sg1.", core.LabelMismatch},
		{"hmac: a label cut short", hmac, hmac.Label("alice")[:20], core.LabelMismatch},
		{"hmac: a label with more behind it", hmac, hmac.Label("alice") + "=", core.LabelMismatch},
		{"hmac: the prefix in capitals", hmac, "SG1." + hmac.Label("alice")[4:], core.Unlabelled},
	} {
		if got := c.labels.Match(c.label, "alice"); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

func TestHMACLabelsFitTheStoresAndShowNobodyTheAccount(t *testing.T) {
	l := hmacLabels(t, "0123456789abcdef")
	account := strings.Repeat("player-", 100)
	label := l.Label(account)
	if len(label) != 47 || strings.Contains(label, "player") {
		t.Errorf("the label is %q", label)
	}
	if again := hmacLabels(t, "0123456789abcdef").Label(account); again != label {
		t.Errorf("another instance says %q", again)
	}
}

func TestHMACLabelsKeepTheirKey(t *testing.T) {
	if _, err := core.HMACLabels([]byte("0123456789abcde")); err == nil || strings.Contains(err.Error(), "0123") {
		t.Errorf("a key of 15 bytes: %v", err)
	}
	if _, err := core.HMACLabels(nil); err == nil {
		t.Error("no key at all passed")
	}
	key := []byte("0123456789abcdef")
	l, err := core.HMACLabels(key)
	if err != nil {
		t.Fatal(err)
	}
	before := l.Label("alice")
	clear(key)
	if l.Label("alice") != before {
		t.Error("the key is shared with whoever gave it")
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if s := fmt.Sprintf(verb, l); strings.Contains(s, "0123456789") || strings.Contains(s, fmt.Sprintf("%x", "0123456789")) || strings.Contains(s, "48") && strings.Contains(s, "49") {
			t.Errorf("%s prints %s", verb, s)
		}
	}
}

func TestAGateLabelsAndRecognisesItsOwnPurchases(t *testing.T) {
	labels := hmacLabels(t, "0123456789abcdef")
	store := newStore(nil)
	gate := open(t, core.Config{Labels: labels, Binding: core.BindingRequire}, store)
	store.script(labelled(gate.Label("alice")))
	want(t, gate.Check(t.Context(), inApp("skin"), by("bob", "skin-1")), core.Denied, core.ReasonAccountMismatch)
	want(t, gate.Check(t.Context(), inApp("skin"), by("alice", "skin-1")), core.Granted, core.ReasonOwned)
}

// Nobody is matched by a label that was not made for it.
func FuzzHMACLabels(f *testing.F) {
	l := hmacLabels(f, "0123456789abcdef")
	f.Add("sg1.", "alice")
	f.Add("alice", "alice")
	f.Add(l.Label("alice"), "alice")
	f.Add(l.Label("alice"), "bob")
	f.Fuzz(func(t *testing.T, label, account string) {
		own := l.Label(account)
		matches := l.Match(label, account) == core.LabelMatches
		if matches != bytes.Equal([]byte(label), []byte(own)) {
			t.Errorf("%q is %q's: %v", label, account, matches)
		}
		if l.Match(own, account) != core.LabelMatches || len(own) > 200 {
			t.Errorf("%q does not own %q", account, own)
		}
	})
}
