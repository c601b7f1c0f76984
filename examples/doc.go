// Package examples holds programs to run: see its folders. quickstart comes first.
package examples
