package coding_test

import (
	"embed"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"

	"qm-compliance/coding"
)

//go:embed *.go testdata
var embedded embed.FS

const (
	large = "coding_test.go"
	small = "testdata/small.svg"
)

func files() map[string]*coding.File {
	return coding.Files(embedded, func(name string) string { return "for " + name })
}

// Each form of a file is the same file, has a tag and a length of its own, and is not sent to who has it.
func TestFormsOfAFile(t *testing.T) {
	t.Parallel()
	all := files()
	for _, name := range []string{large, small} {
		want, err := embedded.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var tags []string
		for _, row := range []struct {
			accept string
			coding coding.Coding
		}{
			{"", coding.Identity}, {"zstd", coding.Zstd}, {"gzip, zstd", coding.Gzip}, {"gzip;q=0", coding.Identity},
		} {
			if name == small { // it fits a packet as it is
				row.coding = coding.Identity
			}
			got := ask(all[name], http.MethodGet, "Accept-Encoding", row.accept)
			header := got.Header()
			if header.Get("Content-Encoding") != string(row.coding) || got.Code != http.StatusOK ||
				header.Get("Content-Length") != strconv.Itoa(got.Body.Len()) ||
				header.Get("Vary") != "Accept-Encoding" || header.Get("Cache-Control") != "for "+name {
				t.Errorf("%s, %q: %d %v", name, row.accept, got.Code, header)
			}
			head := ask(all[name], http.MethodHead, "Accept-Encoding", row.accept)
			if head.Body.Len() != 0 || head.Header().Get("Content-Length") != header.Get("Content-Length") ||
				head.Header().Get("ETag") != header.Get("ETag") {
				t.Errorf("HEAD %s, %q: %v", name, row.accept, head.Header())
			}
			if body := unpack(t, header, got.Body); body != string(want) {
				t.Errorf("%s, %q: another file", name, row.accept)
			}
			again := ask(all[name], http.MethodGet, "Accept-Encoding", row.accept, "If-None-Match", header.Get("ETag"))
			if again.Code != http.StatusNotModified || again.Body.Len() != 0 || again.Header().Get("Vary") == "" {
				t.Errorf("%s, %q, asked again: %d %v", name, row.accept, again.Code, again.Header())
			}
			tags = append(tags, string(row.coding)+header.Get("ETag"))
		}
		slices.Sort(tags)
		if tags = slices.Compact(tags); name == large && len(tags) != 3 || name == small && len(tags) != 1 {
			t.Errorf("%s has the tags %q", name, tags)
		}
	}
}

// A range is one of the form that was asked for, and whole where that has changed.
func TestRangesOfAFile(t *testing.T) {
	t.Parallel()
	file := files()[large]
	for _, accept := range []string{"", "gzip", "zstd"} {
		whole := ask(file, http.MethodGet, "Accept-Encoding", accept)
		part := ask(file, http.MethodGet, "Accept-Encoding", accept, "Range", "bytes=10-19",
			"If-Range", whole.Header().Get("ETag"))
		if part.Code != http.StatusPartialContent || part.Header().Get("Content-Length") != "10" ||
			part.Body.String() != whole.Body.String()[10:20] {
			t.Errorf("%q: %d %v", accept, part.Code, part.Header())
		}
		other := ask(file, http.MethodGet, "Accept-Encoding", accept, "Range", "bytes=10-19", "If-Range", `"other"`)
		if other.Code != http.StatusOK || other.Body.Len() != whole.Body.Len() {
			t.Errorf("%q, of another form: %d", accept, other.Code)
		}
		beyond := ask(file, http.MethodGet, "Accept-Encoding", accept, "Range", "bytes=9999999-")
		if beyond.Code != http.StatusRequestedRangeNotSatisfiable {
			t.Errorf("%q, beyond the end: %d", accept, beyond.Code)
		}
	}
}

func TestTypesOfFiles(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{large: "text/plain; charset=utf-8", small: "image/svg+xml"} {
		if got := ask(files()[name], http.MethodGet).Header().Get("Content-Type"); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestAllocationsOfAFile holds that no form is copied for a request: what is allocated is headers.
func TestAllocationsOfAFile(t *testing.T) {
	file, client := files()[large], &sink{http.Header{}}
	for _, accept := range []string{"", "gzip", "zstd"} {
		request := httptest.NewRequest(http.MethodHead, "/", nil)
		request.Header.Set("Accept-Encoding", accept)
		serve := func() { client.reset(); file.ServeHTTP(client, request) }
		serve()
		if got := testing.AllocsPerRun(200, serve); got > 20 {
			t.Errorf("%q: %.0f allocations", accept, got)
		}
	}
}
