package onestore

import (
	"errors"
	"net/http"

	"github.com/skugate/skugate/core/internal/rest"
)

// The standard response codes, to be found with errors.Is in the error of any call. The eighteenth,
// Success, is the answer of what changes a purchase, and no error.
//
// Spec: 003_cae853c17ba7f40e.txt, "标准响应代码".
var (
	ErrAccessBlocked              = errors.New("onestore: AccessBlocked")
	ErrAccessTokenExpired         = errors.New("onestore: AccessTokenExpired")
	ErrBadRequest                 = errors.New("onestore: BadRequest")
	ErrDeveloperPayloadNotMatch   = errors.New("onestore: DeveloperPayloadNotMatch")
	ErrInternalError              = errors.New("onestore: InternalError")
	ErrInvalidAccessToken         = errors.New("onestore: InvalidAccessToken")
	ErrInvalidAuthorizationHeader = errors.New("onestore: InvalidAuthorizationHeader")
	ErrInvalidConsumeState        = errors.New("onestore: InvalidConsumeState")
	ErrInvalidContentType         = errors.New("onestore: InvalidContentType")
	ErrInvalidPurchaseState       = errors.New("onestore: InvalidPurchaseState")
	ErrInvalidRequest             = errors.New("onestore: InvalidRequest")
	ErrMethodNotAllowed           = errors.New("onestore: MethodNotAllowed")
	ErrNoSuchData                 = errors.New("onestore: NoSuchData") // there is no such purchase
	ErrRequiredValueNotExist      = errors.New("onestore: RequiredValueNotExist")
	ErrResourceNotFound           = errors.New("onestore: ResourceNotFound") // the URL or the app is wrong
	ErrServiceMaintenance         = errors.New("onestore: ServiceMaintenance")
	ErrUnauthorizedAccess         = errors.New("onestore: UnauthorizedAccess")
)

// class is what an answer means to whoever asked.
type class uint8

const (
	classUnknown       class = iota // no standard code: the status decides
	classUnavailable                // down, slow, limits us: a read is repeated
	classMaintenance                // down for a while: all calls pause
	classFault                      // not the API that answered
	classMalformed                  // success without what makes one
	classMisconfigured              // our request is wrong
	classAuth                       // our credentials are wrong; the access token is renewed once
	classBlocked                    // we are shut out
	classNoPurchase                 // there is no such purchase
	classConflict                   // the purchase is in another state: ask for it
	classPayload                    // the caller's developerPayload is not the purchase's
	classParameter                  // a parameter is wrong; Error.fields tells which
	classBadParameter               // the parameter that is wrong names the purchase
	classSuccess                    // no error, wherever it stands in one
)

// code is a row of the document's table.
type code struct {
	name     string
	status   int // as the document has it; the sample of NoSuchData has another
	sentinel error
	class    class
}

// codes is what each standard code means. Status alone decides about any other.
var codes = [...]code{
	{"AccessBlocked", http.StatusForbidden, ErrAccessBlocked, classBlocked},
	{"AccessTokenExpired", http.StatusUnauthorized, ErrAccessTokenExpired, classAuth},
	{"BadRequest", http.StatusBadRequest, ErrBadRequest, classMisconfigured},
	{"DeveloperPayloadNotMatch", http.StatusBadRequest, ErrDeveloperPayloadNotMatch, classPayload},
	{"InternalError", http.StatusInternalServerError, ErrInternalError, classUnavailable},
	{"InvalidAccessToken", http.StatusUnauthorized, ErrInvalidAccessToken, classAuth},
	{"InvalidAuthorizationHeader", http.StatusBadRequest, ErrInvalidAuthorizationHeader, classMisconfigured},
	{"InvalidConsumeState", http.StatusConflict, ErrInvalidConsumeState, classConflict},
	{"InvalidContentType", http.StatusUnsupportedMediaType, ErrInvalidContentType, classMisconfigured},
	{"InvalidPurchaseState", http.StatusConflict, ErrInvalidPurchaseState, classConflict},
	{"InvalidRequest", http.StatusBadRequest, ErrInvalidRequest, classParameter},
	{"MethodNotAllowed", http.StatusMethodNotAllowed, ErrMethodNotAllowed, classMisconfigured},
	{"NoSuchData", http.StatusNotFound, ErrNoSuchData, classNoPurchase},
	{"RequiredValueNotExist", http.StatusBadRequest, ErrRequiredValueNotExist, classMisconfigured},
	{"ResourceNotFound", http.StatusNotFound, ErrResourceNotFound, classMisconfigured},
	{"ServiceMaintenance", http.StatusServiceUnavailable, ErrServiceMaintenance, classMaintenance},
	{"Success", http.StatusOK, nil, classSuccess},
	{"UnauthorizedAccess", http.StatusForbidden, ErrUnauthorizedAccess, classMisconfigured},
}

// codeNamed returns a row that means nothing for a name that the document does not have.
func codeNamed(name string) code {
	for i := range codes {
		if codes[i].name == name {
			return codes[i]
		}
	}
	return code{}
}

// documented tells whether name is a standard code, or one of those of the access token's endpoint.
func documented(name string) bool { return rest.IsOAuthError(name) || codeNamed(name) != code{} }
