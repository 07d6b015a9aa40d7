package store

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// probes is the part of the store where Check tries to write; no media file lies there.
const probes = "probe/"

// NewKey returns a new key for a file that is stored at now: its day in UTC and a random part, "20261124/3b241101-e2bb-4255-8caf-4136c566a962". A key says
// nothing of the content, its name or its people, so that it may stand in logs and in the names of files.
func NewKey(now time.Time) string {
	return now.UTC().Format("20060102") + "/" + uuid.NewString()
}

// checkKey lets only through what needs no escaping in any store and cannot leave its folder: no dots, no empty parts.
func checkKey(op, key string) error {
	bad := len(key) > 200 || strings.HasPrefix(key, probes)
	for part := range strings.SplitSeq(key, "/") {
		bad = bad || part == "" || strings.ContainsFunc(part, needsEscaping)
	}
	if bad {
		return &Error{Op: op, Kind: ErrKey}
	}
	return nil
}

func needsEscaping(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !letter && (r < '0' || r > '9') && r != '-' && r != '_'
}
