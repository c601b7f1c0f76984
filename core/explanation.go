package core

import "time"

// Explanation is how a check comes to its answer. It is for a person's eyes and can be written as JSON: no
// token and no account is in it but for a few characters that tell a known one from others. Durations are
// nanoseconds in JSON, and times that are not known are left out of it.
type Explanation struct {
	At          time.Time `json:"at"`
	Requirement string    `json:"requirement"`
	Mode        string    `json:"mode"`    // "normal", "shadow" or "hold_open"
	Account     string    `json:"account"` // shortened
	// Asked tells whether stores were asked where a check would ask them. If not, WouldAsk lists the
	// products that the answer hangs on, and Reason is ReasonNotAsked.
	Asked    bool     `json:"asked"`
	WouldAsk []string `json:"wouldAsk,omitempty"`

	// What Check would answer: see Decision.
	Outcome       Outcome       `json:"outcome"`
	Reason        Reason        `json:"reason"`
	Source        Source        `json:"source"`
	Product       string        `json:"product"`
	VerifiedAt    time.Time     `json:"verifiedAt,omitzero"`
	ExpiresAt     time.Time     `json:"expiresAt,omitzero"`
	AcknowledgeBy time.Time     `json:"acknowledgeBy,omitzero"`
	RetryAfter    time.Duration `json:"retryAfterNs,omitempty"`
	Err           string        `json:"error,omitempty"`

	Tokens []ExplainedToken `json:"tokens"` // in the order in which they are judged
	// Stores are those of the requirement. There are none, and Tokens and Budget say nothing, if the gate is
	// closed or the requirement cannot be evaluated.
	Stores []ExplainedStore `json:"stores"`
	// Budget is how many tokens that name no purchase the account may still present, -1 if nothing limits it.
	Budget int `json:"budget"`
	// Unseen is why memory was not looked at, or not to its end; Tokens has 32 at most. What was found stands.
	Unseen string `json:"unseen,omitempty"`
}

// ExplainedToken is what the gate knows of one token, store by store.
type ExplainedToken struct {
	Token  string            `json:"token"` // shortened
	Known  bool              `json:"known"` // the server itself looked it up for the account
	Stores []ExplainedMemory `json:"stores"`
}

// ExplainedMemory is what memory has of one token at one store.
type ExplainedMemory struct {
	Store StoreID `json:"store"`
	// Malformed is why the store cannot have issued the token; empty if it can.
	Malformed string `json:"malformed,omitempty"`
	// Absent lists the products of the requirement as whose purchase the store did not know the token just now.
	Absent []string `json:"absent,omitempty"`
	// Voided and Superseded say what stands against the token's purchase; without a fact, whether its last
	// payment is the one that was voided is not known and Voided counts any.
	Voided     bool `json:"voided"`
	Superseded bool `json:"superseded"`
	// Invalidated: look-ups from before the token's last invalidation do not count.
	Invalidated bool           `json:"invalidated"`
	Fact        *ExplainedFact `json:"fact,omitempty"` // nil: none
}

// ExplainedFact is what a store said of a token, how long it is used, and how it is judged.
type ExplainedFact struct {
	Product string `json:"product"` // as whose purchase the token was found
	Asked   bool   `json:"asked"`   // the requirement names it; only then it is judged

	// State is "fresh" (served), "due" (served, and refreshed behind) or "stale" (served only while the store
	// cannot answer).
	State        string        `json:"state"`
	Age          time.Duration `json:"ageNs"`
	VerifiedAt   time.Time     `json:"verifiedAt"`
	FreshUntil   time.Time     `json:"freshUntil"`
	RefreshUntil time.Time     `json:"refreshUntil"`
	UsableUntil  time.Time     `json:"usableUntil"`

	PurchasedAt  time.Time `json:"purchasedAt,omitzero"`
	ExpiresAt    time.Time `json:"expiresAt,omitzero"` // the store's end of access
	AutoRenewing bool      `json:"autoRenewing"`
	Test         bool      `json:"test"`

	// Rule and RuleReason are what the rule says now, and RuleUntil when a right that it grants ends.
	Rule       Outcome   `json:"rule"`
	RuleReason Reason    `json:"ruleReason"`
	RuleUntil  time.Time `json:"ruleUntil,omitzero"`

	// Bound tells whether the purchase counts as the account's, and BoundBy by what: "look-up", "memory",
	// "label", "registry" (as its owner, or as the first to present it) or "off". BindReason is why it does not.
	Bound      bool   `json:"bound"`
	BoundBy    string `json:"boundBy,omitempty"`
	BindReason Reason `json:"bindReason,omitempty"`
	// Label is the store's label of the purchase and Owner the account that the owners' registry has for the
	// token, both shortened; empty if there is none.
	Label string `json:"label,omitempty"`
	Owner string `json:"owner,omitempty"`
}

// ExplainedStore is what stands between the gate and a store.
type ExplainedStore struct {
	Store       StoreID   `json:"store"`
	Breaker     string    `json:"breaker"` // "closed", "half-open" or "open"
	PausedUntil time.Time `json:"pausedUntil,omitzero"`
	// Refusal is why a look-up would not reach the store now; empty if it might.
	Refusal Reason `json:"refusal,omitempty"`
}
