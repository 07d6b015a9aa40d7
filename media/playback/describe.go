package playback

import (
	"mime"
	"net/http"
	"strings"
)

// describe sets what a browser needs to know of a recording. What is neither sound nor video is never shown in the browser but offered for download: a vCon may call
// a recording whatever it likes, and a page of this server's origin must not come of it.
func describe(header http.Header, recording Recording) {
	kind, _, err := mime.ParseMediaType(recording.MediaType)
	if err == nil && (strings.HasPrefix(kind, "audio/") || strings.HasPrefix(kind, "video/")) {
		header.Set("Content-Type", playable(kind))
	} else {
		header.Set("Content-Type", "application/octet-stream")
		header.Set("Content-Disposition", `attachment; filename="recording"`)
	}
	header.Set("Content-Security-Policy", "default-src 'none'; media-src 'self'; sandbox")
	if recording.Hash != "" {
		header.Set("ETag", `"`+recording.Hash+`"`)
	}
}

// playable gives a media type the name that browsers know it by.
func playable(kind string) string {
	switch kind {
	case "audio/x-wav", "audio/wave", "audio/vnd.wave":
		return "audio/wav"
	case "audio/x-mp3", "audio/mp3", "audio/x-mpeg":
		return "audio/mpeg"
	case "audio/x-m4a":
		return "audio/mp4"
	}
	return kind
}
