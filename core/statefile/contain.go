package statefile

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// panicError is a panic that was contained. Its text names the panic's value only if that is an error of
// the runtime or of the database, neither of which quotes a record.
type panicError struct{ value any }

func (e *panicError) Error() string { return fmt.Sprintf("the database gave up: %v", e.value) }

// contain runs call and makes an error of a panic. The database answers damage with panics, and where the
// file is shorter than it should be with a fault of the memory that is mapped to it, which ends the
// process unless it is asked for as a panic.
func contain(call func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{v}
		}
	}()
	return call()
}

// panicked tells whether err is a panic that was contained.
func panicked(err error) bool {
	var p *panicError
	return errors.As(err, &p)
}
