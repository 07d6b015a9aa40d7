package fetch_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"qm-compliance/media/fetch"
)

// sends is a web in which /N of any host sends on to /N-1 of the same, /0 is a recording, and everything
// else is sent on as listed.
func sends(t *testing.T, asked *[]string, onwards map[string]string) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		*asked = append(*asked, r.URL.String())
		for _, name := range []string{"Referer", "Cookie", "Authorization"} {
			if r.Header.Get(name) != "" {
				t.Errorf("%s was sent %s: %s", r.URL, name, r.Header.Get(name))
			}
		}
		if r.URL.User != nil || r.Header.Get("Accept-Encoding") != "identity" ||
			(r.Host != "" && r.Host != r.URL.Host) {
			t.Errorf("asked %s of %q with Accept-Encoding %q", r.URL, r.Host, r.Header.Get("Accept-Encoding"))
		}
		answer := &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r,
			Header: http.Header{"Set-Cookie": {"a=b"}}}
		var left int
		onward, ok := onwards[r.URL.String()]
		if !ok {
			if n, err := fmt.Sscanf(r.URL.Path, "/%d", &left); n == 1 && err == nil && left > 0 {
				onward, ok = fmt.Sprintf("/%d", left-1), true
			}
		}
		if ok {
			answer.StatusCode = http.StatusFound
			answer.Header.Set("Location", onward)
		}
		return answer, nil
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		url, onward string // onward is where /start sends on to
		want        string // the last url asked
		problem     string
	}{
		"relative":            {"https://a.example/start", "../b?c=d#e", "https://a.example/b?c=d#e", ""},
		"another listed host": {"https://a.example/start", "https://B.example./x", "https://b.example/x", ""},
		"without scheme":      {"https://a.example/start", "//b.example/x", "https://b.example/x", ""},
		"below a name": {"https://a.example/start", "https://x.y.c.example/",
			"https://x.y.c.example/", ""},
		"user and password": {"https://a.example/start", "https://una:secret@b.example/x",
			"https://b.example/x", ""},
		"http to https": {"http://a.example/start", "https://a.example/x", "https://a.example/x", ""},
		"http to http":  {"http://a.example/start", "http://b.example/x", "http://b.example/x", ""},
		"five":          {"https://a.example/5", "", "https://a.example/0", ""},
		"six":           {"https://a.example/6", "", "https://a.example/1", "too often"},
		"in a circle":   {"https://a.example/start", "/start", "https://a.example/start", "too often"},
		"https to http": {"https://a.example/start", "http://a.example/x", "https://a.example/start",
			"insecure url"},
		"not listed": {"https://a.example/start", "https://evil.example/secret",
			"https://a.example/start", "evil.example is not one of"},
		"another port": {"https://a.example/start", "https://b.example:8443/secret",
			"https://a.example/start", "b.example:8443 is not one of"},
		"an address inside": {"https://a.example/start", "https://169.254.169.254/secret",
			"https://a.example/start", "169.254.169.254 is not one of"},
		"another scheme": {"http://a.example/start", "ftp://a.example/secret", "http://a.example/start",
			"neither https nor http"},
		"another scheme, safely": {"https://a.example/start", "file:///secret", "https://a.example/start",
			"insecure url"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			f := newFetcher(t, fetch.Options{Hosts: []string{"a.example", "b.example", "*.c.example"}})
			f.SetTransport(sends(t, &asked, map[string]string{test.url: test.onward, "": ""}))
			if test.onward == "" {
				f.SetTransport(sends(t, &asked, nil))
			}
			body, err := f.Fetch(t.Context(), test.url)
			if err == nil {
				_ = body.Close()
			}
			last := asked[len(asked)-1]
			if want, _, _ := strings.Cut(test.want, "#"); last != want {
				t.Errorf("asked %s at last; want %s", last, want)
			}
			if test.problem == "" && err == nil {
				return
			}
			if tell(t, err) == nil || test.problem == "" || !errors.Is(err, fetch.ErrNotAllowed) ||
				!strings.Contains(err.Error(), test.problem) {
				t.Errorf("got %v; want %q", err, test.problem)
			}
		})
	}
}
