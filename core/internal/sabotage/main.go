// Command sabotage breaks the project's own code, one line at a time, and sees whether the tests notice.
//
//	go run ./core/internal/sabotage [-run regexp] [-list] [-dir tree]
//
// It works in a copy of the tree. A sabotage that leaves the tests green is a survivor: either nothing
// tests what was broken, or it does not matter. The command fails if there is one, and if a sabotage no
// longer fits the code: its old text is not there exactly once, or the new one does not compile.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	code, err := run(ctx, os.Stdout, all(), os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "sabotage:", err)
	}
	os.Exit(code)
}

// run is the command: 0 if every sabotage was noticed, 1 if not, 2 if it could not be found out.
func run(ctx context.Context, out io.Writer, list []sabotage, args []string) (int, error) {
	flags := flag.NewFlagSet("sabotage", flag.ContinueOnError)
	flags.SetOutput(out)
	pattern := flags.String("run", "", "only those whose name or file matches the regular expression")
	only := flags.Bool("list", false, "print them and check that each fits the code, without running a test")
	dir := flags.String("dir", ".", "the module's root")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	match, err := regexp.Compile(*pattern)
	if err != nil {
		return 2, err
	}
	work, err := os.MkdirTemp("", "sabotage")
	if err != nil {
		return 2, err
	}
	defer os.RemoveAll(work)
	if err := copyTree(work, *dir); err != nil {
		return 2, err
	}

	began, bad, tried := time.Now(), 0, 0
	for _, s := range list {
		if !match.MatchString(s.name) && !match.MatchString(s.file) {
			continue
		}
		tried++
		v := verdict{outcome: "fits"}
		if *only {
			v.err = s.fits(work)
		} else {
			v = s.try(ctx, work)
		}
		if ctx.Err() != nil {
			return 2, ctx.Err()
		}
		if v.err != nil {
			v.outcome = "UNFIT"
		}
		if v.err != nil || v.outcome == survived {
			bad++
		}
		fmt.Fprintf(out, "%-8s %5.1fs  %-60s %s %s\n", v.outcome, v.took.Seconds(), s.name, filepath.ToSlash(s.file), v.by)
		if v.err != nil {
			fmt.Fprintf(out, "         %v\n", v.err)
		}
	}
	fmt.Fprintf(out, "%d sabotages, %d not noticed or unfit, %.0fs\n", tried, bad, time.Since(began).Seconds())
	if bad > 0 || tried == 0 {
		return 1, nil
	}
	return 0, nil
}
