package fetch_test

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"qm-compliance/media/fetch"
)

// untouched is a site that nobody may reach.
func untouched(t *testing.T) string {
	t.Helper()
	return site(t, func(http.ResponseWriter,
		*http.Request) {
		t.Error("the site was asked; want no connection")
	})
}

func TestListedHostsInsideAreNotAsked(t *testing.T) {
	t.Parallel()
	for name, dns := range map[string]names{
		"127.0.0.1": nil, "localhost": nil,
		"inside.example": always("127.0.0.1"),
		"both.example":   always("127.0.0.1", "10.0.0.1"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := untouched(t)
			options := fetch.Options{Hosts: []string{name + ":" + port}}
			if dns != nil {
				options.Resolver = dns.resolver()
			}
			_, err := newFetcher(t, options).Fetch(t.Context(), "http://"+name+":"+port+"/secret")
			if !errors.Is(tell(t, err), fetch.ErrNotAllowed) {
				t.Errorf("got %v; want ErrNotAllowed", err)
			}
		})
	}
}

// The name stands for an allowed address when it is asked for first, and for another one afterwards.
func TestRebindingIsRefused(t *testing.T) {
	t.Parallel()
	port := site(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") })
	dns := names(func(n int) []string { return [][]string{{"127.0.0.1"}, {"127.0.0.2"}}[min(n, 1)] })
	f := newFetcher(t, fetch.Options{Hosts: []string{"rebind.example:" + port}, AllowAddress: only("127.0.0.1"),
		Resolver: dns.resolver()})
	body, err := f.Fetch(t.Context(), "http://rebind.example:"+port)
	if err != nil {
		t.Fatal(err)
	}
	_ = body.Close()
	if _, err = f.Fetch(t.Context(), "http://rebind.example:"+port); !errors.Is(tell(t, err),
		fetch.ErrNotAllowed) {
		t.Errorf("got %v; want ErrNotAllowed", err)
	}
}

// Within one answer, the allowed address is asked, and the other one is not.
func TestEveryAddressOfANameIsChecked(t *testing.T) {
	t.Parallel()
	port := site(t, func(http.ResponseWriter, *http.Request) {})
	f := newFetcher(t, fetch.Options{
		Hosts: []string{"both.example:" + port}, AllowAddress: only("127.0.0.1"),
		Resolver: always("10.255.255.1", "127.0.0.1").resolver(),
	})
	body, err := f.Fetch(t.Context(), "http://both.example:"+port)
	if err != nil {
		t.Fatal(err)
	}
	_ = body.Close()
}

// A listed host sends on to a listed name that stands for an address inside.
func TestRedirectsInsideAreRefused(t *testing.T) {
	t.Parallel()
	inside := untouched(t)
	port := site(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://b.example:"+inside+"/secret", http.StatusFound)
	})
	dns := names(func(n int) []string { return [][]string{{"127.0.0.1"}, {"127.0.0.2"}}[min(n, 1)] })
	f := newFetcher(t, fetch.Options{
		Hosts: []string{"a.example:" + port, "b.example:" + inside}, Resolver: dns.resolver(),
		AllowAddress: only("127.0.0.1"),
	})
	_, err := f.Fetch(t.Context(), "http://a.example:"+port)
	if !errors.Is(tell(t, err), fetch.ErrNotAllowed) {
		t.Errorf("got %v; want ErrNotAllowed", err)
	}
}

func TestUnknownNamesAreToldApart(t *testing.T) {
	t.Parallel()
	f := newFetcher(t, fetch.Options{Hosts: []string{"none.example"}, Resolver: always().resolver()})
	_, err := f.Fetch(t.Context(), "https://none.example/secret")
	if want := "a recording cannot be fetched: the host none.example cannot be found by DNS"; tell(t,
		err) == nil || err.Error() != want {
		t.Errorf("got %v; want %s", err, want)
	}
}

func TestCertificatesAreChecked(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter,
		*http.Request) {
		t.Error("the site was asked; want no request")
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "https://")
	f := newFetcher(t, fetch.Options{Hosts: []string{host}, AllowAddress: only("127.0.0.1")})
	_, err := f.Fetch(t.Context(), server.URL+"/secret")
	if tell(t, err) == nil || !strings.Contains(err.Error(),
		"has a TLS certificate that this machine does not trust") {
		t.Errorf("got %v; want the certificate refused", err)
	}
}
