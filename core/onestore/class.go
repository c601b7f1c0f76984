package onestore

import (
	"net/http"
	"slices"
	"strings"
)

// class reads the code first and the status second. The two classes that end in a "no" count only
// where the document has them: no other answer can become one.
func (e *Error) class() class {
	c := codeNamed(e.Code).class
	switch {
	case e.Status == 0:
		return classUnavailable
	case c == classUnavailable, c == classMaintenance, c == classBlocked:
		return c
	case e.Op == getAccessToken.name && e.refusesCredentials():
		return classAuth
	case c == classNoPurchase && !e.saysNoPurchase():
		return e.classOfStatus()
	case c == classParameter && e.blamesPurchase():
		return classBadParameter
	case c == classParameter:
		return classMisconfigured
	case c != classUnknown && c != classSuccess:
		return c
	default:
		return e.classOfStatus()
	}
}

func (e *Error) classOfStatus() class {
	switch s := e.Status; {
	case s == http.StatusUnauthorized:
		return classAuth
	case s == http.StatusRequestTimeout, s == http.StatusTooManyRequests, s >= 500:
		return classUnavailable
	case s >= 400 && e.Code != "":
		return classMisconfigured
	case s >= 200 && s < 300:
		return classMalformed
	default:
		return classFault // a page, nothing at all, a redirect
	}
}

// documented tells whether the code came with the status that the document has for it.
func (e *Error) documented() bool { return e.Status == codeNamed(e.Code).status }

// refusesCredentials covers both shapes of error, RFC 6749's and the store's own; no document says
// which of them a refused client id gets.
func (e *Error) refusesCredentials() bool {
	switch e.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		return true
	}
	return false
}

// saysNoPurchase: the document prints the code with 404 in its table and with 400 in its example.
func (e *Error) saysNoPurchase() bool {
	return codeNamed(e.Code).class == classNoPurchase && e.Op != getAccessToken.name &&
		(e.documented() || e.Status == http.StatusBadRequest)
}

// blamesPurchase tells whether the message of an InvalidRequest lists what names the purchase.
func (e *Error) blamesPurchase() bool {
	return e.documented() && e.Op != getAccessToken.name &&
		slices.ContainsFunc(e.fields, func(field string) bool {
			return strings.EqualFold(field, "purchaseToken") || strings.EqualFold(field, "productId")
		})
}

// wantsNewToken tells whether the access token was refused.
func (e *Error) wantsNewToken() bool {
	return e.Status == http.StatusUnauthorized || codeNamed(e.Code).class == classAuth
}
