package importing

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"qm-compliance/conversation"
	"qm-compliance/vcon"
)

var (
	errNoFile    = errors.New("is not a file")
	errAmbiguous = errors.New("several files have this name, except for upper and lower case")
)

// beside finds the name under which a recording lies beside its vCon: as it is given, else in other letters.
// Why says what keeps it from being one; it is empty where no name is given, or no file has one.
func (im *importer) beside(e *entry, file *conversation.IncomingMedia) (name string, why error) {
	if !im.config.Beside || file.Body != nil {
		return "", nil
	}
	for _, name := range file.Beside {
		if isThere(e.File, name) {
			return name, nil
		}
	}
	for _, name := range file.Beside {
		folded, err := im.folders.find(e.File, name)
		if err == nil && folded != "" && isThere(e.File, folded) {
			return folded, nil
		}
		why = errors.Join(why, err)
	}
	return "", why
}

// isThere reports whether something lies beside a vCon under a name. Reading it says what is wrong with it.
func isThere(vconFile, name string) bool {
	// Most vCons name files that are not there, which one look tells. It follows no link, and opens nothing.
	first, _, _ := strings.Cut(filepath.ToSlash(name), "/")
	if _, err := os.Lstat(filepath.Join(filepath.Dir(vconFile), first)); errors.Is(err, fs.ErrNotExist) {
		return false
	}
	opened, err := openBeside(vconFile, name)
	if err == nil {
		_ = opened.Close()
	}
	return err == nil || !isAbsent(err)
}

// isAbsent reports whether no file can be there under a name, also because it is none that a file can have.
func isAbsent(err error) bool {
	known := []error{fs.ErrNotExist, errNoFile, syscall.ENOTDIR, syscall.ENAMETOOLONG, syscall.EINVAL}
	return slices.ContainsFunc(known, func(known error) bool { return errors.Is(err, known) })
}

// openBeside opens a file in the folder of a vCon. It cannot lead out of that folder, however it is named and
// linked.
func openBeside(vconFile, name string) (io.ReadCloser, error) {
	root, err := os.OpenRoot(filepath.Dir(vconFile))
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	name = filepath.FromSlash(name)
	info, err := root.Stat(name) // before it is opened: a pipe would keep who opens it waiting
	if err == nil && (!info.Mode().IsRegular() || filepath.Base(name) == filepath.Base(vconFile)) {
		err = errNoFile
	}
	if err != nil {
		return nil, err
	}
	return root.Open(name)
}

// folders remembers what lies in the folders that were looked into last: many vCons lie in the same one.
type folders struct{ listed map[string]folder }

// folder has the names of what lies in a folder by their folded forms: empty for a form that several have.
type folder map[string]string

// maxFolders bounds the folders that are remembered.
const maxFolders = 16

// find finds the name that a file beside a vCon has where a vCon names it in other letters: in upper or lower
// case, or in another form of Unicode. It is empty where there is none; errAmbiguous says that there are several.
func (f *folders) find(vconFile, name string) (string, error) {
	found := ""
	for step := range strings.SplitSeq(path.Clean(filepath.ToSlash(name)), "/") {
		names, err := f.list(filepath.Dir(vconFile), path.Join(".", found))
		if err != nil {
			return "", nil // no folder, and so nothing in it
		}
		next, there := names[vcon.FoldName(step)]
		switch {
		case !there:
			return "", nil
		case next == "":
			return "", errAmbiguous
		}
		found = path.Join(found, next)
	}
	return found, nil
}

// list lists what lies in a folder at or below that of a vCon, which it cannot lead out of.
func (f *folders) list(dir, below string) (folder, error) {
	key := dir + "\x00" + below
	if names, is := f.listed[key]; is {
		return names, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	opened, err := root.Open(filepath.FromSlash(below))
	if err != nil {
		return nil, err
	}
	defer func() { _ = opened.Close() }()
	entries, err := opened.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	names := folder{}
	for _, entry := range entries {
		form := vcon.FoldName(entry.Name())
		if _, taken := names[form]; taken {
			names[form] = ""
			continue
		}
		names[form] = entry.Name()
	}
	if len(f.listed) >= maxFolders || f.listed == nil {
		f.listed = map[string]folder{}
	}
	f.listed[key] = names
	return names, nil
}
