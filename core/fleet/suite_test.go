package fleet_test

import (
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/internal/redistest"
	"github.com/skugate/skugate/core/redeem"
)

// fit are arguments of a server that keeps what it is given.
var fit = []string{"--appendonly", "yes", "--appendfsync", "everysec"}

// Each suite runs on one server, where what is kept is also read by another instance, and on a cluster.
func TestStateOnOneServer(t *testing.T) {
	server := redistest.Start(t, fit...)
	suites(t, func(t *testing.T) string {
		server.Client().FlushAll(t.Context())
		return server.Addr()
	})
}

func TestStateOnACluster(t *testing.T) {
	servers := redistest.StartCluster(t, fit...)
	suites(t, func(t *testing.T) string {
		for _, s := range servers {
			s.Client().FlushAll(t.Context())
		}
		return servers[0].Addr() + "," + servers[1].Addr()
	})
}

func suites(t *testing.T, empty func(t *testing.T) (addrs string)) {
	t.Run("owners", func(t *testing.T) {
		var addrs string
		gatetest.RunOwners(t,
			func(t *testing.T) core.Owners { addrs = empty(t); return join(t, addrs).Owners() },
			func(t *testing.T, _ core.Owners) core.Owners { return join(t, addrs).Owners() })
	})
	t.Run("outbox", func(t *testing.T) {
		var addrs string
		gatetest.RunOutbox(t,
			func(t *testing.T) core.Outbox { addrs = empty(t); return join(t, addrs).Outbox() },
			func(t *testing.T, _ core.Outbox) core.Outbox { return join(t, addrs).Outbox() })
	})
	t.Run("voids", func(t *testing.T) {
		var addrs string
		gatetest.RunVoids(t,
			func(t *testing.T) core.Voids { addrs = empty(t); return join(t, addrs).Voids() },
			func(t *testing.T, _ core.Voids) core.Voids { return join(t, addrs).Voids() })
	})
	t.Run("ledger", func(t *testing.T) {
		var addrs string
		open := func(t *testing.T) redeem.Ledger {
			l, err := join(t, addrs).Ledger(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		gatetest.RunLedger(t,
			func(t *testing.T) redeem.Ledger { addrs = empty(t); return open(t) },
			func(t *testing.T, _ redeem.Ledger) redeem.Ledger { return open(t) })
	})
}
