// Package rest is what the store clients share: an access-token holder, a strict reader of JSON
// answers, a builder of hostile-proof paths, a transport tuned for one upstream host, and a call
// that always ends. It knows no store. No error that it makes quotes a URL, a header or a body.
package rest
