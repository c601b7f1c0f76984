package core

// masked shows of an identifier what tells it from others to somebody who knows it: the ends of a long one.
func masked(s string) string {
	const first, last = 4, 2
	if r := []rune(s); len(r) >= 4*(first+last) {
		return string(r[:first]) + "…" + string(r[len(r)-last:])
	} else if len(r) >= 2*(first+last) {
		return string(r[:first/2]) + "…" + string(r[len(r)-last/2:])
	}
	if s == "" {
		return ""
	}
	return "…"
}
