package cache

import (
	"errors"
	"hash/maphash"
	"reflect"
	"strings"
)

var errNeedsClone = errors.New("is nil, and the key type holds strings or interfaces: " +
	"give a function that copies them, since a kept key must not share a caller's buffer")

// cloneOf returns what makes a key safe to keep. Strings may point into a buffer that the caller uses
// again (an HTTP server's, for instance), which would turn one caller's key into another's.
func cloneOf[K comparable](given func(K) K) (func(K) K, error) {
	if given != nil {
		return given, nil
	}
	if clone, ok := any(strings.Clone).(func(K) K); ok { // K is string
		return clone, nil
	}
	if borrows(reflect.TypeFor[K]()) {
		return nil, errNeedsClone
	}
	return func(key K) K { return key }, nil
}

// borrows reports whether a value of type t can share memory that its owner may overwrite and that
// counts when values are compared. Pointers and channels are compared by identity.
func borrows(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Interface:
		return true
	case reflect.Array:
		return borrows(t.Elem())
	case reflect.Struct:
		for field := range t.Fields() {
			if borrows(field.Type) {
				return true
			}
		}
	}
	return false
}

func hashOf[K comparable](given func(maphash.Seed, K) uint64) func(maphash.Seed, K) uint64 {
	if given != nil {
		return given
	}
	if hash, ok := any(maphash.String).(func(maphash.Seed, K) uint64); ok { // K is string
		return hash
	}
	return maphash.Comparable[K]
}
