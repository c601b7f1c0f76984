package rest

// Is tells whether a number is there and is want: absent is never zero.
func Is(n *int64, want int64) bool { return n != nil && *n == want }
