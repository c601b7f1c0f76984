package core

import (
	"errors"
	"log/slog"
	"reflect"
	"runtime/debug"
	"time"
)

// recovered turns a panic of the embedder's code into an error that names its type, not its value,
// which may hold anything. The stack goes to the log, once a minute for each place.
func (g *Gate) recovered(where string, v any) error {
	err := &panicError{where: where, kind: typeName(v)}
	if g.said.due(*err, time.Now()) {
		g.log.Error("skugate: a panic was contained", slog.String("where", where), slog.String("type", err.kind), slog.String("stack", string(debug.Stack())))
	}
	return err
}

type panicError struct{ where, kind string }

func (e *panicError) Error() string { return "core: " + e.where + " panicked with a " + e.kind }

func typeName(v any) string {
	if t := reflect.TypeOf(v); t != nil {
		return t.String()
	}
	return "nil"
}

// lookupFailed is what a failure of the owners' registry comes to.
func lookupFailed(err error) *StoreError {
	var panicked *panicError
	if errors.As(err, &panicked) {
		return &StoreError{Reason: ReasonPanicked, Err: err}
	}
	return &StoreError{Reason: ReasonLookupFailed, Err: err}
}
