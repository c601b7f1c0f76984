package core

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// Reply is an answer to a client that was not let in. Adapters copy it out as it is: every
// framework answers with the same bytes.
type Reply struct {
	Status int
	// Header is shared: append to it, but do not write to what is in it.
	Header []HeaderField
	// Body is an RFC 9457 problem. It is shared: do not write to it.
	Body []byte

	values []string // of Header, as SetHeader shares them
}

// SetHeader sets the fields of the reply in h, in place of what is there. It allocates nothing for the
// fields that came with the reply: their values are shared, so that a value in h is replaced, never
// written to.
func (r Reply) SetHeader(h http.Header) {
	for i, f := range r.Header {
		if i < len(r.values) && r.values[i] == f.Value {
			h[f.Name] = r.values[i : i+1 : i+1]
		} else {
			h.Set(f.Name, f.Value)
		}
	}
}

// HeaderField is one field of a Reply, its name in canonical form.
type HeaderField struct{ Name, Value string }

// problem is the body; its extension members are described at Answer.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail,omitempty"`
	Reason    string `json:"reason"`
	Product   string `json:"product,omitempty"`
	Retryable bool   `json:"retryable"`
	IAP       iap    `json:"iap"`
}

type iap struct {
	Group string `json:"group"`
	Code  int    `json:"code"`
	Name  string `json:"name"`
}

// Answer turns a decision that does not let a client in into the reply that it gets:
// application/problem+json (RFC 9457) with the members reason (what a program branches on), product
// (its id in the store), retryable, and iap (the code of the NHN IAP guide that game clients know).
// deniedStatus is 403 or 402; 0 means 403. For a granted decision it returns the zero Reply.
//
// The reply tells a stranger nothing: "no such purchase", "another product's" and "another
// account's" are one answer, and an error's text is never in it.
func Answer(d Decision, deniedStatus int) Reply { return d.reply(deniedStatus) }

func (d *Decision) reply(deniedStatus int) Reply {
	if d.Outcome == Granted {
		return Reply{}
	}
	return d.replyAs(d.public(), deniedStatus)
}

func (d *Decision) replyAs(p public, deniedStatus int) Reply {
	status := p.status
	if status == 0 {
		if status = deniedStatus; status != http.StatusPaymentRequired {
			status = http.StatusForbidden
		}
	}
	r := p.reply(status, d.publicProduct(), "")
	if p.wait {
		wait := min(d.RetryAfter, maxRetryAfter) // first: rounding up what is near the largest duration overflows
		seconds := max((wait+time.Second-1)/time.Second, 1)
		r.Header = append(r.Header, HeaderField{"Retry-After", strconv.FormatInt(int64(seconds), 10)})
	}
	return r
}

// reply is the answer in its bytes.
func (p public) reply(status int, product, detail string) Reply {
	body, err := json.Marshal(problem{
		Type: "about:blank", Title: p.title, Status: status, Detail: detail, Reason: p.reason, Product: product,
		Retryable: p.retryable, IAP: iap{string(p.code.Group), p.code.Code, p.code.Name},
	})
	if err != nil { // no value of these types fails
		body = nil
	}
	return Reply{Status: status, Body: body, Header: []HeaderField{
		{"Content-Type", "application/problem+json"},
		{"Cache-Control", "no-store"},
	}}
}

// maxRetryAfter is the longest a client is sent away for.
const maxRetryAfter = time.Hour

// publicProduct names the product by what was asked for, never by what was found of somebody else's.
func (d *Decision) publicProduct() string {
	if d.Purchase == nil && !isNil(d.requirement) {
		if leaves := d.requirement.tree().leaves; len(leaves) > 0 {
			return leaves[0].ID
		}
	}
	return d.Product.ID
}

// PublicReason is what a client may be told of the decision: the reason of its Answer. Empty if it is
// granted.
func (d Decision) PublicReason() string {
	if d.Outcome == Granted {
		return ""
	}
	return d.public().reason
}
