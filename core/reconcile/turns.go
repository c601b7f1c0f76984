package reconcile

import (
	"context"
	"log/slog"
	"time"
)

// Turns let the instances of a game share what only one of them has to do. Package fleet has some. They need
// not be exact: work that two do at once is done twice, and no harm.
type Turns interface {
	// Take tells whether the round of work that is due now is this instance's. If it is, no other has one
	// until d has passed, unless Return comes before.
	Take(ctx context.Context, work string, d time.Duration) (mine bool, err error)
	// Return gives back what this instance took and did not do. A turn that another one has by now stays so.
	Return(ctx context.Context, work string) error
}

// turnTimeout bounds how long a round waits for its turn.
const turnTimeout = time.Second

// inTurn does a job if it is this instance's turn, and otherwise nothing. Whoever cannot find out does it: two
// are better than none.
func (w *Worker) inTurn(ctx context.Context, j *job) (r Report, err error) {
	if w.config.Turns == nil || !j.shared || !j.begun {
		r, err = j.do(ctx)
		j.begun = j.begun || err == nil
		return r, err
	}
	mine, err := w.take(ctx, j)
	if err == nil && !mine {
		return r, nil
	}
	done := false
	defer func() { // also when the job panics
		if mine && !done {
			w.giveBack(ctx, j)
		}
	}()
	r, err = j.do(ctx)
	done = err == nil
	return r, err
}

func (w *Worker) take(ctx context.Context, j *job) (mine bool, err error) {
	call, cancel := context.WithTimeout(ctx, turnTimeout)
	defer cancel()
	mine, err = w.config.Turns.Take(call, j.what, j.every-j.every/10)
	if err != nil && ctx.Err() == nil {
		w.log.Warn("skugate: whose turn it is cannot be found out, so that every instance works", slog.String("work", j.what), slog.Any("error", err))
	}
	return mine && err == nil, err
}

// giveBack lets another one try. What cannot be given back is over with the period.
func (w *Worker) giveBack(ctx context.Context, j *job) {
	call, cancel := context.WithTimeout(context.WithoutCancel(ctx), turnTimeout)
	defer cancel()
	_ = w.config.Turns.Return(call, j.what)
}
