// Package console serves the web console from the binary itself: the built files in dist are embedded, so a
// browser without the internet can use it, and no request leaves the machine that serves it but those to the
// OpenID Connect provider.
//
// The sources stand beside it (README.md says where what is); `make console` builds them into dist, which is
// committed, so that Go alone builds the program.
package console

import (
	"crypto/rand"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"qm-compliance/coding"
)

//go:embed all:dist
var dist embed.FS

// ConfigPath is where the console asks how one signs in.
const ConfigPath = "/console/config.json"

// Config says how people sign in, and what the page may reach besides this server. Exactly one of Demo and OIDC is set.
type Config struct {
	Demo *Demo `json:"demo,omitempty"`
	OIDC *OIDC `json:"oidc,omitempty"`
	// MediaOrigins are where recordings are played from, besides this server: the public address and the file
	// store that players are sent to.
	MediaOrigins []string `json:"-"`
}

// Demo are the people to pick from; TokenURL signs one in by POST TokenURL?as=KEY.
type Demo struct {
	People   []Person `json:"people"`
	TokenURL string   `json:"tokenUrl"`
}

// Person is somebody who can be picked.
type Person struct {
	Key   string `json:"key"`
	Name  string `json:"name"`
	Title string `json:"title"`
}

// OIDC is the provider, and what the console is called there.
type OIDC struct {
	Issuer   string `json:"issuer"`
	ClientID string `json:"clientId"`
	Scope    string `json:"scope"`
}

// Handler serves the console; mount it at "/". It answers nothing at the paths of the API, so that a mistyped
// one is not taken for a page.
func Handler(config Config) http.Handler {
	files := coding.Files(dist, cacheOf)
	delete(files, indexName) // the page itself
	return &site{index: newIndex(), files: files, signIn: mustMarshal(config), policy: newPolicy(config)}
}

// site is what the handler serves.
type site struct {
	index *index
	// files are what is built, by the names in dist.
	files  map[string]*coding.File
	signIn []byte
	policy policy
}

// ServeHTTP answers with a file, how to sign in, or the page.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setCommonHeaders(w.Header())
	if r.URL.Path == signedInPath {
		w.Header().Del("Cross-Origin-Opener-Policy")
	}
	switch found, isFile := s.files["dist"+r.URL.Path]; {
	case isAPI(r.URL.Path):
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	case r.URL.Path == ConfigPath:
		s.serveConfig(w)
	case isFile:
		found.ServeHTTP(w, r)
	case r.URL.Path == "/" || isPage(r):
		s.servePage(w)
	default:
		http.NotFound(w, r)
	}
}

// isAPI reports whether a path belongs to what is served beside the console.
func isAPI(requested string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(requested, "/"), "/")
	switch first {
	case "graphql", "graphiql", "media", "import", "healthz", "livez", "readyz", "metrics", "demo":
		return true
	}
	return false
}

// isPage reports whether a browser opens an address of the console, which the console itself finds the page for.
func isPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html") && path.Ext(r.URL.Path) == "" &&
		!strings.HasPrefix(r.URL.Path, "/assets/")
}

func (s *site) serveConfig(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(s.signIn)
}

func (s *site) servePage(w http.ResponseWriter) {
	nonce := newNonce()
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", s.policy.with(nonce))
	s.index.write(w, nonce)
}

// signedInPath is where the provider sends a person back to: in the page itself, or in a window that the console
// opened. That window has to hand the answer to the page that opened it, so this address has no opener policy.
const signedInPath = "/signed-in"

// setCommonHeaders sets what every answer has. The opener policy keeps the windows that the console opens: the
// provider's, for signing in again, and GraphiQL's.
func setCommonHeaders(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin-allow-popups")
	h.Set("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("X-Frame-Options", "DENY")
}

func mustMarshal(config Config) []byte {
	encoded, err := json.Marshal(config)
	must(err)
	return encoded
}

// policy is the content security policy, but for the nonce of one answer.
type policy struct {
	connect, media string
}

func newPolicy(config Config) policy {
	made := policy{connect: "'self'", media: "'self'"}
	if config.OIDC != nil {
		made.connect = sources(config.OIDC.Issuer)
	}
	made.media = sources(config.MediaOrigins...)
	return made
}

// sources are this server and the origins of the given addresses; what is no web address allows nothing.
func sources(addresses ...string) string {
	all := []string{"'self'"}
	for _, address := range addresses {
		if parsed, err := url.Parse(address); err == nil && parsed.Host != "" &&
			(parsed.Scheme == "https" || parsed.Scheme == "http") {
			all = append(all, parsed.Scheme+"://"+parsed.Host)
		}
	}
	return strings.Join(all, " ")
}

// with is the policy of one answer. Styles come from files and, with the nonce, from the few elements by
// which Mantine sets its colours and keeps the page from scrolling behind a dialog; styles that scripts set
// on elements need no permission.
func (p policy) with(nonce string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self' 'nonce-" + nonce + "'",
		"img-src 'self' data:",
		"media-src " + p.media,
		"connect-src " + p.connect,
		"base-uri 'none'",
		"form-action 'self'",
		"frame-ancestors 'none'",
	}, "; ")
}

// newNonce returns an unguessable text that is used once.
func newNonce() string { return rand.Text() }

// cacheOf is how long browsers keep a file: for good where its name carries a hash of what is in it.
func cacheOf(name string) string {
	if strings.HasPrefix(name, "dist/assets/") {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

const (
	indexName = "dist/index.html"
	// nonceMark stands in the page where the nonce of an answer goes.
	nonceMark = "STYLE-NONCE"
)

// index is the one page, cut where the nonce goes.
type index struct {
	before, after string
}

func newIndex() *index {
	body, err := dist.ReadFile(indexName)
	must(err)
	before, after, found := strings.Cut(string(body), nonceMark)
	if !found {
		must(fmt.Errorf("%s has no %s", indexName, nonceMark))
	}
	return &index{before, after}
}

// write can fail only after the client has gone.
func (i *index) write(w io.Writer, nonce string) {
	_, _ = io.WriteString(w, i.before+nonce+i.after)
}

// must panics for what cannot fail: reading what is embedded in this binary, writing into memory.
func must(err error) {
	if err != nil {
		panic(fmt.Errorf("console: the embedded files cannot be read: %w", err))
	}
}
