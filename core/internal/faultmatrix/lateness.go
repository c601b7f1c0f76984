package faultmatrix

import (
	"slices"
	"sync"
	"time"
)

// lateness measures how late the machine is while a row runs: by how much it wakes a sleeper too late
// here, and how long the host takes for an answer that needs no gate. What a limit in time allows for
// the machine follows from it, so that a loaded machine makes no row red and an idle one hides nothing.
type lateness struct {
	sleeper, host delays
	stop          chan struct{}
	wg            sync.WaitGroup
}

// delays are what took longer than it should have.
type delays struct {
	mu   sync.Mutex
	all  []span
	took []time.Duration // everything measured, late or not
}

const (
	sleeperEvery = 2 * time.Millisecond
	hostEvery    = 25 * time.Millisecond
	onTime       = 2 * time.Millisecond
)

// measureLateness begins; ask asks the host for the answer without a gate, and errors of it tell nothing.
func measureLateness(ask func() error) *lateness {
	l := &lateness{stop: make(chan struct{})}
	l.wg.Go(func() {
		for before := time.Now(); l.sleep(sleeperEvery); before = time.Now() {
			l.sleeper.note(before.Add(sleeperEvery), time.Now())
		}
	})
	l.wg.Go(func() {
		for l.sleep(hostEvery) {
			if before := time.Now(); ask() == nil {
				l.host.note(before, time.Now())
			}
		}
	})
	return l
}

func (l *lateness) sleep(d time.Duration) bool {
	select {
	case <-l.stop:
		return false
	case <-time.After(d):
		return true
	}
}

func (l *lateness) end() {
	close(l.stop)
	l.wg.Wait()
}

// between is how late the machine was in sum between two instants.
func (l *lateness) between(from, to time.Time) time.Duration {
	return max(l.sleeper.between(from, to), l.host.between(from, to))
}

func (d *delays) note(from, to time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.took = append(d.took, to.Sub(from))
	if to.Sub(from) > onTime {
		d.all = append(d.all, span{from, to})
	}
}

func (d *delays) between(from, to time.Time) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	sum := time.Duration(0)
	for i := len(d.all) - 1; i >= 0 && d.all[i].to.After(from); i-- {
		if d.all[i].from.Before(to) {
			sum += d.all[i].to.Sub(d.all[i].from)
		}
	}
	return sum
}

// median is what a measurement usually took, zero if there were too few to tell.
func (d *delays) median() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	const enough = 20
	if len(d.took) < enough {
		return 0
	}
	slices.Sort(d.took)
	return d.took[len(d.took)/2]
}
