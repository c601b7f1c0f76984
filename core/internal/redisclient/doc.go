// Package redisclient says which clients of Redis are fit for the way of a player's request, and what may be
// told of their errors.
package redisclient
