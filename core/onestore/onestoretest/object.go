package onestoretest

import (
	"maps"
	"slices"

	"github.com/skugate/skugate/core/internal/wire"
)

// object is a JSON object whose members keep the order in which they are written.
type object []member

type member struct {
	name  string
	value any // nil, bool, int64, string, object, or what a test put there
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	return wire.MarshalMembers(func(yield func(string, any) bool) {
		for _, m := range o {
			if !yield(m.name, m.value) {
				return
			}
		}
	})
}

// asMap gives a test an object that it may change at will.
func (o object) asMap() map[string]any {
	m := make(map[string]any, len(o))
	for _, e := range o {
		if sub, ok := e.value.(object); ok {
			m[e.name] = sub.asMap()
			continue
		}
		m[e.name] = e.value
	}
	return m
}

// edited is what a test made of o: members keep their places, new ones follow.
func (o object) edited(m map[string]any) object {
	var out object
	for _, e := range o {
		if v, ok := m[e.name]; ok {
			out = append(out, member{e.name, v})
			delete(m, e.name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, member{name, m[name]})
	}
	return out
}
