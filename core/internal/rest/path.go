package rest

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CheckSegment says why value cannot be one segment of a path, or nil. It does not quote value.
func CheckSegment(value string) error {
	switch {
	case value == "":
		return errors.New("is empty")
	case value == "." || value == "..":
		return errors.New("is a dot segment")
	case !utf8.ValidString(value):
		return errors.New("is not UTF-8")
	case strings.ContainsFunc(value, unicode.IsControl):
		return errors.New("contains a control character")
	default:
		return nil
	}
}

// Resolve puts template below base, with the segments written {like this} replaced by values in
// order. Each value becomes exactly one segment, whatever it contains; nothing resolves dots. What
// follows a colon behind a {segment} is a verb of Google's; no value can become one. Query and fragment
// of base are dropped, base is left alone. An error names the template's segment.
func Resolve(base *url.URL, template string, values ...string) (*url.URL, error) {
	var plain, escaped strings.Builder
	plain.WriteString(strings.TrimSuffix(base.Path, "/"))
	escaped.WriteString(strings.TrimSuffix(base.EscapedPath(), "/"))
	segments := strings.Split(strings.TrimPrefix(template, "/"), "/")
	for _, s := range segments {
		verb := ""
		if name, ok := strings.CutPrefix(s, "{"); ok {
			name, verb, _ = strings.Cut(name, "}")
			if len(values) == 0 {
				return nil, fmt.Errorf("%s has no value", name)
			}
			if err := CheckSegment(values[0]); err != nil {
				return nil, fmt.Errorf("%s %w", name, err)
			}
			s, values = values[0], values[1:]
		}
		plain.WriteString("/" + s + verb)
		escaped.WriteString("/" + strings.ReplaceAll(url.PathEscape(s), ":", "%3A") + verb)
	}
	if len(values) != 0 {
		return nil, fmt.Errorf("the path has %d values too many", len(values))
	}
	u := &url.URL{Scheme: base.Scheme, Host: base.Host, Path: plain.String(), RawPath: escaped.String()}
	// RawPath counts only while it is an encoding of Path: look at what would be sent.
	prefix := strings.TrimSuffix(base.EscapedPath(), "/")
	sent := u.EscapedPath()
	if sent != escaped.String() || strings.Count(sent, "/")-strings.Count(prefix, "/") != len(segments) {
		return nil, errors.New("the path does not keep its segments")
	}
	return u, nil
}
