package fleet

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/skugate/skugate/core"
)

// Owners is the owners' registry of all instances: of several that claim one purchase the first wins.
func (f *Fleet) Owners() core.Owners { return owners{f} }

// owners has a hash for each purchase, which says whose it is, and an index for each account, scored with the
// microsecond of the claim.
type owners struct{ fleet *Fleet }

// claimTakes is longer than any claim takes, and than instances' clocks differ. What an index says too much
// for longer than that nobody is about to claim.
const claimTakes = time.Hour

var (
	errEmptyAccount = errors.New("fleet: an account is empty")
	errOwnership    = errors.New("fleet: an ownership cannot be read: does another program write there?")
)

func (o owners) key(member string) string { return o.fleet.config.Prefix + "owner:" + member }

func (o owners) index(account string) index {
	return index{o.fleet, o.fleet.config.Prefix + "owned:" + digest(account)}
}

// ownership is one as its hash has it.
type ownership struct {
	Store   string `redis:"store"`
	Token   string `redis:"token"`
	Product string `redis:"product"`
	Account string `redis:"account"`
	Bound   bool   `redis:"bound"`
	At      int64  `redis:"at"` // microseconds of the server's clock
}

func (o *ownership) public() core.Ownership {
	return core.Ownership{Store: core.StoreID(o.Store), Token: o.Token, Product: o.Product, Account: o.Account, Bound: o.Bound}
}

// claimScript claims a purchase that nobody owns, binds one that is the account's already, and returns whose
// it is and whether that is bound.
var claimScript = redis.NewScript(`
local account = redis.call('HGET', KEYS[1], 'account')
if not account then
	local now = redis.call('TIME')
	redis.call('HSET', KEYS[1], 'store', ARGV[1], 'token', ARGV[2], 'product', ARGV[3], 'account', ARGV[4], 'bound', ARGV[5],
		'at', string.format('%.0f', now[1] * 1000000 + now[2]))
elseif account == ARGV[4] and ARGV[5] == '1' then
	redis.call('HSET', KEYS[1], 'bound', '1')
end
return redis.call('HMGET', KEYS[1], 'product', 'account', 'bound')
`)

// Claim implements core.Owners.
func (o owners) Claim(ctx context.Context, claim core.Ownership) (core.Ownership, error) {
	if claim.Account == "" {
		return core.Ownership{}, errEmptyAccount
	}
	member := digest(string(claim.Store), claim.Token)
	// Most claims change nothing.
	have, ok, err := o.find(ctx, member)
	if err != nil || ok && (have.Account != claim.Account || have.Bound || !claim.Bound) {
		return have, err
	}
	if err := o.index(claim.Account).add(ctx, member, float64(time.Now().UnixMicro())); err != nil {
		return core.Ownership{}, err
	}
	bound := "0"
	if claim.Bound {
		bound = "1"
	}
	var stands []string
	err = o.fleet.call(ctx, "claiming a purchase", func(ctx context.Context) (err error) {
		stands, err = claimScript.Run(ctx, o.fleet.config.Client, []string{o.key(member)},
			string(claim.Store), claim.Token, claim.Product, claim.Account, bound).StringSlice()
		return err
	})
	if err != nil {
		return core.Ownership{}, err
	}
	if len(stands) != 3 {
		return core.Ownership{}, errOwnership
	}
	claim.Product, claim.Account, claim.Bound = stands[0], stands[1], stands[2] == "1"
	return claim, nil
}

func (o owners) find(ctx context.Context, member string) (core.Ownership, bool, error) {
	var have ownership
	err := o.fleet.promptly(ctx, "reading an owner", func(ctx context.Context) error {
		return o.fleet.config.Client.HGetAll(ctx, o.key(member)).Scan(&have)
	})
	if err != nil || have.Account == "" {
		return core.Ownership{}, false, err
	}
	return have.public(), true, nil
}

// Owner implements core.Owners.
func (o owners) Owner(ctx context.Context, store core.StoreID, token string) (core.Ownership, bool, error) {
	return o.find(ctx, digest(string(store), token))
}

// Owned implements core.Owners.
func (o owners) Owned(ctx context.Context, account string) ([]core.Ownership, error) {
	unclaimed := float64(time.Now().Add(-claimTakes).UnixMicro())
	var found []ownership
	err := o.index(account).each(ctx, o.key, func(fields *redis.MapStringStringCmd) (bool, float64, error) {
		var have ownership
		if err := fields.Scan(&have); err != nil {
			return false, 0, errOwnership // the other one quotes what it read
		}
		if have.Account != account {
			return false, unclaimed, nil
		}
		found = append(found, have)
		return true, 0, nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b ownership) int { return cmp.Compare(a.At, b.At) })
	owned := make([]core.Ownership, len(found))
	for i := range found {
		owned[i] = found[i].public()
	}
	return owned, nil
}

// Release implements core.Owners. The account's index says too much from then on.
func (o owners) Release(ctx context.Context, store core.StoreID, token string) error {
	return o.fleet.call(ctx, "releasing a purchase", func(ctx context.Context) error {
		return o.fleet.config.Client.Del(ctx, o.key(digest(string(store), token))).Err()
	})
}

// Check is Fleet.Check.
func (o owners) Check(ctx context.Context) error { return o.fleet.Check(ctx) }
