package cache_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/cache"
)

func TestRecordConfigErrorsNameFieldAndLimit(t *testing.T) {
	for _, c := range []struct {
		name   string
		config cache.Config[string]
		want   []string // all of these; none: no error
	}{
		{"entries alone are enough", cache.Config[string]{Entries: 1}, nil},
		{"everything set", cache.Config[string]{Entries: 64, Apart: 64, Shards: 64}, nil},
		{"the default of Apart makes room for the shards", cache.Config[string]{Entries: 64, Shards: 64}, nil},
		{"no entries", cache.Config[string]{}, []string{"Config.Entries is 0, want 1 to 67108864"}},
		{"too many entries", cache.Config[string]{Entries: 1<<26 + 1}, []string{"Config.Entries is 67108865"}},
		{"negative Apart", cache.Config[string]{Entries: 1, Apart: -1}, []string{"Config.Apart is -1, want 0"}},
		{"shards that are no power of two", cache.Config[string]{Entries: 9, Shards: 3}, []string{"Config.Shards is 3, want 0 (the default) or a power of two up to 1024"}},
		{"negative shards", cache.Config[string]{Entries: 9, Shards: -4}, []string{"Config.Shards is -4"}},
		{"too many shards", cache.Config[string]{Entries: 1 << 20, Shards: 2048}, []string{"Config.Shards is 2048"}},
		{"more shards than entries", cache.Config[string]{Entries: 2, Apart: 4, Shards: 4}, []string{"Config.Shards is 4, want at most Entries, 2"}},
		{"more shards than Apart", cache.Config[string]{Entries: 4, Apart: 2, Shards: 4}, []string{"Config.Shards is 4, want at most Apart, 2"}},
		{"all faults at once", cache.Config[string]{Entries: -1, Apart: -1, Shards: -1}, []string{"Config.Entries", "Config.Apart", "Config.Shards"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := cache.NewRecord[string, int](c.config)
			wantError(t, err, c.want)
		})
	}
}

func TestKeysThatHoldStringsNeedAClone(t *testing.T) {
	type named string
	type identity struct {
		_ int
		_ *int
	}
	type pair struct {
		n int
		s string
	}
	wantError(t, recordError[string](nil), nil)
	wantError(t, recordError[[16]byte](nil), nil)
	wantError(t, recordError[identity](nil), nil)
	wantError(t, recordError[named](nil), []string{"Config.Clone is nil"})
	wantError(t, recordError[pair](nil), []string{"Config.Clone is nil"})
	wantError(t, recordError[[2]pair](nil), []string{"Config.Clone is nil"})
	wantError(t, recordError[any](nil), []string{"Config.Clone is nil"})
	wantError(t, recordError(func(p pair) pair { return pair{p.n, strings.Clone(p.s)} }), nil)
}

func recordError[K comparable](clone func(K) K) error {
	_, err := cache.NewRecord[K, int](cache.Config[K]{Entries: 1, Clone: clone})
	return err
}

func TestFlightConfigErrorsNameFieldAndLimit(t *testing.T) {
	type pair struct{ _, _ string }
	_, err := cache.NewFlights[pair, int](cache.FlightConfig[pair]{Timeout: 60})
	wantError(t, err, []string{"FlightConfig.Timeout is 60ns, want at least 1ms", "FlightConfig.Clone is nil"})
	_, err = cache.NewFlights[pair, int](cache.FlightConfig[pair]{Timeout: time.Millisecond, Clone: func(p pair) pair { return p }})
	wantError(t, err, nil)
}

func wantError(t *testing.T, err error, want []string) {
	t.Helper()
	if err == nil {
		if want != nil {
			t.Errorf("no error, want %q", want)
		}
		return
	}
	if want == nil {
		t.Errorf("error %q, want none", err)
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q, want it to say %q", err, w)
		}
	}
}

func TestCapacityIsRespectedExactly(t *testing.T) {
	for _, c := range []struct {
		name   string
		config cache.Config[string]
	}{
		{"one shard", cache.Config[string]{Entries: 10, Apart: 3, Shards: 1}},
		{"shards that do not divide the entries", cache.Config[string]{Entries: 101, Apart: 19, Shards: 8}},
		{"the default number of shards", cache.Config[string]{Entries: 5000, Apart: 777}},
		{"all in one shard", cache.Config[string]{Entries: 10, Apart: 3, Shards: 1, Hash: collide[string]}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRecord[int](t, c.config)
			for i := range 20 * c.config.Entries {
				r.Put("m"+strconv.Itoa(i), entry(i))
				r.Put("a"+strconv.Itoa(i), apart(i))
			}
			entries, apart, marks := r.Len()
			if entries != c.config.Entries || apart != c.config.Apart || marks != 0 {
				t.Errorf("Len = %d, %d, %d; want %d, %d, 0", entries, apart, marks, c.config.Entries, c.config.Apart)
			}
		})
	}
}
