package core

import (
	"time"

	"github.com/skugate/skugate/cache"
)

// StoreNow is what the gate takes for the store's clock at an instant, after a read that began and ended
// at others and was answered with date: nothing else lets a test step this machine's clocks.
func StoreNow(date time.Time, began, ended, now cache.Instant) time.Time {
	f := &fact{began: began, storeBegan: began.Wall + int64(skew(date, began, ended))}
	return f.storeNow(now)
}

// IsVisible is what a token's characters are judged by.
var IsVisible = isVisible

// Stands is from which age to which the verdict on a purchase counts as unchanged, seen at an age.
func Stands(p Product, purchase *Purchase, storeBegan time.Time, age time.Duration) (from, until time.Duration) {
	f := &fact{purchase: purchase, storeBegan: storeBegan.UnixNano()}
	s := f.stands(&p, age)
	return s.from, s.until
}
