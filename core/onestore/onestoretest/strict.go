package onestoretest

import (
	"encoding/json"
	"mime"
	"strings"
)

// The documented sizes.
const (
	maxProductID     = 150
	maxPurchaseToken = 20
	maxLabel         = 200
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
	mediaType, _, err := mime.ParseMediaType(c.header.Get("Content-Type"))
	wanted := "application/json"
	switch {
	case strings.Contains(strings.ToLower(c.path), "%2f"):
		return verdict{frontPage(404), "the path holds an encoded slash"}
	case c.route == nil:
		return verdict{standardError("ResourceNotFound"), "no such path"}
	case c.method != c.route.method:
		return verdict{standardError("MethodNotAllowed"), "the method is not " + c.route.method}
	case c.route.form:
		wanted = "application/x-www-form-urlencoded"
	}
	switch {
	case err != nil || mediaType != wanted || len(c.header.Values("Content-Type")) != 1:
		return verdict{standardError("InvalidContentType"), "the Content-Type is not " + wanted}
	case c.query != "" && !c.route.list:
		return verdict{standardError("BadRequest"), "the endpoint takes no query"}
	case len(c.body) > maxBody:
		return verdict{standardError("BadRequest"), "the body is too long"}
	case c.route.form:
		return s.inspectForm(c)
	}
	if _, ok := bearer(c); !ok {
		return verdict{standardError("InvalidAuthorizationHeader"), `the Authorization is not "Bearer ", one blank, and a token`}
	}
	if len(c.body) > 0 && c.route.body == nil {
		return verdict{standardError("BadRequest"), "the endpoint takes no body"}
	}
	if c.route.body != nil {
		if refused := c.route.body(s, c); refused.refusal != nil {
			return refused
		}
	}
	if c.route.list {
		if refused := s.inspectPage(c); refused.refusal != nil {
			return refused
		}
	}
	switch {
	case len([]rune(c.productID)) > maxProductID:
		return verdict{refusal: standardError("InvalidRequest", "productId")}
	case len(c.token) > maxPurchaseToken:
		return verdict{refusal: standardError("InvalidRequest", "purchaseToken")}
	}
	return verdict{malformed: s.inspectMarket(c)}
}

// inspectMarket: an app that serves the world must name its market; only Korea is the default.
func (s *Store) inspectMarket(c *call) string {
	switch values := c.header.Values("X-Market-Code"); {
	case len(values) == 0 && s.cfg.Market != MarketKorea:
		return "no x-market-code, though the store is not the Korean one"
	case len(values) > 1:
		return "several x-market-code"
	case len(values) == 1 && values[0] != MarketKorea && values[0] != MarketGlobal:
		return "an x-market-code that does not exist"
	default:
		return ""
	}
}

// jsonObject is the body; none counts as an empty object.
func jsonObject(c *call) (body map[string]json.RawMessage, _ verdict) {
	if len(c.body) == 0 {
		return nil, verdict{}
	}
	if err := json.Unmarshal(c.body, &body); err != nil || body == nil {
		return nil, verdict{standardError("BadRequest"), "the body is not a JSON object"}
	}
	return body, verdict{}
}

func inspectPayload(_ *Store, c *call) verdict {
	body, refused := jsonObject(c)
	if refused.refusal != nil {
		return refused
	}
	if raw, ok := body["developerPayload"]; ok {
		if err := json.Unmarshal(raw, &c.payload); err != nil || c.payload != nil && len([]rune(*c.payload)) > maxLabel {
			return verdict{standardError("InvalidRequest", "developerPayload"), "the developerPayload is not a string of at most 200 characters"}
		}
	}
	return verdict{}
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
