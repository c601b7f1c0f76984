package googleplay

import (
	"encoding/json"
	"errors"

	"github.com/skugate/skugate/core/internal/rest"
)

var (
	errNoArray  = errors.New("is not an array")
	errNoObject = errors.New("has an element that is not an object")
)

// objects reads the array at path in a body that rest.Parse accepted; nil if it is absent or null.
func objects(body []byte, path ...string) ([]*rest.Object, error) {
	raw := json.RawMessage(body)
	for _, name := range path {
		var members map[string]json.RawMessage // names keep their case, unlike a struct's
		if err := json.Unmarshal(raw, &members); err != nil {
			return nil, errNoArray
		}
		if raw = members[name]; raw == nil {
			return nil, nil
		}
	}
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		return nil, errNoArray
	}
	list := make([]*rest.Object, 0, len(elements))
	for _, e := range elements {
		o, err := rest.Parse(e)
		if err != nil {
			return nil, errNoObject
		}
		list = append(list, o)
	}
	return list, nil
}
