package status

import (
	"time"

	"github.com/skugate/skugate/core"
)

// Report is what the page shows, as JSON. Unless a field says otherwise, what is counted was counted from
// From to At. Fields may be added. Durations are nanoseconds, and times that are not known are left out.
type Report struct {
	Title string    `json:"title"`
	At    time.Time `json:"at"`
	// From is when the first of the counters were read that are compared with those at At: Config.Minutes
	// before, or later if the page is younger, or earlier if nobody looked in the meantime (Page.Run).
	From time.Time `json:"from"`

	// Health is what core.Gate.Health said at At: "ready", "degraded" or "not_ready", and Findings why.
	Health   string    `json:"health"`
	Findings []Finding `json:"findings"`

	Outcomes
	// HitRatio is the part of the decisions resting on facts that memory answered while they were fresh; null
	// if there was none.
	HitRatio *float64 `json:"hitRatio"`
	// Lenient decisions let somebody in, or let pass, otherwise than by a fresh fact.
	Lenient   Lenient    `json:"lenient"`
	Intervals []Interval `json:"intervals"` // oldest first

	DeniedFor       []ReasonCount  `json:"deniedFor"`       // most frequent first
	UndeterminedFor []ReasonCount  `json:"undeterminedFor"` // most frequent first
	Products        []ProductCount `json:"products"`        // most asked first, 20 at most

	Requirements []RequirementMode `json:"requirements"` // Config.Requirements
	Stores       []Store           `json:"stores"`
	Workers      []Worker          `json:"workers"`
	Outbox       Outbox            `json:"outbox"`

	// Explanation answers the form.
	Explanation *core.Explanation `json:"explanation,omitempty"`
}

// Finding is one thing that is not as it should be: see core.Finding.
type Finding struct {
	What   string       `json:"what"`
	Store  core.StoreID `json:"store,omitempty"`
	State  string       `json:"state"`
	Detail string       `json:"detail"`
	Since  time.Time    `json:"since,omitzero"`
}

// Outcomes is how checks ended.
type Outcomes struct {
	Granted      uint64 `json:"granted"`
	Denied       uint64 `json:"denied"`
	Undetermined uint64 `json:"undetermined"`
}

// Decisions is how many checks there were.
func (o Outcomes) Decisions() uint64 { return o.Granted + o.Denied + o.Undetermined }

func (o *Outcomes) add(outcome core.Outcome, n uint64) {
	switch outcome {
	case core.Granted:
		o.Granted += n
	case core.Denied:
		o.Denied += n
	default:
		o.Undetermined += n
	}
}

func (o Outcomes) since(earlier Outcomes) Outcomes {
	return Outcomes{o.Granted - earlier.Granted, o.Denied - earlier.Denied, o.Undetermined - earlier.Undetermined}
}

// Lenient counts by what somebody was let in.
type Lenient struct {
	Stale    uint64 `json:"stale"`    // a fact just past freshness
	Outage   uint64 `json:"outage"`   // an older fact, while the store cannot answer
	HeldOpen uint64 `json:"heldOpen"` // core.HoldOpen
	Override uint64 `json:"override"` // granted by core.Config.Override
	Shadow   uint64 `json:"shadow"`   // not granted, and let pass by core.Shadow
}

// Interval is how the checks ended between two readings of the counters.
type Interval struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	Outcomes
	Facts  uint64 `json:"facts"`  // decisions that rest on facts
	Memory uint64 `json:"memory"` // those of them that memory answered while the fact was fresh
}

// ReasonCount is how often a decision had a reason.
type ReasonCount struct {
	Reason core.Reason `json:"reason"`
	Count  uint64      `json:"count"`
}

// ProductCount is how checks ended that a product decided, or that named it first where none did.
type ProductCount struct {
	Store   core.StoreID `json:"store"`
	Product string       `json:"product"`
	Outcomes
}

// RequirementMode is how strictly a requirement is enforced now.
type RequirementMode struct {
	Name  string    `json:"name"`
	Mode  string    `json:"mode"` // "normal", "shadow" or "hold_open"
	Until time.Time `json:"until,omitzero"`
}

// Store is how a store does.
type Store struct {
	Store core.StoreID `json:"store"`
	// Breaker is the circuit breaker's state now, and Spans what it was from Report.From on, oldest first.
	Breaker       string    `json:"breaker"`
	BreakerSince  time.Time `json:"breakerSince,omitzero"`
	BreakerOpened uint64    `json:"breakerOpened"`
	Spans         []Span    `json:"spans"`
	PausedUntil   time.Time `json:"pausedUntil,omitzero"` // the store asked to be left alone

	// Calls were sent; the five that follow are how they ended. Rejected were not sent, Joined waited for
	// another's, and Retries are what the store client sent again.
	Calls         uint64 `json:"calls"`
	Found         uint64 `json:"found"`
	NotFound      uint64 `json:"notFound"`
	Refused       uint64 `json:"refused"`
	Unavailable   uint64 `json:"unavailable"`
	Misconfigured uint64 `json:"misconfigured"`
	Rejected      uint64 `json:"rejected"`
	Joined        uint64 `json:"joined"`
	Retries       uint64 `json:"retries"`
	OverBudget    uint64 `json:"overBudget"` // tokens not asked about, because an account sent too many unknown ones

	Latency Latency `json:"latency"`

	// As it is now.
	InFlight    int           `json:"inFlight"`
	ClockSkew   time.Duration `json:"clockSkewNs"`
	Purchases   int           `json:"purchases"`
	Refusals    int           `json:"refusals"`
	Invalidated int           `json:"invalidated"`
	Voids       int           `json:"voids"`
	Evicted     uint64        `json:"evicted"` // from memory because it was full, from From to At
}

// Span is a time in which the breaker did not change.
type Span struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	State string    `json:"state"` // "closed", "half-open", "open", or "unknown" where it changed too often
}

// Latency is how long calls took. P50 and P95 are upper ends of buckets: half of the calls, and 95 of 100, took
// no longer. 0 is longer than all bounds, or no call.
type Latency struct {
	Mean    time.Duration `json:"meanNs"`
	P50     time.Duration `json:"p50Ns"`
	P95     time.Duration `json:"p95Ns"`
	Buckets []Bucket      `json:"buckets"`
}

// Bucket is how many calls took longer than the bucket before and no longer than UpTo, 0 for the last one, which
// has no end.
type Bucket struct {
	UpTo  time.Duration `json:"upToNs"`
	Count uint64        `json:"count"`
}

// Worker is how one kind of background work goes since the gate was made: see core.WorkStats.
type Worker struct {
	Name      string        `json:"name"`
	Every     time.Duration `json:"everyNs,omitempty"`
	Runs      uint64        `json:"runs"`
	Failed    uint64        `json:"failed"`
	Running   bool          `json:"running"`
	Began     time.Time     `json:"began,omitzero"`
	Took      time.Duration `json:"tookNs"`
	Succeeded time.Time     `json:"succeeded,omitzero"`
	Fault     string        `json:"fault,omitempty"`
}

// Outbox is what becomes of acknowledgements: what the gate recorded, and what a worker last found near a
// deadline (core.DebtsFound).
type Outbox struct {
	Intended    uint64    `json:"intended"`
	Delivered   uint64    `json:"delivered"`
	Failed      uint64    `json:"failed"`
	LookedAt    time.Time `json:"lookedAt,omitzero"`
	Undelivered int       `json:"undelivered"`
	Overdue     int       `json:"overdue"`
	Abandoned   int       `json:"abandoned"`
}
