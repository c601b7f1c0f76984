package intake

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// journalEvery bounds how often one cause is logged: anybody can send what is refused.
const journalEvery = time.Minute

// journal tells the operator of each cause once a minute.
type journal struct {
	log  *slog.Logger
	said sync.Map // text -> *rate.Sometimes; the texts are constants
}

func (j *journal) write(level slog.Level, text string, attrs ...any) {
	s, _ := j.said.LoadOrStore(text, &rate.Sometimes{Interval: journalEvery})
	s.(*rate.Sometimes).Do(func() { j.log.Log(context.Background(), level, "skugate: "+text, attrs...) })
}
