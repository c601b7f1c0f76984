package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Object is a parsed JSON object. Its getters tell an absent or null member (nil, or the zero time)
// from a present one. A member of the wrong type is a fault: the getter returns what it returns for
// an absent one, and Err reports it, by the member's name, never by its value. Read everything, then
// ask Err. An Object is for one goroutine.
type Object struct {
	members map[string]any
	path    string   // "priceChange." of an inner object
	faults  *[]error // shared with the inner objects
}

// Err joins the faults that the getters met in this object and in its inner ones.
func (o *Object) Err() error { return errors.Join(*o.faults...) }

// Has tells whether the object has the member, be it null.
func (o *Object) Has(name string) bool {
	_, ok := o.members[name]
	return ok
}

// Fault reports that the member name is wrong. what ends the sentence, without the value.
func (o *Object) Fault(name, what string) {
	*o.faults = append(*o.faults, fmt.Errorf("%s%s %s", o.path, name, what))
}

// Int reads an integer, which may also be written as a string. Only the shortest decimal form
// counts: no fraction, no exponent, no plus, no "-0".
func (o *Object) Int(name string) *int64 {
	var text string
	switch v := o.members[name].(type) {
	case nil:
		return nil
	case json.Number:
		text = string(v)
	case string:
		text = v
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != text {
		o.Fault(name, "is not an integer")
		return nil
	}
	return &n
}

// RequiredInt is Int for a member whose absence is a fault.
func (o *Object) RequiredInt(name string) *int64 {
	if o.members[name] == nil {
		o.Fault(name, "is missing")
		return nil
	}
	return o.Int(name)
}

// Enum is Int for a member that may also be one of words; any other word is unknown, and no fault.
func (o *Object) Enum(name string, words map[string]int64, unknown int64) *int64 {
	word, ok := o.members[name].(string)
	if !ok || word == "" || strings.Trim(word, "-0123456789") == "" {
		return o.Int(name)
	}
	n, ok := words[word]
	if !ok {
		n = unknown
	}
	return &n
}

// RequiredText is Text for a member whose absence, and whose being "", is a fault.
func (o *Object) RequiredText(name string) string {
	s := o.String(name)
	if s != nil && *s == "" || o.members[name] == nil {
		o.Fault(name, "is missing")
	}
	return value(s)
}

// String reads a string.
func (o *Object) String(name string) *string {
	switch v := o.members[name].(type) {
	case nil:
		return nil
	case string:
		return &v
	default:
		o.Fault(name, "is not a string")
		return nil
	}
}

// Text is String for a member whose absence and whose being "" are the same.
func (o *Object) Text(name string) string {
	return value(o.String(name))
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Bool reads a boolean; nothing else stands for one.
func (o *Object) Bool(name string) *bool {
	switch v := o.members[name].(type) {
	case nil:
		return nil
	case bool:
		return &v
	default:
		o.Fault(name, "is not a boolean")
		return nil
	}
}

// Time reads a time in milliseconds since 1970, an Int after 0 and before the year 2200. Absent,
// null and 0 give the zero time. The result is in UTC.
func (o *Object) Time(name string) time.Time {
	n := o.Int(name)
	if n == nil || *n == 0 {
		return time.Time{}
	}
	return o.plausible(name, *n)
}

// RequiredTime is Time for a member whose absence, and whose being 0, is a fault.
func (o *Object) RequiredTime(name string) time.Time {
	n := o.RequiredInt(name)
	if n == nil {
		return time.Time{}
	}
	return o.plausible(name, *n)
}

func (o *Object) plausible(name string, ms int64) time.Time {
	if ms <= 0 || ms >= endOfTime {
		o.Fault(name, "is not a plausible time")
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// endOfTime is the year 2200 in milliseconds since 1970.
const endOfTime = 7_258_118_400_000

// Object reads an inner object, nil if it is absent or null.
func (o *Object) Object(name string) *Object {
	switch v := o.members[name].(type) {
	case nil:
		return nil
	case map[string]any:
		return &Object{members: v, path: o.path + name + ".", faults: o.faults}
	default:
		o.Fault(name, "is not an object")
		return nil
	}
}

// Objects reads a list of objects, nil if it is absent or null.
func (o *Object) Objects(name string) []*Object {
	if o.members[name] == nil {
		return nil
	}
	values, ok := o.members[name].([]any)
	if !ok {
		o.Fault(name, "is not a list")
		return nil
	}
	list := make([]*Object, 0, len(values))
	for i, v := range values {
		entry := fmt.Sprintf("%s[%d]", name, i)
		members, ok := v.(map[string]any)
		if !ok {
			o.Fault(entry, "is not an object")
			continue
		}
		list = append(list, &Object{members: members, path: o.path + entry + ".", faults: o.faults})
	}
	return list
}

// Seconds reads a number of seconds leniently, as a token's life is written in the wild: 3600,
// 3600.0, "3600". Fractions are cut off. What is absent or no number is 0, and no fault; what is too
// large for a Duration is the largest one.
func (o *Object) Seconds(name string) time.Duration {
	var text string
	switch v := o.members[name].(type) {
	case json.Number:
		text = string(v)
	case string:
		text = v
	}
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case math.IsNaN(f) || err != nil && f == 0: // out of range gives an infinity and an error
		return 0
	case f >= math.MaxInt64/1e9:
		return math.MaxInt64
	case f <= math.MinInt64/1e9:
		return math.MinInt64
	default:
		return time.Duration(f) * time.Second
	}
}
