package notify

import (
	"errors"
	"fmt"

	"github.com/skugate/skugate/core/onestore"
)

// App says whose notifications count. All but PackageName and LicenceKey are the values that the
// onestore.Config of the same client has.
type App struct {
	// ClientID is the app's id in the developer centre. Required.
	ClientID string
	// PackageName is the app's package name, by which messages of version 3.0.0 name it. Default: none,
	// and a message without a client id is refused.
	PackageName string
	// Market is where the app is sold. Required.
	Market onestore.Market
	// Environment is which purchases count. Required.
	Environment onestore.Environment
	// LicenceKey is the app's licence key, the base64 text of the developer centre. It is a public key.
	// Default: none, and payment notifications are not accepted.
	LicenceKey string
}

// faults reports everything that is wrong. That there is no key is not.
func (a *App) faults() []error {
	var faults []error
	fault := func(field string, err error) {
		faults = append(faults, fmt.Errorf("notify: App.%s %w", field, err))
	}
	if a.ClientID == "" {
		fault("ClientID", errors.New("is not set"))
	}
	if a.Market != onestore.MarketKorea && a.Market != onestore.MarketGlobal {
		fault("Market", fmt.Errorf("is %.20q; want MKT_ONE (Korea) or MKT_GLB (everywhere else)", string(a.Market)))
	}
	if word(a.Environment) == "" {
		fault("Environment", fmt.Errorf("is %.20q; want sandbox or commercial", string(a.Environment)))
	}
	if a.LicenceKey != "" {
		// No signature is empty, so that anything but ErrSignature is about the key.
		if err := onestore.VerifyReceipt(a.LicenceKey, "", ""); !errors.Is(err, onestore.ErrSignature) {
			fault("LicenceKey", fmt.Errorf("cannot be used: %w", err))
		}
	}
	return faults
}

// word is how notifications spell an environment.
func word(e onestore.Environment) string {
	switch e {
	case onestore.Sandbox:
		return "SANDBOX"
	case onestore.Commercial:
		return "COMMERCIAL"
	default:
		return ""
	}
}

// Verifier reads notifications of one app, for those who receive them by a transport of their own. It
// is safe for concurrent use.
type Verifier struct{ app App }

// NewVerifier makes a verifier, or reports every fault of the app.
func NewVerifier(app App) (*Verifier, error) {
	if err := errors.Join(app.faults()...); err != nil {
		return nil, err
	}
	return &Verifier{app}, nil
}
