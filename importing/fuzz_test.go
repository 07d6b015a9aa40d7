package importing_test

import (
	"bytes"
	"compress/gzip"
	"testing"

	"qm-compliance/importing"
	"qm-compliance/vcon"
)

// FuzzRead looks for streams that end in a panic, and for refusals that a stream has more of than lines.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"", "\n\n", "{}", "{}\n{}", `{"vcon":"0.4.0"}`, "\x1f\x8b", "\xef\xbb\xbf{}\r\n{}", "{\n\"uuid\": 1\n}\n", "[1,\n2]", "{}\x00{}",
	} {
		f.Add([]byte(seed))
		var packed bytes.Buffer
		zip := gzip.NewWriter(&packed)
		_, _ = zip.Write([]byte(seed))
		_ = zip.Close()
		f.Add(packed.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		options := importing.ReadOptions{
			Vcon:   vcon.Options{MaxBytes: 1 << 16},
			Limits: importing.Limits{Unpacked: 1 << 20, Ratio: 10, Lines: 1000, Refusals: 100},
		}
		items := 0
		for item := range importing.Read(t.Context(), bytes.NewReader(data), "body", options) {
			items++
			if item.Err == nil && item.Conversation == nil {
				t.Fatalf("%q: neither a conversation nor why not", data)
			}
		}
		if items > 1101 {
			t.Fatalf("%q: %d items", data, items)
		}
	})
}
