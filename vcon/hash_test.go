package vcon_test

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"qm-compliance/vcon"
)

// Whatever hash the vCon gives of an inline recording, it must fit; a vCon whose hash does not is refused,
// with the place.
func TestHashOfAnInlineRecording(t *testing.T) {
	t.Parallel()
	body := []byte("RIFF sound")
	sum512, sum384, sum256 := sha512.Sum512(body), sha512.Sum384(body), sha256.Sum256(body)
	coded := base64.RawURLEncoding.EncodeToString
	for given, fits := range map[string]bool{
		`"content_hash": "sha512-` + coded(sum512[:]) + `"`:                                      true,
		`"content_hash": "sha512-` + base64.StdEncoding.EncodeToString(sum512[:]) + `"`:          true,
		`"content_hash": "sha384-` + coded(sum384[:]) + `"`:                                      true,
		`"content_hash": "SHA-256-` + coded(sum256[:]) + `"`:                                     true,
		`"content_hash": "sha256-` + hex.EncodeToString(sum256[:]) + `"`:                         true,
		`"alg": "SHA-512", "signature": "` + coded(sum512[:]) + `"`:                              true,
		`"content_hash": ["sha256-` + coded(sum256[:]) + `", "sha512-` + coded(sum512[:]) + `"]`: true,
		`"content_hash": "md5-x"`:                                                                true, // not one that can be checked
		`"content_hash": "sha512-` + coded(sum256[:]) + `"`:                                      false,
		`"content_hash": "sha256-x"`:                                                             false,
		`"alg": "SHA-512", "signature": "abc"`:                                                   false,
		`"content_hash": ["sha256-` + coded(sum256[:]) + `", "sha512-x"]`:                        false,
	} {
		document := fmt.Sprintf(`{"vcon": "0.4.0", "uuid": "019543da-b5aa-8d63-9dd8-dd37220d739c", "created_at": "2026-03-01T09:30:00Z", "parties": [{"tel": "1"}],
			"dialog": [{"type": "recording", "start": "2026-03-01T09:30:00Z", "parties": [0], "mediatype": "audio/wav", "encoding": "base64url", "body": %q, %s}]}`, coded(body), given)
		_, err := vcon.Parse([]byte(document), vcon.Options{})
		var place *vcon.Error
		if fits != (err == nil) || (err != nil && (!errors.As(err, &place) || place.Path != "dialog[0].content_hash")) {
			t.Errorf("%s: %v", given, err)
		}
	}
}
