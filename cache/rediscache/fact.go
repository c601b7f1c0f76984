package rediscache

import (
	"encoding/binary"
	"time"

	"github.com/skugate/skugate/core"
)

// A fact is when it was verified, the store's time then, and either nothing, or a purchase: its texts, its
// states, its numbers and its times. Every number is a varint, every time its seconds since the zero Time
// and its nanoseconds.

const (
	isPurchase = 1 << iota
	isRenewing
	isTest
)

// texts, states, numbers and times are the fields of a purchase, in the order in which they are written.
// Token is the question's.
func texts(p *core.Purchase) []*string { return []*string{&p.ID, &p.Label, &p.LinkedToken} }

func numbers(p *core.Purchase) []*int { return []*int{&p.Quantity, &p.Refunded} }

func times(p *core.Purchase) []*time.Time {
	return []*time.Time{&p.PurchasedAt, &p.ExpiresAt, &p.PausesAt, &p.ResumesAt, &p.CanceledAt, &p.StoreTime}
}

// zeroTime makes a time that is not set one byte.
var zeroTime = time.Time{}.Unix()

func appendFact(b []byte, f *core.SharedFact) []byte {
	b = appendTime(appendTime(b, f.VerifiedAt), f.StoreTime)
	p := f.Purchase
	if p == nil {
		return append(b, 0)
	}
	flags := byte(isPurchase)
	if p.AutoRenewing {
		flags |= isRenewing
	}
	if p.Test {
		flags |= isTest
	}
	b = append(b, flags, byte(p.State), byte(p.Consumption), byte(p.Acknowledgement), byte(p.Payment))
	for _, s := range texts(p) {
		b = append(binary.AppendUvarint(b, uint64(len(*s))), *s...)
	}
	for _, n := range numbers(p) {
		b = binary.AppendVarint(b, int64(*n))
	}
	for _, t := range times(p) {
		b = appendTime(b, *t)
	}
	return b
}

func appendTime(b []byte, t time.Time) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(t.Unix()-zeroTime)), uint64(t.Nanosecond()))
}

// readFact reads the purchase of token, or that there is none.
func readFact(b []byte, token string) (*core.SharedFact, error) {
	r := reader{rest: b}
	f := &core.SharedFact{VerifiedAt: r.time(), StoreTime: r.time()}
	flags := r.byte()
	if flags&isPurchase != 0 {
		p := &core.Purchase{
			Token: token, AutoRenewing: flags&isRenewing != 0, Test: flags&isTest != 0,
			State: core.State(r.byte()), Consumption: core.Consumption(r.byte()),
			Acknowledgement: core.Acknowledgement(r.byte()), Payment: core.Payment(r.byte()),
		}
		for _, s := range texts(p) {
			*s = r.text()
		}
		for _, n := range numbers(p) {
			*n = int(r.varint())
		}
		for _, t := range times(p) {
			*t = r.time()
		}
		f.Purchase = p
	}
	if r.failed || len(r.rest) > 0 || flags > isPurchase|isRenewing|isTest || flags != 0 && flags&isPurchase == 0 {
		return nil, errCorrupt
	}
	return f, nil
}

// reader reads what appendFact wrote. Past a failure it reads zeros.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) byte() (b byte) {
	if p := r.take(1); p != nil {
		b = p[0]
	}
	return b
}

// take cuts n bytes off, nil if there are fewer.
func (r *reader) take(n uint64) []byte {
	if r.failed || n > uint64(len(r.rest)) {
		r.failed = true
		return nil
	}
	p := r.rest[:n]
	r.rest = r.rest[n:]
	return p
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if r.took(n) {
		return v
	}
	return 0
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.rest)
	if r.took(n) {
		return v
	}
	return 0
}

// took cuts off a number of n bytes; 0 or less is none.
func (r *reader) took(n int) bool {
	if n <= 0 {
		r.failed = true
	}
	return !r.failed && r.take(uint64(n)) != nil
}

func (r *reader) text() string { return string(r.take(r.uvarint())) }

func (r *reader) time() time.Time {
	seconds, nanos := int64(r.uvarint())+zeroTime, r.uvarint()
	if nanos >= uint64(time.Second) {
		r.failed = true
	}
	if r.failed {
		return time.Time{}
	}
	return time.Unix(seconds, int64(nanos)).UTC()
}
