package handin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"unicode/utf8"

	"github.com/skugate/skugate/core"
)

// maxBody is the longest body that is read. A receipt takes about 1 KiB.
const maxBody = 64 << 10

// handIn is the body of POST /purchases.
type handIn struct {
	Store   core.StoreID
	Kind    core.Kind
	Product string
	Token   string
	Receipt *receipt // nil: none
}

// receipt is what the store's SDK gave the app.
type receipt struct {
	OriginalJSON string
	Signature    string
}

// Why a body is refused. None of them quotes it.
var (
	errTooLong   = errors.New("the body is longer than the limit of 64 KiB")
	errNotObject = errors.New("the body must be one JSON object, in UTF-8, and nothing behind it")
	errTwice     = errors.New("a member is given twice")
	errUnknown   = errors.New(`a member is none of "product", "token", "store", "kind", "receipt"`)
)

// read decodes the body. Its errors say what is wrong and quote nothing.
func read(w http.ResponseWriter, r *http.Request) (*handIn, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, errTooLong
	case err != nil:
		return nil, errors.New("the body ended early")
	}
	m, err := members(body)
	if err != nil {
		return nil, err
	}
	var in handIn
	var faults [4]error
	for name, value := range m {
		switch name {
		case "product":
			in.Product, faults[0] = text(name, value)
		case "token":
			in.Token, faults[1] = text(name, value)
		case "store":
			store, err := text(name, value)
			in.Store, faults[2] = core.StoreID(store), err
		case "kind":
			kind, err := text(name, value)
			in.Kind, faults[3] = core.Kind(kind), err
		case "receipt":
		default:
			return nil, errUnknown
		}
	}
	for _, err := range faults { // the same one first, however the map is ordered
		if err != nil {
			return nil, err
		}
	}
	if in.Product == "" {
		return nil, errors.New(`"product" is missing`)
	}
	in.Receipt, err = readReceipt(m["receipt"])
	return &in, err
}

func readReceipt(raw json.RawMessage) (*receipt, error) {
	if isNull(raw) {
		return nil, nil
	}
	faulty := errors.New(`"receipt" must be an object of two strings, "originalJson" and "signature", and nothing else`)
	m, err := members(raw)
	if err != nil || len(m) != 2 {
		return nil, faulty
	}
	original, err1 := text("originalJson", m["originalJson"])
	signature, err2 := text("signature", m["signature"])
	if err1 != nil || err2 != nil || original == "" || signature == "" {
		return nil, faulty
	}
	return &receipt{original, signature}, nil
}

// about reads which purchase a receipt is about.
func about(originalJSON string) (product, token string, err error) {
	m, err := members([]byte(originalJSON))
	if err != nil {
		return "", "", err
	}
	product, err1 := text("productId", m["productId"])
	token, err2 := text("purchaseToken", m["purchaseToken"])
	return product, token, errors.Join(err1, err2)
}

// members reads body as exactly one JSON object. Names count as they are written. It is stricter than
// encoding/json, which reads a body with two products as the last one of them, and takes any bytes for text.
func members(body []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(body) || !json.Valid(body) || bytes.TrimLeft(body, " \t\r\n")[0] != '{' {
		return nil, errNotObject
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	_, err := dec.Token() // the brace
	m := map[string]json.RawMessage{}
	for err == nil && dec.More() {
		var name json.Token
		var value json.RawMessage
		if name, err = dec.Token(); err == nil {
			err = dec.Decode(&value)
		}
		if err == nil {
			if _, twice := m[name.(string)]; twice {
				return nil, errTwice
			}
			m[name.(string)] = value
		}
	}
	if err != nil { // a valid object has none of these
		return nil, errNotObject
	}
	return m, nil
}

// text reads a string; null and no member at all are "".
func text(name string, raw json.RawMessage) (s string, err error) {
	if !isNull(raw) && json.Unmarshal(raw, &s) != nil {
		return "", errors.New(`"` + name + `" is not a string`)
	}
	return s, nil
}

func isNull(raw json.RawMessage) bool { return raw == nil || string(raw) == "null" }
