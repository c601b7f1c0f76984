package fleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// ErrUnfit is matched by the error of a server whose version or settings could lose state. Find it with
// errors.Is; the error names each setting, what it is and what to set it to.
var ErrUnfit = errors.New("fleet: the server is not fit to keep state")

const (
	leastMajor = 7
	leastMinor = 0
	// fitFor is how long a server that was found fit is taken for that: a failover or an operator may change it.
	fitFor = time.Minute
)

// health is what was found out of the server.
type health struct {
	mu    sync.Mutex
	until time.Time // it was found fit, and counts as that until then
	said  string    // what the log was told last
}

// Check tells whether the server can be used now and keeps what it is given: nil, or an error that names each
// setting that could lose state (ErrUnfit), or says why the server cannot be asked. Of a cluster every master
// is asked. What changed since it was called last is logged. No player is refused for what it says, except
// that the Ledger does not work with an unfit server. It is for a readiness probe.
func (f *Fleet) Check(ctx context.Context) error {
	err := f.ask(ctx)
	f.health.mu.Lock()
	defer f.health.mu.Unlock()
	said := ""
	if err != nil {
		said = err.Error()
		f.health.until = time.Time{}
	} else {
		f.health.until = time.Now().Add(fitFor)
	}
	switch {
	case said == f.health.said || ctx.Err() != nil:
		return err
	case err != nil:
		f.config.Logger.Error("skugate: the state that the instances share is in danger or out of reach", slog.Any("error", err))
	default:
		f.config.Logger.Info("skugate: the state that the instances share is well again")
	}
	f.health.said = said
	return err
}

// mustFit is Check, unless the server was found fit lately.
func (f *Fleet) mustFit(ctx context.Context) error {
	f.health.mu.Lock()
	fit := time.Now().Before(f.health.until)
	f.health.mu.Unlock()
	if fit {
		return nil
	}
	return f.Check(ctx)
}

// ask asks every server that can have a key.
func (f *Fleet) ask(ctx context.Context) error {
	var mu sync.Mutex
	var faults []string
	err := f.call(ctx, "asking the server for its settings", func(ctx context.Context) error {
		one := func(ctx context.Context, c redis.Cmdable) error {
			found, err := unfit(ctx, c)
			mu.Lock()
			defer mu.Unlock()
			faults = append(faults, found...)
			return err
		}
		if cluster, ok := f.config.Client.(*redis.ClusterClient); ok {
			return cluster.ForEachMaster(ctx, func(ctx context.Context, c *redis.Client) error { return one(ctx, c) })
		}
		return one(ctx, f.config.Client)
	})
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		slices.Sort(faults)
		return fmt.Errorf("%w: %s", ErrUnfit, strings.Join(slices.Compact(faults), "; "))
	}
	return nil
}

// unfit says what of a server could lose state. INFO tells it also where CONFIG is not allowed, except how
// often the file is flushed.
func unfit(ctx context.Context, c redis.Cmdable) (faults []string, err error) {
	text, err := c.Info(ctx).Result()
	if err != nil {
		return nil, err
	}
	info := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			info[name] = value
		}
	}
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if version := info["redis_version"]; !atLeast(version, leastMajor, leastMinor) {
		fault("its version is %q; want %d.%d or later", version, leastMajor, leastMinor)
	}
	if info["role"] == "slave" {
		fault("it is a replica; want its master")
	}
	if policy := info["maxmemory_policy"]; strings.HasPrefix(policy, "allkeys-") {
		fault("maxmemory-policy is %s, which drops state when memory is short; set noeviction or a volatile policy", policy)
	}
	switch {
	case info["aof_enabled"] != "1":
		fault("appendonly is no, so that a restart forgets; set yes")
	case info["aof_last_write_status"] == "err":
		fault("the append-only file cannot be written; make room on its disk")
	}
	if flush, err := c.ConfigGet(ctx, "appendfsync").Result(); err == nil && flush["appendfsync"] == "no" {
		fault("appendfsync is no, so that a loss of power forgets more than a second; set everysec or always")
	}
	return faults, ctx.Err()
}

// atLeast compares versions; one that cannot be read is too old.
func atLeast(version string, major, minor int) bool {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return false
	}
	a, errA := strconv.Atoi(parts[0])
	b, errB := strconv.Atoi(parts[1])
	return errA == nil && errB == nil && (a > major || a == major && b >= minor)
}
