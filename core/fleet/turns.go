package fleet

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// Turns is who does the work that one instance at a time is to do (reconcile.Config.Turns).
func (f *Fleet) Turns() Turns { return Turns{f} }

// Turns are leases that expire by themselves: of an instance that died, another one has the next turn. One
// that was paused for longer than its turn finds out when it takes or returns it; until then two may be at
// work, which the work has to bear. It is safe for concurrent use.
type Turns struct{ fleet *Fleet }

// takeTurnScript gives the turn to one that has it already, or if nobody has.
var takeTurnScript = redis.NewScript(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`)

// Take tells whether this instance has the turn: it then has it for d from now on, unless it returns it. With
// an error nobody knows.
func (t Turns) Take(ctx context.Context, work string, d time.Duration) (mine bool, err error) {
	err = t.fleet.call(ctx, "taking a turn", func(ctx context.Context) (err error) {
		mine, err = takeTurnScript.Run(ctx, t.fleet.config.Client, []string{t.key(work)}, t.fleet.id, max(d.Milliseconds(), 1)).Bool()
		return err
	})
	return mine, err
}

var returnTurnScript = redis.NewScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
`)

// Return lets another instance have the turn before it is over. A turn that is another one's by now stays so.
func (t Turns) Return(ctx context.Context, work string) error {
	return t.fleet.call(ctx, "returning a turn", func(ctx context.Context) error {
		return returnTurnScript.Run(ctx, t.fleet.config.Client, []string{t.key(work)}, t.fleet.id).Err()
	})
}

func (t Turns) key(work string) string { return t.fleet.config.Prefix + "turn:" + work }
