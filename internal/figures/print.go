package main

import (
	"fmt"
	"io"
	"slices"
)

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
