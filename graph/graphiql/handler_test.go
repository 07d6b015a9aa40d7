package graphiql_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"qm-compliance/graph/graphiql"
)

// people are those of a demo; the second name would break a page that does not escape it.
func people() []graphiql.Person {
	return []graphiql.Person{
		{Key: "manager", Name: "Clara Novak", Title: "CC manager"},
		{Key: "agent", Name: `Ann <b>"O'Neil"</b>`, Title: "agent & trainer"},
	}
}

func demo() http.Handler {
	return graphiql.Handler(graphiql.Config{Endpoint: "/graphql", People: people(), TokenURL: "/demo/token"})
}

// ask sends a request with the given header fields, in pairs of name and value.
func ask(h http.Handler, method, target string, fields ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPageHeaders(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"/graphiql", "/graphiql/", "/graphiql?as=agent"} {
		w := ask(demo(), "GET", target)
		if w.Code != http.StatusOK {
			t.Fatalf("GET %s: %d", target, w.Code)
		}
		nonce := regexp.MustCompile(`name="style-nonce" content="(\w+)"`).FindStringSubmatch(w.Body.String())
		if nonce == nil {
			t.Fatal("the page has no nonce")
		}
		want := map[string]string{
			"Content-Type":           "text/html; charset=utf-8",
			"Cache-Control":          "no-store",
			"Referrer-Policy":        "no-referrer",
			"X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce[1] + "'; font-src data:; " +
				"img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		}
		got := map[string]string{}
		for name := range want {
			got[name] = w.Header().Get(name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("GET %s: headers (-want +got):\n%s", target, diff)
		}
	}
}

func TestNonceIsNeverTheSame(t *testing.T) {
	t.Parallel()
	h := demo()
	first, second := ask(h, "GET", "/graphiql"), ask(h, "GET", "/graphiql")
	if first.Header().Get("Content-Security-Policy") == second.Header().Get("Content-Security-Policy") {
		t.Error("two answers have the same nonce")
	}
}

func TestPageAsksNobodyElse(t *testing.T) {
	t.Parallel()
	body := ask(demo(), "GET", "/graphiql").Body.String()
	for what, pattern := range map[string]string{
		"an address on another host": `(?i)(https?:)?//[a-z]`,
		"an inline script":           `(?i)<script[^>]*>[^<]`,
		"an inline style":            `(?i)<style|\sstyle=`,
		"an inline event handler":    `(?i)<[^>]*\son\w+=`,
	} {
		if found := regexp.MustCompile(pattern).FindString(body); found != "" {
			t.Errorf("the page has %s: %q", what, found)
		}
	}
}

func TestPeopleAreEscaped(t *testing.T) {
	t.Parallel()
	body := ask(demo(), "GET", "/graphiql").Body.String()
	if want := `Ann &lt;b&gt;&#34;O&#39;Neil&#34;&lt;/b&gt; – agent &amp; trainer</option>`; !strings.Contains(body, want) {
		t.Errorf("the page lacks %q:\n%s", want, body)
	}
	if strings.Contains(body, `id="token"`) {
		t.Error("the page asks for a token though there are people to pick")
	}
}

func TestWithoutPeopleATokenIsPasted(t *testing.T) {
	t.Parallel()
	body := ask(graphiql.Handler(graphiql.Config{Endpoint: "/graphql"}), "GET", "/graphiql").Body.String()
	if !strings.Contains(body, `<label for="token">`) || strings.Contains(body, `id="person"`) {
		t.Errorf("the page has no labelled field for a token, or a picker without people:\n%s", body)
	}
}

func TestAssetsOfThePage(t *testing.T) {
	t.Parallel()
	h := demo()
	links := regexp.MustCompile(`(?:src|href)="(/[^"]+)"`).FindAllStringSubmatch(ask(h, "GET", "/graphiql").Body.String(), -1)
	if len(links) != 7 {
		t.Fatalf("the page links %d files, want 7", len(links))
	}
	for _, link := range links {
		w := ask(h, "GET", link[1])
		want := "text/javascript; charset=utf-8"
		if strings.HasSuffix(link[1], ".css") {
			want = "text/css; charset=utf-8"
		}
		if got := w.Header().Get("Content-Type"); w.Code != http.StatusOK || got != want {
			t.Errorf("GET %s: %d, %q, want %q", link[1], w.Code, got, want)
		}
		if got := w.Header().Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("GET %s: X-Content-Type-Options is %q", link[1], got)
		}
	}
}

func TestAssetIsCachedAndCompressed(t *testing.T) {
	t.Parallel()
	h, target := demo(), "/graphiql/graphiql.min.css"
	plain := ask(h, "GET", target, "Accept-Encoding", "br, gzip;q=0")
	zipped := ask(h, "GET", target, "Accept-Encoding", "br, gzip;q=0.5")
	if got := plain.Header().Get("Content-Encoding"); got != "" {
		t.Errorf("gzip was refused, and the answer's coding is %q", got)
	}
	reader, err := gzip.NewReader(zipped.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(reader); err != nil || string(body) != plain.Body.String() {
		t.Errorf("the compressed file differs from the plain one (%v)", err)
	}
	if plain.Header().Get("ETag") == zipped.Header().Get("ETag") {
		t.Error("the two forms have one entity tag")
	}
	again := ask(h, "GET", target, "Accept-Encoding", "gzip", "If-None-Match", zipped.Header().Get("ETag"))
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("asked again for what it has, the browser got %d and %d bytes", again.Code, again.Body.Len())
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for request, want := range map[string]int{
		"GET /graphiql/absent.js":            http.StatusNotFound,
		"GET /graphiql/page/app.js":          http.StatusNotFound,
		"GET /graphiql/..%2fgraphiql.go":     http.StatusNotFound,
		"GET /graphiql/index.html":           http.StatusNotFound,
		"POST /graphiql":                     http.StatusMethodNotAllowed,
		"DELETE /graphiql/app.js":            http.StatusMethodNotAllowed,
		"HEAD /graphiql":                     http.StatusOK,
		"GET /graphiql/LICENSES.txt":         http.StatusOK,
		"GET /graphiql/graphql-ws.min.js?v=": http.StatusOK,
	} {
		method, target, _ := strings.Cut(request, " ")
		if got := ask(demo(), method, target).Code; got != want {
			t.Errorf("%s: %d, want %d", request, got, want)
		}
	}
}

// TestVendoredFiles holds what must be true of third-party files in this repository.
func TestVendoredFiles(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("assets")
	if err != nil {
		t.Fatal(err)
	}
	machinePath := regexp.MustCompile(`(?:/(?:home|Users|root|tmp|var)/|[A-Z]:\\\\Users)[\w.-]`)
	for _, entry := range entries {
		if _, err := os.Stat("page/" + entry.Name()); err == nil {
			t.Errorf("%s stands in both folders, and only one of them is served", entry.Name())
		}
		body, err := os.ReadFile("assets/" + entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		if len(body) > 1_500_000 {
			t.Errorf("%s has %d bytes", entry.Name(), len(body))
		}
		if found := machinePath.Find(body); found != nil {
			t.Errorf("%s names a path of a machine: %q", entry.Name(), found)
		}
	}
}

// TestDefaultQuery holds the query that the page starts with against the API itself.
func TestDefaultQuery(t *testing.T) {
	t.Parallel()
	schema, err := os.ReadFile("../../schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	query, err := os.ReadFile("page/default.graphql")
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphqls", Input: string(schema)})
	if err != nil {
		t.Fatal(err)
	}
	if _, errs := gqlparser.LoadQueryWithRules(parsed, string(query), rules.NewDefaultRules()); len(errs) > 0 {
		t.Error(errs)
	}
}
