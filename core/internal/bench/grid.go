package main

import (
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
)

// grid is a table as it is printed: in columns for a terminal, or in Markdown for the README.
type grid struct {
	markdown bool
	w        *tabwriter.Writer
}

func newGrid(markdown bool, titles ...string) *grid {
	g := &grid{markdown: markdown, w: tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)}
	g.add(titles...)
	if markdown {
		fmt.Println("|---|" + strings.Repeat("---:|", len(titles)-1))
	}
	return g
}

func (g *grid) add(cells ...string) {
	if g.markdown {
		fmt.Println("| " + strings.Join(cells, " | ") + " |")
		return
	}
	fmt.Fprintln(g.w, strings.Join(cells, "\t"))
}

func (g *grid) flush() error { return g.w.Flush() }
