package notify

import (
	"errors"
	"io"
	"net/http"
)

// maxBody is the longest body that is read. A payment notification takes about 1 KiB.
const maxBody = 64 << 10

var (
	errTooLong = errors.New("notify: the message is longer than the limit of 64 KiB")
	errBroken  = errors.New("the body ended early")
)

func read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, errTooLong
	case err != nil: // may quote an address
		return nil, malformed(errBroken)
	}
	return body, nil
}
