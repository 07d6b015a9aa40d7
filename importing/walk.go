package importing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/semaphore"

	"qm-compliance/conversation"
	"qm-compliance/pipeline"
	"qm-compliance/vcon"
)

// Item is one document of an import: a conversation, or the reason why there is none.
type Item struct {
	// File names where it comes from; Line is the line where the file holds one document a line, else 0.
	File string
	Line int
	// Conversation is nil where Err is not.
	Conversation *conversation.Incoming
	Err          error
}

// source is the file of an item, with the line where it holds several documents.
func (i Item) source() string {
	if i.Line > 0 {
		return fmt.Sprintf("%s:%d", i.File, i.Line)
	}
	return i.File
}

const (
	// ahead is how many documents are read and parsed while those before are written: more than a batch has.
	ahead = batchSize + 14
	// aheadBytes bounds these documents together. A larger one is alone.
	aheadBytes = 8 << 20
)

// Walk reads files and folders. A path that is a file is read whatever it is called;
// of a folder every regular file at any depth is read, in alphabetical order, but nothing hidden (whose name
// begins with a dot) and no recordings. What cannot be read is an item with an error, and the rest goes on.
// While the caller works on an item, the next ones are read and parsed, as far as memory is bounded.
// It ends early when ctx is done.
func Walk(ctx context.Context, paths []string, options ReadOptions) iter.Seq[Item] {
	options.Limits = options.Limits.or(FileLimits())
	return readAhead(ctx, walk{paths, options}.documents)
}

// ReadAhead reads the documents of one stream as Read does. While the caller works on an item, the next ones
// are read and parsed, as far as memory is bounded. Interrupt has to end a read of the input that waits for
// more: it is called once the caller stops early, or ctx is done.
func ReadAhead(
	ctx context.Context, input io.Reader, name string, options ReadOptions, interrupt func(),
) iter.Seq[Item] {
	options.Limits = options.Limits.or(RequestLimits())
	return readAhead(ctx, func(ctx context.Context, room room) iter.Seq[*document] {
		return func(yield func(*document) bool) {
			defer context.AfterFunc(ctx, interrupt)()
			s := &stream{ctx: ctx, name: name, options: options}
			s.read(endingReader{input, ctx}, func(d *document) bool { return room.admit(ctx, d, yield) && !s.ended.Load() })
		}
	})
}

// endingReader begins no read once its context is done.
type endingReader struct {
	io.Reader
	ctx context.Context
}

func (r endingReader) Read(buffer []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(buffer)
}

// readAhead yields what becomes of documents, which are read and parsed ahead.
func readAhead(
	ctx context.Context, documents func(context.Context, room) iter.Seq[*document],
) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		room := room{semaphore.NewWeighted(aheadBytes)}
		read := func(ctx context.Context) iter.Seq[*document] { return documents(ctx, room) }
		for d := range pipeline.Map(ctx, ahead, read, (*document).parse) {
			goOn := d.stream.item(d, yield)
			room.budget.Release(d.weight)
			if !goOn {
				return
			}
		}
	}
}

// room is the memory that documents may take which were read ahead.
type room struct{ budget *semaphore.Weighted }

// walk is what Walk reads.
type walk struct {
	paths   []string
	options ReadOptions
}

// documents reads the documents of all files.
func (w walk) documents(ctx context.Context, room room) iter.Seq[*document] {
	return func(yield func(*document) bool) {
		for _, path := range w.paths {
			for file, err := range files(path) {
				if ctx.Err() != nil || !w.readFile(ctx, file, err, room, yield) {
					return
				}
			}
		}
	}
}

// admit yields a document once there is room for it. After one that takes all the room it waits until that
// one has been taken, before the next one is read.
func (r room) admit(ctx context.Context, d *document, yield func(*document) bool) bool {
	weight := min(int64(len(d.data)), aheadBytes)
	if d.weight = weight; r.budget.Acquire(ctx, weight) != nil || !yield(d) {
		return false
	}
	if weight == aheadBytes {
		if r.budget.Acquire(ctx, weight) != nil {
			return false
		}
		r.budget.Release(weight)
	}
	return true
}

// Count tells how many files Walk is going to read, without opening one.
func Count(paths []string) int {
	count := 0
	for _, path := range paths {
		for range files(path) {
			count++
		}
	}
	return count
}

var errFolderLink = errors.New("a link to a folder")

// files lists the files of a path: itself, or everything that is to be read below a folder.
func files(path string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		info, err := os.Stat(path)
		if err != nil || !info.IsDir() {
			yield(path, err)
			return
		}
		root := path + string(filepath.Separator) // so that a link to a folder is followed where it is named itself
		_ = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
			return visit(name == root, name, entry, err, yield)
		})
	}
}

func visit(isRoot bool, name string, entry fs.DirEntry, err error, yield func(string, error) bool) error {
	wanted := true
	switch {
	case err != nil:
	case isRoot:
		return nil
	case strings.HasPrefix(entry.Name(), ".") && entry.IsDir():
		return fs.SkipDir
	case strings.HasPrefix(entry.Name(), ".") || entry.IsDir() || isRecording(entry.Name()):
		return nil
	case entry.Type()&fs.ModeSymlink != 0:
		wanted, err = followLink(name)
	default:
		wanted = entry.Type().IsRegular()
	}
	if wanted && !yield(filepath.Clean(name), err) {
		return fs.SkipAll
	}
	return nil
}

// isRecording tells recordings by their names: they lie beside the vCons that speak of them.
func isRecording(name string) bool {
	return vcon.MediaTypeOf(name) != ""
}

// followLink follows a link to a file. One to a folder might lead round in circles: it is said, not followed.
func followLink(name string) (wanted bool, err error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return true, err
	case info.IsDir():
		return true, errFolderLink
	}
	return info.Mode().IsRegular(), nil
}

// readFile reads the documents of one file, and reports whether to go on with the next one. The end of ctx
// ends the reading, even of a pipe that nobody writes to.
func (w walk) readFile(
	ctx context.Context, name string, err error, room room, yield func(*document) bool,
) bool {
	s := &stream{ctx: ctx, name: name, options: w.options}
	var file *os.File
	if err == nil {
		file, err = os.Open(name)
	}
	if err != nil {
		return yield(&document{stream: s, err: unreadable(err)})
	}
	interrupt := context.AfterFunc(ctx, func() { _ = file.Close() })
	defer func() {
		if interrupt() {
			_ = file.Close()
		}
	}()
	goOn := true
	s.read(file, func(d *document) bool {
		goOn = room.admit(ctx, d, yield)
		return goOn && !s.ended.Load()
	})
	return goOn
}

func unreadable(err error) error {
	switch {
	case errors.Is(err, errFolderLink):
		return refusal("is a link to a folder and was not followed; give the folder itself")
	case errors.Is(err, fs.ErrNotExist):
		return refusal("there is no such file or folder")
	case errors.Is(err, fs.ErrPermission):
		return refusal("cannot be read by this user")
	}
	return refusal("cannot be read")
}
