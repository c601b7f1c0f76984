// Package terms is what the clients have in common where they translate between their store's terms and
// core's. It knows no store.
package terms
