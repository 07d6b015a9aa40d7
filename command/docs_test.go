package command

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// cliNames are the names of the command line: commands, and the flags and variables of all of them.
type cliNames struct{ commands, flags, variables map[string]bool }

func namesOfCLI(t *testing.T) cliNames {
	t.Helper()
	var cli cli
	parser, err := kong.New(&cli, kong.Vars{"data": "data"}, limitVars())
	if err != nil {
		t.Fatal(err)
	}
	names := cliNames{map[string]bool{}, map[string]bool{"help": true}, map[string]bool{}}
	err = kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error {
		switch node := node.(type) {
		case *kong.Flag:
			names.flags[node.Name] = true
			if node.Tag.Negatable != "" {
				names.flags["no-"+node.Name] = true
			}
			for _, variable := range node.Envs {
				names.variables[variable] = true
			}
		case *kong.Command:
			names.commands[node.Name] = true
		}
		return next(nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// foreignFlags are flags of other programs that stand alone, without their program.
func foreignFlags() []string { return []string{"experimental-websocket"} }

var (
	fence        = regexp.MustCompile("(?ms)^```.*?^```")
	span         = regexp.MustCompile("`[^`\n]+`")
	flagWord     = regexp.MustCompile(`(?:^|\s)--([a-z][a-z0-9-]*)`)
	variableWord = regexp.MustCompile(`\b(?:QM|OIDC|INTERACTION_SERVICE)_[A-Z][A-Z_]*\b|\bDATABASE_URL\b|\bMEDIA_URL\b`)
	ownLine      = regexp.MustCompile(`(?:^|^\$ |/|&& |\| |; |=\S* )qm-compliance (.*)`)
	testWord     = regexp.MustCompile("`(Test[A-Z][A-Za-z0-9]*)`")
)

// foreignVariables are those of the files in deploy/.
func foreignVariables() []string { return []string{"QM_SITE"} }

// pages are the pages for operators, with their texts.
func pages(t *testing.T) map[string]string {
	t.Helper()
	root := os.DirFS("..")
	texts := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md"} {
		paths, err := fs.Glob(root, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := fs.ReadFile(root, path)
			if err != nil {
				t.Fatal(err)
			}
			if path != "CONTRIBUTING.md" { // its variables are those of tests
				texts[path] = string(text)
			}
		}
	}
	return texts
}

// linesOf are the command lines of this program, and parts of them, that a document shows.
func (n cliNames) linesOf(text string) (lines []string) {
	for _, block := range fence.FindAllString(text, -1) {
		for line := range strings.Lines(strings.ReplaceAll(block, "\\\n", " ")) {
			if own := ownLine.FindStringSubmatch(strings.TrimSpace(line)); own != nil {
				lines = append(lines, own[1])
			}
		}
	}
	for _, quoted := range span.FindAllString(fence.ReplaceAllString(text, ""), -1) {
		line, own := strings.CutPrefix(strings.Trim(quoted, "`"), "qm-compliance ")
		first, _, _ := strings.Cut(line, " ")
		if strings.HasPrefix(line, "--") || own || n.commands[first] {
			lines = append(lines, line)
		}
	}
	return lines
}

// TestDocumentsNameWhatExists looks up every flag, variable and command that the documents name.
func TestDocumentsNameWhatExists(t *testing.T) {
	t.Parallel()
	names := namesOfCLI(t)
	for path, text := range pages(t) {
		for _, line := range names.linesOf(text) {
			first, _, _ := strings.Cut(line, " ")
			if first = strings.TrimSuffix(first, ","); !strings.HasPrefix(line, "--") && !names.commands[first] {
				t.Errorf("%s names qm-compliance %s, and there is no such command", path, first)
			}
			for _, match := range flagWord.FindAllStringSubmatch(line, -1) {
				if !names.flags[match[1]] && !slices.Contains(foreignFlags(), match[1]) {
					t.Errorf("%s names --%s, and there is no such flag: %s", path, match[1], line)
				}
			}
		}
		for _, variable := range variableWord.FindAllString(text, -1) {
			if !names.variables[variable] && !slices.Contains(foreignVariables(), variable) {
				t.Errorf("%s names %s, and no flag has this variable", path, variable)
			}
		}
	}
}

// TestDocumentsNameTestsThatExist looks up the tests by which SECURITY.md holds its claims.
func TestDocumentsNameTestsThatExist(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	err := fs.WalkDir(os.DirFS(".."), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() && slices.Contains([]string{"node_modules", ".git"}, entry.Name()) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile("../" + path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range pages(t) {
		for _, match := range testWord.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(all.String(), "func "+match[1]+"(") {
				t.Errorf("%s names %s, and there is no such test", path, match[1])
			}
		}
	}
}
