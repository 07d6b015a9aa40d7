package playback

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"qm-compliance/media/filestore"
)

const (
	// longestRedirect is how long a link to the store itself may hold: nobody checks there whether the
	// viewer may still see the file.
	longestRedirect = time.Minute
	// mostRanges is how many ranges of one request are answered; each may be a request to the store.
	mostRanges = 16
)

// send sends the file, or where to get it.
func (o Options) send(
	w http.ResponseWriter, r *http.Request, grant Grant, recording Recording, object *filestore.Object,
) {
	mediaType, disposition := present(recording.MediaType)
	if address := o.elsewhere(r, grant, recording.Key, mediaType, disposition); address != "" {
		w.Header().Set("Location", address)
		w.WriteHeader(http.StatusTemporaryRedirect)
		return
	}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Disposition", disposition)
	if tag := entityTag(recording.Hash); tag != "" {
		w.Header().Set("ETag", tag)
	}
	content := &watched{Object: object}
	http.ServeContent(w, withFewRanges(r), "", time.Time{}, content)
	if content.err != nil { // the connection breaks off, since less was sent than announced
		o.report(r, grant, "the playback of a recording was interrupted", content.err)
	}
}

// elsewhere is the address at the store to redirect to, or empty. HEAD is answered from here, for an
// address at the store is signed for GET alone.
func (o Options) elsewhere(r *http.Request, grant Grant, key, mediaType, disposition string) string {
	// the store counts in seconds
	lifetime := min(longestRedirect, o.Links.remaining(grant)).Truncate(time.Second)
	if !o.Redirect || r.Method != http.MethodGet || lifetime <= 0 {
		return ""
	}
	address, err := o.Store.Presign(r.Context(), key, lifetime, mediaType, disposition)
	if err != nil {
		return "" // a folder, or memory: the file can still be sent from here
	}
	return address
}

// withFewRanges drops a list of very many ranges; the whole file is an answer too.
func withFewRanges(r *http.Request) *http.Request {
	if strings.Count(r.Header.Get("Range"), ",") < mostRanges {
		return r
	}
	r = r.Clone(r.Context())
	r.Header.Del("Range")
	return r
}

// entityTag quotes a hash. What could not stand in a header is left out.
func entityTag(hash string) string {
	odd := func(c rune) bool { return c <= ' ' || c == '"' || c >= 0x7f }
	if hash == "" || strings.ContainsFunc(hash, odd) {
		return ""
	}
	return `"` + hash + `"`
}

// watched remembers why reading failed, which http.ServeContent keeps to itself.
type watched struct {
	*filestore.Object
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Object.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// protect sets what holds for every answer. Nothing is kept anywhere, since a deleted file must be gone
// from caches too; nothing is ever run as a page; the token stays out of the addresses that other
// servers see; and consoles at other addresses may play the files, for which their links speak. What the
// policy allows is the browser's own player, where a link is opened by itself.
func protect(header http.Header) {
	header.Set("Cache-Control", "private, no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy",
		"default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox allow-same-origin; "+
			"frame-ancestors 'none'")
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("Referrer-Policy", "no-referrer")
}

// present returns how a recording is shown: as audio or video under a neutral name, or else as bytes
// to be saved. The media type comes from the vCon's author, so a page or a drawing with a script in it
// must not be shown under this server's address.
func present(imported string) (mediaType, disposition string) {
	kind, parameters, err := mime.ParseMediaType(imported)
	if err != nil || !strings.HasPrefix(kind, "audio/") && !strings.HasPrefix(kind, "video/") {
		return "application/octet-stream", "attachment; filename=recording"
	}
	mediaType = mime.FormatMediaType(kind, parameters)
	if mediaType == "" {
		mediaType = kind
	}
	return mediaType, "inline; filename=recording" + extension(kind)
}

// extension is what files of a kind are usually called, whatever this machine's own table says.
func extension(kind string) string {
	switch kind {
	case "audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave":
		return ".wav"
	case "audio/mpeg", "audio/mp3":
		return ".mp3"
	case "audio/mp4", "audio/x-m4a":
		return ".m4a"
	case "audio/ogg", "audio/opus":
		return ".ogg"
	case "audio/webm", "video/webm":
		return ".webm"
	case "video/mp4":
		return ".mp4"
	case "video/ogg":
		return ".ogv"
	}
	return ""
}
