package demo

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

//go:embed phrases/*.txt
var phraseFiles embed.FS

// sections are the lines of one file of phrases, by the heading that they stand under.
type sections map[string][]string

// library is every file of phrases, by its name without the ending.
type library map[string]sections

// mustLoadPhrases panics if the embedded files cannot be read, which only a broken build can cause.
func mustLoadPhrases(files fs.FS) library {
	lib, err := loadPhrases(files)
	if err != nil {
		panic(err)
	}
	return lib
}

// loadPhrases reads phrases/*.txt.
func loadPhrases(files fs.FS) (library, error) {
	names, err := fs.Glob(files, "phrases/*.txt")
	if err != nil {
		return nil, fmt.Errorf("demo: listing the phrases: %w", err)
	}
	lib := library{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("demo: reading phrases: %w", err)
		}
		lib[strings.TrimSuffix(path.Base(name), ".txt")] = parseSections(string(text))
	}
	return lib, nil
}

// parseSections reads "# heading" lines and the phrases below them. Empty lines separate nothing; \n in
// a phrase is a line break.
func parseSections(text string) sections {
	s := sections{}
	heading := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if title, ok := strings.CutPrefix(line, "# "); ok {
			heading = title
		} else if line != "" {
			s[heading] = append(s[heading], strings.ReplaceAll(line, `\n`, "\n"))
		}
	}
	return s
}

// words are the single words and names to build conversations of.
type words struct {
	first, last, company, street, town, tariff, slot []string
}

// words returns what names.txt holds.
func (l library) words() words {
	list := func(section string) []string { return strings.Split(strings.Join(l["names"][section], "|"), "|") }
	return words{list("first"), list("last"), list("company"), list("street"), list("town"), list("tariff"),
		list("slot")}
}

// topic is something that people get in touch about: a file of phrases with an "about" section.
type topic struct {
	sections
	category, queue, group string
	tags                   []string
}

// topics returns the topics in the order of their file names.
func (l library) topics() []topic {
	var found []topic
	for _, name := range slices.Sorted(maps.Keys(l)) {
		if l[name]["about"] != nil {
			found = append(found, newTopic(l[name]))
		}
	}
	return found
}

func newTopic(s sections) topic {
	about := map[string]string{}
	for _, line := range s["about"] {
		key, value, _ := strings.Cut(line, ": ")
		about[key] = value
	}
	return topic{s, about["category"], about["queue"], about["group"], strings.Split(about["tags"], ", ")}
}
