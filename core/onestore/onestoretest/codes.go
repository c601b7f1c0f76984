package onestoretest

import "net/http"

// standard is a row of the document's table of standard response codes.
type standard struct {
	status  int
	message string
}

// standardCode finds a row by its code.
//
// Spec: 003_cae853c17ba7f40e.txt, "标准响应代码".
func standardCode(code string) (standard, bool) {
	row, ok := map[string]standard{
		"AccessBlocked":              {http.StatusForbidden, "The request was blocked."},
		"AccessTokenExpired":         {http.StatusUnauthorized, "Access token has expired."},
		"BadRequest":                 {http.StatusBadRequest, "The request are invalid."},
		"DeveloperPayloadNotMatch":   {http.StatusBadRequest, "The request developerPayload does not match the value passed in the purchase request."},
		"InternalError":              {http.StatusInternalServerError, "An undefined error has occurred."},
		"InvalidAccessToken":         {http.StatusUnauthorized, "Access token is invalid."},
		"InvalidAuthorizationHeader": {http.StatusBadRequest, "Authorization header is invalid."},
		"InvalidConsumeState":        {http.StatusConflict, "The purchase consumption status cannot be changed or has already been changed."},
		"InvalidContentType":         {http.StatusUnsupportedMediaType, "The request content-type is invalid."},
		"InvalidPurchaseState":       {http.StatusConflict, "Purchase history does not exist or is not completed."},
		"InvalidRequest":             {http.StatusBadRequest, "Request parameters are invalid."},
		"MethodNotAllowed":           {http.StatusMethodNotAllowed, "HTTP method not supported."},
		"NoSuchData":                 {http.StatusNotFound, "The requested data could not be found."},
		"RequiredValueNotExist":      {http.StatusBadRequest, "Request parameters are required."},
		"ResourceNotFound":           {http.StatusNotFound, "The requested resource could not be found."},
		"ServiceMaintenance":         {http.StatusServiceUnavailable, "System maintenance is in progress."},
		"UnauthorizedAccess":         {http.StatusForbidden, "Not authorized to this API."},
	}[code]
	return row, ok
}
