package console_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/console"
)

func demo() http.Handler {
	return console.Handler(console.Config{Demo: &console.Demo{
		People: []console.Person{{Key: "agent", Name: "Ann", Title: "agent"}}, TokenURL: "/demo/token",
	}})
}

func ask(h http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, request)
	return recorder
}

const browser = "text/html,application/xhtml+xml,*/*;q=0.8"

// TestWhatIsAPage holds which requests the page answers.
func TestWhatIsAPage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		method, target, accept string
		status                 int
	}{
		{"GET", "/", browser, 200},
		{"GET", "/", "*/*", 200},
		{"HEAD", "/", browser, 200},
		{"POST", "/", browser, 405},
		{"GET", "/conversations", browser, 200},
		{"GET", "/conversations/Q29udmVyc2F0aW9uOjE", browser, 200},
		{"GET", "/conversations", "application/json", 404},
		{"DELETE", "/audit", browser, 405},
		{"GET", "/assets/gone.js", browser, 404},
		{"GET", "/assets/gone", browser, 404},
		{"GET", "/wp-login.php", browser, 404},
		{"GET", "/graphql/x", browser, 404},
		{"GET", "/graphiql/x", browser, 404},
		{"GET", "/media/x", browser, 404},
		{"GET", "/import/x", browser, 404},
		{"GET", "/healthz/x", browser, 404},
		{"GET", "/readyz/x", browser, 404},
		{"GET", "/metrics/x", browser, 404},
		{"POST", "/demo/token", browser, 404},
	} {
		if got := ask(demo(), test.method, test.target, "Accept", test.accept).Code; got != test.status {
			t.Errorf("%s %s for %s: %d, want %d", test.method, test.target, test.accept, got, test.status)
		}
	}
	if got := ask(demo(), "PUT", "/").Header().Get("Allow"); got != "GET, HEAD" {
		t.Errorf("Allow: %q", got)
	}
}

// TestPolicy holds what the page may load, to the letter.
func TestPolicy(t *testing.T) {
	t.Parallel()
	h := console.Handler(console.Config{
		OIDC:         &console.OIDC{Issuer: "https://id.example/realms/a", ClientID: "qm-console", Scope: "openid"},
		MediaOrigins: []string{"https://blobs.example/bucket", "", "javascript:alert(1)"},
	})
	first, second := ask(h, "GET", "/"), ask(h, "GET", "/")
	nonce := regexp.MustCompile(`'nonce-(\w{20,})'`).FindStringSubmatch(first.Header().Get("Content-Security-Policy"))
	if nonce == nil || strings.Contains(second.Header().Get("Content-Security-Policy"), nonce[1]) {
		t.Fatal("there is no nonce, or it is used twice")
	}
	if strings.Count(first.Body.String(), nonce[1]) != 1 {
		t.Error("the page does not name its nonce")
	}
	want := "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce[1] +
		"'; img-src 'self' data:; media-src 'self' https://blobs.example; " +
		"connect-src 'self' https://id.example; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
	if diff := cmp.Diff(want, first.Header().Get("Content-Security-Policy")); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	for header, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
		"Cache-Control": "no-store"} {
		if got := first.Header().Get(header); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
}

// TestAssets follows the page's links: each file is there, kept for good, and from 1 KB on compressed for those
// who ask.
func TestAssets(t *testing.T) {
	t.Parallel()
	h := demo()
	links := regexp.MustCompile(`(?:src|href)="(/[^"]+)"`).FindAllStringSubmatch(ask(h, "GET", "/").Body.String(), -1)
	if len(links) < 3 {
		t.Fatalf("the page links %v", links)
	}
	for _, link := range links {
		plain, packed := ask(h, "GET", link[1]), ask(h, "GET", link[1], "Accept-Encoding", "gzip, br")
		if plain.Code != 200 || plain.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s: %d, %q", link[1], plain.Code, plain.Header().Get("Content-Encoding"))
		}
		unpacked := packed.Body.String()
		if plain.Body.Len() >= 1024 {
			unpacked = unzip(t, packed)
		}
		if unpacked != plain.Body.String() {
			t.Errorf("%s is another file when it is compressed", link[1])
		}
		cache := "no-cache"
		if strings.HasPrefix(link[1], "/assets/") {
			cache = "public, max-age=31536000, immutable"
		}
		if got := plain.Header().Get("Cache-Control"); got != cache {
			t.Errorf("%s: Cache-Control %q", link[1], got)
		}
		if got := ask(h, "GET", link[1], "If-None-Match", plain.Header().Get("ETag")).Code; got != 304 {
			t.Errorf("%s asked for again: %d", link[1], got)
		}
	}
}

func unzip(t *testing.T, answer *httptest.ResponseRecorder) string {
	t.Helper()
	if answer.Header().Get("Content-Encoding") != "gzip" {
		t.Fatal("not compressed")
	}
	reader, err := gzip.NewReader(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestConfig holds what the console is told about signing in.
func TestConfig(t *testing.T) {
	t.Parallel()
	answer := ask(demo(), "GET", console.ConfigPath)
	if got := answer.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control: %q", got)
	}
	var got map[string]any
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"demo": map[string]any{
		"people": []any{map[string]any{"key": "agent", "name": "Ann", "title": "agent"}}, "tokenUrl": "/demo/token",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
