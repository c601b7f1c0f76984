package onestoretest

import (
	"math/rand/v2"
	"strconv"

	"github.com/skugate/skugate/core/internal/wire"
)

// whim decides how unkind the store is to one request.
type whim struct{ r *rand.Rand }

// whim returns nil when the store is gentle.
func (s *Store) whim(name string, nth int) *whim {
	if s.cfg.Gentle {
		return nil
	}
	return newWhim(s.cfg.Seed, name, nth)
}

func newWhim(seed uint64, name string, nth int) *whim {
	return &whim{wire.Chance(seed, name, nth)}
}

func (w *whim) oneIn(n int) bool { return w.r.IntN(n) == 0 }

// spell writes o as freely as the document's own samples and the measurements allow: members without
// a value may be missing, numbers may be strings, unknown members may appear, and the order means
// nothing.
func (s *Store) spell(subject string, nth int, o object) object {
	texts := s.choose(subject, nth, NumbersPlain, NumbersText) == NumbersText
	w := s.whim(subject, nth)
	if w == nil {
		return o.respelled(texts, true, func(object) {})
	}
	nulls, extras := !w.oneIn(3), w.oneIn(3)
	out := o.respelled(texts, nulls, w.shuffle)
	if extras {
		out = append(out,
			member{"serviceNote", object{{"purchaseState", int64(1)}, {"tags", nil}}},
			member{"reserved1", nil},
			member{"reserved2", int64(7)})
	}
	w.shuffle(out)
	return out
}

func (w *whim) shuffle(o object) {
	w.r.Shuffle(len(o), func(i, j int) { o[i], o[j] = o[j], o[i] })
}

func (o object) respelled(texts, nulls bool, shuffle func(object)) object {
	out := make(object, 0, len(o)+3)
	for _, m := range o {
		switch v := m.value.(type) {
		case nil:
			if !nulls {
				continue
			}
		case int64:
			if texts {
				m.value = strconv.FormatInt(v, 10)
			}
		case object:
			sub := v.respelled(texts, nulls, shuffle)
			shuffle(sub)
			m.value = sub
		}
		out = append(out, m)
	}
	return out
}
