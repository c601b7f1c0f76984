package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/skugate/skugate/core/onestore/onestoretest"
)

// options is what the command line says.
type options struct {
	listen, control string
	play            string // where Google Play listens; empty: nowhere
	playPackage     string
	public          bool
	environment     string
	store           onestoretest.Config
}

// parse reads the command line and reports everything that is wrong with it.
func parse(args []string, usage io.Writer) (options, error) {
	var o options
	var dialects string
	names := dialectNames()
	flags := flag.NewFlagSet("fakestore", flag.ContinueOnError)
	flags.SetOutput(usage)
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8070", "where the store listens; port 0 picks one")
	flags.StringVar(&o.control, "control", "127.0.0.1:8071", "where the control API listens; port 0 picks one")
	flags.StringVar(&o.play, "play", "", "where a fake Google Play listens; port 0 picks one; default nowhere")
	flags.StringVar(&o.playPackage, "play-package", "", "the app's package name at Google Play; default one of the fake")
	flags.BoolVar(&o.public, "public", false, "let all listen elsewhere than on loopback")
	flags.StringVar(&o.store.Market, "market", onestoretest.MarketGlobal, "MKT_GLB or MKT_ONE")
	flags.StringVar(&o.environment, "environment", "sandbox", "sandbox or commercial")
	flags.StringVar(&o.store.ClientID, "client-id", "", "the app's client id; default one of the fake")
	flags.StringVar(&o.store.ClientSecret, "client-secret", "", "the app's client secret; default one of the fake")
	flags.Uint64Var(&o.store.Seed, "seed", 0, "which inconvenience meets which request")
	flags.BoolVar(&o.store.Gentle, "gentle", false, "no inconveniences: every answer as the document writes it")
	flags.StringVar(&dialects, "dialects", "", "comma-separated ways of saying what the document leaves open:\n"+strings.Join(names, "\n"))
	flags.IntVar(&o.store.PageSize, "page-size", 0, "most rows of a page of a list; default 3, or 100 with -gentle")
	flags.DurationVar(&o.store.AccessTokenLife, "access-token-life", 0, "how long access tokens live; default 1h")
	flags.BoolVar(&o.store.KeepUnacknowledged, "keep-unacknowledged", false, "do not cancel what nobody acknowledged in 3 days")
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}

	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if flags.NArg() > 0 {
		fault("%q is no flag: there are no other arguments", flags.Arg(0))
	}
	if m := o.store.Market; m != onestoretest.MarketGlobal && m != onestoretest.MarketKorea {
		fault("-market %q: there are MKT_GLB and MKT_ONE", m)
	}
	switch o.environment {
	case "sandbox":
	case "commercial":
		o.store.Environment = onestoretest.Commercial
	default:
		fault("-environment %q: there are sandbox and commercial", o.environment)
	}
	if o.playPackage != "" && o.play == "" {
		fault("-play-package: says something of -play, which is not given")
	}
	if o.store.PageSize < 0 || o.store.PageSize > 100 {
		fault("-page-size %d: a page has 1 to 100 rows", o.store.PageSize)
	}
	if o.store.AccessTokenLife < 0 {
		fault("-access-token-life %v: a life is positive", o.store.AccessTokenLife)
	}
	for name := range strings.SplitSeq(dialects, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if !slices.Contains(names, name) {
			fault("-dialects: there is no %q, see -h", name)
		}
		o.store.Dialects = append(o.store.Dialects, onestoretest.Dialect(name))
	}
	return o, errors.Join(faults...)
}

func dialectNames() []string {
	var names []string
	for _, d := range onestoretest.Dialects() {
		names = append(names, string(d))
	}
	return names
}
