package wire

import (
	"bytes"
	"encoding/json"
	"iter"
)

// MarshalMembers writes a JSON object whose members keep their order.
func MarshalMembers(members iter.Seq2[string, any]) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	b.WriteByte('{')
	first := true
	for name, value := range members {
		if !first {
			b.WriteByte(',')
		}
		first = false
		if err := enc.Encode(name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := enc.Encode(value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
