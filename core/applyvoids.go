package core

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// seeEvery is how often a void is written again because facts of its token are read.
const seeEvery = 24 * time.Hour

// applyVoids puts voids in force and keeps them, together with how far the stores' lists were read. It
// returns how many were news. With an error they are in force here, and not kept, or the others do not know.
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
	all := make([]standingVoid, len(change.Records))
	for i := range change.Records {
		r := &change.Records[i]
		b := g.backend(r.Store)
		stands, isNews := b.voids.merge(r, false)
		if isNews {
			news++
			g.backend(r.Store).voided.Add(1)
		}
		all[i] = standingVoid{b, r.Token, stands}
	}
	if err := g.spread(ctx, all, read); err != nil {
		return news, err
	}
	g.state.mu.Lock()
	defer g.state.mu.Unlock()
	for store, at := range read {
		g.state.checkpoints[store] = at
	}
	return news, nil
}

// standingVoid is what stands against one token of a store.
type standingVoid struct {
	backend *backend
	token   string
	stands  *voidRecord
}

func (s *standingVoid) log() VoidRecord { return s.stands.log(s.backend.id, s.token) }

// spread keeps what stands, and tells the others. First it is kept: who may have missed what is told reads
// that. How far the lists were read is kept last: with an error they are read again.
func (g *Gate) spread(ctx context.Context, all []standingVoid, read map[StoreID]time.Time) error {
	var untold []standingVoid
	for _, s := range all {
		if !s.stands.told.Load() {
			untold = append(untold, s)
		}
	}
	if len(untold) == 0 {
		return g.keepStanding(ctx, all, read)
	}
	if err := errors.Join(g.keepStanding(ctx, all, nil), g.tellStanding(ctx, untold)); err != nil {
		return err
	}
	return g.keepStanding(ctx, nil, read)
}

// keepStanding writes what stands to Config.Voids, with how far the lists were read.
func (g *Gate) keepStanding(ctx context.Context, all []standingVoid, read map[StoreID]time.Time) error {
	change := VoidLog{Checkpoints: read}
	for _, s := range all {
		change.Records = append(change.Records, s.log())
	}
	if err := g.state.keep(ctx, change); err != nil {
		return fmt.Errorf("core: the voids are in force, but not kept: %w", err)
	}
	for _, s := range all {
		s.stands.kept.Store(true)
	}
	return nil
}

// toldAtOnce is how many voids are told before Config.Timeout begins anew.
const toldAtOnce = 256

// tellStanding tells the others what stands.
func (g *Gate) tellStanding(ctx context.Context, all []standingVoid) error {
	for some := range slices.Chunk(all, toldAtOnce) {
		var n News
		for _, s := range some {
			n.Voids = append(n.Voids, s.log())
		}
		if err := g.crier.tell(ctx, n); err != nil {
			return fmt.Errorf("core: the voids: %w", err)
		}
		for _, s := range some {
			s.stands.told.Store(true)
		}
	}
	return nil
}

// keep writes a change to Config.Voids, if there is one.
func (s *state) keep(ctx context.Context, change VoidLog) error {
	if s.voids == nil || len(change.Records) == 0 && len(change.Checkpoints) == 0 {
		return nil
	}
	return s.voidCalls.do(ctx, func(ctx context.Context) error { return s.voids.Apply(ctx, change) })
}

// covers tells whether nothing of more has to be put in force, written or told: it stands, it is kept, and
// that was written lately.
func (r *voidRecord) covers(more *VoidRecord) bool {
	for _, id := range more.Payments {
		if !slices.Contains(r.payments, id) {
			return false
		}
	}
	return r.kept.Load() && r.told.Load() && more.Seen.Sub(r.seen).Abs() <= seeEvery && (r.whole || !more.Whole) && (r.superseded || !more.Superseded)
}

// log is the record as Config.Voids has it: all that stands, so that what could not be written before is
// written now.
func (r *voidRecord) log(store StoreID, token string) VoidRecord {
	return VoidRecord{Store: store, Token: token, Whole: r.whole, Payments: r.payments, Superseded: r.superseded, Seen: r.seen}
}

// supersede notes that another purchase replaced token. It is tried again with the next read if it
// cannot be kept or told.
func (b *backend) supersede(ctx context.Context, token string) {
	b.stand(ctx, &VoidRecord{Store: b.id, Token: token, Superseded: true, Seen: time.Now()})
}

// seeVoid keeps a void alive as long as facts of its token are read.
func (b *backend) seeVoid(ctx context.Context, token string) {
	if _, ok := b.voids.record(token); ok {
		b.stand(ctx, &VoidRecord{Store: b.id, Token: token, Seen: time.Now()})
	}
}

// stand puts a record in force, keeps it and tells the others, unless all of that is so.
func (b *backend) stand(ctx context.Context, r *VoidRecord) {
	if have, ok := b.voids.record(r.Token); ok && have.covers(r) {
		return
	}
	stands, _ := b.voids.merge(r, false)
	s := []standingVoid{{b, r.Token, stands}}
	if err := b.state.gate.keepStanding(ctx, s, nil); err != nil {
		b.alarm(slog.LevelError, "Config.Voids cannot keep what stands against a token; it is in force until a restart", ReasonLookupFailed, err)
	}
	if !stands.told.Load() { // a player waits for this
		b.state.gate.crier.tellBehind(TokenRef{b.id, r.Token}, News{Voids: []VoidRecord{s[0].log()}}, func() { stands.told.Store(true) })
	}
}
