package notify

import (
	"errors"
	"fmt"
)

// Why a message is refused. The errors that match these name the member that is wrong, never its value.
var (
	// ErrMalformed: the message is not what Google documents.
	ErrMalformed = errors.New("notify: the message is malformed")
	// ErrOtherApp: the message is of another app than the configured one.
	ErrOtherApp = errors.New("notify: the message is not for this app")
)

func malformed(err error) error { return fmt.Errorf("%w: %w", ErrMalformed, err) }
