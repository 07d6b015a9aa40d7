package httpserver

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/console"
	"qm-compliance/demo/recording"
	"qm-compliance/media/deletion"
	"qm-compliance/media/filestore/s3test"
	"qm-compliance/media/playback"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/uptrace/bun"
)

// life is the system on one file store, with a call that has a recording of its sound and one of its screen.
type life struct {
	*site
	sound, screen []byte
	document      string
	// folder is where the bytes lie on disk, empty for memory.
	folder string
}

func newLife(t *testing.T, mediaURL, folder string, redirect bool) *life {
	t.Helper()
	clips, err := recording.NewClips()
	if err != nil {
		t.Fatal(err)
	}
	l := &life{site: newSite(t, mediaURL, redirect), sound: clips.Call(1, time.Minute),
		screen: clips.Screen(1, time.Minute), folder: folder}
	coded := base64.RawURLEncoding.EncodeToString
	l.document = fmt.Sprintf(`{"vcon": "0.4.0", "uuid": "019543da-b5aa-8d63-9dd8-dd37220d739c",
		"created_at": "2026-03-01T09:30:00Z", "parties": [{"tel": "+420777123456", "role": "customer"},
		{"name": "Tomas", "role": "agent"}],
		"dialog": [{"type": "recording", "start": "2026-03-01T09:30:00Z", "duration": 60, "parties": [0, 1],
			"mediatype": "audio/webm", "filename": "+420777123456.webm", "encoding": "base64url", "body": %q},
			{"type": "recording", "start": "2026-03-01T09:30:00Z", "duration": 60, "parties": [1],
				"mediatype": "video/webm", "encoding": "base64url", "body": %q}]}`, coded(l.sound), coded(l.screen))
	return l
}

func newLifeOnS3(t *testing.T, redirect bool) *life {
	t.Helper()
	folder, err := os.MkdirTemp("", "life")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return newLife(t, s3test.StartIn(t, folder), folder, redirect)
}

// state is what the API says of the only conversation.
type state struct {
	ID, MediaStatus string
	Types           []string
	IsReviewable    bool
	Media           []struct {
		ID, Kind, Status string
		PlaybackURL      *string `json:"playbackUrl"`
		IsProtected      bool
	}
}

func (l *life) state(t *testing.T) state {
	t.Helper()
	var read struct {
		Data struct {
			Conversations struct{ Nodes []state }
		}
	}
	_, body := l.post(t, "/graphql", `{"query": "{ conversations { nodes { id mediaStatus types`+
		` isReviewable media { id kind status playbackUrl isProtected } } } }"}`)
	if err := json.Unmarshal([]byte(body), &read); err != nil || len(read.Data.Conversations.Nodes) != 1 {
		t.Fatalf("%v: %s", err, body)
	}
	return read.Data.Conversations.Nodes[0]
}

// play follows a link as a browser's media element does: without a token, and after redirects.
func (l *life) play(t *testing.T, link string, header ...string) (int, []byte) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	l.api.ServeHTTP(recorder, request)
	if recorder.Code != http.StatusTemporaryRedirect {
		return recorder.Code, recorder.Body.Bytes()
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, recorder.Header().Get("Location"), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, body
}

func (l *life) mutate(t *testing.T, mutation string) string {
	t.Helper()
	query, err := json.Marshal(map[string]string{"query": mutation})
	if err != nil {
		t.Fatal(err)
	}
	status, body := l.post(t, "/graphql", string(query))
	if status != 200 || strings.Contains(body, `"errors"`) || !strings.Contains(body, `"userErrors":[]`) {
		t.Fatalf("%s: %d %s", mutation, status, body)
	}
	return body
}

func (l *life) deleteMedia(t *testing.T) deletion.Summary {
	t.Helper()
	tool := &deletion.Tool{Database: l.store, Store: l.media, Actor: audit.CommandActor("delete-media"), Now: time.Now}
	summary, err := tool.Pass(context.WithoutCancel(t.Context()), 0, false)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// stored lists the recordings that are in the store, by their bytes.
func (l *life) stored(t *testing.T) (count int) {
	t.Helper()
	for _, err := range l.media.Keys(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		count++
	}
	if l.folder == "" {
		return count
	}
	found := 0
	err := filepath.WalkDir(l.folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(name)
		if bytes.Contains(content, l.sound[2000:3000]) || bytes.Contains(content, l.screen[2000:3000]) {
			found++
		}
		return err
	})
	if err != nil || found != count {
		t.Fatalf("the store lists %d recordings, and %d lie on disk, %v", count, found, err)
	}
	return count
}

// The whole life of recordings, on each kind of store: imported, played, anonymized, still played, deleted,
// gone; and importing the same again brings nothing back (design, section 4, "Media status").
func TestLifeOfMedia(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(t *testing.T) *life{
		"memory":         func(t *testing.T) *life { return newLife(t, "mem://", "", false) },
		"folder":         func(t *testing.T) *life { folder := t.TempDir(); return newLife(t, folder, folder, false) },
		"s3, streamed":   func(t *testing.T) *life { return newLifeOnS3(t, false) },
		"s3, redirected": func(t *testing.T) *life { return newLifeOnS3(t, true) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			open(t).live(t)
		})
	}
}

func (l *life) live(t *testing.T) {
	if status, body := l.post(t, "/import", l.document); status != 200 || !strings.Contains(body, `"added":1`) {
		t.Fatal(status, body)
	}
	before := l.state(t)
	if before.MediaStatus != "AVAILABLE" || !slices.Equal(before.Types, []string{"CALL", "SCREEN_RECORDING"}) ||
		!before.IsReviewable || l.stored(t) != 2 {
		t.Fatalf("imported: %+v", before)
	}
	links := l.checkPlayable(t, before)
	l.mutate(t, `mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {mediaFiles: true}}) {
		userErrors { code } } }`)
	l.mutate(t, `mutation { anonymizeConversations(input: {conversationIds: ["`+before.ID+`"]}) { userErrors { code } } }`)
	planned := l.state(t)
	if planned.MediaStatus != "PLANNED_FOR_DELETION" || planned.IsReviewable ||
		!slices.Contains(planned.Types, "SCREEN_RECORDING") {
		t.Fatalf("anonymized: %+v", planned)
	}
	l.checkPlayable(t, planned)
	l.checkDelivered(t)
	if summary := l.deleteMedia(t); summary.Files[deletion.Deleted] != 2 ||
		summary.Bytes != int64(len(l.sound)+len(l.screen)) {
		t.Fatalf("deleted: %+v", summary)
	}
	l.checkGone(t, links)
	if status, body := l.post(t, "/import", l.document); status != 200 || !strings.Contains(body, `"unchanged":1`) {
		t.Fatal("importing again:", status, body)
	}
	l.checkGone(t, links)
	if summary := l.deleteMedia(t); summary.Files[deletion.Deleted] != 0 || summary.Loose != 0 {
		t.Errorf("a second pass finds something: %+v", summary)
	}
}

func (l *life) checkPlayable(t *testing.T, s state) (links []string) {
	t.Helper()
	for _, file := range s.Media {
		want := map[string][]byte{"CALL": l.sound, "SCREEN": l.screen}[file.Kind]
		if file.PlaybackURL == nil {
			t.Fatalf("no link to play: %+v", file)
		}
		if status, body := l.play(t, *file.PlaybackURL); status != 200 || !bytes.Equal(body, want) {
			t.Fatalf("%s: status %d, %d bytes of %d", file.Kind, status, len(body), len(want))
		}
		links = append(links, *file.PlaybackURL)
	}
	return links
}

func (l *life) checkDelivered(t *testing.T) {
	t.Helper()
	var open, all int
	err := l.bun.NewRaw(`SELECT count(*) FILTER (WHERE delivered_at IS NULL), count(*)
		FROM media_deletion_requests`).Scan(t.Context(), &open, &all)
	if err != nil || open != 0 || all != 1 {
		t.Errorf("%d requests, %d of them open, %v", all, open, err)
	}
}

func (l *life) checkGone(t *testing.T, links []string) {
	t.Helper()
	gone := l.state(t)
	if gone.MediaStatus != "DELETED" || !slices.Equal(gone.Types, []string{"CALL"}) ||
		gone.IsReviewable || l.stored(t) != 0 {
		t.Fatalf("deleted: %+v, %d recordings in the store", gone, l.stored(t))
	}
	for _, file := range gone.Media {
		if file.Status != "DELETED" || file.PlaybackURL != nil {
			t.Errorf("%+v", file)
		}
	}
	for _, link := range links {
		for _, header := range [][]string{nil, {"Range", "bytes=0-9"}, {"If-None-Match", "*"}} {
			if status, _ := l.play(t, link, header...); status != http.StatusGone {
				t.Errorf("a link handed out before answers %d with %v", status, header)
			}
		}
	}
}

// A link ends when the server sees that its viewer may see something else now; whoever still may gets another.
func TestLinksEndWithTheirRoles(t *testing.T) {
	t.Parallel()
	l := newLife(t, "mem://", "", false)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := auth.NewStaticVerifier(auth.Config{Issuer: "https://id.example", Audience: "qm"}, key.Public())
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	signIn := ProviderSignIn(verifier, console.OIDC{Issuer: "https://id.example"})
	signIn.ready = func(context.Context) bool { return true }
	options := l.api.options
	options.SignIn = signIn
	l.api = NewHandler(options)
	begun := time.Now().Add(-time.Minute)
	token := func(later time.Duration, roles ...string) string {
		text, err := jwt.Signed(signer).Claims(map[string]any{"iss": "https://id.example", "aud": "qm", "sub": "a", "typ": "Bearer",
			"iat": begun.Add(later).Unix(), "exp": begun.Add(time.Hour).Unix(), "realm_access": map[string]any{"roles": roles}}).Serialize()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	l.token = token(0, "DEFAULT_CC_MANAGER")
	if status, body := l.post(t, "/import", l.document); status != 200 {
		t.Fatal(status, body)
	}
	first := *l.state(t).Media[0].PlaybackURL
	plays := func(when, link string, want int) {
		t.Helper()
		if status, body := l.play(t, link); status != want {
			t.Errorf("%s: %d %.200s", when, status, body)
		}
	}
	plays("at first", first, 200)
	see := func(token string) {
		t.Helper()
		l.token = token
		if status, body := l.post(t, "/graphql", `{"query": "{ viewer { userId } }"}`); status != 200 {
			t.Fatal(status, body)
		}
	}
	see(token(time.Second, "VIEW_CONVERSATIONS_SCREEN", "INTERACTIONS_FULL_VIEW"))
	plays("with the same scope", first, 200)
	see(token(2*time.Second, "VIEW_AUDIT"))
	plays("without the scope", first, 403)
	see(token(time.Second, "VIEW_CONVERSATIONS_SCREEN", "INTERACTIONS_FULL_VIEW"))
	plays("when an older token comes again", first, 403)
	l.token = token(3*time.Second, "DEFAULT_CC_MANAGER")
	plays("when the scope is back", *l.state(t).Media[0].PlaybackURL, 200)
	plays("when the scope is back, the first link", first, 200)
}

// While the provider is away and a token cannot be checked, neither an import nor a recording is refused for
// good, nothing is done, and nothing is audited.
func TestTokensThatCannotBeChecked(t *testing.T) {
	t.Parallel()
	var links *playback.Links
	s := newSite(t, "mem://", false, func(o *Options) {
		links = o.Links
		o.SignIn.verify = func(context.Context, string) (*auth.Viewer, error) {
			return nil, &auth.Error{Reason: auth.ReasonUnavailable}
		}
	})
	link := links.Seal(playback.Grant{FileID: 1, Subject: "a", All: true})
	for _, row := range [][2]string{{"POST", "/import"}, {"GET", link}, {"HEAD", link}, {"POST", "/graphql"}} {
		got := s.ask(t, row[0], row[1], "Authorization", "Bearer x", "Content-Type", "application/json")
		if got.Code != 503 || got.Header().Get("Retry-After") == "" || got.Header().Get("WWW-Authenticate") != "" ||
			row[0] != "HEAD" && !strings.Contains(got.Body.String(), `"code":"UNAVAILABLE"`) {
			t.Errorf("%s: %d %v %s", row, got.Code, got.Header(), got.Body)
		}
	}
	if got := s.ask(t, "GET", "/metrics").Body.String(); !strings.Contains(got, `qm_refused_total{reason="provider"} 2`) {
		t.Error("the refusals are not counted")
	}
	s.api.options.Refusals.Flush(t.Context())
	s.run(t, `DO $$ BEGIN IF EXISTS (SELECT FROM audit_events) THEN RAISE 'something was audited'; END IF; END $$`)
}

// A link is for whoever asked for it; with somebody else's token, and when it was changed, it opens nothing.
func TestLinksAreBoundToTheirViewer(t *testing.T) {
	t.Parallel()
	l := newLife(t, "mem://", "", false)
	if status, body := l.post(t, "/import", l.document); status != 200 {
		t.Fatal(status, body)
	}
	link := *l.state(t).Media[0].PlaybackURL
	other, err := l.issuer.Token("analyst")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		link, authorization string
		want                int
	}{
		"as it is":                 {link, "", 200},
		"with its viewer's token":  {link, "Bearer " + l.token, 200},
		"with another viewer's":    {link, "Bearer " + other, 403},
		"with a token of no worth": {link, "Bearer nonsense", 403},
		"changed":                  {link[:len(link)-3] + "abc", "", 403},
		"cut":                      {link[:len(link)-8], "", 403},
		"empty":                    {"/media/", "", 403},
	} {
		var header []string
		if test.authorization != "" {
			header = []string{"Authorization", test.authorization}
		}
		status, _ := l.play(t, test.link, header...)
		if status != test.want {
			t.Errorf("%s: %d, want %d", name, status, test.want)
		}
	}
}

// eventsOf counts the events of an activity.
func (s *site) eventsOf(t *testing.T, activity audit.Activity) (count int) {
	t.Helper()
	const query = "SELECT count(*) FROM audit_events WHERE activity = ?"
	if err := s.bun.NewRaw(query, activity).Scan(t.Context(), &count); err != nil {
		t.Fatal(err)
	}
	return count
}

// Playing is audited once a link, whichever servers answer the player's requests; a link that nobody plays is
// not. While the log takes nothing, no other link is played, and nothing is exported.
func TestPlayingIsAuditedOnceALink(t *testing.T) {
	t.Parallel()
	l := newLife(t, "mem://", "", false)
	other := NewHandler(l.api.options)
	if status, body := l.post(t, "/import", l.document); status != http.StatusOK {
		t.Fatal(status, body)
	}
	first, second := *l.state(t).Media[0].PlaybackURL, *l.state(t).Media[0].PlaybackURL
	play := func(link string) int {
		t.Helper()
		var all sync.WaitGroup
		statuses := make(chan int, 12)
		for n := range cap(statuses) {
			all.Go(func() {
				request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, link, nil)
				request.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", n, n+9))
				recorder := httptest.NewRecorder()
				[]http.Handler{l.api, other}[n%2].ServeHTTP(recorder, request)
				statuses <- recorder.Code
			})
		}
		all.Wait()
		close(statuses)
		status := <-statuses
		for other := range statuses {
			if other != status {
				t.Errorf("one server answers %d, another %d", status, other)
			}
		}
		return status
	}
	if status, count := play(first), l.eventsOf(t, audit.MediaPlayed); status != http.StatusPartialContent || count != 1 {
		t.Errorf("%d, %d events", status, count)
	}
	rename := func(from, to string) {
		t.Helper()
		if _, err := l.bun.NewRaw("ALTER TABLE ? RENAME TO ?", bun.Ident(from), bun.Ident(to)).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	rename("audit_events", "away")
	if status := play(second); status != http.StatusServiceUnavailable {
		t.Errorf("without the log a new link answers %d", status)
	}
	if status := play(first); status != http.StatusPartialContent {
		t.Errorf("without the log a link that is recorded answers %d", status)
	}
	export := fmt.Sprintf(`{"query": "{ exportConversation(id: \"%s\") }"}`, l.state(t).ID)
	if _, body := l.post(t, "/graphql", export); !strings.Contains(body, `"exportConversation":null`) ||
		strings.Contains(body, "Tomas") {
		t.Errorf("without the log an export answers %s", body)
	}
	rename("away", "audit_events")
	if status, count := play(second), l.eventsOf(t, audit.MediaPlayed); status != http.StatusPartialContent || count != 2 {
		t.Errorf("%d, %d events", status, count)
	}
	if _, body := l.post(t, "/graphql", export); !strings.Contains(body, "Tomas") ||
		l.eventsOf(t, audit.ConversationExported) != 1 {
		t.Errorf("once the log is back an export answers %s", body)
	}
}
