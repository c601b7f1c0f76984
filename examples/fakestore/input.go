package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"
)

// decode reads the input of a verb into its struct. Nothing at all counts as an empty object.
func decode[In any](input []byte) (In, error) {
	var in In
	if len(bytes.TrimSpace(input)) == 0 {
		return in, nil
	}
	d := json.NewDecoder(bytes.NewReader(input))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return in, explain(err, fieldsOf[In]())
	}
	if _, err := d.Token(); err != io.EOF {
		return in, errors.New("the input goes on after its JSON object")
	}
	return in, nil
}

// explain says what is wrong with an input in the words of this API.
func explain(err error, fields []string) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		name := wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:] // an embedded struct is no part of it
		switch {
		case name == "":
			return errors.New("the input is not a JSON object: it is " + wrong.Value)
		case wrong.Type == reflect.TypeFor[duration]():
			return fmt.Errorf("%s: is no duration, such as \"72h\" or \"1m30s\"", name)
		default:
			return fmt.Errorf("%s: has to be %s, is %s", name, wrong.Type, wrong.Value)
		}
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if len(fields) == 0 {
			return fmt.Errorf("%s: unknown field: there are none", strings.Trim(name, `"`))
		}
		return fmt.Errorf("%s: unknown field: there are %s", strings.Trim(name, `"`), strings.Join(fields, ", "))
	}
	return errors.New("the input is not a JSON object: " + strings.TrimPrefix(err.Error(), "json: "))
}

// fieldsOf are the names of the fields of a struct, those of embedded ones included.
func fieldsOf[In any]() []string {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeFor[In]()) {
		if name := f.Tag.Get("json"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// duration is a time.Duration that JSON writes as "72h" or "1m30s".
type duration time.Duration

// UnmarshalJSON implements json.Unmarshaler.
func (d *duration) UnmarshalJSON(text []byte) error {
	var s string
	err := json.Unmarshal(text, &s)
	v, parseErr := time.ParseDuration(s)
	if err != nil || parseErr != nil {
		return &json.UnmarshalTypeError{Type: reflect.TypeFor[duration]()} // the decoder adds which field
	}
	*d = duration(v)
	return nil
}

func invalid(name, why string) error { return errors.New(name + ": " + why) }
