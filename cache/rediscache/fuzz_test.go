package rediscache_test

import (
	"bytes"
	"reflect"
	"testing"
)

// FuzzValue gives what stands in Redis to be read, as it is and under the right MAC: whoever has the key may
// write nonsense too.
func FuzzValue(f *testing.F) {
	c, q := offline(f, macKey), question()
	other := question()
	other.Token = "the-other"
	for _, fact := range facts(f, q.Token) {
		value := c.Seal(q, fact)
		f.Add(value)
		f.Add(value[25 : len(value)-16])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if got, err := c.Open(q, data); err == nil {
			if !bytes.Equal(c.Seal(q, got), data) {
				t.Errorf("%x is read as %+v, and not written so", data, got)
			}
			if stolen, err := c.Open(other, data); err == nil {
				t.Errorf("%x answers two questions: %+v", data, stolen)
			}
		}
		got, err := c.Open(q, c.SealBody(q, data))
		if err != nil {
			if got != nil {
				t.Errorf("an error comes with %+v", got)
			}
			return
		}
		again, err := c.Open(q, c.Seal(q, got))
		if err != nil || !reflect.DeepEqual(got, again) {
			t.Errorf("%+v is read back as %+v, %v", got, again, err)
		}
		if got.Purchase != nil && got.Purchase.Token != q.Token {
			t.Errorf("the purchase of another token: %+v", got.Purchase)
		}
	})
}
