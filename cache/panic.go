package cache

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// ErrFlightPanicked is what every *PanicError is.
var ErrFlightPanicked = errors.New("cache: work of a flight did not return")

// PanicError is the error of a flight whose work panicked or called runtime.Goexit.
type PanicError struct {
	// Type is the type of the panic's value, "" after runtime.Goexit. The value itself is not kept,
	// since it may quote what must not be logged.
	Type string
	// Stack is the stack at the panic, for the log.
	Stack []byte
}

// Error tells the type of the panic's value and nothing else about it.
func (e *PanicError) Error() string {
	if e.Type == "" {
		return ErrFlightPanicked.Error() + ": runtime.Goexit"
	}
	return ErrFlightPanicked.Error() + ": panic of type " + e.Type
}

// Is reports whether target is ErrFlightPanicked.
func (e *PanicError) Is(target error) bool { return target == ErrFlightPanicked }

// panicked describes a panic from its recovered value, which is nil after runtime.Goexit. To find the
// stack it must be called from the deferred function that recovered.
func panicked(value any) *PanicError {
	e := &PanicError{Stack: debug.Stack()}
	if value != nil {
		e.Type = fmt.Sprintf("%T", value)
	}
	return e
}
