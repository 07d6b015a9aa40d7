package importing

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"qm-compliance/conversation"
)

// beside is the name under which a recording lies beside its vCon, empty where it does not.
func (im *importer) beside(e *entry, file *conversation.IncomingMedia) string {
	if !im.config.Beside || file.Body != nil {
		return ""
	}
	for _, name := range file.Beside {
		opened, err := openBeside(e.File, name)
		if err == nil {
			_ = opened.Close()
			return name
		}
		if !isAbsent(err) {
			return name // it is there, and reading it will say what is wrong with it
		}
	}
	return ""
}

var errNoFile = errors.New("is no file")

// isAbsent reports whether no file can be there under a name, also because it is none that a file can have.
func isAbsent(err error) bool {
	return slices.ContainsFunc([]error{fs.ErrNotExist, errNoFile, syscall.ENOTDIR, syscall.ENAMETOOLONG, syscall.EINVAL}, func(known error) bool { return errors.Is(err, known) })
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
