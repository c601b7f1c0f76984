package fleet

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// index is a sorted set that says what an account may have. It stands in another slot than what it points to
// and is written first, so that it may say too much and never too little; whoever reads it looks there. The
// scores tell which members nobody is about to need: they only ever grow.
type index struct {
	fleet *Fleet
	key   string
}

// pageLen is how many entries one call is about.
const pageLen = 256

func (x index) add(ctx context.Context, member string, score float64) error {
	return x.fleet.call(ctx, "noting what an account has", func(ctx context.Context) error {
		return x.fleet.config.Client.ZAddGT(ctx, x.key, redis.Z{Score: score, Member: member}).Err()
	})
}

// dropScript drops members whose scores have not grown beyond what is given with each.
var dropScript = redis.NewScript(`
for i = 1, #ARGV, 2 do
	local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
	if score and tonumber(score) <= tonumber(ARGV[i + 1]) then redis.call('ZREM', KEYS[1], ARGV[i]) end
end
return 0
`)

// excess is a member that points to nothing of the account's, as far as it was added with a score up to upTo.
type excess struct {
	member string
	upTo   float64
}

// drop drops members that say too much. What cannot be dropped now is found again.
func (x index) drop(ctx context.Context, gone ...excess) {
	for len(gone) > 0 {
		page := gone[:min(pageLen, len(gone))]
		gone = gone[len(page):]
		var args []any
		for _, g := range page {
			args = append(args, g.member, g.upTo)
		}
		_ = x.fleet.call(ctx, "dropping what an account has not", func(ctx context.Context) error {
			return dropScript.Run(ctx, x.fleet.config.Client, []string{x.key}, args...).Err()
		})
	}
}

// each hears what every member points to, which is a hash under key(member), all at once in pages. hear
// returns whether that is the account's, and if it is not, up to which score the member is not needed, 0 for
// none.
func (x index) each(ctx context.Context, key func(member string) string, hear func(fields *redis.MapStringStringCmd) (isIts bool, upTo float64, err error)) error {
	var members []string
	err := x.fleet.call(ctx, "reading what an account has", func(ctx context.Context) (err error) {
		members, err = x.fleet.config.Client.ZRange(ctx, x.key, 0, -1).Result()
		return err
	})
	if err != nil {
		return err
	}
	var gone []excess
	for len(members) > 0 {
		page := members[:min(pageLen, len(members))]
		members = members[len(page):]
		read := make([]*redis.MapStringStringCmd, len(page))
		err := x.fleet.call(ctx, "reading what an account has", func(ctx context.Context) error {
			_, err := x.fleet.config.Client.Pipelined(ctx, func(p redis.Pipeliner) error {
				for i, m := range page {
					read[i] = p.HGetAll(ctx, key(m))
				}
				return nil
			})
			return err
		})
		if err != nil {
			return err
		}
		for i, m := range page {
			isIts, upTo, err := hear(read[i])
			if err != nil {
				return fmt.Errorf("fleet: what an account has cannot be read: %w", err)
			}
			if !isIts && upTo > 0 {
				gone = append(gone, excess{m, upTo})
			}
		}
	}
	x.drop(ctx, gone...)
	return nil
}
