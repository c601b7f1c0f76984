package onestoretest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/skugate/skugate/core/internal/wire"
)

// answer is a whole HTTP answer; its Date is added when it is delivered.
type answer = wire.Answer

// jsonAnswer is how the API itself answers, errors included.
func jsonAnswer(status int, v any) *answer {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil { // only a test's Edit can cause it
		a := standardError("InternalError")
		a.Header.Set("X-Onestoretest", "what Edit left cannot be written as JSON")
		return a
	}
	return &answer{Status: status, Header: http.Header{"Content-Type": {"application/json;charset=UTF-8"}}, Body: bytes.TrimSuffix(body.Bytes(), []byte("\n"))}
}

// standardError is the standard error answer of code, which must be one of the document's. fields
// are the parameters that two of the messages name.
//
// Spec: 003_cae853c17ba7f40e.txt, "标准错误响应规格".
func standardError(code string, fields ...string) *answer {
	row, ok := standardCode(code)
	if !ok {
		panic("onestoretest: " + code + " is no standard error code")
	}
	message := row.message
	if len(fields) > 0 {
		message += " [ " + strings.Join(fields, ", ") + " ]"
	}
	return jsonAnswer(row.status, object{{"error", object{{"code", code}, {"message", message}}}})
}

// success is the answer of everything that changes a purchase. The table of codes and the samples
// print its message differently; an unkind store alternates.
func (s *Store) success(c *call) *answer {
	message := "Request has been completed successfully."
	if w := s.whim(c.subject, c.nth); w != nil && w.oneIn(2) {
		message = "The request has been completed successfully."
	}
	result := object{{"code", "Success"}, {"message", message}}
	if s.choose(c.subject, c.nth, ResultNested, ResultFlat) == ResultNested {
		result = object{{"result", result}}
	}
	return jsonAnswer(http.StatusOK, result)
}

func (s *Store) noSuchData(c *call) *answer {
	a := standardError("NoSuchData")
	if s.choose(c.subject, c.nth, NoSuchData404, NoSuchData400) == NoSuchData400 {
		a.Status = http.StatusBadRequest
	}
	return a
}

// frontPage is what the server in front of the API answers when it refuses a path itself (measured
// for an encoded slash).
func frontPage(status int) *answer {
	text := http.StatusText(status)
	return &answer{
		Status: status,
		Header: http.Header{"Content-Type": {"text/html;charset=iso-8859-1"}},
		Body: []byte("<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>" + text +
			"</title>\n</head><body>\n<h1>" + text + "</h1>\n</body></html>\n"),
	}
}
