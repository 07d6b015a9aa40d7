package playback_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"qm-compliance/media/filestore/s3test"
	"qm-compliance/media/playback"
)

// deadline is how long a test waits for what must come; a busy machine with two cores stays far below it.
const deadline = 60 * time.Second

// minutes is how long the recording is: far more than a browser fetches ahead.
const minutes = 10

func TestBrowserPlays(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	content := sound(60 * minutes)
	for _, element := range []string{"audio", "video"} {
		t.Run(element+" streamed", func(t *testing.T) {
			t.Parallel()
			checkPlayer(t, browser, element, newStage(t, "mem://", content))
		})
		t.Run(element+" redirected", func(t *testing.T) {
			t.Parallel()
			st := newStage(t, s3test.Start(t), content)
			st.options.Redirect = true
			checkPlayer(t, browser, element, st)
		})
	}
}

// checkPlayer plays, seeks, and has the file deleted meanwhile.
func checkPlayer(t *testing.T, browser context.Context, element string, st *stage) {
	server := newServer(t, st, element)
	p := openTab(t, browser, server.URL)
	start := `window.m = document.querySelector("` + element + `"); m.muted = true; m.src = "` + st.link + `"; m.play()`
	p.run(start)
	p.await(`m.currentTime > 0.2`, "true")
	p.await(`Math.round(m.duration)`, fmt.Sprint(60*minutes))
	p.run(`m.currentTime = 400`)
	p.await(`m.currentTime > 400.2 && !m.seeking`, "true")
	if err := st.store.Delete(t.Context(), st.library.recording.Key); err != nil {
		t.Fatal(err)
	}
	st.library.set(func(l *library) { l.recording.State = playback.Gone })
	if !st.options.Redirect { // else the browser goes on asking the store, and takes half a minute to give up
		checkSeekFails(p, server)
	}
	do(p, chromedp.Navigate(server.URL))
	p.run(`window.failed = 0; document.querySelector("` + element + `").onerror = () => failed++; ` + start)
	p.await(`failed`, "1")
	p.await(`m.error.code`, "4") // MEDIA_ERR_SRC_NOT_SUPPORTED: nothing to play came
	p.run(`fetch("` + st.link + `").then(r => window.answered = r.status)`)
	p.await(`window.answered`, "410")
}

// checkSeekFails seeks to where the browser has nothing yet.
func checkSeekFails(p *tab, server *server) {
	p.t.Helper()
	if !server.sawRange() {
		p.t.Error("the browser sought without asking for a range: this test tests nothing")
	}
	p.run(`m.currentTime = 200`)
	p.await(`m.error?.code`, "2") // MEDIA_ERR_NETWORK
}

func TestBrowserPlaysALinkOpenedByItself(t *testing.T) {
	t.Parallel()
	st := newStage(t, "mem://", sound(30))
	p := openTab(t, startBrowser(t), newServer(t, st, "audio").URL+st.link)
	p.run(`window.m = document.querySelector("video, audio")`)
	p.await(`m.duration`, "30")
	p.await(`m.readyState`, "4")
}

// server serves a page with a media element, and the recordings.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	ranges []string
}

func newServer(t *testing.T, st *stage, element string) *server {
	s := new(server)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, "<!doctype html><link rel=icon href=data:,><%[1]s controls></%[1]s>", element)
	})
	handler := playback.Handler(st.options)
	mux.HandleFunc(playback.Prefix, func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.ranges = append(s.ranges, r.Header.Get("Range"))
		s.mu.Unlock()
		handler.ServeHTTP(w, r)
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// sawRange says whether a range other than the whole file was asked for.
func (s *server) sawRange() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.ranges {
		if strings.HasPrefix(r, "bytes=") && r != "bytes=0-" {
			return true
		}
	}
	return false
}

// startBrowser starts a chromium of its own, which ends with the test.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(findChromium(t)),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
		chromedp.WSURLReadTimeout(deadline),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("chromium does not start: %v", err)
	}
	return ctx
}

func findChromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("no chromium on PATH: CI installs it, so that nothing is skipped there")
	}
	t.Skip("no chromium on PATH: recordings are not played in a browser (apt-get install chromium)")
	return ""
}

// tab is one page in the browser.
type tab struct {
	t   *testing.T
	ctx context.Context
}

func openTab(t *testing.T, browser context.Context, address string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // opens the tab, which lives as long as the context given here
		t.Fatal(err)
	}
	p := &tab{t: t, ctx: ctx}
	do(p, chromedp.Navigate(address))
	return p
}

// do acts on the tab and fails the test where that fails.
func do[T any](p *tab, action chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, deadline)
	defer cancel()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

// run runs a script; what its promises come to is not waited for.
func (p *tab) run(script string) {
	p.t.Helper()
	do(p, chromedp.Evaluate[chromedp.Void]("void (() => {"+script+"})()"))
}

// await waits until an expression's text is what is wanted.
func (p *tab) await(expression, want string) {
	p.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(deadline); ; <-tick.C {
		got := do(p, chromedp.Evaluate[string]("String("+expression+")"))
		if got == want {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s is %s, want %s; the player says %s", expression, got, want, do(p, chromedp.Evaluate[string](`String(m.error?.message)`)))
		}
	}
}
