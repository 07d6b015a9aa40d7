// Package playback plays media files: it makes short-lived links that are bound to a file and to whoever asked for it, and answers them (design, sections 4
// and 8). A link is no right by itself: every request asks again what has become of the file and whether its viewer may still see it.
package playback
