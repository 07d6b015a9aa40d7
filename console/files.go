package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// file is one built file, as it is and, once somebody has asked for that, compressed.
type file struct {
	contentType, cache, tag string
	plain                   []byte
	gzipped                 func() []byte
}

// newFiles returns the built files by their paths on the server, but for the page itself.
func newFiles() map[string]*file {
	files := map[string]*file{}
	must(fs.WalkDir(dist, "dist", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == indexName {
			return err
		}
		body, err := dist.ReadFile(name)
		requested := strings.TrimPrefix(name, "dist")
		files[requested] = newFile(requested, body)
		return err
	}))
	return files
}

func newFile(requested string, body []byte) *file {
	sum := sha256.Sum256(body)
	made := &file{contentType: contentType(requested), cache: "no-cache", tag: hex.EncodeToString(sum[:16]), plain: body}
	made.gzipped = sync.OnceValue(func() []byte { return compress(body) })
	if strings.HasPrefix(requested, "/assets/") { // their names carry a hash of what is in them
		made.cache = "public, max-age=31536000, immutable"
	}
	return made
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Cache-Control", f.cache)
	h.Set("Vary", "Accept-Encoding")
	body, tag := f.plain, f.tag
	if acceptsGzip(r) {
		body, tag = f.gzipped(), f.tag+"-gzip"
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// acceptsGzip understands the plain header of browsers; a client that weighs codings gets the file uncompressed.
func acceptsGzip(r *http.Request) bool {
	for item := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		if strings.EqualFold(strings.TrimSpace(item), "gzip") {
			return true
		}
	}
	return false
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write(body)
	must(err)
	must(z.Close())
	return out.Bytes()
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

const (
	indexName = "dist/index.html"
	// nonceMark stands in the page where the nonce of an answer goes.
	nonceMark = "STYLE-NONCE"
)

// index is the one page, cut where the nonce goes.
type index struct {
	before, after string
}

func newIndex() *index {
	body, err := dist.ReadFile(indexName)
	must(err)
	before, after, found := strings.Cut(string(body), nonceMark)
	if !found {
		must(fmt.Errorf("%s has no %s", indexName, nonceMark))
	}
	return &index{before, after}
}

// write can fail only after the client has gone.
func (i *index) write(w io.Writer, nonce string) {
	_, _ = io.WriteString(w, i.before+nonce+i.after)
}

// must panics for what cannot fail: reading what is embedded in this binary, writing into memory.
func must(err error) {
	if err != nil {
		panic(fmt.Errorf("console: the embedded files cannot be read: %w", err))
	}
}
