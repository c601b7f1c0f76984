package fleet

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"sync/atomic"

	"github.com/skugate/skugate/core/internal/redisclient"
)

// Fleet is what the instances of one game share on Redis. Make it with New; it is safe for concurrent use,
// starts no goroutine and needs no closing.
type Fleet struct {
	config Config
	id     string // of this instance, new with each New

	fit atomic.Bool // the server was found fit for a ledger
}

// New makes a Fleet. It reports every fault of the configuration at once, and asks Redis nothing.
func New(config Config) (*Fleet, error) {
	config = config.withDefaults()
	if err := config.check(); err != nil {
		return nil, err
	}
	return &Fleet{config: config, id: rand.Text()}, nil
}

// digest names texts in a key: no two lists of texts have the same, and the texts cannot be read from it.
func digest(texts ...string) string {
	h := sha256.New()
	var buf []byte
	for _, t := range texts {
		buf = append(binary.AppendUvarint(buf, uint64(len(t))), t...)
	}
	h.Write(buf)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
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
