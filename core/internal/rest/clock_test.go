package rest_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

func TestTheStoresClockIsLearntFromItsAnswers(t *testing.T) {
	for _, skew := range []time.Duration{0, 10 * time.Minute, -10 * time.Minute, 999 * time.Millisecond, 40 * 365 * 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			var c rest.Clock
			store := func() time.Time { return time.Now().Add(skew) }
			if now, known := c.Now(); known || !now.Equal(time.Now()) || now.Location() != time.UTC {
				t.Errorf("without an answer: %v, %v", now, known)
			}
			for range 200 {
				c.Observe((&rest.Answer{Header: http.Header{"Date": {store().UTC().Format(http.TimeFormat)}}}).Date())
				now, known := c.Now()
				if behind := store().Sub(now); !known || behind < 0 || behind >= time.Second {
					t.Fatalf("skew %v: it is behind by %v", skew, behind)
				}
				time.Sleep(337 * time.Millisecond)
			}
			now, _ := c.Now()
			if behind := store().Sub(now); behind > 50*time.Millisecond {
				t.Errorf("skew %v: after 200 answers it is still behind by %v", skew, behind)
			}
		})
	}
}

func TestTheStoresClockFollowsAStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c rest.Clock
		for _, step := range []time.Duration{0, -time.Hour, time.Hour, -2 * time.Second, 2 * time.Second} {
			store := time.Now().Add(step).Truncate(time.Second)
			c.Observe((&rest.Answer{Header: http.Header{"Date": {store.UTC().Format(http.TimeFormat)}}}).Date())
			if now, _ := c.Now(); !now.Equal(store) {
				t.Errorf("stepped by %v: %v, want %v", step, now, store)
			}
		}
	})
}

func TestAnAnswerWithoutADateTeachesNothing(t *testing.T) {
	var c rest.Clock
	c.Observe((&rest.Answer{Header: http.Header{}}).Date())
	c.Observe((&rest.Answer{Header: http.Header{"Date": {"yesterday"}}}).Date())
	if _, known := c.Now(); known {
		t.Error("the clock is known")
	}
}
