// Package rest is what the store clients share: an access-token holder, the pause and the retries of
// one line to a store, the store's clock, a strict reader of JSON answers, a builder of hostile-proof
// paths, a transport tuned for one upstream host, and a call that always ends. It knows no store. No
// error that it makes quotes a URL, a header or a body.
package rest
