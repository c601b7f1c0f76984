package notify

import "strconv"

// Type is what happened to a subscription. A type that is not listed here is passed on as it came.
//
// Spec: ONE store, "SNS", notificationType.
type Type int64

// The documented types.
const (
	Recovered            Type = 1  // back from hold, or a pause ended
	Renewed              Type = 2  // a payment for the next period succeeded
	Canceled             Type = 3  // the renewal was withdrawn; access goes on until the expiry
	Purchased            Type = 4  // bought
	OnHold               Type = 5  // a payment failed, and access ended
	InGracePeriod        Type = 6  // a payment failed, and access goes on for now
	Restarted            Type = 7  // a withdrawn renewal was restored
	PriceChangeConfirmed Type = 8  // the player agreed to a new price
	Deferred             Type = 9  // the next payment was moved
	Paused               Type = 10 // a pause began, and access ended
	PauseScheduleChanged Type = 11 // a pause was announced, moved or called off
	Revoked              Type = 12 // taken away before its expiry
	Expired              Type = 13 // ended
)

var typeNames = [...]string{
	Recovered: "RECOVERED", Renewed: "RENEWED", Canceled: "CANCELED", Purchased: "PURCHASED", OnHold: "ON_HOLD",
	InGracePeriod: "IN_GRACE_PERIOD", Restarted: "RESTARTED", PriceChangeConfirmed: "PRICE_CHANGE_CONFIRMED",
	Deferred: "DEFERRED", Paused: "PAUSED", PauseScheduleChanged: "PAUSE_SCHEDULE_CHANGED", Revoked: "REVOKED", Expired: "EXPIRED",
}

// String is the document's name, such as SUBSCRIPTION_RENEWED, or the number after "SUBSCRIPTION_".
func (t Type) String() string {
	if t > 0 && t < Type(len(typeNames)) {
		return "SUBSCRIPTION_" + typeNames[t]
	}
	return "SUBSCRIPTION_" + strconv.FormatInt(int64(t), 10)
}
