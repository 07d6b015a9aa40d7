package main

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// goFile is one hand-written Go file.
type goFile struct {
	path      string // from the root, with slashes
	test      bool   // a test, or code that only tests use
	lines     []string
	functions []int // the number of lines of each
	comments  []int // the width of each line that is a comment and nothing else
	imports   []string
	tests     []string // the names of its test functions
	// said is the text in string literals, named the text outside of them: names and comments. Each is as
	// long as the file, with blanks in place of the other.
	said, named string
}

// source is the hand-written code, or the tests.
type source struct {
	files []goFile
}

func (s *source) add(file goFile) { s.files = append(s.files, file) }

// skipped names folders that hold nothing hand-written.
func skipped(name string) bool {
	switch name {
	case "node_modules", "testdata", "dist", "bin":
		return true
	}
	return strings.HasPrefix(name, ".")
}

// readGo reads every hand-written Go file below root, in the order of their paths.
func readGo(root string) ([]goFile, error) {
	var files []goFile
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && name != root && skipped(entry.Name()) {
			return filepath.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		file, generated, err := readFile(root, name)
		if err == nil && !generated {
			files = append(files, file)
		}
		return err
	})
	return files, err
}

func readFile(root, name string) (file goFile, generated bool, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return goFile{}, false, err
	}
	positions := token.NewFileSet()
	tree, err := parser.ParseFile(positions, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return goFile{}, false, err
	}
	relative, err := filepath.Rel(root, name)
	if err != nil {
		return goFile{}, false, err
	}
	file = goFile{path: filepath.ToSlash(relative), lines: linesOf(text)}
	file.test = strings.HasSuffix(name, "_test.go") || forTests(path.Dir(file.path))
	for _, declaration := range tree.Decls {
		if function, is := declaration.(*ast.FuncDecl); is {
			first, last := positions.Position(function.Pos()), positions.Position(function.End())
			file.functions = append(file.functions, last.Line-first.Line+1)
			if strings.HasPrefix(function.Name.Name, "Test") {
				file.tests = append(file.tests, function.Name.Name)
			}
		}
	}
	for _, imported := range tree.Imports {
		name, err := strconv.Unquote(imported.Path.Value)
		if err != nil {
			return goFile{}, false, err
		}
		file.imports = append(file.imports, name)
	}
	file.comments = commentsOf(file.lines, tree, positions)
	file.said, file.named = divide(string(text), literalsOf(tree, positions))
	return file, ast.IsGenerated(tree), nil
}

// forTests reports whether a folder holds code that only tests and benchmarks use: those whose names end
// with test, and bench.
func forTests(folder string) bool {
	return strings.HasSuffix(path.Base(folder), "test") || folder == "bench"
}

func linesOf(text []byte) []string {
	return strings.Split(string(bytes.TrimSuffix(text, []byte("\n"))), "\n")
}

// commentsOf returns the widths of the lines that hold a comment and no code.
func commentsOf(lines []string, tree *ast.File, positions *token.FileSet) []int {
	var widths []int
	for _, group := range tree.Comments {
		for _, comment := range group.List {
			first, last := positions.Position(comment.Pos()), positions.Position(comment.End())
			if strings.TrimSpace(lines[first.Line-1][:first.Column-1]) != "" {
				continue
			}
			for line := first.Line; line <= last.Line; line++ {
				widths = append(widths, utf8.RuneCountInString(strings.TrimSpace(lines[line-1])))
			}
		}
	}
	return widths
}

// literalsOf returns where the string literals of a file begin and end.
func literalsOf(tree *ast.File, positions *token.FileSet) (spans [][]int) {
	ast.Inspect(tree, func(node ast.Node) bool {
		if literal, is := node.(*ast.BasicLit); is && literal.Kind == token.STRING {
			spans = append(spans, []int{positions.Position(literal.Pos()).Offset, positions.Position(literal.End()).Offset})
		}
		return true
	})
	slices.SortFunc(spans, func(a, b []int) int { return a[0] - b[0] })
	return spans
}

// lines counts all lines.
func (s source) lines() (count int) {
	for _, file := range s.files {
		count += len(file.lines)
	}
	return count
}

// wider is the share of lines with more characters than width. A tab counts as one.
func (s source) wider(width int) float64 {
	wide := 0
	for _, file := range s.files {
		for _, line := range file.lines {
			if utf8.RuneCountInString(line) > width {
				wide++
			}
		}
	}
	return share(wide, s.lines())
}

// comments are the share of lines that are comments, and their mean width.
func (s source) comments() (part, meanWidth float64) {
	count, sum := 0, 0
	for _, file := range s.files {
		count += len(file.comments)
		for _, width := range file.comments {
			sum += width
		}
	}
	return share(count, s.lines()), share(sum, count)
}

func (s source) functions() []int {
	var all []int
	for _, file := range s.files {
		all = append(all, file.functions...)
	}
	return all
}

// longest is the file with the most lines; the zero goFile where there is none.
func (s source) longest() (longest goFile) {
	for _, file := range s.files {
		if len(file.lines) > len(longest.lines) {
			longest = file
		}
	}
	return longest
}

func (s source) sizes() []int {
	sizes := make([]int, len(s.files))
	for i, file := range s.files {
		sizes[i] = len(file.lines)
	}
	return sizes
}

func median(numbers []int) int {
	if len(numbers) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(numbers))
	return sorted[len(sorted)/2]
}

func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// folder is a package with its files that are no tests.
type folder struct {
	name         string
	files, lines int
}

// folders lists the packages by name. Packages that only tests use are left out.
func folders(files []goFile) []folder {
	var all []folder
	for _, file := range files {
		if file.test {
			continue
		}
		name := path.Dir(file.path)
		at := slices.IndexFunc(all, func(f folder) bool { return f.name == name })
		if at < 0 {
			at = len(all)
			all = append(all, folder{name: name})
		}
		all[at].files++
		all[at].lines += len(file.lines)
	}
	slices.SortFunc(all, func(a, b folder) int { return strings.Compare(a.name, b.name) })
	return all
}

// console is the source of the web console: hand-written TypeScript that is no test.
type console struct {
	files, lines, longest int
	// circles are modules that import each other, types included. Pages that are loaded when they are opened
	// do not count.
	circles []string
}

// importOf finds the module of a static import or export, which may take several lines.
var importOf = regexp.MustCompile(`(?m)^(?:import|export)\s(?:[^'";]*?\sfrom\s+)?'(\.[^']*)'`)

func readConsole(root string) (console, error) {
	modules, err := readModules(filepath.Join(root, "console", "src"))
	if errors.Is(err, fs.ErrNotExist) {
		return console{}, nil
	}
	if err != nil {
		return console{}, err
	}
	var found console
	graph := map[string][]string{}
	for name, text := range modules {
		lines := strings.Count(text, "\n")
		found.files, found.lines, found.longest = found.files+1, found.lines+lines, max(found.longest, lines)
		for _, match := range importOf.FindAllStringSubmatch(text, -1) {
			if to := resolve(modules, path.Join(path.Dir(name), match[1])); to != "" {
				graph[name] = append(graph[name], to)
			}
		}
	}
	found.circles = circles(graph)
	return found, nil
}

// readModules reads the modules below a folder, by their paths in it.
func readModules(folder string) (map[string]string, error) {
	modules := map[string]string{}
	err := filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if entry.Name() == "generated" || entry.Name() == "testing" {
				return filepath.SkipDir
			}
			return nil
		}
		isModule := strings.HasSuffix(name, ".ts") || strings.HasSuffix(name, ".tsx")
		if !isModule || strings.Contains(entry.Name(), ".test.") {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(folder, name)
		modules[filepath.ToSlash(relative)] = string(text)
		return err
	})
	return modules, err
}

// resolve finds the module that an import without an ending names; empty where it names none of them.
func resolve(modules map[string]string, name string) string {
	for _, ending := range []string{"", ".ts", ".tsx", "/index.ts", "/index.tsx"} {
		if _, is := modules[name+ending]; is {
			return name + ending
		}
	}
	return ""
}
