package onestore

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// ConfigFromEnv reads a Config from the environment:
//
//	ONESTORE_CLIENT_ID, ONESTORE_CLIENT_SECRET   required
//	ONESTORE_MARKET                              required: MKT_ONE or MKT_GLB
//	ONESTORE_ENVIRONMENT                         required: sandbox or commercial, in any case
//	ONESTORE_BASE_URL                            optional
//
// Its error names every variable that is missing or wrong. New checks the rest.
func ConfigFromEnv() (Config, error) {
	var faults []error
	required := func(name string) string {
		value := os.Getenv(name)
		if value == "" {
			faults = append(faults, fmt.Errorf("onestore: %s is not set", name))
		}
		return value
	}
	known := func(name string, check func() error) {
		if err := check(); err != nil && os.Getenv(name) != "" {
			faults = append(faults, fmt.Errorf("onestore: %s %w", name, err))
		}
	}
	c := Config{
		ClientID:     required("ONESTORE_CLIENT_ID"),
		ClientSecret: required("ONESTORE_CLIENT_SECRET"),
		Market:       Market(required("ONESTORE_MARKET")),
		Environment:  Environment(strings.ToLower(required("ONESTORE_ENVIRONMENT"))),
		BaseURL:      os.Getenv("ONESTORE_BASE_URL"),
	}
	known("ONESTORE_MARKET", c.Market.check)
	known("ONESTORE_ENVIRONMENT", c.Environment.check)
	if len(faults) > 0 {
		return Config{}, errors.Join(faults...)
	}
	return c, nil
}
