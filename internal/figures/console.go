package main

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

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
