package rest

import (
	"strings"
	"unicode"
)

// maxMessage bounds what of a store's words goes into an error.
const maxMessage = 200

// SafeMessage makes of what a store wrote a short line, or nothing if it quotes a URL or one of the
// secrets. It may still quote what a game stored with a purchase, which nobody can recognise.
func SafeMessage(message string, secrets []string) string {
	if Quotes(message, secrets) || strings.Contains(message, "://") {
		return ""
	}
	message = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, message)
	if len(message) > maxMessage {
		message = strings.ToValidUTF8(message[:maxMessage], "") + "…"
	}
	return message
}

// Quotes tells whether s holds one of the secrets, in whatever case.
func Quotes(s string, secrets []string) bool {
	s = strings.ToLower(s)
	for _, secret := range secrets {
		if secret != "" && strings.Contains(s, strings.ToLower(secret)) {
			return true
		}
	}
	return false
}

// Redacted stands for an identifier or a secret where something is printed; empty if there is none.
func Redacted[T string | []byte](hidden T) string {
	if len(hidden) == 0 {
		return ""
	}
	return "[redacted]"
}

// IsOAuthError tells whether code is one that the endpoint of access tokens answers a refusal with.
//
// Spec: RFC 6749, section 5.2.
func IsOAuthError(code string) bool {
	switch code {
	case "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope":
		return true
	}
	return false
}
