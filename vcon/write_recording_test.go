package vcon_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"testing"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/vcon"
)

// between counts the bytes of a recording that are read and not yet written.
type between struct {
	left, read, written, most int64
}

func (b *between) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), b.left)
	clear(p[:n])
	b.left, b.read = b.left-n, b.read+n
	b.most = max(b.most, b.read-b.written*3/4)
	return int(n), nil
}

func (b *between) Write(p []byte) (int, error) {
	b.written += int64(len(p))
	return len(p), nil
}

func withRecording() *conversation.Incoming {
	start := time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)
	return &conversation.Incoming{UUID: uuid.New(), StartedAt: start, EndedAt: start, Segments: []conversation.IncomingSegment{{
		Kind: compliance.SegmentCall, StartedAt: start,
		Media: []conversation.IncomingMedia{{MediaType: "audio/wav", StoreKey: "k"}},
	}}}
}

// A recording passes through in small pieces, however long it is.
func TestRecordingsAreNeverWholeInMemory(t *testing.T) {
	t.Parallel()
	const size, small = 64 << 20, 256 << 10
	c, stream := withRecording(), &between{left: size}
	err := vcon.WriteTo(stream, vcon.Export{Sources: []*conversation.Incoming{c},
		Recordings: map[*conversation.IncomingMedia]io.Reader{&c.Segments[0].Media[0]: stream}})
	if err != nil || stream.left != 0 || stream.written < size*4/3 {
		t.Fatal(err, stream)
	}
	if stream.most > small {
		t.Errorf("%d bytes of the recording are in memory", stream.most)
	}
}

// A recording that is read on the way is written as one that is in memory, whatever its length.
func TestRecordingsOnTheWayAreWrittenAsThoseInMemory(t *testing.T) {
	t.Parallel()
	for _, length := range []int{0, 1, 2, 3, 1023, 1024, 1025, 40_000} {
		c, content := withRecording(), bytes.Repeat([]byte("s"), length)
		file := &c.Segments[0].Media[0]
		var streamed bytes.Buffer
		err := vcon.WriteTo(&streamed, vcon.Export{Sources: []*conversation.Incoming{c},
			Recordings: map[*conversation.IncomingMedia]io.Reader{file: bytes.NewReader(content)}})
		if err != nil {
			t.Fatal(err)
		}
		file.Body = content
		whole, err := vcon.Write(vcon.Export{Sources: []*conversation.Incoming{c}})
		if err != nil || !bytes.Equal(whole, streamed.Bytes()) {
			t.Errorf("%d bytes: %v\n%.300s\n%.300s", length, err, whole, streamed.Bytes())
		}
		if !bytes.Contains(whole, []byte(`"body":"`+base64.RawURLEncoding.EncodeToString(content)+`"`)) {
			t.Errorf("%d bytes: %.300s", length, whole)
		}
	}
}
