// Command figures measures the source of this repository: the size of files and functions, the width of
// lines, comments, the share of tests, the arrows between packages, and circles of imports. It reads files
// only, and prints text that is the same for the same tree.
//
//	go run ./internal/figures [-check] [FOLDER]
//
// With -check it also exits with status 1 when the source breaks a bound; bounds.go has them. The order of
// the packages is the first fenced block under "## Layers" in docs/architecture.md; the tests that this
// page names must exist.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	check := flag.Bool("check", false, "exit with status 1 when a bound is broken")
	flag.Parse()
	root := "."
	if flag.NArg() > 0 {
		root = flag.Arg(0)
	}
	os.Exit(run(root, *check, os.Stdout, os.Stderr))
}

// run measures the tree at root, prints the figures, and returns the exit status.
func run(root string, check bool, out, errors io.Writer) int {
	figures, err := measure(root)
	if err != nil {
		_, _ = fmt.Fprintln(errors, "figures:", err)
		return 2
	}
	figures.print(out)
	broken := figures.broken()
	for _, finding := range broken {
		_, _ = fmt.Fprintln(errors, "bound broken:", finding)
	}
	if check && len(broken) > 0 {
		return 1
	}
	return 0
}

// figures is everything that was measured.
type figures struct {
	code, tests source
	packages    []folder
	arrows      arrows
	console     console
	// missing are the tests that docs/architecture.md names, and that do not exist.
	missing []string
}

func measure(root string) (figures, error) {
	files, err := readGo(root)
	if err != nil {
		return figures{}, err
	}
	var f figures
	for _, file := range files {
		if file.test {
			f.tests.add(file)
		} else {
			f.code.add(file)
		}
	}
	f.packages = folders(files)
	layers, err := readLayers(root)
	if err != nil {
		return figures{}, err
	}
	if f.arrows, err = readArrows(root, files, layers); err != nil {
		return figures{}, err
	}
	if f.missing, err = missingTests(root, files); err != nil {
		return figures{}, err
	}
	f.console, err = readConsole(root)
	return f, err
}
