package core

// Token is one purchase token with what is known about it.
type Token struct {
	// Value is the token itself. It can be guessed: keep it out of logs.
	Value string
	// Store is a hint: only this store is asked. Empty: each of the route's stores that could have issued
	// the token by its syntax, until one is known to have done so.
	Store StoreID
	// Product is a hint: only this product id of the route is asked. Empty: any of the route's.
	Product string
	// Known tells that the server itself looked the token up for this account, so that the look-up
	// binds it. Never set it for a token that the request brought.
	Known bool
}

// Credentials is who asks, and with which tokens.
type Credentials struct {
	// Account is the game's own player id, from the game's own authentication.
	Account string
	// Token is the usual case: one token, without hints.
	Token string
	// Tokens are several. Non-nil and empty means that the server knows that this account has none.
	Tokens []Token
	// Owned adds the tokens that the gate's owners' registry knows as the account's.
	Owned bool

	borrowed bool // RouteConfig.Borrowed
}
