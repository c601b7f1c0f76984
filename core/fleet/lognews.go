package fleet

import (
	"encoding/json"
	"errors"
	"iter"

	"github.com/skugate/skugate/core"
)

// errNews is of an entry that this version cannot read. It quotes nothing of it.
var errNews = errors.New("fleet: an entry of the log cannot be read: is it of a newer version?")

// sealedNews are news as an entry has them, texts apart: JSON would mend what is not UTF-8.
type sealedNews struct {
	Forgotten []sealedRef       `json:"f,omitempty"`
	Unshared  []sealedRef       `json:"u,omitempty"`
	Rebound   []sealedRef       `json:"r,omitempty"`
	Voids     []json.RawMessage `json:"v,omitempty"`
}

// sealedRef is a store and a token.
type sealedRef [2][]byte

func sealNews(n core.News) (string, error) {
	s := sealedNews{Forgotten: sealRefs(n.Forgotten), Unshared: sealRefs(n.Unshared), Rebound: sealRefs(n.Rebound)}
	for _, r := range n.Voids {
		text, err := sealVoid(r)
		if err != nil {
			return "", err
		}
		s.Voids = append(s.Voids, json.RawMessage(text))
	}
	text, err := json.Marshal(s)
	return string(text), err
}

func sealRefs(refs []core.TokenRef) (sealed []sealedRef) {
	for _, r := range refs {
		sealed = append(sealed, sealedRef{[]byte(r.Store), []byte(r.Token)})
	}
	return sealed
}

func openNews(text string) (n core.News, err error) {
	var s sealedNews
	if json.Unmarshal([]byte(text), &s) != nil {
		return core.News{}, errNews
	}
	for _, v := range s.Voids {
		r, err := openVoid(string(v))
		if err != nil {
			return core.News{}, errNews
		}
		n.Voids = append(n.Voids, r)
	}
	n.Forgotten, n.Unshared, n.Rebound = openRefs(s.Forgotten), openRefs(s.Unshared), openRefs(s.Rebound)
	return n, nil
}

func openRefs(sealed []sealedRef) (refs []core.TokenRef) {
	for _, r := range sealed {
		refs = append(refs, core.TokenRef{Store: core.StoreID(r[0]), Token: string(r[1])})
	}
	return refs
}

// pages divides news into parts that are not too much for one entry. What has to be heard together, a token
// that is forgotten and not yet in Config.Shared, is heard in that order.
func pages(n core.News) iter.Seq[core.News] {
	return func(yield func(core.News) bool) {
		for room := pageLen; len(n.Unshared)+len(n.Forgotten)+len(n.Rebound)+len(n.Voids) > 0; room = pageLen {
			page := core.News{
				Unshared: take(&n.Unshared, &room), Forgotten: take(&n.Forgotten, &room),
				Rebound: take(&n.Rebound, &room), Voids: take(&n.Voids, &room),
			}
			if !yield(page) {
				return
			}
		}
	}
}

// take takes as many as there is room for.
func take[T any](from *[]T, room *int) []T {
	n := min(len(*from), *room)
	page := (*from)[:n]
	*from, *room = (*from)[n:], *room-n
	return page
}
