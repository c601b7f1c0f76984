// Command bench measures what a gate costs, beside the floor, the straightforward cache and the
// libraries that people use instead, all in one interleaved run, and prints ratios first: only they
// carry over to another machine.
//
//	go run .                         the tables core, adapters and peers
//	go run . -only 'core|fiber'      some rows
//	go run . -rounds 1 -time 1ms     a run that only shows that everything works
//	go run . -markdown               the same as it stands in the README
//	go run . growth -svg growth.svg  the table growth, and its plot
//	go run . memory junk miss herd server all
//
// It is a module of its own, so that nobody who embeds the gate sees what it is compared with.
package main

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// settings is what the command line says.
type settings struct {
	rounds   int
	only     *regexp.Regexp
	svg      string
	most     int
	markdown bool
}

// table is one part of the output.
type table struct {
	name  string
	print func(s settings) error
}

var tables = []table{
	{"core", coreTable},
	{"adapters", adapterTable},
	{"peers", peerTable},
	{"miss", missTable},
	{"herd", herdTable},
	{"junk", junkTable},
	{"memory", memoryTable},
	{"growth", growthTable},
	{"server", serverTable},
}

// usual are the tables printed when none is named.
var usual = []string{"core", "adapters", "peers"}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	testing.Init()
	s := settings{}
	flag.IntVar(&s.rounds, "rounds", 9, "how often each row runs; the median counts")
	only := flag.String("only", "", "only rows whose name matches this regular expression, and what they are compared with")
	flag.StringVar(&s.svg, "svg", "", "where the table growth writes its plot")
	flag.IntVar(&s.most, "entries", 1_000_000, "the most entries that the tables memory and growth fill a cache with")
	flag.BoolVar(&s.markdown, "markdown", false, "print the tables core, adapters, peers, miss and memory as Markdown")
	each := flag.Duration("time", 100*time.Millisecond, "how long a row runs each time")
	serve := flag.String("serve", "", "what the table server runs in a process of its own")
	names := parse()
	var err error
	if s.only, err = regexp.Compile(*only); err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	if err := flag.Set("test.benchtime", each.String()); err != nil {
		return fmt.Errorf("-time: %w", err)
	}
	if *serve != "" {
		return serveOne(*serve)
	}
	if len(names) == 0 {
		names = usual
	}
	fmt.Printf("%s, %d cores, %d rounds of %v, load %s\n", runtime.Version(), runtime.GOMAXPROCS(0), s.rounds, *each, load())
	for _, t := range tables {
		if !slices.Contains(names, t.name) && !slices.Contains(names, "all") {
			continue
		}
		if s.markdown {
			fmt.Println()
		} else {
			fmt.Printf("\n%s\n\n", t.name)
		}
		if err := t.print(s); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	return nil
}

// parse reads flags and tables in any order and returns the tables.
func parse() (names []string) {
	flag.Parse()
	for flag.NArg() > 0 {
		names = append(names, flag.Arg(0))
		_ = flag.CommandLine.Parse(flag.Args()[1:]) // ends the process if it fails
	}
	return names
}

// load is the machine's, which says how far to trust what follows.
func load() string {
	b, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(b))[:3], " ")
}
