// Package intake is what the receivers of the stores' notifications have in common: it takes requests in,
// knows a secret, makes a gate forget a purchase token, applies each event once and within limits, and
// answers so that a store repeats what could not be applied. It knows no store and no message.
package intake
