package rest_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skugate/skugate/core/internal/rest"
)

func TestALateRefusalOfAnOldTokenFetchesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetches := 0
		tokens := rest.NewTokens(rest.TokenConfig{Fetch: func(context.Context) (string, time.Duration, error) {
			fetches++
			return fmt.Sprint("token-", fetches), time.Hour, nil
		}})
		slow := func(d time.Duration) error {
			return tokens.Use(t.Context(), func(token string) (rest.Verdict, error) {
				if token == "token-1" {
					time.Sleep(d)
					return rest.Refused, fmt.Errorf("%s is refused", token)
				}
				return rest.Accepted, nil
			})
		}
		late := make(chan error, 1)
		go func() { late <- slow(10 * time.Second) }() // has the old token, and hears of it late
		time.Sleep(2 * time.Second)
		if err := slow(0); err != nil {
			t.Error(err)
		}
		if err := <-late; err != nil {
			t.Error(err)
		}
		if fetches != 2 {
			t.Errorf("%d fetches, want 2", fetches)
		}
	})
}
