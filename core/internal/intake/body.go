package intake

import (
	"errors"
	"io"
	"net/http"
)

// maxBody is the longest body that is read. A notification takes about 1 KiB.
const maxBody = 64 << 10

var (
	errTooLong = errors.New("notify: the message is longer than the limit of 64 KiB")
	// ErrBroken is the error of a body whose end did not come.
	ErrBroken = errors.New("the body ended early")
)

// Read reads the body of a request. Its error is ErrBroken, or one that Refuse knows.
func Read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, errTooLong
	case err != nil: // may quote an address
		return nil, ErrBroken
	}
	return body, nil
}
