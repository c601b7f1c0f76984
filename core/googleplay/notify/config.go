package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/googleplay"
	"github.com/skugate/skugate/core/internal/intake"
	"github.com/skugate/skugate/core/internal/rest"
)

// Invalidator forgets what is known of a purchase token, so that the store is asked at its next use.
// *core.Gate is one. Its error is logged, and makes Pub/Sub repeat the message.
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
	// Store is the name of the app's client in the gate. Default googleplay.DefaultName.
	Store core.StoreID
	// PackageName is the app's package name. Required; a message of another app is refused.
	PackageName string
	// Secret must come with each message: as the last segment of the URL, or as the value of SecretHeader.
	// 16 to 256 of A-Z a-z 0-9 - _ . ~, better drawn at random: openssl rand -hex 32. Default: none, and
	// Verify is required.
	Secret string
	// SecretHeader is a request header that may carry the secret in place of the path, for a proxy that
	// adds it: Pub/Sub itself sends none. Default: none.
	SecretHeader string
	// Verify says why the request is not Pub/Sub's, by the OIDC token in its Authorization header; the
	// package documentation shows how. It is asked after Secret, must not read the body, and is called
	// by several goroutines at once. The request's context has no end of its own, so bound what may hang.
	// What its error says is neither logged nor sent. Default: none, and Secret is required.
	Verify func(*http.Request) error

	// Worker is told that a message says that a payment was taken back or a subscription revoked, so that
	// the store's own list is read at once and what it says is in force for good. Default: none, and the
	// list is read when its time comes.
	Worker Nudger

	// PerToken bounds how often one token is forgotten. Default: 4, and one more every 30 s.
	PerToken Limit
	// Overall bounds how often any tokens are forgotten, and with it the memory: a gate notes for hours
	// that it forgot a token. Default: 1000, and one more every 50 ms.
	Overall Limit

	// OnNotification is told of a notification that has been applied, before it is acknowledged, for
	// instance to write it to a ledger. An error makes Pub/Sub repeat the message. The same message may
	// come again, also after nil: after a restart, at another instance, or when many others came between.
	// ctx has no end of its own, and is not to be kept: what was begun is finished though Pub/Sub hangs
	// up, so bound what may hang. What a notification says is a claim, not a fact. Of an error the log
	// gets the type alone. Default: none.
	OnNotification func(context.Context, Notification) error

	// Logger is told what an operator must know, once a minute for each cause. It never sees a token, a
	// secret or a message. Default: silent.
	Logger *slog.Logger
}

func (c *Config) settings() intake.Settings {
	return intake.Settings{
		Gate: c.Gate, Worker: c.Worker, Store: c.Store, Secret: c.Secret, SecretHeader: c.SecretHeader,
		PerToken: c.PerToken, Overall: c.Overall, Logger: c.Logger,
	}.WithDefaults(googleplay.DefaultName)
}

func (c *Config) check(s *intake.Settings) error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("notify: Config."+format, args...))
	}
	s.Check(fault)
	if c.PackageName == "" {
		fault("PackageName is not set")
	}
	if c.Secret == "" && c.Verify == nil {
		fault("Secret and Config.Verify are both empty: anybody could send notifications")
	}
	return errors.Join(faults...)
}

// String is the configuration without the secret.
func (c Config) String() string {
	return fmt.Sprintf("notify.Config{Store:%q PackageName:%q Secret:%s SecretHeader:%q Verify:%t}",
		cmp.Or(c.Store, googleplay.DefaultName), c.PackageName, rest.Redacted(c.Secret), c.SecretHeader, c.Verify != nil)
}

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// LogValue is String, for slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }
