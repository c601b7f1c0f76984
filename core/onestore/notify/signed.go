package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/skugate/skugate/core/onestore"
)

var errUnsigned = errors.New("signature is missing")

// verify checks the signature of body, which rest.Parse has accepted.
//
// Signed is the message without the member that holds the signature, without insignificant white space,
// in its own order and with its own numbers. Marshalling a decoded message again gives another text: a
// map is sorted, and encoding/json escapes <, > and &. So the text is cut out of the bytes that came.
func (v *Verifier) verify(body []byte) error {
	text, signature := signed(body)
	if signature == "" {
		return malformed(errUnsigned)
	}
	err := onestore.VerifyReceipt(v.app.LicenceKey, string(text), signature)
	if !errors.Is(err, onestore.ErrSignature) {
		return err
	}
	// An encoder on the way, such as PHP's, may have written the same strings with other escapes.
	if plain := respell(text); !bytes.Equal(plain, text) {
		err = onestore.VerifyReceipt(v.app.LicenceKey, string(plain), signature)
	}
	if err != nil {
		return fmt.Errorf("notify: the payment message: %w", err)
	}
	return nil
}

// signed takes a valid JSON object apart: the text that a store signs, and the signature, empty if there
// is none.
func signed(body []byte) (text []byte, signature string) {
	var compact bytes.Buffer
	err := json.Compact(&compact, body)
	text = compact.Bytes()
	dec := json.NewDecoder(bytes.NewReader(text))
	if err == nil {
		_, err = dec.Token() // the brace
	}
	for err == nil && dec.More() {
		start := dec.InputOffset() // before the comma, if this is not the first member
		var name json.Token
		var value json.RawMessage
		if name, err = dec.Token(); err == nil {
			err = dec.Decode(&value)
		}
		if err != nil || name != "signature" {
			continue
		}
		if json.Unmarshal(value, &signature) != nil { // no string
			return nil, ""
		}
		end := dec.InputOffset()
		if text[start] != ',' && text[end] == ',' {
			end++
		}
		return append(text[:start:start], text[end:]...), signature
	}
	return nil, ""
}

// respell writes the strings of a compact text with the escapes that Jackson uses, which makes the
// text to be signed at ONE store: those that JSON demands, and no others.
func respell(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if text[i] != '"' {
			out = append(out, text[i])
			i++
			continue
		}
		end := i + 1
		for text[end] != '"' {
			if text[end] == '\\' {
				end++
			}
			end++
		}
		end++
		var s string
		_ = json.Unmarshal(text[i:end], &s) // the text is valid JSON
		out = quote(out, s)
		i = end
	}
	return out
}

func quote(out []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	out = append(out, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c >= ' ': // UTF-8 as it is
			out = append(out, c)
		case short[c] != 0:
			out = append(out, '\\', short[c])
		default:
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(out, '"')
}

// short are the control characters with an escape of two characters.
var short = [' ']byte{'\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r'}
