package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/db"
	"qm-compliance/media/fetch"
	"qm-compliance/media/store"
	"qm-compliance/vcon"
)

// recording is a media file of an item on its way into the file store.
type recording struct {
	item *entry
	file *vcon.MediaFile
	// open begins to read the bytes; describe says in a refusal where they come from.
	open     func(context.Context) (io.ReadCloser, error)
	describe string
	// fetched tells that the bytes come from outside: without them the url stays as a reference.
	fetched bool
	key     string
}

// entry is an item of a batch. Refused says why it is not taken in, notFetched which of its recordings stay references, and why.
type entry struct {
	vcon.Item
	refused    error
	notFetched []string
}

func (e *entry) conversations() []*vcon.Conversation {
	return append([]*vcon.Conversation{e.Conversation}, e.Conversation.Joined...)
}

// recordings lists those of a batch whose bytes are at hand and are not stored yet. What is known is not brought again, unless anew says so.
func (in *Intake) recordings(ctx context.Context, batch []*entry, anew bool) ([]*recording, error) {
	var ids []uuid.UUID
	for _, e := range batch {
		for _, c := range e.conversations() {
			ids = append(ids, c.UUID)
		}
	}
	known, err := in.config.Store.KnownMedia(ctx, ids)
	if err != nil {
		return nil, err
	}
	var all []*recording
	for _, e := range batch {
		e.notFetched = nil
		for _, c := range e.conversations() {
			for s := range c.Segments {
				for m := range c.Segments[s].Media {
					file := &c.Segments[s].Media[m]
					file.StoreKey, file.Size, file.Known = "", 0, false
					if r := in.find(e, file, known[c.UUID], anew); r != nil {
						all = append(all, r)
					}
				}
			}
		}
	}
	return all, nil
}

// find finds where the bytes of a recording are: in the vCon, beside it, or at its url where that may be fetched.
func (in *Intake) find(e *entry, file *vcon.MediaFile, known db.KnownMedia, anew bool) *recording {
	if file.Status == compliance.MediaDeleted {
		return nil
	}
	if !anew && known.Hashes[file.ContentHash] {
		file.Known = true
		return nil
	}
	r := &recording{item: e, file: file, describe: "the recording in the vCon"}
	switch beside := in.beside(e, file); {
	case file.Body != nil:
		r.open = func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file.Body)), nil }
	case beside != "":
		r.describe = "the recording beside the vCon"
		r.open = func(context.Context) (io.ReadCloser, error) { return openBeside(e.File, beside) }
	case in.config.Fetch != nil && in.config.Fetch.Allows(file.Address) && (anew || !known.URLs[file.URL]):
		r.describe, r.fetched = "the recording at its url", true
		r.open = func(ctx context.Context) (io.ReadCloser, error) { return in.config.Fetch.Fetch(ctx, file.Address) }
	default:
		return nil
	}
	return r
}

// beside is the name under which a recording lies beside its vCon, empty where it does not.
func (in *Intake) beside(e *entry, file *vcon.MediaFile) string {
	if !in.config.Beside || file.Body != nil {
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

// openBeside opens a file in the folder of a vCon. It cannot lead out of that folder, however it is named and linked.
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

// upload brings one recording into the store. Its error says that the store, or the whole intake, cannot go on.
func (in *Intake) upload(ctx context.Context, r *recording) error {
	content, err := r.open(ctx)
	if err != nil {
		return in.missing(ctx, r, err)
	}
	defer func() { _ = content.Close() }()
	sums := vcon.NewSums()
	size, err := in.config.Media.Put(ctx, r.key, r.file.MediaType, io.TeeReader(content, sums))
	if errors.Is(err, store.ErrContent) {
		return in.missing(ctx, r, err)
	}
	if err != nil {
		return err
	}
	if err := r.file.Verify(sums); err != nil {
		in.mu.Lock()
		defer in.mu.Unlock()
		r.item.refused = err
		return nil
	}
	r.file.StoreKey, r.file.Size = r.key, size
	return nil
}

// missing deals with bytes that could not be had: what was to be fetched stays a reference, anything else refuses the vCon.
func (in *Intake) missing(ctx context.Context, r *recording, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if !r.fetched {
		r.item.refused = fmt.Errorf("%s: %s cannot be read: %w", r.file.Place, r.describe, inPlainWords(err))
		return nil
	}
	r.item.notFetched = append(r.item.notFetched, r.file.Place+": "+inPlainWords(err).Error()+"; its url is kept as a reference")
	return nil
}

// inPlainWords leaves out a file's name and a url, which may be personal data.
func inPlainWords(err error) error {
	if failed, ok := errors.AsType[*fetch.Error](err); ok {
		return failed
	}
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}
