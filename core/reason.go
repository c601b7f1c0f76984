package core

// Reason is the detail of a decision, for the server's eyes: log it, count it, branch on it. What a
// client is told is the public reason of the Reply, which says less. Values are stable.
type Reason string

// Reasons of a granted decision.
const (
	ReasonActive               Reason = "active"                // a renewing product inside its period
	ReasonActiveUnacknowledged Reason = "active_unacknowledged" // owned, acknowledgement owed
	ReasonAckOverdue           Reason = "active_ack_overdue"    // owned, acknowledgement owed for more than 72 h
	ReasonOwned                Reason = "owned"                 // a permanent product
	ReasonUnconsumed           Reason = "unconsumed"            // a consumable that is not used up
	ReasonTermActive           Reason = "term_active"           // a product inside its configured term
	ReasonCanceledNotExpired   Reason = "canceled_not_expired"  // will not renew, still paid for
	ReasonTrial                Reason = "trial"                 // a free period
	ReasonDeferredChange       Reason = "deferred_change"       // a change of plan takes effect later
	ReasonGracePeriod          Reason = "grace_period"          // payment failed, the store still gives access
	ReasonPauseScheduled       Reason = "pause_scheduled"       // a pause begins later
	ReasonPartiallyRefunded    Reason = "partially_refunded"    // some of several were refunded; Purchase.Quantity is the rest
	ReasonHeldOpen             Reason = "held_open"             // a known owner, let in by mode while the store cannot answer
	ReasonOverride             Reason = "override"              // Config.Override said so (also denied)
)

// Reasons of a denied decision: the purchase exists and does not grant.
const (
	ReasonPurchaseCanceled    Reason = "purchase_canceled"
	ReasonRefunded            Reason = "refunded"      // in full, though the store lets the purchase stand
	ReasonTestPurchase        Reason = "test_purchase" // a tester's, where such do not count
	ReasonUnknownState        Reason = "unknown_state"
	ReasonConsumed            Reason = "consumed"
	ReasonTermExpired         Reason = "term_expired"
	ReasonVoided              Reason = "voided"
	ReasonRevoked             Reason = "revoked"
	ReasonSuperseded          Reason = "superseded"
	ReasonLastPaymentCanceled Reason = "last_payment_canceled"
	ReasonExpired             Reason = "expired"
	ReasonPaymentPending      Reason = "payment_pending"
	ReasonPending             Reason = "pending"
	ReasonPaused              Reason = "paused"
	ReasonOnHold              Reason = "on_hold"
	ReasonRenewalPending      Reason = "renewal_pending"
	ReasonStateConflict       Reason = "state_conflict"
)

// Reasons of a denied decision: this caller's token does not speak for this product.
const (
	ReasonNotFound        Reason = "not_found"              // the store knows no such purchase
	ReasonProductMismatch Reason = "token_product_mismatch" // the token is known as another product's
	ReasonNotOwned        Reason = "not_owned"              // the store says that the player no longer owns it
	ReasonAccountMismatch Reason = "account_mismatch"       // the purchase belongs to another account
	ReasonAccountUnbound  Reason = "account_unbound"        // BindingRequire, and the server bound it to nobody
	ReasonInvalidToken    Reason = "invalid_token"          // malformed, or refused as such by the store
	ReasonTokenMissing    Reason = "token_missing"
	ReasonAccountMissing  Reason = "account_missing"
)

// Reasons of an undetermined decision.
const (
	ReasonMalformedUpstream     Reason = "malformed_upstream"     // the store's answer lacks what decides, or is no answer
	ReasonUpstreamFault         Reason = "upstream_fault"         // not the store's API that answered
	ReasonUpstreamUnavailable   Reason = "upstream_unavailable"   // down, maintenance, network
	ReasonUpstreamMisconfigured Reason = "upstream_misconfigured" // the store refused our request as such
	ReasonUpstreamAuth          Reason = "upstream_auth"          // the store refused our credentials
	ReasonUpstreamBlocked       Reason = "upstream_blocked"       // the store blocked us
	ReasonClockSkew             Reason = "clock_skew"             // a purchase from the future
	ReasonBreakerOpen           Reason = "breaker_open"           // the store failed too often just now
	ReasonOverloaded            Reason = "overloaded"             // no room for another store call in time
	ReasonStorePaused           Reason = "store_paused"           // the store asked to be left alone for a while, and is
	ReasonDeadline              Reason = "deadline"               // no answer within the budget
	ReasonCallerGone            Reason = "caller_gone"            // the caller's context ended first
	ReasonTooManyUnknownTokens  Reason = "too_many_unknown_tokens"
	ReasonLookupFailed          Reason = "lookup_failed"       // the embedder's credentials or owners' registry failed
	ReasonMisconfigured         Reason = "store_misconfigured" // a nil or faulty gate, store or requirement
	ReasonClosed                Reason = "gate_closed"
	ReasonPanicked              Reason = "panicked"  // an embedder's hook or a store panicked
	ReasonNotAsked              Reason = "not_asked" // a check would ask a store; of an Explanation only
)
