package coding

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// File is an embedded file. What is in it stays in the program's image, which the operating system reads when
// somebody asks for it; the heap has its compressed forms alone, each once a client has accepted it.
type File struct {
	open               func() fs.File
	contentType, cache string
	size               int64
	tag                func() string
	forms              map[Coding]func() []byte
}

// Files returns the files of a file system by their names. Cache says what their Cache-Control is.
func Files(embedded embed.FS, cache func(name string) string) map[string]*File {
	files, packing := map[string]*File{}, new(sync.Mutex)
	must(fs.WalkDir(embedded, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		open := func() fs.File {
			opened, err := embedded.Open(name)
			must(err)
			return opened
		}
		files[name] = newFile(open, info.Size(), contentType(name), cache(name), packing)
		return nil
	}))
	return files
}

// newFile returns a file whose forms are made while packing is held, so that a page that asks for many files
// has one encoder at work.
func newFile(open func() fs.File, size int64, contentType, cache string, packing *sync.Mutex) *File {
	form := func(compress func(io.Writer, io.Reader)) func() []byte {
		return sync.OnceValue(func() []byte {
			packing.Lock()
			defer packing.Unlock()
			var out bytes.Buffer
			compress(&out, open())
			return bytes.Clone(out.Bytes()) // without what the buffer has left over
		})
	}
	made := &File{open: open, contentType: contentType, cache: cache, size: size}
	made.tag = sync.OnceValue(func() string {
		sum := sha256.New()
		_, err := io.Copy(sum, open())
		must(err)
		return hex.EncodeToString(sum.Sum(nil)[:16])
	})
	if size >= smallest {
		made.forms = map[Coding]func() []byte{Gzip: form(gzipped), Zstd: form(zstandard)}
	}
	return made
}

// ServeHTTP answers with the file, in a form that the client accepts, or with 304 where it has that.
func (f *File) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, tag := f.body(), f.tag()
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", f.cache)
	h.Add("Vary", "Accept-Encoding")
	// Gzip at its best is as small as zstd here, so that most files are kept in one form.
	if coding := Accepted(r.Header, Gzip, Zstd); f.forms[coding] != nil {
		form := f.forms[coding]()
		body, tag = bytes.NewReader(form), tag+"-"+string(coding)
		h.Set("Content-Encoding", string(coding))
		h.Set("Content-Length", strconv.Itoa(len(form))) // ServeContent leaves it out beside a coding
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, body)
}

// body reads the file where it lies.
func (f *File) body() io.ReadSeeker {
	seeker, ok := f.open().(io.ReadSeeker)
	if !ok {
		must(errors.New("an embedded file cannot be sought in"))
	}
	return seeker
}

func gzipped(out io.Writer, in io.Reader) {
	encoder, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	must(err)
	_, err = io.Copy(encoder, in)
	must(err)
	must(encoder.Close())
}

func zstandard(out io.Writer, in io.Reader) {
	encoder, err := zstd.NewWriter(out, zstd.WithEncoderLevel(zstd.SpeedBetterCompression),
		zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(512<<10))
	must(err)
	_, err = io.Copy(encoder, in)
	must(err)
	must(encoder.Close())
}

// contentType does not ask the operating system, whose table differs from machine to machine.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		return "text/plain; charset=utf-8"
	}
}

// must panics for what cannot fail: reading what is embedded in this binary, writing into memory.
func must(err error) {
	if err != nil {
		panic(fmt.Errorf("coding: the embedded files cannot be read: %w", err))
	}
}
