package onestore

import "errors"

// The standard response codes, to be found with errors.Is in the error of any call.
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

// class is what an error means to whoever asked.
type class uint8

const (
	classUnknown       class = iota // no standard code: the status decides
	classUnavailable                // down, slow, limits us
	classFault                      // not the API that answered
	classMalformed                  // success without what makes one
	classMisconfigured              // our request is wrong
	classAuth                       // our credentials are wrong
	classBlocked                    // we are shut out
	classNoPurchase                 // there is no such purchase
	classParameter                  // a parameter is wrong; Error.fields tells which
	classBadParameter               // the parameter that is wrong names the purchase
)

// codes is what each standard code means. Status alone decides about any other.
var codes = [...]struct {
	code     string
	sentinel error
	class    class
}{
	{"AccessBlocked", ErrAccessBlocked, classBlocked},
	{"AccessTokenExpired", ErrAccessTokenExpired, classAuth},
	{"BadRequest", ErrBadRequest, classMisconfigured},
	{"DeveloperPayloadNotMatch", ErrDeveloperPayloadNotMatch, classMisconfigured},
	{"InternalError", ErrInternalError, classUnavailable},
	{"InvalidAccessToken", ErrInvalidAccessToken, classAuth},
	{"InvalidAuthorizationHeader", ErrInvalidAuthorizationHeader, classMisconfigured},
	{"InvalidConsumeState", ErrInvalidConsumeState, classMisconfigured},
	{"InvalidContentType", ErrInvalidContentType, classMisconfigured},
	{"InvalidPurchaseState", ErrInvalidPurchaseState, classMisconfigured},
	{"InvalidRequest", ErrInvalidRequest, classParameter},
	{"MethodNotAllowed", ErrMethodNotAllowed, classMisconfigured},
	{"NoSuchData", ErrNoSuchData, classNoPurchase},
	{"RequiredValueNotExist", ErrRequiredValueNotExist, classMisconfigured},
	{"ResourceNotFound", ErrResourceNotFound, classMisconfigured},
	{"ServiceMaintenance", ErrServiceMaintenance, classUnavailable},
	{"UnauthorizedAccess", ErrUnauthorizedAccess, classMisconfigured},
}
