package playback

import (
	"mime"
	"net/http"
	"strings"
)

// protect sets what holds for every answer. Nothing is kept anywhere, since a deleted file must be gone from caches too; nothing is ever run as a page; the
// token stays out of the addresses that other servers see; and consoles at other addresses may play the files, for which their links speak. What the policy
// allows is the browser's own player, where a link is opened by itself.
func protect(header http.Header) {
	header.Set("Cache-Control", "private, no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox allow-same-origin; frame-ancestors 'none'")
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("Referrer-Policy", "no-referrer")
}

// present says as what a recording is shown: as sound or film under a name that tells nothing, or else as bytes to be saved. The media type comes from whoever
// made the vCon, so that a page or a drawing with a script in it must not be shown under this server's address.
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
