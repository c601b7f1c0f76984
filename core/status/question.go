package status

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/skugate/skugate/core"
)

// question is what the form asks.
type question struct {
	requirement core.Requirement
	credentials core.Credentials
	askStore    bool
}

// maxForm is far above the longest token.
const maxForm = 16 << 10

// crossOrigin keeps another site's page from asking a store through an operator's browser.
var crossOrigin = http.NewCrossOriginProtection()

// ask reads the form. Without a token it asks about what the owners' registry has for the account.
func (p *Page) ask(w http.ResponseWriter, r *http.Request) (*question, error) {
	if crossOrigin.Check(r) != nil {
		return nil, &refusal{http.StatusForbidden, "the form was sent by another site's page"}
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	var tooLarge *http.MaxBytesError
	switch err := r.ParseForm(); {
	case errors.As(err, &tooLarge):
		return nil, &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("the form has more than %d bytes", maxForm)}
	case err != nil:
		return nil, &refusal{http.StatusBadRequest, "the form cannot be read"}
	}
	n, err := strconv.Atoi(r.PostForm.Get("requirement"))
	if err != nil || n < 0 || n >= len(p.config.Requirements) {
		return nil, &refusal{http.StatusBadRequest, fmt.Sprintf("the field requirement is a number below %d: a place in Config.Requirements", len(p.config.Requirements))}
	}
	q := &question{requirement: p.config.Requirements[n], askStore: r.PostForm.Get("ask") == "store"}
	q.credentials = core.Credentials{Account: strings.TrimSpace(r.PostForm.Get("account")), Token: strings.TrimSpace(r.PostForm.Get("token"))}
	q.credentials.Owned = q.credentials.Token == ""
	return q, nil
}

// refusal is a request that is not answered with the page.
type refusal struct {
	status int
	why    string
}

func (e *refusal) Error() string { return "status: " + e.why }

func refuse(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	if e, ok := err.(*refusal); ok {
		status = e.status
	}
	http.Error(w, err.Error(), status)
}
