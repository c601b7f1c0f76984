package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// sabotage replaces a piece of one file by another. old has to be in the file exactly once.
type sabotage struct {
	name     string // what is broken
	file     string
	old, new string
	tests    string // the packages one of which has to notice, the nearest first
}

// verdict is what became of one sabotage.
type verdict struct {
	outcome string
	by      string // the first test that noticed
	took    time.Duration
	err     error // it does not fit the code any more
}

const (
	noticed  = "red"
	survived = "SURVIVED"
)

// perPackage bounds a run, compilation included: a test that hangs has noticed.
const perPackage = 3 * time.Minute

// prepare returns the file in the tree, sound and broken.
func (s *sabotage) prepare(tree string) (path string, sound, broken []byte, err error) {
	path = filepath.Join(tree, filepath.FromSlash(s.file))
	sound, err = os.ReadFile(path)
	if err != nil {
		return "", nil, nil, err
	}
	if n := bytes.Count(sound, []byte(s.old)); n != 1 {
		return "", nil, nil, fmt.Errorf("%q is %d times in %s; it has to be there once", s.old, n, s.file)
	}
	if s.old == s.new {
		return "", nil, nil, errors.New("it changes nothing")
	}
	return path, sound, bytes.Replace(sound, []byte(s.old), []byte(s.new), 1), nil
}

// fits says why the sabotage cannot be applied, or nil.
func (s *sabotage) fits(tree string) error {
	_, _, _, err := s.prepare(tree)
	return err
}

var (
	doesNotCompile = regexp.MustCompile(`(?m)^FAIL\t.* \[(build|setup) failed\]$`)
	failingTest    = regexp.MustCompile(`--- FAIL: (\S+)`)
)

// try breaks the tree, runs the tests, and mends it.
func (s *sabotage) try(ctx context.Context, tree string) (v verdict) {
	began := time.Now()
	defer func() { v.took = time.Since(began) }()
	path, sound, broken, err := s.prepare(tree)
	if err != nil {
		return verdict{err: err}
	}
	if err := os.WriteFile(path, broken, 0o600); err != nil {
		return verdict{err: err}
	}
	defer func() {
		if err := os.WriteFile(path, sound, 0o600); err != nil && v.err == nil {
			v.err = err
		}
	}()
	for pkg := range strings.FieldsSeq(s.tests) {
		if v = test(ctx, tree, pkg); v.outcome != survived {
			return v
		}
	}
	return v
}

// test runs the tests of one package.
func test(ctx context.Context, tree, pkg string) verdict {
	ctx, cancel := context.WithTimeout(ctx, perPackage)
	defer cancel()
	// Neither vet nor symbols: the same answers sooner.
	cmd := exec.CommandContext(ctx, "go", "test", "-short", "-count=1", "-vet=off", "-ldflags=-w", "-failfast", "-timeout=60s", pkg)
	cmd.Dir = tree
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	switch {
	case doesNotCompile.Match(out):
		return verdict{err: fmt.Errorf("it does not compile:\n%s", head(out))}
	case err == nil:
		return verdict{outcome: survived}
	}
	if m := failingTest.FindSubmatch(out); m != nil {
		return verdict{outcome: noticed, by: string(m[1])}
	}
	return verdict{outcome: noticed, by: "something ended"}
}

// head is the beginning of a tool's output.
func head(out []byte) []byte { return out[:min(len(out), 800)] }

// copyTree copies what go builds and tests: everything but hidden directories.
func copyTree(to, from string) error {
	return filepath.WalkDir(from, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case entry.IsDir() && rel != "." && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case entry.IsDir():
			return os.MkdirAll(target, 0o700)
		case !entry.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o600)
	})
}
