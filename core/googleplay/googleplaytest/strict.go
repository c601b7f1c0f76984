package googleplaytest

import (
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxBody is how much of a request's body is read; a longer one is malformed.
const maxBody = 64 << 10

// verdict is what the strict reading of a request comes to.
type verdict struct {
	refusal   *answer // nil: go on
	malformed string  // what a well-behaved client would not have sent; never a value that it sent
}

// inspect judges the form of a request, not its content: whether the access token and the
// purchase exist is found out later.
func (s *Store) inspect(c *call) verdict {
	badRequest := apiError(http.StatusBadRequest, "badRequest", "Bad Request", "")
	switch {
	case c.route == nil:
		return verdict{frontPage(http.StatusNotFound), "no such path"}
	case c.method != c.route.method:
		return verdict{frontPage(http.StatusMethodNotAllowed), "the method is not " + c.route.method}
	case len(c.body) > maxBody:
		return verdict{badRequest, "the body is too long"}
	case c.route.form:
		return s.inspectForm(c)
	}
	if _, ok := bearer(c); !ok {
		return verdict{unauthorized(), `the Authorization is not "Bearer ", one blank, and a token`}
	}
	if what := c.inspectQuery(); what != "" {
		return verdict{badRequest, what}
	}
	if what := c.inspectBody(); what != "" {
		return verdict{badRequest, what}
	}
	return verdict{}
}

func (c *call) inspectQuery() string {
	query, err := url.ParseQuery(c.query)
	if err != nil {
		return "the query is none"
	}
	for name, values := range query {
		switch {
		case !slices.Contains(c.route.query, name):
			return "the method has no such query parameter"
		case len(values) != 1 || values[0] == "":
			return "a query parameter is repeated or empty"
		}
	}
	return ""
}

func (c *call) inspectBody() string {
	if len(c.body) == 0 {
		return ""
	}
	if !c.route.body {
		return "the method takes no body"
	}
	if media, _, err := mime.ParseMediaType(c.header.Get("Content-Type")); err != nil || media != "application/json" {
		return "the Content-Type is not application/json"
	}
	var body map[string]json.RawMessage
	if err := json.Unmarshal(c.body, &body); err != nil || body == nil {
		return "the body is not a JSON object"
	}
	for name, raw := range body {
		var text string
		if name != "developerPayload" || json.Unmarshal(raw, &text) != nil {
			return "the body has something other than a developerPayload"
		}
	}
	return ""
}

// bearer is the access token, when the header has exactly the documented form.
func bearer(c *call) (string, bool) {
	values := c.header.Values("Authorization")
	if len(values) != 1 {
		return "", false
	}
	token, ok := strings.CutPrefix(strings.Trim(values[0], " \t"), "Bearer ")
	return token, ok && token != "" && !strings.ContainsAny(token, " \t<>")
}
