package cache_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/cache"
)

func TestSinceTakesTheLargerOfBothClocks(t *testing.T) {
	const day = int64(24 * time.Hour)
	began := cache.Instant{Wall: 1000 * day, Mono: 5 * day}
	for _, c := range []struct {
		name       string
		wall, mono int64 // elapsed
		want       time.Duration
	}{
		{"both clocks agree", int64(time.Minute), int64(time.Minute), time.Minute},
		{"the wall clock was set back a day", int64(time.Minute) - day, int64(time.Minute), time.Minute},
		{"the wall clock was set forward a day", int64(time.Minute) + day, int64(time.Minute), 24*time.Hour + time.Minute},
		{"the machine was suspended for a day", day, 0, 24 * time.Hour},
		{"the same instant", 0, 0, 0},
		{"an instant before", -1, -1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := cache.Instant{Wall: began.Wall + c.wall, Mono: began.Mono + c.mono}
			if got := now.Since(began); got != c.want {
				t.Errorf("Since = %v, want %v", got, c.want)
			}
		})
	}
}

func TestNowReadsTheClocksOfABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := cache.Now()
		if !began.Time().Equal(time.Now()) {
			t.Errorf("Time = %v, want %v", began.Time(), time.Now())
		}
		time.Sleep(90 * time.Second)
		now := cache.Now()
		if d := time.Duration(now.Wall - began.Wall); d != 90*time.Second {
			t.Errorf("wall clock advanced by %v", d)
		}
		if d := time.Duration(now.Mono - began.Mono); d != 90*time.Second {
			t.Errorf("monotonic clock advanced by %v", d)
		}
	})
}

// A step shows within a second, and until then the monotonic clock alone makes nothing younger.
func TestAStepOfTheWallClockShowsWithinASecond(t *testing.T) {
	for _, step := range []time.Duration{24 * time.Hour, -24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			began := cache.Now()
			cache.StepWall(step)
			time.Sleep(time.Second - 1)
			if age := cache.Now().Since(began); age < time.Second-1 {
				t.Errorf("step of %v: the age is %v after a second", step, age)
			}
			time.Sleep(time.Nanosecond)
			if now := cache.Now(); !now.Time().Equal(time.Now()) {
				t.Errorf("step of %v: Time = %v after a second, want %v", step, now.Time(), time.Now())
			}
		})
	}
}

func TestOrdersGrow(t *testing.T) {
	last := cache.Order(0)
	for range 1000 {
		if next := cache.NextOrder(); next <= last {
			t.Fatalf("order %d after %d", next, last)
		} else {
			last = next
		}
	}
}
