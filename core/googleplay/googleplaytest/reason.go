package googleplaytest

import "net/http"

// apiError is an error of the API in the shape that is seen of it. location is the parameter to blame,
// if any.
//
// Spec: 002_14922676bb3a4460.txt, the table of errors.
func apiError(status int, reason, message, location string) *answer {
	detail := object{{"message", message}, {"domain", "androidpublisher"}, {"reason", reason}}
	if location != "" {
		detail = append(detail, member{"location", location}, member{"locationType", "parameter"})
	}
	body := object{{"code", int64(status)}, {"message", message}, {"errors", []object{detail}}}
	if reason == "" {
		body = body[:2]
	}
	return jsonAnswer(status, object{{"error", body}})
}

// The refusals that the store itself gives. Where Google was seen to use another reason than it
// documents, an unkind store uses either.

func (s *Store) invalidToken(c *call) *answer {
	w := s.whim(c.token, c.nth)
	switch {
	case w == nil || w.oneIn(3):
		return apiError(http.StatusNotFound, "notFound", "The purchase token was not found.", "token")
	case w.oneIn(3):
		return apiError(http.StatusNotFound, "purchaseTokenNotFound", "The purchase token was not found.", "token")
	case w.oneIn(2):
		return apiError(http.StatusBadRequest, "invalid", "Invalid Value", "")
	default:
		return apiError(http.StatusBadRequest, "invalidValue", "Invalid Value", "token")
	}
}

func (s *Store) mismatch(c *call) *answer {
	reason := "purchaseTokenMismatch"
	if w := s.whim(c.token, c.nth); w != nil && w.oneIn(2) {
		reason = "purchaseTokenDoesNotMatchProductId"
	}
	return apiError(http.StatusBadRequest, reason, "The purchase token does not match the product ID.", "token")
}

func gone() *answer {
	return apiError(http.StatusGone, "purchaseTokenNoLongerValid", "The purchase token is no longer valid.", "token")
}

func badState() *answer {
	return apiError(http.StatusBadRequest, "invalidPurchaseState", "The purchase is not in a valid state to perform the desired operation.", "")
}

func notOwned() *answer {
	return apiError(http.StatusBadRequest, "productNotOwnedByUser", "The product is not owned by the user.", "")
}

func invalidValue(parameter string) *answer {
	return apiError(http.StatusBadRequest, "invalidValue", "Invalid Value", parameter)
}

func unauthorized() *answer {
	return apiError(http.StatusUnauthorized, "authError", "Invalid Credentials", "Authorization")
}

func (s *Store) tooMany(c *call) *answer {
	status := http.StatusTooManyRequests
	if w := s.whim("quota", c.nth); w != nil && w.oneIn(2) {
		status = http.StatusForbidden
	}
	return apiError(status, "rateLimitExceeded", "Quota exceeded.", "")
}
