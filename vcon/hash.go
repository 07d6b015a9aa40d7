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

	"qm-compliance/conversation"
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

// Verify holds the hashes that the vCon gives of a recording against its bytes: one that differs is an *Error
// with the place in the vCon. A recording of which none was given gets its SHA-512. Afterwards Hashes are all
// that there are, by which it is known again whichever of them the vCon gives next time.
func (s *Sums) Verify(f *conversation.IncomingMedia) error {
	for _, declared := range f.Hashes {
		if algorithm, _, _ := strings.Cut(declared, "-"); declared != s.hash(algorithm) {
			return wrong(f.Place+".content_hash", "does not match the recording (%s): "+
				"the recording was damaged or replaced; get it again", algorithm)
		}
	}
	f.Hashes = nil
	for _, algorithm := range slices.Sorted(maps.Keys(s.hashes)) {
		f.Hashes = append(f.Hashes, s.hash(algorithm))
	}
	if f.ContentHash == "" {
		f.ContentHash = strongest(f.Hashes)
	}
	return nil
}

// hash is a sum as this system writes it.
func (s *Sums) hash(algorithm string) string {
	return algorithm + "-" + base64.RawURLEncoding.EncodeToString(s.hashes[algorithm].Sum(nil))
}

// contentHashes are today's content_hash, one or a list, and the older alg with signature, which held a hash
// under that name.
func contentHashes(o object) ([]string, error) {
	algorithm, err := o.text("alg")
	if err != nil {
		return nil, err
	}
	digest, err := o.text("signature")
	if err != nil {
		return nil, err
	}
	hashes := texts(o.members["content_hash"])
	if digest != "" {
		hashes = append(hashes, algorithm+"-"+digest)
	}
	var found []string
	for _, hash := range hashes {
		if hash = cleanHash(hash); hash != "" {
			found = append(found, hash)
		}
	}
	return found, nil
}

// cleanHash writes a hash one way: sha256, sha384 or sha512, a hyphen, base64url without padding. A digest
// that is none of its algorithm's is left out after the hyphen, so that it fits no recording and nothing else
// is kept in its place. A hash of another algorithm is none.
func cleanHash(hash string) string {
	hash = strings.TrimSpace(hash)
	sizes := map[string]int{"sha256": sha256.Size, "sha384": sha512.Size384, "sha512": sha512.Size}
	for algorithm, size := range sizes {
		for _, name := range []string{algorithm + "-", "sha-" + algorithm[3:] + "-"} {
			if len(hash) >= len(name) && strings.EqualFold(hash[:len(name)], name) {
				return algorithm + "-" + cleanDigest(hash[len(name):], size)
			}
		}
	}
	return ""
}

// cleanDigest takes base64 in either alphabet, and hexadecimal digits.
func cleanDigest(digest string, size int) string {
	raw, err := decodeBase64("", digest)
	if len(digest) == hex.EncodedLen(size) {
		raw, err = hex.DecodeString(digest)
	}
	if err != nil || len(raw) != size {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// strongest is the hash of the longest digest; one that has none is not looked at.
func strongest(hashes []string) string {
	best := ""
	for _, hash := range hashes {
		if len(hash) > len("sha512-") {
			best = max(best, hash)
		}
	}
	return best
}
