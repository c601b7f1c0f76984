package googleplaytest

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

// loosen spells o as freely as a client must bear: members without a value may be null, integers may
// be strings, unknown members may appear, and the order means nothing.
func (w *whim) loosen(o object) object {
	out := w.respell(o, w.oneIn(4), w.oneIn(3))
	if w.oneIn(3) {
		out = append(out,
			member{"someNewContext", object{{"purchaseState", int64(1)}, {"tags", nil}}},
			member{"someNewText", ""})
		w.r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	}
	return out
}

func (w *whim) respell(o object, texts, nulls bool) object {
	out := make(object, 0, len(o)+2)
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
			m.value = w.respell(v, texts, nulls)
		case []object:
			list := make([]object, 0, len(v))
			for _, e := range v {
				list = append(list, w.respell(e, texts, nulls))
			}
			m.value = list
		}
		out = append(out, m)
	}
	w.r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}
