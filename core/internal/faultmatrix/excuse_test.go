package faultmatrix

import "testing"

func TestABusyMachineExcusesHalfOfARowAtMost(t *testing.T) {
	for _, test := range []struct {
		excused int
		red     bool
	}{{0, false}, {2, false}, {10, false}, {11, true}, {20, true}} {
		s := &Scene{t: t, sorts: map[string]int{}, excused: map[int]bool{}}
		for range 20 {
			s.record(&Check{Outcome: U, Counted: true})
		}
		for i := range test.excused {
			for range 2 { // a check is excused once, however often
				s.excuse(&s.checks[i])
			}
		}
		s.judgeExcuses()
		if red := len(s.breaches) > 0; red != test.red {
			t.Errorf("%d of 20 are excused: red %v, want %v", test.excused, red, test.red)
		}
	}
}
