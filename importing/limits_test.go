package importing_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/importing"
	"qm-compliance/vcon"
)

// repeated is the gzip of something said many times.
func repeated(t *testing.T, text string, times int) string {
	t.Helper()
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := io.Copy(writer, &endless{line: []byte(text), left: times}); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

// limited reads a stream, and writes how many documents came in, how many were refused, and the last reason.
func limited(t *testing.T, stream, name string, options importing.ReadOptions) string {
	t.Helper()
	read, refused, last := 0, 0, ""
	for item := range importing.Read(t.Context(), strings.NewReader(stream), name, options) {
		if item.Err == nil {
			read++
			continue
		}
		refused++
		last = item.Err.Error()
	}
	return fmt.Sprintf("%d, %d refused: %s", read, refused, last)
}

// What a few bytes of a request can ask for is bounded, and said; what came in before stays.
func TestRequestsAreLimited(t *testing.T) {
	t.Parallel()
	const chunk = 64 << 10
	const lines = "there are more than 1000000 lines; split them into several files"
	const ratio = "the gzip unpacks to more than 100 times its size; send the vCons without gzip"
	const refusals = "more than 10000 documents were refused; the rest was not read"
	good := document(hello) + "\n"
	breaks, blanks := strings.Repeat("\n", chunk), strings.Repeat(" ", chunk-1)+"\n"
	for _, row := range []struct{ name, stream, called, want string }{
		{"line breaks", repeated(t, breaks, 1_300), "body", "0, 1 refused: " + lines},
		{"line breaks in a list of lines", repeated(t, breaks, 1_300), "a.ndjson", "0, 1 refused: " + lines},
		{"line breaks that are not packed", strings.Repeat(breaks, 20), "body", "0, 1 refused: " + lines},
		{"a vCon before line breaks", zipped(t, good+good) + repeated(t, breaks, 1_300), "body",
			"2, 1 refused: " + lines},
		{"blank lines", repeated(t, blanks, 1_300), "a.ndjson", "0, 1 refused: " + ratio},
		{"blanks", repeated(t, blanks[:chunk-1], 1_300), "body", "0, 1 refused: " + ratio},
		{"empty documents", repeated(t, "{}\n", 2_000_000), "body", "0, 10001 refused: " + refusals},
		{"empty documents that are not packed", strings.Repeat("{}\n", 20_000), "body",
			"0, 10001 refused: " + refusals},
		{"no documents", repeated(t, "x\n", 2_000_000), "a.ndjson", "0, 10001 refused: " + refusals},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := limited(t, row.stream, row.called, importing.ReadOptions{})
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Every limit can be set, and lets through what just fits.
func TestLimitsAreExact(t *testing.T) {
	t.Parallel()
	good := document(hello) + "\n"
	size := int64(len(good))
	for _, row := range []struct {
		name, stream string
		limits       importing.Limits
		want         string
	}{
		{"lines that fit", good + good, importing.Limits{Lines: 2}, "2, 0 refused: "},
		{"a line too many", good + good + good, importing.Limits{Lines: 2},
			"2, 1 refused: there are more than 2 lines; split them into several files"},
		{"refusals that fit", "{}\n{}\n" + good, importing.Limits{Refusals: 2},
			"1, 2 refused: uuid: is missing; a vCon is recognised by its uuid"},
		{"a refusal too many", "{}\n{}\n{}\n" + good, importing.Limits{Refusals: 2},
			"0, 3 refused: more than 2 documents were refused; the rest was not read"},
		{"unpacked bytes that fit", zipped(t, good+good), importing.Limits{Unpacked: 2 * size}, "2, 0 refused: "},
		{"a byte too many", zipped(t, good+good), importing.Limits{Unpacked: 2*size - 1},
			fmt.Sprintf("0, 1 refused: the gzip unpacks to more than %d bytes; split it into several", 2*size-1)},
		{"bytes that are not packed", good + good, importing.Limits{Unpacked: 1, Ratio: 1}, "2, 0 refused: "},
		{"a gzip of one document", zipped(t, good), importing.Limits{Ratio: 1}, "1, 0 refused: "},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			options := importing.ReadOptions{Limits: row.limits, Vcon: vcon.Options{MaxBytes: 4096}}
			if diff := cmp.Diff(row.want, limited(t, row.stream, "body", options)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Files that the operator names meet no limit of requests.
func TestFilesMayBeLarger(t *testing.T) {
	t.Parallel()
	root := folder(t, map[string]string{
		"a.ndjson.gz": repeated(t, strings.Repeat("\n", 64<<10), 20) + zipped(t, document(hello)),
		"b.ndjson":    strings.Repeat("{}\n", 10_002) + document(hello),
	})
	var got []string
	for item := range importing.Walk(t.Context(), []string{root}, importing.ReadOptions{}) {
		if item.Err == nil {
			got = append(got, fmt.Sprint(strings.TrimPrefix(item.File, root), " ", item.Line))
		}
	}
	if diff := cmp.Diff([]string{"/a.ndjson.gz 1310721", "/b.ndjson 10003"}, got); diff != "" {
		t.Error(diff)
	}
}

// Large vCons are stored before many of them are in memory together, whatever it is that makes them large.
func TestBatchesAreBounded(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 20<<20)
	for name, change := range map[string]func(c *conversation.Incoming){
		"a recording": func(c *conversation.Incoming) {
			c.Segments[0].Media = []conversation.IncomingMedia{{Kind: compliance.MediaCall, Body: []byte(large)}}
		},
		"a text": func(c *conversation.Incoming) {
			c.Segments[0].Messages = []conversation.IncomingMessage{{
				Kind: compliance.Transcript, Author: conversation.NoAuthor, Text: large,
			}}
		},
		"a value of metadata": func(c *conversation.Incoming) {
			c.Metadata = []conversation.IncomingMetadatum{{Key: "crm.note", Value: large}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, started := newRig(t), time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC)
			var stored []int
			items := func(yield func(importing.Item) bool) {
				for range 3 {
					stored = append(stored, r.count(t, "vcons"))
					c := &conversation.Incoming{
						UUID: uuid.New(), StartedAt: started, EndedAt: started,
						Segments: []conversation.IncomingSegment{{Kind: compliance.SegmentCall, StartedAt: started}},
					}
					if change(c); !yield(importing.Item{File: "test", Conversation: c}) {
						return
					}
				}
			}
			actor := audit.CommandActor("import")
			totals, err := importing.Run(t.Context(), r.config, actor, items, importing.Observer{})
			if err != nil || totals.Added != 3 {
				t.Errorf("%+v, %v", totals, err)
			}
			if diff := cmp.Diff([]int{0, 0, 2}, stored); diff != "" {
				t.Error(diff)
			}
		})
	}
}
