package googleplaytest

import (
	"bytes"
	"encoding/json"
	"net/http"

	"github.com/skugate/skugate/core/internal/wire"
)

// answer is a whole HTTP answer; its Date is added when it is delivered.
type answer = wire.Answer

// jsonAnswer is how the API itself answers, errors included.
func jsonAnswer(status int, v any) *answer {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")               // as Google does
	if err := enc.Encode(v); err != nil { // only a test's Edit can cause it
		a := apiError(http.StatusInternalServerError, "backendError", "Internal error.", "")
		a.Header.Set("X-Googleplaytest", "what Edit left cannot be written as JSON")
		return a
	}
	return &answer{Status: status, Header: http.Header{"Content-Type": {"application/json; charset=UTF-8"}}, Body: body.Bytes()}
}

// done is the answer to a change. The document has an empty body; an unkind store sends 204 as well.
func (s *Store) done(c *call) *answer {
	status := http.StatusOK
	if w := s.whim(c.token, c.nth); w != nil && w.oneIn(2) {
		status = http.StatusNoContent
	}
	return &answer{Status: status, Header: http.Header{"Content-Type": {"application/json; charset=UTF-8"}}}
}

// frontPage is what the server in front of the API answers when it knows no such path.
func frontPage(status int) *answer {
	text := http.StatusText(status)
	return &answer{
		Status: status,
		Header: http.Header{"Content-Type": {"text/html; charset=UTF-8"}},
		Body:   []byte("<!DOCTYPE html>\n<html lang=en>\n<title>Error " + text + "!!1</title>\n<p>That’s an error.\n"),
	}
}
