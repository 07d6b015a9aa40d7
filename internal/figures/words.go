package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// avoided are words and phrases that this repository does without: twisted relatives and words of its own
// where the field has a term. Each stands for how it read once; CONTRIBUTING.md says how to write instead.
var avoided = regexp.MustCompile(`(?i)\b(?:` + strings.ReplaceAll(strings.Join([]string{
	`cannot be meant`, `mend(?:s|ed|able|ing)?`, `told`, `tell all`, `tells? by`, `of which nobody`,
	`would not have the data`, `for want of`, `whoever`, `whomever`, `worth more`, `keyring`, `gathering`,
	`fates?`, `desks?`, `deeds?`, `bones?`, `for good`, `all the same`, `throw[ns]? away`, `stands? by itself`,
}, "|"), " ", `[\s/*]+`) + `)\b|(?i)\b(?:how many|what they are)\.`)

// avoidedNames are names that are avoided as they stand, where a sentence may need the same word.
var avoidedNames = regexp.MustCompile(`\bWay\b|\) one\(`)

// words are the places with avoided words, as "file:line: word", by whom they reach.
type words struct {
	schema   []string // clients, in schema.graphqls
	messages []string // users and operators: the string literals of Go
	console  []string // users: the modules of the console without comments
	code     []string // those who read the source: names and comments
	tests    []string // the same of tests, with their literals
}

// maxWordsCode bounds the avoided words in names and comments. The schema, messages and the console have none.
const maxWordsCode = 10

// texts are string literals that are no messages: the conversations that the demo makes up, and this list.
var texts = []string{"demo/", "internal/figures/"}

func readWords(root string, files []goFile) (words, error) {
	var found words
	for _, file := range files {
		said, named := file.said, file.named
		switch {
		case strings.HasPrefix(file.path, "internal/figures/"):
			continue
		case file.test:
			found.tests = append(found.tests, avoidedIn(file.path, said+"\n"+named)...)
		default:
			if !slices.ContainsFunc(texts, func(folder string) bool { return strings.HasPrefix(file.path, folder) }) {
				found.messages = append(found.messages, avoidedIn(file.path, said)...)
			}
			found.code = append(found.code, avoidedIn(file.path, named)...)
		}
	}
	const schema = "schema.graphqls"
	text, err := os.ReadFile(filepath.Join(root, schema))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return words{}, err
	}
	found.schema = avoidedIn(schema, string(text))
	modules, err := readModules(filepath.Join(root, "console", "src"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return words{}, err
	}
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		comments, rest := divide(modules[name], commentsOfTypeScript(modules[name]))
		found.console = append(found.console, avoidedIn("console/src/"+name, rest)...)
		found.code = append(found.code, avoidedIn("console/src/"+name, comments)...)
	}
	return found, nil
}

// inName finds where a word of a name ends and the next one begins, as in readFile.
var inName = regexp.MustCompile(`([a-z])([A-Z])`)

// avoidedIn lists what a text has of the avoided words, in its order.
func avoidedIn(file, text string) []string {
	text = inName.ReplaceAllString(text, "$1 $2")
	places := append(avoided.FindAllStringIndex(text, -1), avoidedNames.FindAllStringIndex(text, -1)...)
	slices.SortFunc(places, func(a, b []int) int { return a[0] - b[0] })
	var found []string
	for _, place := range places {
		word := strings.Join(strings.Fields(text[place[0]:place[1]]), " ")
		found = append(found, fmt.Sprintf("%s:%d: %s", file, 1+strings.Count(text[:place[0]], "\n"), word))
	}
	return found
}

// divide returns a text twice: what lies in the spans, and what lies outside of them. The rest of each is
// blank, so that lines stay where they are.
func divide(text string, spans [][]int) (inside, outside string) {
	in, out := []byte(text), []byte(text)
	at := 0
	blank := func(bytes []byte, from, to int) {
		for i := from; i < to; i++ {
			if bytes[i] != '\n' {
				bytes[i] = ' '
			}
		}
	}
	for _, span := range spans {
		blank(in, at, span[0])
		blank(out, span[0], span[1])
		at = span[1]
	}
	blank(in, at, len(in))
	return string(in), string(out)
}

// typeScript finds comments, and the literals that may hold what looks like one; a text of JSX may have a
// lone apostrophe, so that a literal ends with its line.
var typeScript = regexp.MustCompile("(?s)/\\*.*?\\*/|(?-s://.*)|'[^'\\n]*'|\"[^\"\\n]*\"|`[^`]*`")

func commentsOfTypeScript(text string) (spans [][]int) {
	for _, span := range typeScript.FindAllStringIndex(text, -1) {
		if text[span[0]] == '/' {
			spans = append(spans, span)
		}
	}
	return spans
}
