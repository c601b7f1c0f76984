package googleplay

import "net/http"

// row finds the row of the answer, nil if it is not an error of the API.
func (e *Error) row() *row {
	if !e.structured || e.Op == getAccessToken.name {
		return nil
	}
	for i := range rows {
		if rows[i].status == e.Status && (rows[i].reason == "" || rows[i].reason == e.Reason) {
			return &rows[i]
		}
	}
	return nil
}

// class reads the status first and the reason second. What ends in a "no" counts only where the API
// itself said it, of a call about one purchase: no other answer can become one.
func (e *Error) class() class {
	r := e.row()
	switch {
	case e.Status == 0:
		return classUnavailable
	case e.Status >= 200 && e.Status < 300:
		return classMalformed
	case r != nil && r.class >= classNotFound && !e.purchase:
		return classMisconfigured
	case r != nil:
		return r.class
	case e.Status == http.StatusRequestTimeout, e.Status == http.StatusTooManyRequests, e.Status >= 500:
		return classUnavailable
	case e.Status == http.StatusUnauthorized:
		return classAuth
	case e.Op == getAccessToken.name && e.refusesCredentials():
		return classAuth
	case e.structured:
		return classMisconfigured
	default:
		return classFault // a page, nothing at all, a redirect
	}
}

// aboutPurchase tells whether the API took our credentials and said something of the purchase.
func (e *Error) aboutPurchase() bool { return e.class() >= classNotFound }

// refusesCredentials: the token endpoint answers a bad signature, account or scope with 400.
func (e *Error) refusesCredentials() bool {
	return e.structured && (e.Status == http.StatusBadRequest || e.Status == http.StatusForbidden)
}
