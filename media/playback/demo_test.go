package playback_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"qm-compliance/demo/recording"
	"qm-compliance/media/playback"
)

// The demo's recordings are played and sought in, the voices and the desk alike.
func TestBrowserPlaysTheDemosRecordings(t *testing.T) {
	t.Parallel()
	clips, err := recording.NewClips()
	if err != nil {
		t.Fatal(err)
	}
	browser := startBrowser(t)
	for element, film := range map[string]struct {
		content   []byte
		mediaType string
	}{
		"audio": {clips.Call(3, 4*time.Minute), "audio/webm"},
		"video": {clips.Screen(3, 4*time.Minute), "video/webm"},
	} {
		t.Run(element, func(t *testing.T) {
			t.Parallel()
			st := newStage(t, "mem://", film.content)
			st.library.set(func(l *library) { l.recording.MediaType = film.mediaType })
			server := newServer(t, st, element)
			p := openTab(t, browser, server.URL)
			start := `window.m = document.querySelector("` + element +
				`"); m.onerror = () => window.failed = true; m.muted = true; m.src = "` + st.link + `"; m.play()`
			p.run(start)
			p.await(`m.currentTime > 0.2`, "true")
			p.await(`Math.round(m.duration)`, "240")
			p.run(`m.currentTime = 200`)
			p.await(`m.currentTime > 200.2 && !m.seeking`, "true")
			if element == "video" {
				p.await(`m.videoWidth > 0`, "true")
			}
			st.library.set(func(l *library) { l.recording.State = playback.Gone })
			do(p, chromedp.Navigate(server.URL)) // a page may keep what it has played
			p.run(start)
			p.await(`window.failed && m.error.code`, "4") // MEDIA_ERR_SRC_NOT_SUPPORTED: nothing to play came
		})
	}
}
