package core

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// seeEvery is how often a void is written again because facts of its token are read.
const seeEvery = 24 * time.Hour

// applyVoids puts voids in force and keeps them, together with how far the stores' lists were read. It
// returns how many were news. With an error they are in force here, and not kept.
func (g *Gate) applyVoids(ctx context.Context, voids []Void, read map[StoreID]time.Time) (news int, err error) {
	change := VoidLog{Checkpoints: read}
	now := time.Now()
	at := map[ownerKey]int{}
	for _, v := range voids {
		key := ownerKey{v.Store, v.Token}
		i, ok := at[key]
		if !ok {
			i = len(change.Records)
			at[key] = i
			change.Records = append(change.Records, VoidRecord{Store: v.Store, Token: strings.Clone(v.Token), Seen: now})
		}
		r := VoidRecord{Whole: v.PurchaseID == ""}
		if v.PurchaseID != "" {
			r.Payments = []string{strings.Clone(v.PurchaseID)}
		}
		change.Records[i].Merge(r)
	}
	// A list is read with overlaps: what it says again is not written again.
	change.Records = slices.DeleteFunc(change.Records, func(r VoidRecord) bool {
		have, ok := g.backend(r.Store).voids.record(r.Token)
		return ok && have.covers(&r)
	})
	stands := make([]*voidRecord, len(change.Records))
	for i := range change.Records {
		r := &change.Records[i]
		var isNews bool
		if stands[i], isNews = g.backend(r.Store).voids.merge(r, false); isNews {
			news++
		}
		*r = stands[i].log(r.Store, r.Token)
	}
	if err := g.state.keep(ctx, change); err != nil {
		return news, fmt.Errorf("core: the voids are in force, but not kept: %w", err)
	}
	for i, r := range change.Records {
		g.backend(r.Store).voids.keeps(r.Token, stands[i])
	}
	g.state.mu.Lock()
	defer g.state.mu.Unlock()
	for store, at := range read {
		g.state.checkpoints[store] = at
	}
	return news, nil
}

// keep writes a change to Config.Voids, if there is one.
func (s *state) keep(ctx context.Context, change VoidLog) error {
	if s.voids == nil || len(change.Records) == 0 && len(change.Checkpoints) == 0 {
		return nil
	}
	return s.voidCalls.do(ctx, func(ctx context.Context) error { return s.voids.Apply(ctx, change) })
}

// covers tells whether nothing of more has to be put in force or written: it stands, it is kept, and that
// was written lately.
func (r *voidRecord) covers(more *VoidRecord) bool {
	for _, id := range more.Payments {
		if !slices.Contains(r.payments, id) {
			return false
		}
	}
	return r.kept && more.Seen.Sub(r.seen).Abs() <= seeEvery && (r.whole || !more.Whole) && (r.superseded || !more.Superseded)
}

// log is the record as Config.Voids has it: all that stands, so that what could not be written before is
// written now.
func (r *voidRecord) log(store StoreID, token string) VoidRecord {
	return VoidRecord{Store: store, Token: token, Whole: r.whole, Payments: r.payments, Superseded: r.superseded, Seen: r.seen}
}

// supersede notes that another purchase replaced token. It is tried again with the next read if it
// cannot be kept.
func (b *backend) supersede(ctx context.Context, token string) {
	b.stand(ctx, &VoidRecord{Store: b.id, Token: token, Superseded: true, Seen: time.Now()})
}

// seeVoid keeps a void alive as long as facts of its token are read.
func (b *backend) seeVoid(ctx context.Context, token string) {
	if _, ok := b.voids.record(token); ok {
		b.stand(ctx, &VoidRecord{Store: b.id, Token: token, Seen: time.Now()})
	}
}

// stand puts a record in force and keeps it, unless both are so.
func (b *backend) stand(ctx context.Context, r *VoidRecord) {
	if have, ok := b.voids.record(r.Token); ok && have.covers(r) {
		return
	}
	stands, _ := b.voids.merge(r, false)
	if err := b.state.keep(ctx, VoidLog{Records: []VoidRecord{stands.log(b.id, r.Token)}}); err != nil {
		b.alarm(slog.LevelError, "Config.Voids cannot keep what stands against a token; it is in force until a restart", ReasonLookupFailed, err)
		return
	}
	b.voids.keeps(r.Token, stands)
}
