package importing_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/importing"
	"qm-compliance/vcon"
)

// shown is an item as name, line and the first four words of the reason.
func shown(t *testing.T, name string, item importing.Item) string {
	t.Helper()
	if item.Line > 0 {
		name = fmt.Sprintf("%s:%d", name, item.Line)
	}
	if (item.Err == nil) == (item.Conversation == nil) {
		t.Errorf("%s has either both or neither of a conversation and an error", name)
	}
	if item.Err == nil {
		return name
	}
	if refused := (*vcon.Error)(nil); !errors.As(item.Err, &refused) {
		t.Errorf("%s is refused by a %T", name, item.Err)
	}
	words := strings.Fields(strings.SplitN(item.Err.Error(), ";", 2)[0])
	return name + ": " + strings.Join(words[:min(4, len(words))], " ")
}

func streamed(t *testing.T, stream io.Reader, name string) []string {
	t.Helper()
	var all []string
	for item := range importing.Read(t.Context(), stream, name,
		importing.ReadOptions{Vcon: vcon.Options{MaxBytes: 2000}}) {
		all = append(all, shown(t, item.File, item))
	}
	return all
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := io.WriteString(writer, text); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

func TestStreams(t *testing.T) {
	t.Parallel()
	good := document(hello)
	pretty := strings.ReplaceAll(strings.ReplaceAll(good, ", ", ",\n  "), "{", "{\n")
	large := document(hello, `"x": "`+strings.Repeat("x", 2000)+`"`)
	packed := zipped(t, good)
	for _, row := range []struct {
		name, stream, called string
		want                 []string
	}{
		{"one", good, "body", []string{"body"}},
		{"one on many lines", "\n\n" + pretty + "\n\n", "body", []string{"body"}},
		{"one with a byte order mark", "\xef\xbb\xbf" + pretty, "body", []string{"body"}},
		{"one a line by its name", good, "a.jsonl", []string{"a.jsonl:1"}},
		{"two", good + "\n" + good, "body", []string{"body:1", "body:2"}},
		{"with blank lines", "\n" + good + "\r\n\r\n\n" + good + "\n\n", "body", []string{"body:2", "body:5"}},
		{"a broken line in the middle", good + "\n" + good[:40] + "\n" + good + "\n", "body",
			[]string{"body:1", "body:2: the JSON ends early", "body:3"}},
		{"a broken line first", good[:40] + "\n" + good + "\n" + good, "body",
			[]string{"body:1: the JSON ends early", "body:2", "body:3"}},
		{"a broken line last", good + "\nx", "A.NDJSON", []string{"A.NDJSON:1", "A.NDJSON:2: not JSON: unexpected character"}},
		{"another thing first", "[]\n" + good, "body", []string{"body:1: the document is a", "body:2"}},
		{"a large line first", large + "\n" + good, "body", []string{"body:1: the document is larger", "body:2"}},
		{"a large line last", good + "\n" + large, "body", []string{"body:1", "body:2: the document is larger"}},
		{"large lines", good + "\n" + large + "\n" + large + "\n" + good, "a.ndjson",
			[]string{"a.ndjson:1", "a.ndjson:2: the document is larger", "a.ndjson:3: the document is larger",
				"a.ndjson:4"}},
		{"a line without an end", good + "\n" + strings.Repeat("x", 200_000) + "\n" + good, "a.ndjson",
			[]string{"a.ndjson:1", "a.ndjson:2: the document is far"}},
		{"one that is large", large, "body", []string{"body: the document is larger"}},
		{"one that is large, on lines", strings.ReplaceAll(large, ", ", ",\n"), "body",
			[]string{"body: the document is larger"}},
		{"one of the very size", good + strings.Repeat(" ", 2000-len(good)), "body", []string{"body"}},
		{"lines of the very size", good + strings.Repeat(" ", 2000-len(good)) + "\n" + good, "body",
			[]string{"body:1", "body:2"}},
		{"nothing", "", "body", []string{"body: the document is empty"}},
		{"blank lines", "\n\n", "body", []string{"body: the document is empty"}},
		{"no lines", "\n", "a.ndjson", nil},
		{"gzipped", packed, "body", []string{"body"}},
		{"gzipped lines", zipped(t, good+"\n"+good+"\n{}"), "a.bin",
			[]string{"a.bin:1", "a.bin:2", "a.bin:3: uuid: is missing"}},
		{"gzipped lines by name", zipped(t, good), "a.ndjson.gz", []string{"a.ndjson.gz:1"}},
		{"gzipped in two parts", zipped(t, good+"\n") + packed, "body", []string{"body:1", "body:2"}},
		{"a gzip that breaks off", packed[:len(packed)-20], "body", []string{"body: the gzip data is"}},
		{"a gzip that is changed", packed[:len(packed)-8] + "xxxx" + packed[len(packed)-4:], "body",
			[]string{"body: the gzip data is"}},
		{"no gzip", "\x1f\x8b nothing", "body", []string{"body: the gzip data is"}},
		{"hardly gzip", "\x1f\x8b", "body", []string{"body: the gzip data is"}},
		{"a bomb", zipped(t, strings.Repeat(" ", 50_000_000)), "body", []string{"body: the document is far"}},
		{"a bomb of lines", zipped(t, "{\n"+strings.Repeat("\"x\",\n", 5_000_000)), "body",
			[]string{"body: the document is larger"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for how, stream := range map[string]io.Reader{"whole": strings.NewReader(row.stream),
				"in pieces": iotest.HalfReader(strings.NewReader(row.stream))} {
				if diff := cmp.Diff(row.want, streamed(t, stream, row.called)); diff != "" {
					t.Errorf("%s:\n%s", how, diff)
				}
			}
		})
	}
}

// What breaks on the way is said after what came in before.
func TestStreamsThatBreak(t *testing.T) {
	t.Parallel()
	lines := strings.NewReader(document(hello) + "\n" + document(hello) + "\n")
	want := []string{"body:1", "body:2", "body:3: cannot be read completely"}
	if diff := cmp.Diff(want, streamed(t,
		io.MultiReader(lines, iotest.ErrReader(errors.New("gone +420777123456"))), "body")); diff != "" {
		t.Error(diff)
	}
	body := http.MaxBytesReader(httptest.NewRecorder(),
		io.NopCloser(strings.NewReader(document(hello)+"\n"+document(hello))), int64(len(document(hello))+10))
	if diff := cmp.Diff([]string{"body:1", "body:2: the request is larger"},
		streamed(t, body, "body")); diff != "" {
		t.Error(diff)
	}
}

// endless repeats a line for as long as it is asked to.
type endless struct {
	line []byte
	left int
	rest []byte
}

func (e *endless) Read(buffer []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.left == 0 {
			return 0, io.EOF
		}
		e.left--
		e.rest = e.line
	}
	n := copy(buffer, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// Memory does not grow with the number of documents. It is not parallel, so that no other test's memory is
// counted.
func TestMemoryStaysFlat(t *testing.T) {
	live := func() int64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int64(stats.HeapAlloc)
	}
	const documents = 20_000
	read, early := 0, int64(0)
	for item := range importing.Read(t.Context(),
		&endless{line: []byte(document(hello) + "\n"), left: documents}, "body", importing.ReadOptions{}) {
		if item.Err != nil {
			t.Fatal(item.Err)
		}
		if read++; read == 100 {
			early = live()
		}
		if read == documents {
			if grown := live() - early; grown > 1<<20 {
				t.Errorf("%d bytes more are live after %d documents", grown, documents)
			}
		}
	}
	if read != documents {
		t.Errorf("%d documents were read", read)
	}
}
