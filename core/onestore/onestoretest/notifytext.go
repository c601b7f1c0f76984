package onestoretest

import (
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf16"
)

// spelling is how a notification is written on the wire. The zero spelling is the one that is signed:
// no white space, and only those characters escaped that JSON wants escaped.
type spelling struct {
	spaced  bool
	slashes bool
	ascii   bool
}

// WireOption makes a notification look different on the wire from the text that was signed, without
// meaning anything else.
type WireOption func(*spelling)

// Spaced puts white space wherever JSON allows some.
func Spaced() WireOption { return func(s *spelling) { s.spaced = true } }

// EscapedSlashes writes / as \/, as PHP does.
func EscapedSlashes() WireOption { return func(s *spelling) { s.slashes = true } }

// EscapedText writes <, >, & and all that is not ASCII as \u escapes, as careful encoders do.
func EscapedText() WireOption { return func(s *spelling) { s.ascii = true } }

func (s spelling) space(b []byte) []byte {
	if s.spaced {
		return append(b, " \n\t\r "...)
	}
	return b
}

func (s spelling) object(b []byte, o object) []byte {
	b = s.space(append(b, '{'))
	for i, m := range o {
		if i > 0 {
			b = s.space(append(b, ','))
		}
		b = s.space(s.text(b, m.name))
		b = s.space(append(b, ':'))
		b = s.space(s.value(b, m.value))
	}
	return append(b, '}')
}

func (s spelling) value(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case bool:
		return strconv.AppendBool(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case json.Number: // its digits are part of what is signed
		return append(b, v...)
	case string:
		return s.text(b, v)
	case object:
		return s.object(b, v)
	case []object:
		b = s.space(append(b, '['))
		for i, o := range v {
			if i > 0 {
				b = s.space(append(b, ','))
			}
			b = s.space(s.object(b, o))
		}
		return append(b, ']')
	default:
		panic(misuse("Sign", fmt.Errorf("a member is a %T", v)))
	}
}

func (s spelling) text(b []byte, text string) []byte {
	b = append(b, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\' || r == '/' && s.slashes:
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == '\b':
			b = append(b, `\b`...)
		case r == '\f':
			b = append(b, `\f`...)
		case r < ' ' || s.ascii && (r >= 0x7f || r == '<' || r == '>' || r == '&'):
			if high, low := utf16.EncodeRune(r); r > 0xffff {
				b = fmt.Appendf(b, `\u%04X\u%04X`, high, low)
			} else {
				b = fmt.Appendf(b, `\u%04X`, r)
			}
		default:
			b = append(b, string(r)...)
		}
	}
	return append(b, '"')
}
