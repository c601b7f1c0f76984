package cache_test

import (
	"context"
	"fmt"
	"time"

	"github.com/skugate/skugate/cache"
)

// A read-through cache in front of a slow source: one read for all who miss, and nothing from before
// an invalidation for anyone who comes after it.
func Example() {
	record, err := cache.NewRecord[string, string](cache.Config[string]{Entries: 10_000})
	if err != nil {
		panic(err)
	}
	flights, err := cache.NewFlights[string, string](cache.FlightConfig[string]{Timeout: 5 * time.Second})
	if err != nil {
		panic(err)
	}
	reads := 0
	source := func(context.Context, string) (string, error) {
		reads++
		return fmt.Sprintf("answer %d", reads), nil
	}

	get := func(ctx context.Context, key string) (string, error) {
		after := record.Mark(key)
		if e, state := record.Get(key, cache.Now()); state == cache.Fresh {
			return e.Value, nil
		}
		flight, _, err := flights.Join(key, after, func(ctx context.Context, order cache.Order) (string, error) {
			// Another flight may have ended between the caller's look and its Join.
			if e, state := record.Get(key, cache.Now()); state == cache.Fresh {
				return e.Value, nil
			}
			began := cache.Now()
			value, err := source(ctx, key)
			if err == nil {
				record.Put(key, &cache.Entry[string]{Value: value, Began: began, Order: order, Life: cache.Life{Fresh: time.Minute}})
			}
			return value, err
		})
		if err != nil {
			return "", err
		}
		return flight.Wait(ctx)
	}

	ctx := context.Background()
	fmt.Println(get(ctx, "sword"))
	fmt.Println(get(ctx, "sword"))
	record.Invalidate("sword", time.Minute)
	fmt.Println(get(ctx, "sword"))
	fmt.Println(flights.Close(ctx))
	// Output:
	// answer 1 <nil>
	// answer 1 <nil>
	// answer 2 <nil>
	// <nil>
}
