// Package graphiql serves GraphiQL, the API explorer, from the binary itself: the page and everything that it loads are
// embedded, so a browser without the internet can use it, and no request leaves the machine that serves it.
//
// The person who asks is the one signed in to the console, if its page opened this one: that page is asked for the token, and only pages of this
// server are. Otherwise it is chosen on the page. In the demo a person is picked from a list, and the page fetches and renews that
// person's token (design, section 6); elsewhere an access token is pasted. Tokens, queries, variables and results stay in
// the memory of the page: nothing is written to the browser's storage, since any of them may hold personal data.
//
// The folder assets holds third-party files as npm delivers them (fetch.sh fetches and checks them, LICENSES.txt holds
// their notices); the folder page is the project's own.
package graphiql

import (
	"cmp"
	"crypto/rand"
	"embed"
	"html/template"
	"io"
	"net/http"
	"strings"

	"qm-compliance/coding"
)

// Path is where the handler must be mounted, as "/graphiql" and as "/graphiql/" (design, section 8): the page names its
// files by it.
const Path = "/graphiql"

// Config says what the page talks to and who may be picked on it. Paths are absolute paths on the server that serves the
// page; its content security policy allows no other host.
type Config struct {
	// Endpoint is where GraphQL is served over HTTP and, for subscriptions, over WebSocket. Required.
	Endpoint string
	// People are those that can be picked, in this order; the first is picked at first. Empty outside the demo: the page
	// then has a field to paste an access token into.
	People []Person
	// TokenURL answers POST TokenURL?as=KEY with {"accessToken": "..."}. Required where there are people.
	TokenURL string
}

// Person is somebody who can be picked on the page: "Name – Title" is shown, Key is sent to Config.TokenURL.
type Person struct {
	Key, Name, Title string
}

// Handler serves the page at Path and its files below it; anything else there is 404, and any method but GET and HEAD is
// 405. The page itself needs no sign-in: it holds nothing but what cfg says.
func Handler(cfg Config) http.Handler {
	site := &site{page: newPage(cfg), files: coding.Files(files, func(string) string { return revalidated })}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path, site.servePage)
	mux.HandleFunc("GET "+Path+"/{$}", site.servePage)
	mux.HandleFunc("GET "+Path+"/{file}", site.serveAsset)
	return mux
}

//go:embed assets page/*.js page/*.css
var files embed.FS

// revalidated has a browser ask every time whether it has the file, which costs a few bytes and means that
// nobody sees an old file after an update: the names of these carry no hash.
const revalidated = "no-cache"

// site holds what the handler serves.
type site struct {
	page *page
	// files are those of both folders; no name is in both, which a test holds.
	files map[string]*coding.File
}

func (s *site) servePage(w http.ResponseWriter, _ *http.Request) {
	nonce := newNonce()
	h := w.Header()
	setCommonHeaders(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", contentSecurityPolicy(nonce))
	h.Set("Cache-Control", "no-store")
	// Only the connection can fail here, and then the client has gone: the template is checked when it is parsed
	// and the tests run it.
	_ = s.page.write(w, nonce)
}

func (s *site) serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	file := cmp.Or(s.files["assets/"+name], s.files["page/"+name])
	if file == nil {
		http.NotFound(w, r)
		return
	}
	setCommonHeaders(w.Header())
	file.ServeHTTP(w, r)
}

// setCommonHeaders sets what every answer has. There is no opener policy: the console opens the page and hands
// it the token, also right after a sign-in, when the console has none.
func setCommonHeaders(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()")
}

// contentSecurityPolicy allows the page its own files and its own server, and nothing else.
//
// Scripts come from files alone. Styles come from files and, with the nonce, from the one element that GraphiQL's menus
// and dialogs add to keep the page from scrolling behind them; styles that scripts set on elements need no permission.
// Fonts and small pictures are data: URLs inside GraphiQL's style sheet.
func contentSecurityPolicy(nonce string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self' 'nonce-" + nonce + "'",
		"font-src data:",
		"img-src data:",
		"connect-src 'self'",
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	}, "; ")
}

//go:embed page/index.html
var indexHTML string

//go:embed page/default.graphql
var defaultQuery string

// page is the one HTML page, made for one Config.
type page struct {
	template *template.Template
	config   Config
}

func newPage(cfg Config) *page {
	return &page{template: template.Must(template.New("index.html").Parse(indexHTML)), config: cfg}
}

// write renders the page; html/template escapes every value for the place that it stands in. Only w can make it fail.
func (p *page) write(w io.Writer, nonce string) error {
	return p.template.Execute(w, struct {
		Config
		Path, Nonce, DefaultQuery string
	}{p.config, Path, nonce, defaultQuery})
}

// newNonce returns an unguessable text that is used once, in one answer's content security policy.
func newNonce() string { return rand.Text() }
