package graphiql

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed assets page/*.js page/*.css
var files embed.FS

// asset is one embedded file, as it is and, once somebody has asked for that, compressed.
type asset struct {
	contentType string
	plain       encoded
	gzipped     func() encoded
}

// encoded is a representation of a file with the entity tag that names it.
type encoded struct {
	body []byte
	etag string
}

// newAssets returns the embedded files by their names. Names are unique over the folders, which a test holds.
func newAssets() map[string]*asset {
	assets := map[string]*asset{}
	must(fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := files.ReadFile(name)
		assets[path.Base(name)] = newAsset(name, body)
		return err
	}))
	return assets
}

func newAsset(name string, body []byte) *asset {
	sum := sha256.Sum256(body)
	tag := hex.EncodeToString(sum[:16])
	return &asset{
		contentType: contentType(name),
		plain:       encoded{body, `"` + tag + `"`},
		gzipped:     sync.OnceValue(func() encoded { return encoded{compress(body), `"` + tag + `-gzip"`} }),
	}
}

// serve answers with the file, or with 304 where the browser has it: it asks every time (no-cache), which costs a few bytes
// and means that nobody sees an old file after an update.
func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Encoding")
	form := a.plain
	if acceptsGzip(r) {
		form = a.gzipped()
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", form.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(form.body))
}

// acceptsGzip is whether the request lists gzip, and not with a weight of nought, which refuses it.
func acceptsGzip(r *http.Request) bool {
	for item := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, weight, weighted := strings.Cut(item, ";q=")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			q, err := strconv.ParseFloat(strings.TrimSpace(weight), 64)
			return !weighted || err == nil && q > 0
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
	default:
		return "text/plain; charset=utf-8"
	}
}

// must panics for what cannot fail: reading what is embedded in this binary, writing into memory.
func must(err error) {
	if err != nil {
		panic(fmt.Errorf("graphiql: the embedded files cannot be read: %w", err))
	}
}
