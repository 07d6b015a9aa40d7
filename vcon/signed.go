package vcon

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"qm-compliance/conversation"
)

// maxSignatures bounds how often a vCon may be signed over, each time with the one before as the payload.
const maxSignatures = 8

// isSigned reports whether a document is a signed vCon: a JSON Web Signature whose payload is the vCon.
func isSigned(members map[string]any) bool {
	return members["payload"] != nil && (members["signatures"] != nil || members["signature"] != nil)
}

// isCompact reports whether a document may be a JSON Web Signature in the compact serialisation: three parts in
// base64url, of which the first is a JSON object.
func isCompact(data []byte) bool {
	data = bytes.TrimSpace(data)
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
	return bytes.HasPrefix(data, []byte("ey")) && bytes.Count(data, []byte(".")) == 2 &&
		len(bytes.Trim(data, alphabet)) == 0
}

// fromCompact makes the JSON serialisation of a signature in the compact one.
func fromCompact(data []byte) []byte {
	parts := strings.Split(string(bytes.TrimSpace(data)), ".")
	signed, _ := json.Marshal(map[string]string{"protected": parts[0], "payload": parts[1], "signature": parts[2]})
	return signed
}

// signatureAlgorithms are those with a public key. A shared secret is not among them: a public key could pass
// for one.
func signatureAlgorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{
		jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512,
		jose.EdDSA,
	}
}

// open decodes a document, and takes the vCon out of its signatures, however many are around each other. One
// that is made with a trusted key vouches for all that is in it.
func open(data []byte, keys []crypto.PublicKey, limits *bounds) (
	members map[string]any, signature conversation.Signature, err error,
) {
	signature = conversation.Unsigned
	var unverified error
	for layer := 0; ; layer++ {
		if isCompact(data) {
			data = fromCompact(data)
		}
		if members, err = limits.document(data); err != nil {
			return nil, "", inside(err, layer)
		}
		if !isSigned(members) {
			break
		}
		if layer == maxSignatures {
			return nil, "", inside(wrong("", "is signed over more than %d times", maxSignatures), layer)
		}
		payload, err := payloadOf(members)
		if err != nil {
			return nil, "", inside(err, layer)
		}
		if signature == conversation.Unsigned {
			signature = conversation.NotVerified
		}
		if err := verify(data, keys); err == nil {
			signature = conversation.Verified
		} else if unverified == nil {
			unverified = inside(err, layer)
		}
		data = payload
	}
	if signature == conversation.NotVerified && len(keys) > 0 {
		return nil, "", unverified
	}
	return members, signature, nil
}

// inside says that an error is in so many payloads.
func inside(err error, layers int) error {
	if place, is := errors.AsType[*Error](err); is {
		for range layers {
			place = place.under("payload")
		}
		return place
	}
	return err
}

func payloadOf(members map[string]any) ([]byte, error) {
	text, ok := members["payload"].(string)
	if !ok {
		return nil, wrong("payload", "is %s; the vCon in base64url is needed", kindOf(members["payload"]))
	}
	return decodeBase64("payload", text)
}

// verify looks for a signature that one of the keys made; where there is no key none is.
func verify(data []byte, keys []crypto.PublicKey) error {
	signed, err := jose.ParseSignedJSON(string(data), signatureAlgorithms())
	if err != nil {
		return wrong("signatures", "cannot be checked: no JSON Web Signature with an accepted algorithm")
	}
	for _, key := range keys {
		if _, _, _, err := signed.VerifyMulti(key); err == nil {
			return nil
		}
	}
	return wrong("signatures", "none of them was made with a trusted key")
}

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
