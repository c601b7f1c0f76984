// Package toxi drives rows of the fault matrix through a proxy that breaks connections: toxiproxy,
// which brings modules that nothing else here needs. It is a module of its own; run it from its folder.
//
//	cd core/internal/toxi && go test ./...
package toxi
