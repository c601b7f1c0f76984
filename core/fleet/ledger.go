package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/redeem"
)

// Ledger is the ledger of redemptions of all instances. It asks the server first: one whose version or
// settings could lose an entry is an error, which names the setting (ErrUnfit). A server that cannot be asked
// now is none: the ledger asks again before it is used, and once a minute.
func (f *Fleet) Ledger(ctx context.Context) (redeem.Ledger, error) {
	switch err := f.mustFit(ctx); {
	case errors.Is(err, ErrUnfit):
		return nil, err
	case err != nil:
		f.config.Logger.Warn("skugate: the server of the ledger cannot be asked whether it is fit; until it can nothing is redeemed", slog.Any("error", err))
	}
	return ledger{f}, nil
}

// ledger has a hash for each purchase, with the version and the entry, and an index for each account, scored
// with the version for which the member is needed.
type ledger struct{ fleet *Fleet }

var errEntry = errors.New("fleet: a redemption cannot be read: does another program write there?")

func (l ledger) key(member string) string { return l.fleet.config.Prefix + "redemption:" + member }

func (l ledger) index(account string) index {
	return index{l.fleet, l.fleet.config.Prefix + "redemptions:" + digest(account)}
}

// redemption is an entry with its account apart: JSON would mend one that is not UTF-8.
type redemption struct {
	redeem.Entry
	Account []byte
}

func readRedemption(kept string) (redeem.Entry, error) {
	var r redemption
	if err := json.Unmarshal([]byte(kept), &r); err != nil {
		return redeem.Entry{}, errEntry // the other one quotes what it read
	}
	r.Entry.Account = string(r.Account)
	return r.Entry, nil
}

// Entry implements redeem.Ledger.
func (l ledger) Entry(ctx context.Context, store core.StoreID, token string) (e redeem.Entry, ok bool, err error) {
	if err := l.fleet.mustFit(ctx); err != nil {
		return e, false, err
	}
	var kept string
	err = l.fleet.call(ctx, "reading a redemption", func(ctx context.Context) (err error) {
		kept, err = l.fleet.config.Client.HGet(ctx, l.key(digest(string(store), token)), "entry").Result()
		if errors.Is(err, redis.Nil) {
			err = nil
		}
		return err
	})
	if err != nil || kept == "" {
		return e, false, err
	}
	e, err = readRedemption(kept)
	return e, err == nil, err
}

// swapScript puts an entry in the place of the one that has a version. It returns whether it did, and
// otherwise the one that stands, if any does.
var swapScript = redis.NewScript(`
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[1] then
	return {0, redis.call('HGET', KEYS[1], 'entry') or ''}
end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'entry', ARGV[3])
return {1, ''}
`)

// Swap implements redeem.Ledger. Whatever comes between its steps, an unfinished entry is in the index of its
// account.
func (l ledger) Swap(ctx context.Context, e redeem.Entry) (stands redeem.Entry, swapped bool, err error) {
	if err := e.Check(); err != nil {
		return stands, false, err
	}
	if err := l.fleet.mustFit(ctx); err != nil {
		return stands, false, err
	}
	next := e
	next.Version++
	kept, err := json.Marshal(redemption{next, []byte(next.Account)})
	if err != nil {
		return stands, false, err
	}
	member, index := digest(string(e.Store), e.Token), l.index(e.Account)
	if !next.Finished() {
		if err := index.add(ctx, member, float64(next.Version)); err != nil {
			return stands, false, err
		}
	}
	var other string
	err = l.fleet.call(ctx, "writing a redemption", func(ctx context.Context) error {
		got, err := swapScript.Run(ctx, l.fleet.config.Client, []string{l.key(member)},
			strconv.FormatUint(e.Version, 10), strconv.FormatUint(next.Version, 10), kept).Slice()
		if err == nil && len(got) == 2 {
			swapped = got[0] == int64(1)
			other, _ = got[1].(string)
		}
		return err
	})
	switch {
	case err != nil:
		return stands, false, err
	case swapped:
		if next.Finished() {
			index.drop(ctx, excess{member, float64(next.Version)})
		}
		return next, true, nil
	case other == "":
		return stands, false, nil
	}
	stands, err = readRedemption(other)
	return stands, false, err
}

// Unfinished implements redeem.Ledger.
func (l ledger) Unfinished(ctx context.Context, account string) ([]redeem.Entry, error) {
	if err := l.fleet.mustFit(ctx); err != nil {
		return nil, err
	}
	var found []redeem.Entry
	err := l.index(account).each(ctx, l.key, func(fields *redis.MapStringStringCmd) (bool, float64, error) {
		kept := fields.Val()["entry"]
		if kept == "" { // about to be written, or its writer died before it was
			return false, 0, nil
		}
		e, err := readRedemption(kept)
		if err != nil || e.Account != account || e.Finished() {
			return false, float64(e.Version), err
		}
		found = append(found, e)
		return true, 0, nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b redeem.Entry) int { return a.Began.Compare(b.Began) })
	return found, nil
}

// Check is Fleet.Check.
func (l ledger) Check(ctx context.Context) error { return l.fleet.Check(ctx) }
