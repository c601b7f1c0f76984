package notify

import (
	"errors"
	"strings"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
	"github.com/skugate/skugate/core/onestore"
)

// envelope is what both kinds of messages have in common.
type envelope struct{ version, clientID, packageName string }

// open compares the app of a message with the configured one. environments are the spellings of the
// member that may occur.
func (v *Verifier) open(o *rest.Object, environments ...string) (envelope, error) {
	e := envelope{version: o.Text("msgVersion"), clientID: o.Text("clientId"), packageName: o.Text("packageName")}
	if !strings.HasPrefix(e.version, "3.") {
		return e, malformed(errors.New("msgVersion is not 3.x"))
	}
	// Whichever name of the app is there must be right, and one must be.
	switch {
	case e.clientID != "" && e.clientID != v.app.ClientID, e.clientID == "" && e.packageName == "":
		return e, otherApp("clientId")
	case e.packageName != "" && e.packageName != v.app.PackageName && (e.clientID == "" || v.app.PackageName != ""):
		return e, otherApp("packageName")
	}
	named := false
	for _, name := range environments {
		if o.Has(name) {
			named = true
			if o.Text(name) != word(v.app.Environment) {
				return e, otherApp(name)
			}
		}
	}
	if !named {
		return e, otherApp(environments[0])
	}
	if o.Text("marketCode") != string(v.app.Market) {
		return e, otherApp("marketCode")
	}
	return e, nil
}

// required is Text for a member that must be there.
func required(o *rest.Object, name string) string {
	s := o.Text(name)
	if s == "" {
		o.Fault(name, "is missing")
	}
	return s
}

// token reads a purchase token.
func token(o *rest.Object, name string) string {
	s := required(o, name)
	if s != "" && new(onestore.Client).CheckToken(s) != nil { // needs nothing of a client
		o.Fault(name, "is no purchase token")
	}
	return s
}

// millis is the time of the member name whose value is n, in milliseconds since 1970. The document's
// samples lie in 1970 and in 2744.
func millis(o *rest.Object, name string, n *int64) time.Time {
	if n == nil {
		return time.Time{}
	}
	if *n <= 0 || *n >= endOfTime {
		o.Fault(name, "is not a plausible time")
		return time.Time{}
	}
	return time.UnixMilli(*n).UTC()
}

// endOfTime is the year 10000, which time's text forms cannot write.
const endOfTime = 253_402_300_800_000
