package playback_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"qm-compliance/media/playback"
)

// conditions are the headers with which a player or a cache may ask, by name. hash is the content's.
func conditions(hash string) map[string][]string {
	tag := `"` + hash + `"`
	return map[string][]string{
		"plain": nil, "range": {"Range", "bytes=10-19"}, "If-None-Match": {"If-None-Match", tag},
		"any If-None-Match": {"If-None-Match", "*"},
		"If-Match":          {"If-Match", tag}, "If-Range": {"Range", "bytes=10-19", "If-Range", tag},
		"a range beyond the end": {"Range", "bytes=9999999-"},
		"If-Modified-Since":      {"If-Modified-Since", "Mon, 23 Nov 2099 12:00:00 GMT"},
	}
}

func TestEveryStateIsCheckedFirst(t *testing.T) {
	t.Parallel()
	st := newStage(t, "mem://", sound(1))
	states := map[string]struct {
		change func(l *library)
		status int
		code   string
	}{
		"gone":    {func(l *library) { l.recording.State = playback.Gone }, http.StatusGone, "GONE"},
		"missing": {func(l *library) { l.recording.State = playback.Missing }, http.StatusNotFound, "NOT_FOUND"},
		"not stored": {func(l *library) { l.recording.State = playback.NotStored }, http.StatusNotFound,
			"NOT_FOUND"},
		"unknown":   {func(l *library) { l.recording.State = 99 }, http.StatusNotFound, "NOT_FOUND"},
		"no bytes":  {func(l *library) { l.recording.Key = "20261124/other" }, http.StatusGone, "GONE"},
		"no key":    {func(l *library) { l.recording.Key = "" }, http.StatusInternalServerError, "INTERNAL"},
		"truncated": {func(l *library) { l.recording.Size++ }, http.StatusInternalServerError, "INTERNAL"},
		"failing": {func(l *library) { l.err = errors.New("database gone") }, http.StatusInternalServerError,
			"INTERNAL"},
	}
	playable := st.library.recording
	for state, tt := range states {
		st.library.set(func(l *library) { l.recording, l.err = playable, nil; tt.change(l) })
		for condition, headers := range conditions(playable.Hash) {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				t.Log(state, method, condition)
				checkProblem(t, st.request(method, st.link, headers...), tt.status, tt.code)
			}
		}
	}
	if strings.Contains(st.log.String(), tokenOf(st.link)) || strings.Contains(st.log.String(), "anna") ||
		strings.Contains(st.log.String(), playable.Key) {
		t.Errorf("the log tells too much: %s", st.log)
	}
	if !strings.Contains(st.log.String(), "database gone") ||
		!strings.Contains(st.log.String(), "another size") {
		t.Errorf("the log does not say what is wrong: %s", st.log)
	}
}

func TestPlayableIsServedLikeAFile(t *testing.T) {
	t.Parallel()
	for name, address := range addresses() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStage(t, address(t), sound(1))
			tag := `"` + st.library.recording.Hash + `"`
			whole := st.content
			for condition, tt := range map[string]struct {
				headers []string
				status  int
				body    []byte
			}{
				"plain":           {nil, http.StatusOK, whole},
				"a range":         {[]string{"Range", "bytes=10-19"}, http.StatusPartialContent, whole[10:20]},
				"the first bytes": {[]string{"Range", "bytes=0-1"}, http.StatusPartialContent, whole[:2]},
				"from there on": {[]string{"Range", "bytes=90000-"}, http.StatusPartialContent,
					whole[90000:]},
				"beyond the end": {[]string{"Range", "bytes=90000-99999999"}, http.StatusPartialContent,
					whole[90000:]},
				"the last bytes": {[]string{"Range", "bytes=-7"}, http.StatusPartialContent,
					whole[len(whole)-7:]},
				"not satisfiable": {[]string{"Range", "bytes=99999999-"},
					http.StatusRequestedRangeNotSatisfiable, nil},
				"not a range": {[]string{"Range", "bytes=x"},
					http.StatusRequestedRangeNotSatisfiable, nil},
				"very many ranges": {[]string{"Range", "bytes=0-0" + strings.Repeat(",5-6", 1000)},
					http.StatusOK, whole},
				"If-None-Match, the same": {[]string{"If-None-Match", tag}, http.StatusNotModified, nil},
				"If-None-Match, another":  {[]string{"If-None-Match", `"x"`}, http.StatusOK, whole},
				"If-Match, another":       {[]string{"If-Match", `"x"`}, http.StatusPreconditionFailed, nil},
				"If-Range, the same": {[]string{"Range", "bytes=1-2", "If-Range", tag},
					http.StatusPartialContent, whole[1:3]},
				"If-Range, another": {[]string{"Range", "bytes=1-2", "If-Range", `"x"`}, http.StatusOK, whole},
				"If-Modified-Since, no date": {[]string{"If-Modified-Since", "Mon, 23 Nov 2099 12:00:00 GMT"},
					http.StatusOK, whole},
			} {
				st.checkServed(condition, tt.headers, tt.status, tt.body)
			}
		})
	}
}

// checkServed asks by GET and by HEAD, and compares.
func (s *stage) checkServed(condition string, headers []string, status int, want []byte) {
	s.t.Helper()
	got := s.request(http.MethodGet, s.link, headers...)
	head := s.request(http.MethodHead, s.link, headers...)
	if got.StatusCode != status || head.StatusCode != status {
		s.t.Errorf("%s: GET answers %d, HEAD %d, want %d", condition, got.StatusCode, head.StatusCode, status)
	}
	if content := body(s.t, got); want != nil && !bytes.Equal(content, want) {
		s.t.Errorf("%s: %d bytes come, want %d, or they are others", condition, len(content), len(want))
	}
	for _, header := range []string{"Content-Length", "Content-Range", "Content-Type", "ETag", "Accept-Ranges"} {
		if a, b := got.Header.Get(header), head.Header.Get(header); a != b && want != nil {
			s.t.Errorf("%s: %s is %q by GET and %q by HEAD", condition, header, a, b)
		}
	}
	if got.Header.Get("Last-Modified") != "" {
		s.t.Errorf("%s: tells when the file was stored", condition)
	}
	if want != nil {
		checkProtected(s.t, got)
		checkProtected(s.t, head)
		s.checkPresented(got)
	}
}

func (s *stage) checkPresented(response *http.Response) {
	s.t.Helper()
	for header, want := range map[string]string{
		"Content-Type": "audio/x-wav", "Content-Disposition": "inline; filename=recording.wav",
		"Accept-Ranges": "bytes", "ETag": `"` + s.library.recording.Hash + `"`,
	} {
		if got := response.Header.Get(header); got != want {
			s.t.Errorf("%s is %q, want %q", header, got, want)
		}
	}
}

func TestSeveralRangesComeInParts(t *testing.T) {
	t.Parallel()
	for name, address := range addresses() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStage(t, address(t), sound(1))
			response := st.request(http.MethodGet, st.link, "Range", "bytes=500-509,0-4,-3")
			kind, parameters, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
			if err != nil || kind != "multipart/byteranges" {
				t.Fatalf("the parts come as %q, %v", kind, err)
			}
			parts := multipart.NewReader(response.Body, parameters["boundary"])
			for _, want := range [][]byte{st.content[500:510], st.content[:5], st.content[len(st.content)-3:]} {
				part, err := parts.NextPart()
				if err != nil {
					t.Fatal(err)
				}
				if got, err := io.ReadAll(part); err != nil || !bytes.Equal(got, want) {
					t.Errorf("a part of %q, want %q, %v", got, want, err)
				}
			}
		})
	}
}

func TestWhoMayUseALink(t *testing.T) {
	t.Parallel()
	st := newStage(t, "mem://", sound(1))
	st.options.Viewer = func(r *http.Request) (string, bool, error) {
		who := r.Header.Get("Authorization")
		if who == "somebody unknown" {
			return "", true, errors.New("nobody can tell")
		}
		return who, who != "", nil
	}
	other := links(t, key(2), noon).Seal(playback.Grant{FileID: 7, Subject: "anna"})
	for name, tt := range map[string]struct {
		path, who string
		status    int
		code      string
	}{
		"another key":          {other, "", http.StatusForbidden, "FORBIDDEN"},
		"no token":             {"/media/", "", http.StatusForbidden, "FORBIDDEN"},
		"more after the token": {st.link + "/x", "", http.StatusForbidden, "FORBIDDEN"},
		"another path":         {"/other/" + tokenOf(st.link), "", http.StatusNotFound, "NOT_FOUND"},
		"who knows":            {st.link, "somebody unknown", http.StatusServiceUnavailable, "UNAVAILABLE"},
		"somebody else":        {st.link, "berta", http.StatusForbidden, "FORBIDDEN"},
		"somebody else's link": {st.options.Links.Seal(playback.Grant{FileID: 7, Subject: "berta"}), "berta",
			http.StatusNotFound, "NOT_FOUND"},
		"another file": {st.options.Links.Seal(playback.Grant{FileID: 8, Subject: "anna"}), "anna",
			http.StatusNotFound, "NOT_FOUND"},
	} {
		t.Log(name)
		checkProblem(t, st.request(http.MethodGet, tt.path, authorized(tt.who)...), tt.status, tt.code)
	}
	for _, who := range []string{"", "anna"} {
		if got := st.request(http.MethodGet, st.link, authorized(who)...); got.StatusCode != http.StatusOK {
			t.Errorf("the viewer %q gets %d", who, got.StatusCode)
		}
	}
}

func authorized(who string) []string {
	if who == "" {
		return nil
	}
	return []string{"Authorization", who}
}

func TestExpiredLinkIsForbidden(t *testing.T) {
	t.Parallel()
	for later, status := range map[time.Duration]int{lifetime - time.Millisecond: http.StatusOK,
		lifetime: http.StatusForbidden} {
		st := newStage(t, "mem://", sound(1))
		st.options.Links = links(t, key(1), at(later))
		if got := st.request(http.MethodGet, st.link, "If-None-Match", `"x"`); got.StatusCode != status {
			t.Errorf("after %v: %d, want %d", later, got.StatusCode, status)
		}
	}
}

func TestOnlyGetAndHead(t *testing.T) {
	t.Parallel()
	st := newStage(t, "mem://", sound(1))
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch,
		http.MethodOptions, "PROPFIND"} {
		response := st.request(method, st.link)
		checkProblem(t, response, http.StatusMethodNotAllowed, "INVALID")
		if allow := response.Header.Get("Allow"); allow != "GET, HEAD" {
			t.Errorf("%s: Allow is %q", method, allow)
		}
	}
}

func TestStoreThatIsAwayIsNotGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/media"
	st := newStage(t, dir, sound(1))
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	response := st.request(http.MethodGet, st.link)
	checkProblem(t, response, http.StatusServiceUnavailable, "UNAVAILABLE")
	if response.Header.Get("Retry-After") == "" {
		t.Error("does not say when to try again")
	}
	if !strings.Contains(st.log.String(), "mounted") || strings.Contains(st.log.String(), dir) {
		t.Errorf("the log says %s", st.log)
	}
}

func TestFileThatWasCutShortIsNotPlayed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st := newStage(t, dir, sound(1))
	if err := os.Truncate(filepath.Join(dir, st.library.recording.Key), 1000); err != nil {
		t.Fatal(err)
	}
	checkProblem(t, st.request(http.MethodGet, st.link, "Range", "bytes=0-99"), http.StatusInternalServerError,
		"INTERNAL")
}

func TestOnlySoundAndFilmAreShown(t *testing.T) {
	t.Parallel()
	const saved = "attachment; filename=recording"
	for imported, want := range map[string][2]string{
		"audio/wav":              {"audio/wav", "inline; filename=recording.wav"},
		"AUDIO/MPEG":             {"audio/mpeg", "inline; filename=recording.mp3"},
		"audio/ogg; codecs=opus": {"audio/ogg; codecs=opus", "inline; filename=recording.ogg"},
		"video/mp4":              {"video/mp4", "inline; filename=recording.mp4"},
		"audio/amr":              {"audio/amr", "inline; filename=recording"},
		"":                       {"application/octet-stream", saved},
		"text/html":              {"application/octet-stream", saved},
		"image/svg+xml":          {"application/octet-stream", saved},
		"audio":                  {"application/octet-stream", saved}, "audio/": {"application/octet-stream", saved},
		"text/html, audio/wav": {"application/octet-stream", saved},
		"audio/wav\r\nX: y":    {"application/octet-stream", saved},
		"xaudio/wav":           {"application/octet-stream", saved},
	} {
		st := newStage(t, "mem://", []byte("<script>alert(1)</script>"))
		st.library.recording.MediaType = imported
		response := st.request(http.MethodGet, st.link)
		got := [2]string{response.Header.Get("Content-Type"), response.Header.Get("Content-Disposition")}
		if got != want {
			t.Errorf("%q is shown as %q, want %q", imported, got, want)
		}
		checkProtected(t, response)
	}
}

func TestOddHashIsNoTag(t *testing.T) {
	t.Parallel()
	for _, hash := range []string{"", "a\"b", "a\r\nX: y", "ä", " "} {
		st := newStage(t, "mem://", sound(1))
		st.library.recording.Hash = hash
		response := st.request(http.MethodGet, st.link)
		if tag, ok := response.Header["Etag"]; ok || response.StatusCode != http.StatusOK {
			t.Errorf("the hash %q makes the tag %q, status %d", hash, tag, response.StatusCode)
		}
	}
}

// Whatever leaves of a recording is recorded first, and nothing else is.
func TestWhatIsPlayedIsRecorded(t *testing.T) {
	t.Parallel()
	s := newStage(t, "mem://", sound(1))
	grant, err := s.options.Links.Open(tokenOf(s.link))
	if err != nil {
		t.Fatal(err)
	}
	others := s.options.Links.Seal(playback.Grant{FileID: 8, Subject: "anna"})
	for _, row := range []struct {
		name, method, link string
		headers            []string
		change             func(l *library)
		status             int
		recorded           bool
	}{
		{"whole", http.MethodGet, s.link, nil, func(*library) {}, http.StatusOK, true},
		{"a range", http.MethodGet, s.link, []string{"Range", "bytes=0-9"}, func(*library) {}, http.StatusPartialContent, true},
		{"HEAD", http.MethodHead, s.link, nil, func(*library) {}, http.StatusOK, false},
		{"forged", http.MethodGet, s.link + "x", nil, func(*library) {}, http.StatusForbidden, false},
		{"out of sight", http.MethodGet, others, nil, func(*library) {}, http.StatusNotFound, false},
		{"gone", http.MethodGet, s.link, nil, func(l *library) { l.recording.State = playback.Gone }, http.StatusGone, false},
		{"lost", http.MethodGet, s.link, nil, func(l *library) { l.recording.Size++ }, http.StatusInternalServerError, false},
	} {
		before := s.library.recording
		s.library.set(func(l *library) { l.played = nil; row.change(l) })
		response := s.request(row.method, row.link, row.headers...)
		want := []string(nil)
		if row.recorded {
			want = []string{grant.Link}
		}
		if response.StatusCode != row.status || !slices.Equal(s.library.played, want) {
			t.Errorf("%s: %d, recorded %q", row.name, response.StatusCode, s.library.played)
		}
		s.library.set(func(l *library) { l.recording = before })
	}
}

// What the audit log does not take is not played.
func TestNothingIsPlayedWithoutTheLog(t *testing.T) {
	t.Parallel()
	s := newStage(t, "mem://", sound(1))
	s.library.set(func(l *library) { l.unaudited = errors.New("the log is away") })
	response := s.request(http.MethodGet, s.link)
	if response.Header.Get("Retry-After") == "" {
		t.Error("it does not say when to try again")
	}
	checkProblem(t, response, http.StatusServiceUnavailable, "UNAVAILABLE")
	if response := s.request(http.MethodHead, s.link); response.StatusCode != http.StatusOK {
		t.Errorf("HEAD, which plays nothing: %d", response.StatusCode)
	}
	s.library.set(func(l *library) { l.unaudited = nil })
	if response := s.request(http.MethodGet, s.link); !bytes.Equal(body(t, response), s.content) {
		t.Errorf("once it is back: %d", response.StatusCode)
	}
}
