// Command figures measures the source of this repository: the size of files and functions, the width of
// lines, comments, the share of tests, the arrows between packages, circles of imports, and words to avoid. It reads files
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
	"slices"
	"strings"
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
	words   words
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
	if f.console, err = readConsole(root); err != nil {
		return figures{}, err
	}
	f.words, err = readWords(root, files)
	return f, err
}

// The bounds that the source of this repository keeps.
const (
	maxFiles      = 270  // hand-written Go files that are no tests
	maxFileLines  = 350  // lines of the longest of them
	maxWideShare  = 0.01 // share of their lines that are wider than 120 characters
	maxUpward     = 3    // arrows between packages against the order of the layers
	widthOfBounds = 120
)

// broken lists the bounds that the source breaks.
func (f figures) broken() []string {
	var broken []string
	say := func(format string, arguments ...any) { broken = append(broken, fmt.Sprintf(format, arguments...)) }
	if count := len(f.code.files); count > maxFiles {
		say("%d Go files; at most %d", count, maxFiles)
	}
	for _, file := range f.code.files {
		if len(file.lines) > maxFileLines {
			say("%s has %d lines; at most %d", file.path, len(file.lines), maxFileLines)
		}
	}
	if share := f.code.wider(widthOfBounds); share >= maxWideShare {
		say("%.1f %% of the lines are wider than %d characters; under %.0f %%", 100*share, widthOfBounds, 100*maxWideShare)
	}
	if count := len(f.arrows.upward); count > maxUpward {
		say("%d arrows lead upward; at most %d", count, maxUpward)
	}
	for _, name := range f.arrows.unknown {
		say("package %s is in no layer of docs/architecture.md", name)
	}
	for _, name := range f.arrows.unused {
		say("docs/architecture.md has %s in a layer, and there is no such package", name)
	}
	for _, name := range f.missing {
		say("docs/architecture.md names %s, and there is no such test", name)
	}
	for _, circle := range f.arrows.circles {
		say("folders import each other in a circle: %s", circle)
	}
	for _, circle := range f.console.circles {
		say("modules of the console import each other in a circle: %s", circle)
	}
	for _, place := range slices.Concat(f.words.schema, f.words.messages, f.words.console) {
		say("a word to avoid in a message: %s", place)
	}
	if count := len(f.words.code); count > maxWordsCode {
		say("%d words to avoid in names and comments; at most %d: %s",
			count, maxWordsCode, strings.Join(f.words.code, "; "))
	}
	return broken
}

// print writes the figures as text.
func (f figures) print(out io.Writer) {
	say := func(format string, arguments ...any) { _, _ = fmt.Fprintf(out, format+"\n", arguments...) }
	longest := f.code.longest()
	say("Go, hand-written, without tests")
	say("  files       %d, median %d lines, longest %d (%s)",
		len(f.code.files), median(f.code.sizes()), len(longest.lines), longest.path)
	functions := f.code.functions()
	say("  functions   %d, median %d lines, longest %d", len(functions), median(functions), most(functions))
	f.code.printLines(say)
	say("Go, tests")
	say("  files       %d, median %d lines", len(f.tests.files), median(f.tests.sizes()))
	f.tests.printLines(say)
	say("  ratio       %.2f lines of tests a line of code", share(f.tests.lines(), f.code.lines()))
	say("Packages")
	for _, p := range f.packages {
		say("  %-28s %3d files %6d lines", p.name, p.files, p.lines)
	}
	say("Arrows between packages: %d, upward %d, circles %d",
		f.arrows.count, len(f.arrows.upward), len(f.arrows.circles))
	for _, arrow := range f.arrows.upward {
		say("  upward      %s", arrow)
	}
	say("Console: %d modules, %d lines, longest %d, circles %d",
		f.console.files, f.console.lines, f.console.longest, len(f.console.circles))
	say("Words to avoid: schema %d, messages %d, console %d, names and comments %d, tests %d",
		len(f.words.schema), len(f.words.messages), len(f.words.console), len(f.words.code), len(f.words.tests))
	for _, place := range f.words.code {
		say("  code        %s", place)
	}
}

func (s source) printLines(say func(string, ...any)) {
	say("  lines       %d; wider than 100: %.1f %%, 120: %.1f %%, 140: %.1f %%",
		s.lines(), 100*s.wider(100), 100*s.wider(120), 100*s.wider(140))
	part, width := s.comments()
	say("  comments    %.0f %% of the lines, %.0f characters wide in the mean", 100*part, width)
}

func most(numbers []int) int {
	if len(numbers) == 0 {
		return 0
	}
	return slices.Max(numbers)
}
