package status_test

import (
	"strings"
	"testing"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/core/status"
)

func TestAPageReportsAllThatIsWrongWithItsConfiguration(t *testing.T) {
	gate := open(t, core.Config{}, shop())
	for _, c := range []struct {
		name   string
		config status.Config
		faults []string
	}{
		{"nothing is given", status.Config{}, []string{"Config.Gate is nil"}},
		{"a gate that was not made by New", status.Config{Gate: &core.Gate{}}, []string{"Config.Gate is nil"}},
		{"everything is wrong", status.Config{Minutes: 1441, Requirements: []core.Requirement{nil, look, core.AnyOf()}},
			[]string{"Config.Gate is nil", "Config.Minutes is 1441", "Requirements[0] is nil", "Requirements[2] is nil or requires nothing"}},
		{"time runs backwards", status.Config{Gate: gate, Minutes: -1}, []string{"Config.Minutes is -1"}},
		{"a store that the gate does not have", status.Config{Gate: gate, Requirements: []core.Requirement{skin.On("mall")}}, []string{`the store "mall"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := status.New(c.config)
			if p != nil || err == nil {
				t.Fatalf("got %v, %v", p, err)
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(c.faults) {
				t.Fatalf("got %d faults, want %d: %v", len(lines), len(c.faults), err)
			}
			for i, fault := range c.faults {
				has(t, lines[i], "status: ", fault)
			}
		})
	}
}
