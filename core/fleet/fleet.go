package fleet

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/skugate/skugate/core/redisclient"
)

// Fleet is what the instances of one game share on Redis. Make it with New; it is safe for concurrent use,
// starts no goroutine and needs no closing.
type Fleet struct {
	config Config
	id     string // of this instance, new with each New

	silence silence
	health  health
}

// New makes a Fleet. It reports every fault of the configuration at once, and asks Redis nothing.
func New(config Config) (*Fleet, error) {
	config = config.withDefaults()
	if err := config.check(); err != nil {
		return nil, err
	}
	return &Fleet{config: config, id: rand.Text()}, nil
}

// call makes a call of the server within Config.Timeout. The error may be logged.
func (f *Fleet) call(ctx context.Context, what string, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, f.config.Timeout)
	defer cancel()
	if err := do(ctx); err != nil {
		return fmt.Errorf("fleet: %s: %w", what, redisclient.Plain(err))
	}
	return nil
}
