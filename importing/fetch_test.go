package importing_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"qm-compliance/media/fetch"
)

// site is a host on this machine; asked counts the connections to it.
type site struct {
	*httptest.Server
	asked atomic.Int64
}

func newSite(t *testing.T, answer http.HandlerFunc) *site {
	t.Helper()
	s := &site{Server: httptest.NewUnstartedServer(answer)}
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.asked.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func (s *site) host() string { return strings.TrimPrefix(s.URL, "http://") }

// here takes this machine for the public internet.
func here(netip.Addr) bool { return true }

// fetching lets a rig fetch from a site.
func (r *rig) fetching(t *testing.T, s *site) {
	t.Helper()
	r.config.Fetch = newFetcher(t, fetch.Options{Hosts: []string{s.host()}, MaxBytes: 1000, Timeout: time.Second,
		AllowAddress: here})
}

func sound(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "sound") }

func TestFetched(t *testing.T) {
	t.Parallel()
	s := newSite(t, sound)
	r := newRig(t)
	r.fetching(t, s)
	r.file(t, "call.json", call(1, at(s.URL+"/a.wav?key=secret")+`, `+hashed("sound")))
	for range 2 {
		got := r.takeWell(t)
		if media := r.onlyMedia(t); !slices.Equal(r.stored(t), []string{"sound"}) ||
			media.SourceURL != s.URL+"/a.wav" || media.SizeBytes != 5 || got.NotFetched != 0 {
			t.Errorf("%+v, %+v", got, media)
		}
	}
	if s.asked.Load() != 1 || strings.Contains(r.everything(t), "secret") {
		t.Errorf("the host was asked %d times, or the key of its url is stored", s.asked.Load())
	}
}

// What a recording is, its host says where the vCon does not; and importing the vCon again does not forget
// it.
func TestFetchedMediaType(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{"video/mp4; codecs=x": "video/mp4 SCREEN",
		"Audio/WAV": "audio/wav CALL", "text/html": " CALL", "application/octet-stream": " CALL"} {
		s := newSite(t, func(w http.ResponseWriter, request *http.Request) {
			w.Header().Set("Content-Type", said)
			sound(w, request)
		})
		r := newRig(t)
		r.fetching(t, s)
		r.file(t, "call.json", strings.Replace(call(1, at(s.URL+"/a")), `"mediatype": "audio/wav", `, "", 1))
		for i := range 2 {
			var got string
			account := r.takeWell(t)
			if err := r.bun.NewRaw("SELECT media_type || ' ' || kind FROM media_files").Scan(t.Context(),
				&got); err != nil || got != want || account.Unchanged != i {
				t.Errorf("%s becomes %q, want %q: %v, %+v", said, got, want, err, account)
			}
		}
	}
}

// Another recording at the same url is fetched, once its hash says that it is another; one that was deleted
// is not even asked for.
func TestFetchedAgain(t *testing.T) {
	t.Parallel()
	content := atomic.Value{}
	content.Store("sound")
	s := newSite(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, content.Load()) })
	s.Config.SetKeepAlivesEnabled(false)
	r := newRig(t)
	r.fetching(t, s)
	r.file(t, "call.json", call(1, at(s.URL+"/a.wav")+`, `+hashed("sound")))
	r.takeWell(t)
	content.Store("better sound")
	r.file(t, "call.json", call(1, at(s.URL+"/a.wav")+`, `+hashed("better sound")))
	for range 2 {
		r.takeWell(t)
		r.clean(t)
		if media := r.onlyMedia(t); !slices.Equal(r.stored(t), []string{"better sound"}) ||
			media.ContentHash != hashOf("better sound") || s.asked.Load() != 2 {
			t.Fatalf("%+v, %q, asked %d times", media, r.stored(t), s.asked.Load())
		}
	}
	r.deleteAll(t)
	r.file(t, "call.json", call(1, at(s.URL+"/a.wav")+`, `+hashed("third sound")))
	if r.takeWell(t); r.onlyMedia(t).Status != "DELETED" || s.asked.Load() != 2 || len(r.stored(t)) > 0 {
		t.Errorf("after deletion: %+v, asked %d times", r.media(t), s.asked.Load())
	}
}

// What is fetched and does not fit its hash refuses the vCon, as it does everywhere.
func TestFetchedWithWrongHashRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t, sound)
	for _, hash := range []string{hashed("other"), signed("other")} {
		r := newRig(t)
		r.fetching(t, s)
		r.file(t, "call.json", call(1, at(s.URL+"/a.wav")+`, `+hash))
		if got := r.take(t); got.err != nil || len(got.refused) != 1 ||
			!strings.HasPrefix(got.refused[0], "call.json: dialog[0].content_hash: does not match the recording") {
			t.Errorf("%+v", got)
		}
		r.wantNothing(t)
	}
}

// A url of a host that is not listed stays a reference, and the host is not even connected to.
func TestHostsThatAreNotListed(t *testing.T) {
	t.Parallel()
	s := newSite(t, sound)
	port := s.host()[strings.LastIndex(s.host(), ":")+1:]
	for _, hosts := range [][]string{nil, {"media.example"}, {"127.0.0.1"}, {"127.0.0.2:" + port},
		{"*.localhost:" + port}} {
		r := newRig(t)
		r.config.Fetch = newFetcher(t, fetch.Options{Hosts: hosts, MaxBytes: 1000, AllowAddress: here})
		r.file(t, "call.json", call(1, at(s.URL+"/a.wav")))
		got := r.takeWell(t)
		if media := r.onlyMedia(t); media.SourceURL != s.URL+"/a.wav" || media.StoreKey != "" ||
			got.NotFetched != 0 || len(r.stored(t)) > 0 {
			t.Errorf("%v: %+v, %+v", hosts, got, media)
		}
	}
	if s.asked.Load() != 0 {
		t.Error("the host was connected to")
	}
}

// A listed host at an address inside the network is not connected to: its url stays a reference, and why is
// told.
func TestPrivateAddresses(t *testing.T) {
	t.Parallel()
	s := newSite(t, sound)
	r := newRig(t)
	r.config.Fetch = newFetcher(t, fetch.Options{Hosts: []string{s.host()}, MaxBytes: 1000})
	r.file(t, "call.json", call(1, at(s.URL+"/a.wav")))
	got := r.takeWell(t)
	want := "call.json: dialog[0]: a recording cannot be fetched: the host " + s.host() +
		" resolves to an address that is not public; its url is kept as a reference"
	if !slices.Equal(got.notFetched, []string{want}) || got.NotFetched != 1 ||
		r.onlyMedia(t).SourceURL != s.URL+"/a.wav" || s.asked.Load() != 0 {
		t.Errorf("%+v, %+v", got, r.media(t))
	}
}

// Whatever goes wrong with a fetch, the conversation comes in with its url as a reference; nothing of the
// recording is stored, and it is counted and told without a word of the url's path. When the host has mended,
// the same import brings the recording.
func TestFetchesThatFail(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		reason string
	}{
		"not found": {http.NotFound, "returned status 404"},
		"not allowed": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
			"returned status 403"},
		"too large": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 5000)) },
			"has a recording larger than 1000 bytes"},
		"too large, flow": {flow, "has a recording larger than 1000 bytes"},
		"truncated":       {truncated, "closed the connection"},
		"broken off": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			"closed the connection"},
		"stalls": {stalls, "sent no data for"},
		"elsewhere": {http.RedirectHandler("http://elsewhere.example/a.wav", http.StatusFound).ServeHTTP,
			"is not one of the hosts"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mended atomic.Bool
			s := newSite(t, func(w http.ResponseWriter, request *http.Request) {
				if mended.Load() {
					sound(w, request)
					return
				}
				test.answer(w, request)
			})
			r := newRig(t)
			r.fetching(t, s)
			r.file(t, "call.json", call(1, at(s.URL+"/Ada_Berg.wav")))
			r.file(t, "other.json", call(2, inline("other")))
			r.wantNotFetched(t, s, test.reason)
			mended.Store(true)
			if got := r.takeWell(t); got.NotFetched != 0 || got.Updated != 1 || len(r.stored(t)) != 2 {
				t.Errorf("mended: %+v, %q", got, r.stored(t))
			}
		})
	}
}

func (r *rig) wantNotFetched(t *testing.T, s *site, reason string) {
	t.Helper()
	got := r.takeWell(t)
	if got.Added != 2 || got.NotFetched != 1 || len(got.notFetched) != 1 ||
		!strings.Contains(got.said(), reason) || strings.Contains(got.said(), "Ada") {
		t.Errorf("%s", got.said())
	}
	media := r.media(t)
	r.clean(t)
	if media[0].SourceURL != s.URL+"/Ada_Berg.wav" || media[0].StoreKey != "" ||
		!slices.Equal(r.stored(t), []string{"other"}) || r.count(t, "loose_media") > 0 {
		t.Errorf("%+v, %q", media, r.stored(t))
	}
}

// flow says nothing of its length.
func flow(w http.ResponseWriter, _ *http.Request) {
	for range 50 {
		_, _ = w.Write(make([]byte, 100))
		_ = http.NewResponseController(w).Flush()
	}
}

func truncated(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = w.Write(make([]byte, 50))
}

func stalls(w http.ResponseWriter, request *http.Request) {
	_, _ = w.Write(make([]byte, 50))
	_ = http.NewResponseController(w).Flush()
	<-request.Context().Done()
}

// A recording that cannot be fetched is counted once, also where its batch is stored a second time, one vCon
// after the other.
func TestNotFetchedIsCountedOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, http.NotFound)
	r := newRig(t)
	r.fetching(t, s)
	r.file(t, "1.json", call(1, inline("sound")))
	r.takeWell(t)
	r.file(t, "0.json", call(2, at(s.URL+"/a.wav")))
	// First without the recording, which is dropped, and then with it: what was taken for stored is not there
	// any more, and the batch is stored anew.
	r.file(t, "1.json", call(1, inline("another")))
	r.file(t, "2.json", call(1, inline("sound")))
	if got := r.takeWell(t); got.NotFetched != 1 || len(got.notFetched) != 1 || got.Added != 1 ||
		s.asked.Load() > 2 {
		t.Errorf("%+v, the host was asked %d times", got, s.asked.Load())
	}
}

// What was fetched and then deleted is not fetched again, or not kept; also where its url is not stored,
// since it holds a number, and another recording lies there now.
func TestFetchedAndDeletedStaysAway(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ path, more, later string }{
		"a url":                    {path: "/a.wav", later: "sound"},
		"with a hash":              {path: "/a.wav", more: `, ` + hashed("sound"), later: "sound"},
		"a url with a number":      {path: "/420777123456.wav", later: "sound"},
		"with a number and a hash": {path: "/420777123456.wav", more: `, ` + hashed("sound"), later: "sound"},
		"another recording":        {path: "/a.wav", later: "another"},
		"another, at a number":     {path: "/420777123456.wav", later: "another"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var content atomic.Value
			content.Store("sound")
			s := newSite(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, content.Load()) })
			r := newRig(t)
			r.fetching(t, s)
			r.file(t, "call.json", call(1, at(s.URL+row.path)+row.more))
			r.takeWell(t)
			if strings.Contains(r.onlyMedia(t).SourceURL, "777123456") || len(r.stored(t)) != 1 {
				t.Fatalf("%+v", r.media(t))
			}
			r.deleteAll(t)
			content.Store(row.later)
			for range 2 {
				r.takeWell(t)
				r.clean(t)
				for _, media := range r.media(t) {
					if media.Status != "DELETED" {
						t.Errorf("%+v", media)
					}
				}
				if left := r.stored(t); len(left) > 0 || r.count(t, "loose_media") > 0 {
					t.Errorf("%q are stored", left)
				}
			}
		})
	}
}
