package playback_test

import (
	"bytes"
	"net/http"
	"net/url"
	"testing"
	"time"

	"qm-compliance/media/filestore/s3test"
	"qm-compliance/media/playback"
)

func TestRedirectLeadsToTheStore(t *testing.T) {
	t.Parallel()
	st := newStage(t, s3test.Start(t), sound(1))
	st.options.Redirect = true
	response := st.request(http.MethodGet, st.link)
	checkProtected(t, response)
	if response.StatusCode != http.StatusTemporaryRedirect || len(body(t, response)) > 0 {
		t.Fatalf("answers %d", response.StatusCode)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, response.Header.Get("Location"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Range", "bytes=100-199")
	there, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = there.Body.Close() }()
	if got := body(t, there); there.StatusCode != http.StatusPartialContent ||
		!bytes.Equal(got, st.content[100:200]) {
		t.Errorf("the store answers %d with %d bytes", there.StatusCode, len(got))
	}
	if got := there.Header.Get("Content-Type"); got != "audio/x-wav" {
		t.Errorf("the store says it is %q", got)
	}
}

func TestRedirectHoldsNoLongerThanTheLink(t *testing.T) {
	t.Parallel()
	st := newStage(t, s3test.Start(t), sound(1))
	st.options.Redirect = true
	for later, want := range map[time.Duration]string{
		0: "60", lifetime - time.Minute: "60", lifetime - 30*time.Second: "30",
		lifetime - 1500*time.Millisecond: "1",
	} {
		st.options.Links = links(t, key(1), at(later))
		where, err := url.Parse(st.request(http.MethodGet, st.link).Header.Get("Location"))
		if err != nil {
			t.Fatal(err)
		}
		if got := where.Query().Get("X-Amz-Expires"); got != want {
			t.Errorf("%v after the link was made, the address at the store holds for %q seconds, want %s", later,
				got, want)
		}
	}
	st.options.Links = links(t, key(1), at(lifetime-time.Millisecond))
	if got := st.request(http.MethodGet, st.link); got.StatusCode != http.StatusOK {
		t.Errorf("a link with less than a second left answers %d, want the file itself", got.StatusCode)
	}
}

func TestRedirectChecksLikeEverythingElse(t *testing.T) {
	t.Parallel()
	st := newStage(t, s3test.Start(t), sound(1))
	st.options.Redirect = true
	playable := st.library.recording
	st.library.recording.Size++
	checkProblem(t, st.request(http.MethodGet, st.link), http.StatusInternalServerError, "INTERNAL")
	st.library.recording = playable
	if err := st.store.Delete(t.Context(), playable.Key); err != nil {
		t.Fatal(err)
	}
	checkProblem(t, st.request(http.MethodGet, st.link), http.StatusGone, "GONE")
	st.library.recording.State = playback.Gone
	checkProblem(t, st.request(http.MethodGet, st.link), http.StatusGone, "GONE")
}

func TestHeadAndStoresWithoutLinksAreAnsweredHere(t *testing.T) {
	t.Parallel()
	for name, address := range addresses() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := newStage(t, address(t), sound(1))
			st.options.Redirect = true
			head := st.request(http.MethodHead, st.link)
			if head.StatusCode != http.StatusOK || head.ContentLength != int64(len(st.content)) {
				t.Errorf("HEAD answers %d with %d bytes", head.StatusCode, head.ContentLength)
			}
			if got := st.request(http.MethodGet, st.link); name != "S3" && !bytes.Equal(body(t, got), st.content) {
				t.Errorf("GET answers %d", got.StatusCode)
			}
		})
	}
}
