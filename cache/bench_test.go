package cache_test

import (
	"context"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/skugate/skugate/cache"
)

// tokens are 144 characters long; the ones looked up share no memory with the ones put.
func tokens(n int) (put, look []string) {
	for i := range n {
		s := strings.Repeat("x", 132) + "-" + strconv.FormatInt(1e10+int64(i), 10)
		put, look = append(put, s), append(look, strings.Clone(s))
	}
	rand.Shuffle(n, func(i, j int) { look[i], look[j] = look[j], look[i] })
	return put, look
}

func full(b *testing.B, n int) (*cache.Record[string, int], []string) {
	r := newRecord[int](b, cache.Config[string]{Entries: 1 << 16})
	put, look := tokens(n)
	for i, key := range put {
		r.Put(key, entry(i))
	}
	for range 2 {
		for _, key := range look {
			r.Get(key, cache.Now())
		}
	}
	return r, look
}

func BenchmarkGetHit(b *testing.B) {
	for _, n := range []int{1, 4096} {
		b.Run("keys="+strconv.Itoa(n), func(b *testing.B) {
			r, look := full(b, n)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if e, _ := r.Get(look[i&(n-1)], cache.Now()); e == nil {
					b.Fatal("a miss")
				}
				i++
			}
		})
		b.Run("keys="+strconv.Itoa(n)+"/parallel", func(b *testing.B) {
			r, look := full(b, n)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for i := rand.IntN(n); pb.Next(); i++ {
					if e, _ := r.Get(look[i&(n-1)], cache.Now()); e == nil {
						b.Error("a miss")
						return
					}
				}
			})
		})
	}
}

func BenchmarkNow(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		cache.Now()
	}
}

func BenchmarkGetMiss(b *testing.B) {
	r, _ := full(b, 4096)
	b.ReportAllocs()
	for b.Loop() {
		r.Get("absent", cache.Now())
	}
}

func BenchmarkPut(b *testing.B) {
	b.Run("replacing", func(b *testing.B) {
		r, look := full(b, 4096)
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			r.Put(look[i&4095], entry(i))
			i++
		}
	})
	b.Run("evicting", func(b *testing.B) {
		r := newRecord[int](b, cache.Config[string]{Entries: 1024})
		put, _ := tokens(1 << 16)
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			r.Put(put[i&(1<<16-1)], entry(i))
			i++
		}
	})
}

func BenchmarkInvalidate(b *testing.B) {
	r, look := full(b, 4096)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		r.Invalidate(look[i&4095], time.Minute)
		i++
	}
}

func BenchmarkJoin(b *testing.B) {
	b.Run("leading", func(b *testing.B) {
		f := newFlights[int](b, time.Minute)
		b.ReportAllocs()
		for b.Loop() {
			fl, _, _ := f.Join("k", 0, func(context.Context, cache.Order) (int, error) { return 1, nil })
			if _, err := fl.Wait(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("joining", func(b *testing.B) {
		f := newFlights[int](b, time.Hour)
		release := make(chan struct{})
		work := func(context.Context, cache.Order) (int, error) { <-release; return 1, nil }
		fl, _, _ := f.Join("k", 0, work)
		b.ReportAllocs()
		for b.Loop() {
			if _, leader, err := f.Join("k", 0, work); leader || err != nil {
				b.Fatal(leader, err)
			}
		}
		close(release)
		fl.Result()
	})
}
