package status

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/skugate/skugate/core"
)

// Config configures a Page. Only Gate has no default. New does not alter it.
type Config struct {
	// Gate is the gate that is shown.
	Gate *core.Gate
	// Title names the page, as the game or the instance. Default: "skugate".
	Title string
	// Requirements are what decisions can be explained for; their modes are shown, too. Default: none, and
	// the page has no form.
	Requirements []core.Requirement
	// Minutes is how far back the page looks. Default: 15. At most 1,440.
	Minutes int
}

const maxMinutes = 24 * 60

// New makes a page. It reports every fault of the configuration at once and starts nothing. What is shown
// begins with the counters as they are now.
func New(config Config) (*Page, error) {
	c := config
	c.Title = cmp.Or(c.Title, "skugate")
	c.Minutes = cmp.Or(c.Minutes, 15)
	c.Requirements = slices.Clone(c.Requirements)
	if err := c.check(); err != nil {
		return nil, err
	}
	p := &Page{config: c, history: newHistory(c.Gate, time.Duration(c.Minutes)*time.Minute)}
	p.history.take(time.Now())
	return p, nil
}

// check finds every fault.
func (c *Config) check() error {
	var faults []error
	stores := c.Gate.Stores()
	if len(stores) == 0 {
		faults = append(faults, errors.New("status: Config.Gate is nil or was not made by core.New"))
	}
	if c.Minutes < 0 || c.Minutes > maxMinutes {
		faults = append(faults, fmt.Errorf("status: Config.Minutes is %d; it has to be from 1 to %d", c.Minutes, maxMinutes))
	}
	for i, r := range c.Requirements {
		products := core.Products(r)
		if len(products) == 0 {
			faults = append(faults, fmt.Errorf("status: Config.Requirements[%d] is nil or requires nothing", i))
		}
		for _, p := range products {
			if len(stores) > 0 && !slices.Contains(stores, p.Store) {
				faults = append(faults, fmt.Errorf("status: Config.Requirements[%d] names the store %q, which the gate does not have", i, p.Store))
			}
		}
	}
	return errors.Join(faults...)
}
