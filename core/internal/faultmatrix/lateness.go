package faultmatrix

import (
	"sync"
	"time"
)

// lateness measures by how much the machine wakes a sleeper too late. What a limit in time allows for
// the machine follows from it, so that a loaded machine makes no row red and an idle one hides nothing.
type lateness struct {
	mu   sync.Mutex
	at   []time.Time
	late []time.Duration
	stop chan struct{}
	done chan struct{}
}

const tick = 2 * time.Millisecond

func measureLateness() *lateness {
	l := &lateness{stop: make(chan struct{}), done: make(chan struct{})}
	go l.run()
	return l
}

func (l *lateness) run() {
	defer close(l.done)
	for {
		before := time.Now()
		select {
		case <-l.stop:
			return
		case <-time.After(tick):
		}
		now := time.Now()
		if late := now.Sub(before) - tick; late > tick {
			l.mu.Lock()
			l.at, l.late = append(l.at, now), append(l.late, late)
			l.mu.Unlock()
		}
	}
}

func (l *lateness) end() {
	close(l.stop)
	<-l.done
}

// between is how late the machine was in sum while something ran from one instant to another.
func (l *lateness) between(from, to time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	sum := time.Duration(0)
	for i := len(l.at) - 1; i >= 0 && l.at[i].After(from); i-- {
		if l.at[i].Add(-l.late[i]).Before(to) {
			sum += l.late[i]
		}
	}
	return sum
}
