package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// scope is what every scripted fault takes: which requests it meets, and how late.
type scope struct {
	Effect string          `json:"effect"`
	Op     onestoretest.Op `json:"op"`
	Token  string          `json:"purchaseToken"`
	Every  int             `json:"every"`
	Times  int             `json:"times"`
	Delay  duration        `json:"delay"`
}

func (s scope) fault(e onestoretest.Effect) onestoretest.Fault {
	return onestoretest.Fault{Op: s.Op, Token: s.Token, Every: s.Every, Times: s.Times, Delay: time.Duration(s.Delay), Effect: e}
}

func (s scope) check() error {
	switch {
	case s.Op != "" && !slices.Contains(onestoretest.Ops(), s.Op):
		return invalid("op", "there is no such endpoint: GET / lists them")
	case s.Every < 0:
		return invalid("every", "is not negative")
	case s.Times < 0:
		return invalid("times", "is not negative")
	case s.Delay < 0:
		return invalid("delay", "is not negative")
	default:
		return nil
	}
}

// effect is a kind of fault by its name.
type effect struct {
	fields []string
	read   func(input []byte) (onestoretest.Fault, error)
}

// scoped makes an effect of a function of its own input, which embeds scope.
func scoped[In interface {
	fault(onestoretest.Effect) onestoretest.Fault
	check() error
}](make func(In) (onestoretest.Effect, error)) effect {
	return effect{fieldsOf[In](), func(input []byte) (onestoretest.Fault, error) {
		in, err := decode[In](input)
		if err != nil {
			return onestoretest.Fault{}, err
		}
		if err := in.check(); err != nil {
			return onestoretest.Fault{}, err
		}
		e, err := make(in)
		return in.fault(e), err
	}}
}

// withCode names an error, withStatus a status that has a default, withBytes a number of bytes.
type (
	withCode struct {
		scope
		Code string `json:"code"`
	}
	withStatus struct {
		scope
		Status int `json:"status"`
	}
	withBytes struct {
		scope
		Bytes int64 `json:"bytes"`
	}
)

func effects() map[string]effect {
	plain := func(e func() onestoretest.Effect) effect {
		return scoped(func(scope) (onestoretest.Effect, error) { return e(), nil })
	}
	code := func(e func(code string) onestoretest.Effect) effect {
		return scoped(func(in withCode) (made onestoretest.Effect, err error) {
			if in.Code == "" {
				return made, invalid("code", "is missing")
			}
			err = attempt(func() { made = e(in.Code) })
			return made, err
		})
	}
	status := func(byDefault int, e func(status int) onestoretest.Effect) effect {
		return scoped(func(in withStatus) (onestoretest.Effect, error) {
			if in.Status == 0 {
				in.Status = byDefault
			}
			return e(in.Status), checkStatus(in.Status)
		})
	}
	bytes := func(e func(n int64) onestoretest.Effect) effect {
		return scoped(func(in withBytes) (onestoretest.Effect, error) {
			if in.Bytes < 0 || in.Bytes > 1<<30 {
				return onestoretest.Effect{}, invalid("bytes", "is 0 to 1 GiB")
			}
			return e(in.Bytes), nil
		})
	}
	return map[string]effect{
		"none":         plain(func() onestoretest.Effect { return onestoretest.Effect{} }), // for a delay
		"hang":         plain(onestoretest.Hang),
		"reset":        plain(onestoretest.Reset),
		"lose-answer":  plain(onestoretest.LoseAnswer),
		"empty-page":   plain(onestoretest.EmptyPage),
		"endless-keys": plain(onestoretest.EndlessKeys),
		"error":        code(onestoretest.StandardError),
		"oauth-error":  code(onestoretest.OAuthError),
		"html":         status(http.StatusNotFound, onestoretest.HTMLPage),
		"empty":        status(http.StatusOK, onestoretest.Empty),
		"truncated":    bytes(func(n int64) onestoretest.Effect { return onestoretest.TruncateAt(int(n)) }),
		"reset-after":  bytes(func(n int64) onestoretest.Effect { return onestoretest.ResetAfter(int(n)) }),
		"oversize":     bytes(onestoretest.Oversize),
		"maintenance":  scoped(maintenance),
		"redirect":     scoped(redirect),
		"answer":       scoped(answer),
		"append":       scoped(appendText),
		"drip":         scoped(drip),
		"cycle-keys":   scoped(cycleKeys),
	}
}

func checkStatus(status int) error {
	if status < 200 || status > 599 {
		return invalid("status", "is 200 to 599")
	}
	return nil
}

// maintenance is ServiceMaintenance, with a Retry-After if one is given: seconds, a date, or nonsense.
func maintenance(in struct {
	scope
	RetryAfter string `json:"retryAfter"`
}) (onestoretest.Effect, error) {
	if in.RetryAfter == "" {
		return onestoretest.StandardError("ServiceMaintenance"), nil
	}
	return onestoretest.Maintenance(in.RetryAfter), nil
}

func redirect(in struct {
	withStatus
	Location string `json:"location"`
}) (onestoretest.Effect, error) {
	if in.Status == 0 {
		in.Status = http.StatusTemporaryRedirect
	}
	if in.Status < 300 || in.Status > 399 {
		return onestoretest.Effect{}, invalid("status", "is 300 to 399")
	}
	if in.Location == "" {
		return onestoretest.Effect{}, invalid("location", "is missing")
	}
	return onestoretest.Redirect(in.Status, in.Location), nil
}

func answer(in struct {
	withStatus
	Header map[string]string `json:"header"`
	Body   string            `json:"body"`
}) (onestoretest.Effect, error) {
	h := make(http.Header)
	for name, value := range in.Header {
		h.Set(name, value)
	}
	return onestoretest.Answer(in.Status, h, in.Body), checkStatus(in.Status)
}

func appendText(in struct {
	scope
	Body string `json:"body"`
}) (onestoretest.Effect, error) {
	if in.Body == "" {
		return onestoretest.Effect{}, invalid("body", "is missing: the text that follows the body")
	}
	return onestoretest.Append(in.Body), nil
}

// drip sends a byte every 100 milliseconds, unless told otherwise.
func drip(in struct {
	withBytes
	Interval duration `json:"interval"`
}) (onestoretest.Effect, error) {
	switch {
	case in.Bytes < 0 || in.Bytes > 1<<30:
		return onestoretest.Effect{}, invalid("bytes", "is 1 to 1 GiB")
	case in.Interval < 0:
		return onestoretest.Effect{}, invalid("interval", "is not negative")
	case in.Interval == 0:
		in.Interval = duration(100 * time.Millisecond)
	}
	return onestoretest.Drip(int(in.Bytes), time.Duration(in.Interval)), nil
}

// cycleKeys repeats one key, unless told how many take turns.
func cycleKeys(in struct {
	scope
	Keys int `json:"keys"`
}) (onestoretest.Effect, error) {
	if in.Keys < 0 || in.Keys > 1000 {
		return onestoretest.Effect{}, invalid("keys", "is 1 to 1000")
	}
	return onestoretest.CycleKeys(in.Keys), nil
}

// fail scripts one fault.
func fail(f *fake, input []byte) (any, error) {
	var named struct {
		Effect string `json:"effect"`
	}
	if err := json.Unmarshal(input, &named); err != nil {
		return nil, explain(err, failFields())
	}
	all := effects()
	e, ok := all[named.Effect]
	if !ok {
		return nil, invalid("effect", "is "+strings.Join(slices.Sorted(maps.Keys(all)), ", "))
	}
	fault, err := e.read(input)
	if err != nil {
		return nil, err
	}
	s := f.store()
	if _, ok := s.Product(fault.Token); !ok && fault.Token != "" {
		return nil, unknownToken(fault.Token)
	}
	s.Fail(fault)
	return done, nil
}

// failFields are the fields of every effect; each takes those of its own.
func failFields() []string {
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(effects())) {
		for _, field := range effects()[name].fields {
			if !slices.Contains(fields, field) {
				fields = append(fields, field)
			}
		}
	}
	return fields
}
