package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strconv"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "fuzzing:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, args []string) error {
	flags := flag.NewFlagSet("fuzzing", flag.ContinueOnError)
	flags.SetOutput(out)
	times := flags.Int("times", 1_000_000, "how often each target runs")
	pattern := flags.String("run", "", "only those whose package and name match the regular expression")
	only := flags.Bool("list", false, "print them and run none")
	dir := flags.String("dir", ".", "the module's root")
	if err := flags.Parse(args); err != nil {
		return err
	}
	match, err := regexp.Compile(*pattern)
	if err != nil {
		return err
	}
	list, err := targets(*dir)
	if err != nil {
		return err
	}
	tried := 0
	var faults []error
	for _, t := range list {
		switch {
		case !match.MatchString(t.String()):
			continue
		case *only:
			fmt.Fprintln(out, t)
		default:
			faults = append(faults, t.fuzz(ctx, out, *dir, *times))
		}
		if tried++; ctx.Err() != nil {
			return errors.Join(faults...)
		}
	}
	if tried == 0 {
		return errors.New("no target matches")
	}
	return errors.Join(faults...)
}

// fuzz runs the target and prints a line of the table.
func (t target) fuzz(ctx context.Context, out io.Writer, dir string, times int) error {
	began := time.Now()
	cmd := exec.CommandContext(ctx, "go", "test", "./"+t.dir, "-run=^$", "-fuzz=^"+t.name+"$", "-fuzztime="+strconv.Itoa(times)+"x", "-fuzzminimizetime=10x")
	cmd.Dir = dir
	cmd.WaitDelay = time.Second
	said, err := cmd.CombinedOutput()
	fmt.Fprintf(out, "%10d %6.0fs  %s\n", executions(said), time.Since(began).Seconds(), t)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", t, err, said)
	}
	return nil
}

var counted = regexp.MustCompile(`execs: (\d+)`)

// executions is the last count in what go test said.
func executions(said []byte) (n int) {
	if all := counted.FindAllSubmatch(said, -1); len(all) > 0 {
		n, _ = strconv.Atoi(string(all[len(all)-1][1])) // digits
	}
	return n
}
