package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// layers is the order of the packages: from a folder to its layer, 0 on top. A folder stands for the
// packages below it, unless they have a layer of their own.
type layers map[string]int

// architecture is the page that the source is held to.
const architecture = "docs/architecture.md"

// missingTests lists the tests that the page names and no file has, in its order.
func missingTests(root string, files []goFile) (missing []string, err error) {
	text, err := os.ReadFile(filepath.Join(root, architecture))
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for _, file := range files {
		for _, name := range file.tests {
			there[name] = true
		}
	}
	for _, name := range regexp.MustCompile(`\bTest[A-Z]\w*`).FindAllString(string(text), -1) {
		if !there[name] && !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
	}
	return missing, nil
}

// readLayers reads the order from docs/architecture.md: the first fenced block after the heading "##
// Layers", one layer a line, the topmost first. What follows two spaces on a line is for people.
func readLayers(root string) (layers, error) {
	text, err := os.ReadFile(filepath.Join(root, architecture))
	if err != nil {
		return nil, err
	}
	found, inside, heading := layers{}, false, false
	depth := 0
	for _, line := range linesOf(text) {
		switch {
		case strings.HasPrefix(line, "## "):
			heading = line == "## Layers"
		case heading && strings.HasPrefix(line, "```"):
			if inside {
				return found, nil
			}
			inside = true
		case inside && strings.TrimSpace(line) != "":
			names, _, _ := strings.Cut(strings.TrimSpace(line), "  ")
			for name := range strings.FieldsSeq(names) {
				found[name] = depth
			}
			depth++
		}
	}
	return nil, fmt.Errorf("%s has no fenced block under ## Layers", architecture)
}

// room is the folder that a package belongs to in the order: the longest one that is named; empty where
// none is.
func (l layers) room(name string) string {
	if name == "." {
		if _, named := l["server.go"]; named {
			return "server.go"
		}
		return ""
	}
	for ; name != "."; name = path.Dir(name) {
		if _, named := l[name]; named {
			return name
		}
	}
	return ""
}

// arrows are the imports between the packages of the module; those of tests, and within a room, do not
// count.
type arrows struct {
	count int
	// upward are the arrows to a room of the same layer or a higher one, as "from -> to".
	upward []string
	// circles are rooms that import each other.
	circles []string
	// unknown are packages in no layer; unused are names in the order that no package has.
	unknown, unused []string
}

func readArrows(root string, files []goFile, order layers) (arrows, error) {
	module, err := moduleName(root)
	if err != nil {
		return arrows{}, err
	}
	var found arrows
	seen, used, graph := map[string]bool{}, map[string]bool{}, map[string][]string{}
	for _, file := range files {
		from := path.Dir(file.path)
		if file.test {
			continue
		}
		here := order.room(from)
		used[here] = true
		if here == "" && !slices.Contains(found.unknown, from) {
			found.unknown = append(found.unknown, from)
		}
		for _, imported := range file.imports {
			to, own := strings.CutPrefix(imported, module+"/")
			arrow := from + " -> " + to
			if !own || seen[arrow] {
				continue
			}
			seen[arrow] = true
			found.count++
			there := order.room(to)
			if here == "" || there == "" || here == there {
				continue
			}
			graph[here] = append(graph[here], there)
			if order[there] <= order[here] {
				found.upward = append(found.upward, arrow)
			}
		}
	}
	for name := range order {
		if !used[name] {
			found.unused = append(found.unused, name)
		}
	}
	slices.Sort(found.unknown)
	slices.Sort(found.unused)
	slices.Sort(found.upward)
	found.circles = circles(graph)
	return found, nil
}

func moduleName(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return "", err
	}
	for scan := bufio.NewScanner(bytes.NewReader(text)); scan.Scan(); {
		if name, found := strings.CutPrefix(scan.Text(), "module "); found {
			return strings.TrimSpace(name), nil
		}
	}
	return "", errors.New("go.mod names no module")
}

// circles lists the groups of nodes that reach each other: the strongly connected components of more than
// one node, each sorted, by Tarjan's algorithm.
func circles(graph map[string][]string) []string {
	walk := tarjan{graph: graph, index: map[string]int{}, low: map[string]int{}, open: map[string]bool{}}
	names := make([]string, 0, len(graph))
	for name := range graph {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if _, visited := walk.index[name]; !visited {
			walk.visit(name)
		}
	}
	slices.Sort(walk.found)
	return walk.found
}

type tarjan struct {
	graph      map[string][]string
	index, low map[string]int
	stack      []string
	open       map[string]bool
	found      []string
}

func (w *tarjan) visit(name string) {
	w.index[name], w.low[name] = len(w.index), len(w.index)
	w.stack, w.open[name] = append(w.stack, name), true
	for _, next := range w.graph[name] {
		if _, visited := w.index[next]; !visited {
			w.visit(next)
			w.low[name] = min(w.low[name], w.low[next])
		} else if w.open[next] {
			w.low[name] = min(w.low[name], w.index[next])
		}
	}
	if w.low[name] != w.index[name] {
		return
	}
	at := slices.Index(w.stack, name)
	group := slices.Clone(w.stack[at:])
	w.stack = w.stack[:at]
	for _, member := range group {
		w.open[member] = false
	}
	if len(group) > 1 {
		slices.Sort(group)
		w.found = append(w.found, strings.Join(group, ", "))
	}
}
