package rest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"0":                             0,
		"2":                             2 * time.Second,
		" 120 ":                         time.Minute,
		"3600":                          time.Minute,
		"1000000000":                    time.Minute,
		"99999999999999999999999999999": time.Minute,
		"-1":                            0,
		"+5":                            0,
		"1.5":                           0,
		"1e9":                           0,
		"abc":                           0,
		"Tue, 01 Sep 2026 12:00:30 GMT": 30 * time.Second,
		"Tue, 01 Sep 2026 11:00:00 GMT": 0,
		"Tue, 01 Sep 2099 12:00:00 GMT": time.Minute,
		"Tuesday":                       0,
	} {
		if got := rest.ParseRetryAfter(value, now); got != want {
			t.Errorf("%q: got %v, want %v", value, got, want)
		}
	}
}

func TestRetryAfterCountsFromTheStoresClock(t *testing.T) {
	a := &rest.Answer{Header: http.Header{
		"Date":        {"Tue, 01 Sep 2020 12:00:00 GMT"},
		"Retry-After": {"Tue, 01 Sep 2020 12:00:30 GMT"},
	}}
	if got := a.RetryAfter(); got != 30*time.Second {
		t.Errorf("got %v", got)
	}
}

func TestDate(t *testing.T) {
	for value, want := range map[string]time.Time{
		"Tue, 01 Sep 2026 12:00:00 GMT": time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC),
		"":                              {},
		"yesterday":                     {},
		"Mon, 01 Jan 0001 00:00:00 GMT": {},
		"Fri, 01 Jan 2300 00:00:00 GMT": {},
	} {
		a := &rest.Answer{Header: http.Header{"Date": {value}}}
		if got := a.Date(); got != want {
			t.Errorf("%q: got %v, want %v", value, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"2", "-1", "1000000000", "Tue, 01 Sep 2026 12:00:30 GMT", "abc", "٣"} {
		f.Add(s)
	}
	now := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		if got := rest.ParseRetryAfter(value, now); got < 0 || got > rest.MaxRetryAfter {
			t.Errorf("%q: %v", value, got)
		}
	})
}
