package core

import "net/http"

// Reasons of a redemption that was refused (package redeem).
const (
	ReasonNotConsumable Reason = "not_consumable"         // the product is not configured as Consumable
	ReasonInProgress    Reason = "redemption_in_progress" // the purchase is being redeemed by an earlier request
	ReasonLedgerFailed  Reason = "ledger_failed"          // the ledger of redemptions could not be read or written
)

// AnswerRedeem is Answer for a purchase that was to be redeemed: a denial carries the guide's code for a
// failed consumption, and one that is in progress is a 409.
func AnswerRedeem(d Decision, deniedStatus int) Reply {
	if d.Outcome == Granted {
		return Reply{}
	}
	p := d.public()
	switch {
	case d.Reason == ReasonInProgress:
		p = public{status: http.StatusConflict, reason: string(d.Reason), title: "The purchase is being redeemed.",
			retryable: true, wait: true, code: iapOf(IAPClient, 117)}
	case d.Reason == ReasonNotConsumable:
		p = public{reason: string(d.Reason), title: "The product cannot be redeemed.", code: iapOf(IAPServer, 5000)}
	case p.status == 0:
		p.code = iapOf(IAPServer, 5000)
	}
	return d.replyAs(p, deniedStatus)
}
