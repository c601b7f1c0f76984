package onestore

import "fmt"

// Raw is the body of an answer as it came. It holds identifiers of a purchase and what the game stored
// with it; it prints as its length.
type Raw []byte

// String is the length.
func (r Raw) String() string { return fmt.Sprintf("[%d bytes]", len(r)) }

// GoString is String, for %#v.
func (r Raw) GoString() string { return r.String() }

// show prints a result with the names of its members.
func show(v any) string { return fmt.Sprintf("%+v", v) }
