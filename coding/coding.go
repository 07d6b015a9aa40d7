// Package coding sends bodies in the content codings that clients accept, gzip and zstd: answers as they are
// made, and embedded files, which are compressed once.
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
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzhttp/writer"
	"github.com/klauspost/compress/gzhttp/writer/gzkp"
	"github.com/klauspost/compress/gzhttp/writer/zstdkp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Coding is a content coding as HTTP names it.
type Coding string

// The codings that bodies are sent in.
const (
	Identity Coding = ""
	Gzip     Coding = "gzip"
	Zstd     Coding = "zstd"
)

// smallest is the size from which on a body is compressed: a smaller one fits a packet as it is.
const smallest = 1024

// Accepted returns which of the offered codings a body is to be sent in: the one that Accept-Encoding weighs
// most, the first of those that weigh the same, and Identity where the header prefers it or names none of them
// (RFC 9110, 12.5.3). A * stands for gzip alone, which every client knows. A weight that is none refuses.
func Accepted(header http.Header, offered ...Coding) Coding {
	weights := map[Coding]float64{}
	for _, line := range header.Values("Accept-Encoding") {
		for item := range strings.SplitSeq(line, ",") {
			name, parameters, _ := strings.Cut(item, ";")
			weights[Coding(strings.ToLower(strings.TrimSpace(name)))] = weight(parameters)
		}
	}
	if rest, named := weights["*"]; named {
		if _, named := weights[Gzip]; !named {
			weights[Gzip] = rest
		}
	}
	best, most := Identity, weights["identity"]
	for _, coding := range offered {
		if weight := weights[coding]; weight > most || weight > 0 && weight == most && best == Identity {
			best, most = coding, weight
		}
	}
	return best
}

// weight is the q of the parameters of an item: 1 without one, 0 for what is no weight.
func weight(parameters string) float64 {
	if strings.TrimSpace(parameters) == "" {
		return 1
	}
	name, value, _ := strings.Cut(parameters, "=")
	q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if !strings.EqualFold(strings.TrimSpace(name), "q") || err != nil || q > 1 {
		return 0
	}
	return q
}

// Answers compresses what next answers for the clients that accept it, from 1 KB on. A body that has a coding
// already, or is part of a range, stays as it is, and so does a request for another protocol.
//
// It is for handlers that write an answer once they have it: as many are compressed at once as there are
// processors. A compressed answer is sent when it is whole, flushed, or too large to keep.
func Answers(next http.Handler) http.Handler {
	work := &workshop{seats: make(chan struct{}, runtime.GOMAXPROCS(0))}
	// Level 1 of both: the next take up to a third more processor time to send a twentieth less.
	wrap, err := gzhttp.NewWrapper(
		gzhttp.MinSize(smallest), gzhttp.SetContentType(false), gzhttp.SuffixETag("-gzip"), // or -zstd
		gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.ZstdCompressionLevel(int(zstd.SpeedFastest)),
		gzhttp.Implementation(writer.GzipWriterFactory{Levels: gzkp.Levels,
			New: func(w io.Writer, level int) writer.GzipWriter {
				return work.pack(w, func(out io.Writer) encoder { return gzkp.NewWriter(out, level) })
			}}),
		gzhttp.ZstdImplementation(writer.ZstdWriterFactory{Levels: zstdkp.Levels,
			New: func(w io.Writer, level int) writer.ZstdWriter {
				return work.pack(w, func(out io.Writer) encoder { return zstdkp.NewWriter(out, level) })
			}}),
	)
	if err != nil { // a level that does not exist
		panic(err)
	}
	compressed := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			next.ServeHTTP(w, r)
			return
		}
		// gzhttp reads the first line of the header alone, and does not know of identity.
		if coding := Accepted(r.Header, Zstd, Gzip); coding == Identity {
			r.Header.Del("Accept-Encoding")
		} else {
			r.Header.Set("Accept-Encoding", string(coding))
		}
		compressed.ServeHTTP(w, r)
	})
}

// encoder compresses what is written to it. Close gives it back to its pool.
type encoder interface {
	io.WriteCloser
	Flush() error
}

// workshop bounds how many answers are compressed at once, since an encoder takes up to a megabyte.
type workshop struct {
	seats chan struct{}
	spare sync.Pool // of *bytes.Buffer
}

func (s *workshop) pack(w io.Writer, newEncoder func(io.Writer) encoder) *packer {
	s.seats <- struct{}{}
	out, ok := s.spare.Get().(*bytes.Buffer)
	if !ok {
		out = new(bytes.Buffer)
	}
	return &packer{encoder: newEncoder(out), out: out, w: w, workshop: s}
}

// packer compresses an answer into memory and sends it afterwards, so that nobody who compresses waits for a
// client. It sends an answer of megabytes piece by piece, and keeps its encoder meanwhile, which is little
// beside such an answer.
type packer struct {
	encoder  encoder
	out      *bytes.Buffer
	w        io.Writer
	workshop *workshop
}

const (
	// piece is how much is compressed at once, and maxKept how much is kept of what comes of it.
	piece   = 64 << 10
	maxKept = 256 << 10
)

// Write compresses data.
func (p *packer) Write(data []byte) (written int, err error) {
	for len(data) > 0 && err == nil {
		n := min(piece, len(data))
		_, err = p.encoder.Write(data[:n])
		data, written = data[n:], written+n
		if err == nil && p.out.Len() >= maxKept {
			err = p.send()
		}
	}
	return written, err
}

// send sends what has come of the answer so far. The seat is free for others meanwhile.
func (p *packer) send() error {
	<-p.workshop.seats
	defer func() { p.workshop.seats <- struct{}{} }()
	_, err := p.out.WriteTo(p.w)
	return err
}

// Flush sends what was written so far.
func (p *packer) Flush() error {
	if err := p.encoder.Flush(); err != nil {
		return err
	}
	return p.send()
}

// Close ends the answer and sends the rest of it.
func (p *packer) Close() error {
	err := p.encoder.Close() // cannot fail: it writes into memory
	<-p.workshop.seats
	if err == nil {
		_, err = p.out.WriteTo(p.w)
	}
	p.out.Reset()
	p.workshop.spare.Put(p.out)
	return err
}

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
