package main

import "fmt"

// The bounds that the source of this repository keeps.
const (
	maxFiles      = 200  // hand-written Go files that are no tests
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
	return broken
}
