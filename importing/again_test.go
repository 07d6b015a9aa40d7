package importing_test

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"testing"

	"qm-compliance/compliance"
)

const dialogHead = `"type": "recording", "start": "2026-03-01T09:30:00Z", "duration": 60, "parties": [0], "mediatype": "audio/wav", `

// A recording that was deleted stays away, however the next file gives it: by another hash, as another url of
// the same place, or twice.
func TestDeletedRecordingIsKnownAgain(t *testing.T) {
	t.Parallel()
	short, long := sha256.Sum256([]byte("sound")), sha512.Sum512([]byte("sound"))
	by256 := `"content_hash": "sha256-` + base64.RawURLEncoding.EncodeToString(short[:]) + `"`
	byHex := `"content_hash": "sha256-` + hex.EncodeToString(short[:]) + `"`
	byOld := `"alg": "SHA-512", "signature": "` + base64.StdEncoding.EncodeToString(long[:]) + `"`
	for name, recordings := range map[string][2]string{
		"a hash, then none":                {inline("sound", by256), inline("sound")},
		"none, then a hash":                {inline("sound"), inline("sound", by256)},
		"a hash, then in digits":           {inline("sound", by256), inline("sound", byHex)},
		"a hash, then an older one":        {inline("sound", by256), inline("sound", byOld)},
		"beside with a hash, then inline":  {named("a.wav") + `, ` + by256, inline("sound")},
		"inline, then beside with a hash":  {inline("sound"), named("a.wav") + `, ` + by256},
		"a url with a hash, then inline":   {at("https://media.example/b.wav") + `, ` + by256, inline("sound")},
		"a url, then the same place":       {at("https://media.example/b.wav?k=1"), at("HTTPS://Media.Example:443/b.wav?k=2")},
		"once, then twice":                 {inline("sound"), inline("sound") + `}, {` + dialogHead + inline("sound")},
		"once beside, then twice and once": {named("a.wav"), named("a.wav") + `}, {` + dialogHead + inline("sound") + `}, {` + dialogHead + named("a.wav")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.file(t, "a.wav", "sound")
			r.file(t, "call.json", call(1, recordings[0]))
			r.takeWell(t)
			r.deleteAll(t)
			for range 2 {
				r.file(t, "call.json", call(1, recordings[1]))
				r.takeWell(t)
				for _, row := range r.media(t) {
					if row.Status != string(compliance.MediaDeleted) || row.SourceURL != "" || row.StoreKey != "" {
						t.Errorf("it came back: %+v", row)
					}
				}
				if r.clean(t); len(r.stored(t)) > 0 || r.count(t, "loose_media") > 0 {
					t.Errorf("left in the store: %q", r.stored(t))
				}
			}
		})
	}
}
