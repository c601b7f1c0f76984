package main

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// maxInput is how long the body of a verb may be.
const maxInput = 1 << 20

// verb is one thing that the control API can be asked to do.
type verb struct {
	method string
	fields []string // what it takes: members of the JSON body, of GET names in the query
	do     func(f *fake, input []byte) (any, error)
}

// verbs are all of them. One more is a function of its own input, in a file of its own, and a row here:
// see command and question.
func verbs() map[string]verb {
	all := map[string]verb{
		"advance": command(advance),
		"clear":   command(onStore((*onestoretest.Store).Clear)),
		"down":    command(onStore(func(s *onestoretest.Store) { s.Down(true) })),
		"up":      command(onStore(func(s *onestoretest.Store) { s.Down(false) })),
		"reset":   command(func(f *fake, _ struct{}) (any, error) { f.reset(); return done, nil }),
		"notify":  {http.MethodPost, fieldsOf[notification](), tell},
		"fail":    {http.MethodPost, failFields(), fail},

		"requests":  question(requests),
		"counts":    question(counts),
		"purchases": question(purchases),
		"facts":     question(facts),
	}
	maps.Copy(all, purchaseVerbs())
	maps.Copy(all, playVerbs())
	return all
}

// done is what a verb without a result answers.
var done = map[string]bool{"done": true}

// command is a verb that changes something: its input is a JSON object, or nothing.
func command[In any](do func(*fake, In) (any, error)) verb {
	return verb{http.MethodPost, fieldsOf[In](), func(f *fake, input []byte) (any, error) {
		in, err := decode[In](input)
		if err != nil {
			return nil, err
		}
		return do(f, in)
	}}
}

// question is a verb that changes nothing: its input is the query.
func question[In any](do func(*fake, In) (any, error)) verb {
	v := command(do)
	v.method = http.MethodGet
	return v
}

func onStore(do func(*onestoretest.Store)) func(*fake, struct{}) (any, error) {
	return func(f *fake, _ struct{}) (any, error) {
		do(f.store())
		return done, nil
	}
}

// attempt turns the panic, with which a store refuses what is senseless, into an error.
func attempt(do func()) (err error) {
	defer func() {
		r := recover()
		text, _ := r.(string)
		store, why, _ := strings.Cut(text, ": ")
		switch {
		case r == nil:
		case store == "onestoretest", store == "googleplaytest":
			err = errors.New(why)
		default:
			panic(r)
		}
	}()
	do()
	return nil
}

// control is the handler of the control API.
type control struct {
	fake  *fake
	verbs map[string]verb
}

func newControl(f *fake) *control { return &control{f, verbs()} }

// ServeHTTP implements http.Handler.
func (c *control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	v, ok := c.verbs[name]
	if name == "" {
		v, ok = verb{http.MethodGet, nil, func(*fake, []byte) (any, error) { return c.overview(), nil }}, true
	}
	if !ok {
		answerError(w, http.StatusNotFound, name, "there is no such verb: GET / lists them")
		return
	}
	if r.Method != v.method {
		w.Header().Set("Allow", v.method)
		answerError(w, http.StatusMethodNotAllowed, name, "the method is "+v.method)
		return
	}
	input, err := readInput(r)
	if err == nil {
		var result any
		if result, err = v.do(c.fake, input); err == nil {
			answerJSON(w, http.StatusOK, result)
			return
		}
	}
	answerError(w, http.StatusBadRequest, name, err.Error())
}

// overview is what GET / answers.
func (c *control) overview() any {
	type entry struct {
		Verb   string   `json:"verb"`
		Method string   `json:"method"`
		Fields []string `json:"fields,omitempty"`
	}
	var list []entry
	for _, name := range slices.Sorted(maps.Keys(c.verbs)) {
		list = append(list, entry{name, c.verbs[name].method, c.verbs[name].fields})
	}
	return map[string]any{"verbs": list, "effects": slices.Sorted(maps.Keys(effects())), "ops": onestoretest.Ops()}
}

// readInput is the body of a POST; the query of a GET, as if it were one.
func readInput(r *http.Request) ([]byte, error) {
	if r.Method == http.MethodGet {
		in := map[string]string{}
		for name, values := range r.URL.Query() {
			if len(values) > 1 {
				return nil, errors.New(name + ": is given twice")
			}
			in[name] = values[0]
		}
		return json.Marshal(in)
	}
	if r.URL.RawQuery != "" {
		return nil, errors.New("a POST takes no query: its input is a JSON object in the body")
	}
	input, err := io.ReadAll(io.LimitReader(r.Body, maxInput+1))
	if len(input) > maxInput {
		return nil, errors.New("the body is longer than 1 MiB")
	}
	return input, err
}

func answerError(w http.ResponseWriter, status int, verb, message string) {
	answerJSON(w, status, map[string]any{"error": map[string]string{"verb": verb, "message": message}})
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // the client left, or the values are our own
}
