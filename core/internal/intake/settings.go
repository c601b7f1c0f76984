package intake

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/skugate/skugate/core"
)

// Invalidator forgets what is known of a purchase token, so that the store is asked at its next use.
// *core.Gate is one. Its error is logged, and makes the store repeat the message.
type Invalidator interface {
	InvalidateToken(ctx context.Context, store core.StoreID, token string) error
}

var _ Invalidator = (*core.Gate)(nil)

// Nudger has a store's list of voided purchases read soon; *reconcile.Worker is one. It is called on the
// way of a message, by several goroutines at once, and must not wait.
type Nudger interface {
	Nudge(store core.StoreID)
}

// Settings is what the configurations of all receivers have in common; they document it.
type Settings struct {
	Gate                 Invalidator
	Worker               Nudger // nil: none
	Store                core.StoreID
	Secret, SecretHeader string
	PerToken, Overall    Limit
	Logger               *slog.Logger
}

// WithDefaults fills in what is zero.
func (s Settings) WithDefaults(store core.StoreID) Settings {
	s.Store = cmp.Or(s.Store, store)
	s.PerToken = s.PerToken.orDefault(Limit{4, 30 * time.Second})
	s.Overall = s.Overall.orDefault(Limit{1000, 50 * time.Millisecond})
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	return s
}

// Lengths of a secret, in bytes.
const (
	minSecret = 16
	maxSecret = 256
)

// Check reports everything that is wrong. That there is no secret is for the receiver to judge.
func (s *Settings) Check(fault func(format string, args ...any)) {
	switch gate := s.Gate.(type) {
	case nil:
		fault("Gate is nil")
	case *core.Gate:
		named := func(stats core.StoreStats) bool { return stats.Store == s.Store }
		if !slices.ContainsFunc(gate.Stats().Stores, named) {
			fault("Store is %.64q, which is no store of the gate", s.Store)
		}
	}
	switch {
	case s.Secret == "":
	case len(s.Secret) < minSecret || len(s.Secret) > maxSecret:
		fault("Secret has %d bytes; it must have %d to %d", len(s.Secret), minSecret, maxSecret)
	case strings.ContainsFunc(s.Secret, notUnreserved):
		fault("Secret has a character other than A-Z a-z 0-9 - _ . ~, which a URL would have to escape")
	}
	if s.SecretHeader != "" && (s.Secret == "" || strings.ContainsFunc(s.SecretHeader, notUnreserved)) {
		fault("SecretHeader needs a Secret, and the name of a header")
	}
	for _, l := range []struct {
		name  string
		limit Limit
	}{{"PerToken", s.PerToken}, {"Overall", s.Overall}} {
		if l.limit.Every < time.Millisecond {
			fault("%s.Every is %v; it must be at least 1ms", l.name, l.limit.Every)
		}
	}
}

func notUnreserved(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return !strings.ContainsRune("-_.~", r)
}
