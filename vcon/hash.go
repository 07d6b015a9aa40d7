package vcon

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"
)

// Sums computes every hash that a vCon may give of a recording, while its bytes are written to it.
type Sums struct {
	io.Writer
	hashes map[string]hash.Hash
}

// NewSums returns sums of nothing yet.
func NewSums() *Sums { return newSums() }

func newSums() *Sums {
	hashes := map[string]hash.Hash{"sha256": sha256.New(), "sha384": sha512.New384(), "sha512": sha512.New()}
	var writers []io.Writer
	for _, name := range slices.Sorted(maps.Keys(hashes)) {
		writers = append(writers, hashes[name])
	}
	return &Sums{io.MultiWriter(writers...), hashes}
}

// Verify holds the hashes that the vCon gives of a recording against its bytes: one that differs is an *Error with the place in the vCon. A recording of which
// none was given gets its SHA-512, by which it is known again.
func (f *MediaFile) Verify(sums *Sums) error {
	for _, declared := range f.Hashes {
		algorithm, digest, _ := strings.Cut(declared, "-")
		sum := sums.hashes[algorithm].Sum(nil)
		if digest != base64.RawURLEncoding.EncodeToString(sum) && !strings.EqualFold(digest, hex.EncodeToString(sum)) {
			return wrong(f.Place+".content_hash", "does not fit the recording (%s): the recording was damaged or replaced; get it again", algorithm)
		}
	}
	if f.ContentHash == "" {
		f.ContentHash = "sha512-" + base64.RawURLEncoding.EncodeToString(sums.hashes["sha512"].Sum(nil))
	}
	return nil
}
