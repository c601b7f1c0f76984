package googleplay

import (
	"errors"
	"net/http"
	"slices"

	"github.com/skugate/skugate/core/internal/rest"
)

// What an answer comes to, to be found with errors.Is in the error of any call. The status decides
// first, its reason second: one of them is matched by all reasons that Google gives for it.
//
// Spec: 002_14922676bb3a4460.txt and 004_eda03f688089c052.txt, the tables of errors.
var (
	ErrInvalidPurchaseState = errors.New("googleplay: invalidPurchaseState") // not possible in the purchase's present state
	ErrInvalidValue         = errors.New("googleplay: invalidValue")         // the token is none
	ErrTokenMismatch        = errors.New("googleplay: purchaseTokenMismatch")
	ErrNotOwned             = errors.New("googleplay: productNotOwnedByUser") // refunded, revoked or expired before it was acknowledged
	ErrRequired             = errors.New("googleplay: required")
	ErrUnsupportedIabType   = errors.New("googleplay: unsupportedIabType")
	ErrPermission           = errors.New("googleplay: userInsufficientPermission")
	ErrNotFound             = errors.New("googleplay: notFound") // there is no such purchase, or it is long over
	ErrConcurrentUpdate     = errors.New("googleplay: concurrentUpdate")
	ErrQuota                = errors.New("googleplay: too many requests")
)

// class is what an error means to whoever asked.
type class uint8

const (
	classUnavailable   class = iota // down, slow, limits us, busy with the same purchase
	classFault                      // not the API that answered
	classMalformed                  // success without what makes one
	classMisconfigured              // our request is wrong
	classAuth                       // our credentials or rights are
	classNotFound                   // there is no such purchase
	classBadToken                   // the token is none
	classMismatch                   // the token is another product's
	classNotOwned                   // the player lost the purchase
)

// row is what an answer of the API with one status and reason means. An empty reason stands for any.
type row struct {
	status   int
	reason   string
	sentinel error
	class    class
}

// rows are read from the top. Reasons that no document has were seen in the wild.
var rows = [...]row{
	{http.StatusBadRequest, "invalidValue", ErrInvalidValue, classBadToken},
	{http.StatusBadRequest, "invalid", ErrInvalidValue, classBadToken},
	{http.StatusBadRequest, "purchaseTokenMismatch", ErrTokenMismatch, classMismatch},
	{http.StatusBadRequest, "purchaseTokenDoesNotMatchProductId", ErrTokenMismatch, classMismatch},
	{http.StatusBadRequest, "purchaseTokenDoesNotMatchSubscriptionId", ErrTokenMismatch, classMismatch},
	{http.StatusBadRequest, "purchaseTokenDoesNotMatchPackageName", ErrTokenMismatch, classMismatch},
	{http.StatusBadRequest, "productNotOwnedByUser", ErrNotOwned, classNotOwned},
	{http.StatusBadRequest, "invalidPurchaseState", ErrInvalidPurchaseState, classMisconfigured},
	{http.StatusBadRequest, "required", ErrRequired, classMisconfigured},
	{http.StatusBadRequest, "unsupportedIabType", ErrUnsupportedIabType, classMisconfigured},
	{http.StatusBadRequest, "", nil, classMisconfigured},
	{http.StatusUnauthorized, "", ErrPermission, classAuth},
	{http.StatusForbidden, "rateLimitExceeded", ErrQuota, classUnavailable},
	{http.StatusForbidden, "userRateLimitExceeded", ErrQuota, classUnavailable},
	{http.StatusForbidden, "quotaExceeded", ErrQuota, classUnavailable},
	{http.StatusForbidden, "dailyLimitExceeded", ErrQuota, classUnavailable},
	{http.StatusForbidden, "", ErrPermission, classAuth},
	{http.StatusNotFound, "applicationNotFound", nil, classMisconfigured},
	{http.StatusNotFound, "", ErrNotFound, classNotFound},
	{http.StatusGone, "", ErrNotFound, classNotFound}, // purchaseTokenNoLongerValid, 60 days after its end
	{http.StatusConflict, "", ErrConcurrentUpdate, classUnavailable},
	{http.StatusTooManyRequests, "", ErrQuota, classUnavailable},
}

// known tells whether a reason is a documented one, or one that was seen and means something here.
func known(reason string) bool {
	switch reason {
	case "": // the rows of any reason
		return false
	case "userInsufficientPermission", "notFound", "concurrentUpdate": // their statuses say it all
		return true
	}
	return rest.IsOAuthError(reason) || slices.ContainsFunc(rows[:], func(r row) bool { return r.reason == reason })
}
