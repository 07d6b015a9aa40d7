package vcon

import (
	"path"
	"strings"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// mediaTypes are those of recordings, by how the names of their files end. A kind of file that may be either
// is taken for a film: its sound is in it too.
func mediaTypes() map[string]string {
	return map[string]string{
		".wav": "audio/wav", ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".aac": "audio/aac", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg", ".flac": "audio/flac",
		".amr": "audio/amr", ".gsm": "audio/gsm", ".au": "audio/basic", ".aiff": "audio/aiff", ".wma": "audio/x-ms-wma",
		".mp4": "video/mp4", ".m4v": "video/mp4", ".webm": "video/webm", ".mkv": "video/x-matroska", ".mov": "video/quicktime", ".avi": "video/x-msvideo", ".ogv": "video/ogg",
	}
}

// MediaTypeOf returns the media type that the name of a recording's file tells by its end, "" where it is no
// recording's name.
func MediaTypeOf(name string) string { return mediaTypes()[strings.ToLower(path.Ext(name))] }

// mediaTypeByName stands in where a vCon does not say what a recording is, as the draft allows for one that
// lies elsewhere.
func mediaTypeByName(o object) string {
	for _, name := range []string{o.scalar("filename"), withoutParameters(o.scalar("url"))} {
		if found := MediaTypeOf(name); found != "" {
			return found
		}
	}
	return ""
}

// TakeMediaType takes what a recording's host says that it is, where the vCon does not say it.
func TakeMediaType(f *conversation.IncomingMedia, told string) {
	told = cleanMediaType(strings.ToLower(told))
	if f.MediaType == "" && (strings.HasPrefix(told, "audio/") || strings.HasPrefix(told, "video/")) {
		f.MediaType, f.Kind = told, mediaKindOf(told)
	}
}

// mediaKindOf tells the recording of a screen from that of a call.
func mediaKindOf(mediaType string) compliance.MediaKind {
	if strings.HasPrefix(mediaType, "video/") {
		return compliance.MediaScreen
	}
	return compliance.MediaCall
}
