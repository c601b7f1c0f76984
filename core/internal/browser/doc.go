// Package browser looks at the status page with a real Chromium. It is a module of its own because no embedder
// needs what drives a browser.
package browser
