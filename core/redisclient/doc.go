// Package redisclient makes clients of Redis that are fit for the way of a player's request, and says which
// are not. Package fleet and package rediscache take no others.
//
//	options, err := redisclient.ParseURL("rediss://game:secret@redis:6379/0")
//	client := redis.NewUniversalClient(options)
//	defer client.Close()
//
// go-redis's own defaults are unfit: a server that accepts and never answers holds each command for five
// seconds, whatever the context says, and one that is down for more than one.
package redisclient
