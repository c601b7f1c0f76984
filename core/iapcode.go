package core

import "iter"

// IAPGroup is the part of NHN's IAP error guide that defines a code. A code alone names nothing:
// 1100 stands in two groups.
type IAPGroup string

// The groups of the guide, by its headings.
const (
	IAPClient     IAPGroup = "client"      // "Client API Errors"
	IAPServer     IAPGroup = "server"      // "Server API Errors"
	IAPWebConsole IAPGroup = "web-console" // "Web Console Errors"
)

// IAPClass says who can do something about an IAP error. The guide has no such column: it is this
// package's reading of the descriptions.
type IAPClass string

// The classes.
const (
	IAPRetryable IAPClass = "retryable" // the same request may succeed later
	IAPAuth      IAPClass = "auth"      // the player signs in again
	IAPPermanent IAPClass = "permanent" // this device or store will never do
	IAPUser      IAPClass = "user"      // the player's own choice
	IAPConfig    IAPClass = "config"    // the game's settings at the store or in the console
	IAPUpstream  IAPClass = "upstream"  // the store or the IAP server refused or failed
	IAPDeny      IAPClass = "deny"      // the proof of purchase does not hold
	IAPPending   IAPClass = "pending"   // an earlier payment is to be finished first
	IAPCaller    IAPClass = "caller"    // the request is wrong as it was sent
)

// IAPCode is one row of NHN's IAP error guide. Group and Code together are unique. It is a vocabulary
// that game clients already know, and has nothing to do with the error codes of a store's own API.
type IAPCode struct {
	Group IAPGroup
	Code  int
	// Name is the type as the guide spells it. It is unique within a group.
	Name string
	// Meaning is a short explanation in English, for people.
	Meaning string
	Class   IAPClass
}

// iapCodes is the union of the Chinese and the English edition: only the English one has 117. Of
// 106 and 112 the Chinese descriptions are meant, the English ones are less exact or copied.
var iapCodes = [...]IAPCode{
	{IAPClient, 100, "NETWORK_TIMEOUT", "the network failed or did not answer in time", IAPRetryable},
	{IAPClient, 101, "AUTHORIZATION_ERROR", "the platform or store did not accept who is asking", IAPAuth},
	{IAPClient, 102, "UNSUPPORTED_DEVICE", "this device cannot make purchases", IAPPermanent},
	{IAPClient, 103, "UNSUPPORTED_MARKET", "this store is not supported", IAPPermanent},
	{IAPClient, 104, "USER_CANCEL", "the player cancelled during payment", IAPUser},
	{IAPClient, 105, "IAP_INITIALIZED_ERROR", "IAP could not start: check the initialization settings", IAPConfig},
	{IAPClient, 106, "IAP_SERVER_UNKNOWN_ERROR", "the IAP server answered with a status other than 20x", IAPRetryable},
	{IAPClient, 107, "IAP_RESPONSE_ON_FAILED", "the IAP server answered that the call failed", IAPUpstream},
	{IAPClient, 108, "INAPP_INITIALIZED_ERROR", "the store's billing library could not start", IAPConfig},
	{IAPClient, 109, "INAPP_PURCHASE_ERROR", "the store failed on the purchase request", IAPUpstream},
	{IAPClient, 110, "INAPP_VERIFY_SIGNATURE_ERROR", "the signature of the purchase is not the store's", IAPDeny},
	{IAPClient, 111, "INAPP_CONSUME_ERROR", "the store failed to consume the purchase", IAPUpstream},
	{IAPClient, 112, "INAPP_VERIFY_CONSUME_ERROR", "the receipt of the purchase does not hold", IAPDeny},
	{IAPClient, 113, "SERVER_NETWORK_FAIL", "the IAP server could not reach the network", IAPRetryable},
	{IAPClient, 116, "APP_STORE_REMAINS_PAYMENT", "an earlier payment is unfinished: guide the player back to it", IAPPending},
	{IAPClient, 117, "IAP_IN_PROGRESS_ERROR", "an earlier request is still in progress: ignore or repeat", IAPRetryable},

	{IAPServer, 1100, "INVALID_PARAMETERS", "a parameter is invalid", IAPCaller},
	{IAPServer, 2111, "HTTP_CONTENT_TYPE_NOT_SUPPORT", "the Content-Type is not application/json", IAPCaller},
	{IAPServer, 2112, "HTTP_REQUEST_METHOD_NOT_SUPPORT", "the HTTP method is wrong", IAPCaller},
	{IAPServer, 5000, "CONSUME_FAILED", "consuming failed: check the purchase token, and that the client's payment went through", IAPUpstream},

	{IAPWebConsole, 1100, "INVALID_PARAMETERS", "a parameter is invalid", IAPCaller},
	{IAPWebConsole, 5003, "INVALID_AUTHENTICATED", "the store refuses the configured credentials", IAPConfig},
	{IAPWebConsole, 5013, "MARKET_GOOGLE_INVALID_REQUEST", "the registration with Google is wrong", IAPConfig},
}

// IAPCodes yields every row of the guide, in the guide's order: 16 of the client, 4 of the server, 3
// of the web console. Codes that other editions of the guide define are not among them.
//
// Spec: 000_75f2de556fdaec41.txt and 001_5f7d9568fb3c53e6.txt, the tables of errors.
func IAPCodes() iter.Seq[IAPCode] {
	return func(yield func(IAPCode) bool) {
		for i := range iapCodes {
			if !yield(iapCodes[i]) {
				return
			}
		}
	}
}

// IAPByCode finds the row of a code. It reports false for a code that the guide does not define in
// that group, as 114 and 115 anywhere.
func IAPByCode(group IAPGroup, code int) (IAPCode, bool) {
	for i := range iapCodes {
		if c := &iapCodes[i]; c.Code == code && c.Group == group {
			return *c, true
		}
	}
	return IAPCode{}, false
}

// IAPByName finds the rows with the name, spelled as in the guide: none for an unknown name, and two
// for INVALID_PARAMETERS. The slice is the caller's own.
func IAPByName(name string) []IAPCode {
	var found []IAPCode
	for i := range iapCodes {
		if iapCodes[i].Name == name {
			found = append(found, iapCodes[i])
		}
	}
	return found
}
