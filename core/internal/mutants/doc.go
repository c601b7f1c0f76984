// Package mutants damages valid answers of the store in every way that comes to mind, and looks for one
// that is read as a purchase although it does not say so.
//
// Each mutant goes through the real client and the default rule, and is also read by a small reference
// reader that shares nothing with them. A grant that the reference does not confirm is a failure.
//
// go test tries some; go test -mutants=1000000 as many as one wants.
package mutants
