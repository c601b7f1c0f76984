package onestore

import (
	"errors"
	"fmt"
)

// Market is the market in which the app is sold. It is sent with every call.
//
// Spec: 003_cae853c17ba7f40e.txt, "市场分类".
type Market string

// The markets.
const (
	MarketKorea  Market = "MKT_ONE" // Korea
	MarketGlobal Market = "MKT_GLB" // everywhere but Korea
)

func (m Market) check() error {
	switch m {
	case MarketKorea, MarketGlobal:
		return nil
	case "":
		return errors.New("is not set; want MKT_ONE (Korea) or MKT_GLB (everywhere else)")
	case "MKT_GLC":
		return errors.New("is MKT_GLC, a misprint in ONE store's document; want MKT_GLB")
	default:
		return fmt.Errorf("is %.20q; want MKT_ONE (Korea) or MKT_GLB (everywhere else)", string(m))
	}
}

// Environment is which of ONE store's two worlds is asked. They share no purchase and no token.
//
// Spec: 003_cae853c17ba7f40e.txt, "HOST Domain".
type Environment string

// The environments.
const (
	Sandbox    Environment = "sandbox"    // verification: test payments, and months that last minutes
	Commercial Environment = "commercial" // real payments
)

func (e Environment) check() error {
	switch e {
	case Sandbox, Commercial:
		return nil
	case "":
		return errors.New("is not set; want sandbox or commercial")
	default:
		return fmt.Errorf("is %.20q; want sandbox or commercial", string(e))
	}
}

// host is the usual address of the environment, in all markets.
func (e Environment) host() string {
	if e == Commercial {
		return "https://iap-apis.onestore.net"
	}
	return "https://sbpp.onestore.net"
}
