package postgres

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
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
