package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/internal/intake"
	"github.com/skugate/skugate/core/internal/rest"
	"github.com/skugate/skugate/core/onestore"
)

// Invalidator forgets what is known of a purchase token, so that the store is asked at its next use.
// *core.Gate is one. Its error is logged, and makes the store repeat the message.
type Invalidator = intake.Invalidator

// Nudger has a store's list of voided purchases read soon. *reconcile.Worker is one. It is called by
// several goroutines at once, and must not wait.
type Nudger = intake.Nudger

// Limit is how many may come at once (Burst; negative: no limit), and how long it takes to earn one back
// (Every; at least 1 ms).
type Limit = intake.Limit

// Config configures a Handler. It prints without its secret.
type Config struct {
	// Gate is told which tokens changed. Required.
	Gate Invalidator
	// Store is the name of the app's client in the gate. Default onestore.DefaultName.
	Store core.StoreID
	// App says whose notifications count. Required. Its LicenceKey enables payment notifications.
	App App
	// Secret enables subscription notifications, which nobody signs: whoever knows it can send some. 16
	// to 256 of A-Z a-z 0-9 - _ . ~, better drawn at random: openssl rand -hex 32. It is the last
	// segment of the URL, or the value of SecretHeader. Default: none, and /subscriptions is not found.
	Secret string
	// SecretHeader is a request header that may carry the secret in place of the path, for a proxy that
	// adds it: ONE store itself sends none. Default: none.
	SecretHeader string

	// Worker is told that a message says that a payment was cancelled or a subscription revoked, so that
	// the store's own list is read at once and what it says is in force for good. Default: none, and the
	// list is read when its time comes.
	Worker Nudger

	// PerToken bounds how often one token is forgotten, by notifications of one kind. Default: 4, and
	// one more every 30 s, which is when ONE store first repeats a message.
	PerToken Limit
	// Overall bounds how often any tokens are forgotten, by notifications of one kind, and with it the
	// memory: a gate notes for hours that it forgot a token. Default: 1000, and one more every 50 ms.
	Overall Limit

	// OnPayment and OnSubscription are told of a notification that has been verified and applied, before
	// it is acknowledged, for instance to write it to a ledger. An error makes the store repeat the
	// message. The same message may come again, also after nil: after a restart, at another instance,
	// or when many others came between. ctx has no end of its own, and is not to be kept: what was begun
	// is finished though the store hangs up, so bound what may hang. What a Subscription says is a claim,
	// not a fact. Of an error the log gets the type alone. Default: none.
	OnPayment      func(context.Context, Payment) error
	OnSubscription func(context.Context, Subscription) error

	// Logger is told what an operator must know, once a minute for each cause. It never sees a token, a
	// secret or a message. Default: silent.
	Logger *slog.Logger
}

func (c *Config) settings() intake.Settings {
	return intake.Settings{
		Gate: c.Gate, Worker: c.Worker, Store: c.Store, Secret: c.Secret, SecretHeader: c.SecretHeader,
		PerToken: c.PerToken, Overall: c.Overall, Logger: c.Logger,
	}.WithDefaults(onestore.DefaultName)
}

func (c *Config) check(s *intake.Settings) error {
	faults := c.App.faults()
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("notify: Config."+format, args...))
	}
	s.Check(fault)
	if c.App.LicenceKey == "" && c.Secret == "" {
		fault("App.LicenceKey and Config.Secret are both empty: no notification could be accepted")
	}
	if c.OnPayment != nil && c.App.LicenceKey == "" {
		fault("OnPayment is set and App.LicenceKey is empty: it would never be called")
	}
	if c.OnSubscription != nil && c.Secret == "" {
		fault("OnSubscription is set and Secret is empty: it would never be called")
	}
	return errors.Join(faults...)
}

// String is the configuration without the secret.
func (c Config) String() string {
	return fmt.Sprintf("notify.Config{Store:%q ClientID:%q Market:%q Environment:%q Secret:%s SecretHeader:%q}",
		cmp.Or(c.Store, onestore.DefaultName), c.App.ClientID, c.App.Market, c.App.Environment, rest.Redacted(c.Secret), c.SecretHeader)
}

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// LogValue is String, for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }
