package onestoretest

// Op names an endpoint as the document does.
type Op string

// The endpoints that the store has. The zero Op stands for any of them in a Fault, and for a path
// that is none of them in a Request.
const (
	OpAccessToken              Op = "getAccessToken"
	OpPurchaseDetails          Op = "getPurchaseDetails"
	OpRecurringPurchaseDetails Op = "getRecurringPurchaseDetails"
	OpSubscriptionDetail       Op = "getSubscriptionDetail"
	OpAcknowledgePurchase      Op = "acknowledgePurchase"
	OpConsumePurchase          Op = "consumePurchase"
	OpCancelRecurring          Op = "cancelRecurringPurchase"
	OpReactivateRecurring      Op = "reactivateRecurringPurchase" // its heading has "reactive", its row of the codes this
	OpCancelSubscription       Op = "cancelSubscription"
	OpReactivateSubscription   Op = "reactivateSubscription"
	OpDeferSubscription        Op = "deferSubscription"
	OpVoidedPurchases          Op = "getVoidedPurchases"
	OpUnconfirmedPurchases     Op = "getUnconfirmedPurchases"
)

// Ops are all endpoints, for a test that goes through them.
func Ops() []Op {
	var ops []Op
	for _, r := range routes() {
		ops = append(ops, r.op)
	}
	return ops
}
