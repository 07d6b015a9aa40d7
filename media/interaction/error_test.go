package interaction_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"qm-compliance/media/interaction"
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		200: "", 201: "", 202: "", 204: "", 409: "",
		206: "a status that its contract does not define",
		301: "it redirects", 302: "it redirects", 303: "it redirects", 304: "it redirects", 307: "it redirects",
		308: "it redirects",
		400: "it rejected the request", 422: "it rejected the request",
		401: "check the token", 403: "check the permissions of the token", 404: "check its URL",
		410: "a status that its contract does not define",
		429: "too many requests", 503: "not available", 500: "an internal error of the service",
		502: "an internal error of the service", 599: "an internal error of the service",
	} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			url := answering(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/elsewhere" {
					t.Error("the redirect was followed")
				}
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(status)
				_, _ = w.Write([]byte("secret body"))
			})
			err := newClient(t, interaction.Options{URL: url + "?key=secret"}).Send(t.Context(), request())
			if want == "" {
				if err != nil {
					t.Errorf("got %v; want it taken", err)
				}
				return
			}
			if failed := failure(t, err); failed.Status != status || !strings.Contains(err.Error(), want) ||
				!strings.Contains(err.Error(), fmt.Sprint(status)) {
				t.Errorf("status %d, %q; want %d and %q", failed.Status, err, status, want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("%q repeats what it should not", err)
			}
		})
	}
}

// Every status that the contract describes is one that the client has a word for.
func TestTheContractsStatuses(t *testing.T) {
	t.Parallel()
	var document struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct{ Description string }
		}
	}
	if err := json.Unmarshal(interaction.OpenAPI(), &document); err != nil {
		t.Fatal(err)
	}
	responses := document.Paths["/media-deletion-requests"]["post"].Responses
	for _, status := range []string{"200", "201", "202", "204", "400", "401", "403", "404", "409", "422", "429",
		"503", "5XX", "default"} {
		if responses[status].Description == "" {
			t.Errorf("openapi.json does not describe status %s", status)
		}
	}
	if len(responses) != 14 {
		t.Errorf("openapi.json describes %d statuses; want 14, the ones that this test names", len(responses))
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const spaced = " 7 "
	synctest.Test(t, func(t *testing.T) {
		for value, want := range map[string]time.Duration{
			"": 0, "0": 0, "120": 2 * time.Minute, spaced: 7 * time.Second, "-5": 0, "1.5": 0, "soon": 0,
			"99999999999999999999999":                                1<<63 - 1,
			"9223372036854775807":                                    1<<63 - 1,
			time.Now().Add(time.Hour).UTC().Format(http.TimeFormat):  time.Hour,
			time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat): 0,
		} {
			client := newClient(t, interaction.Options{URL: "http://media.example",
				Transport: roundTrip(func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: http.StatusTooManyRequests,
						Header: http.Header{"Retry-After": {value}}, Body: http.NoBody}, nil
				})})
			if got := failure(t, client.Send(t.Context(), request())).RetryAfter; got != want {
				t.Errorf("Retry-After: %s is %s; want %s", value, got, want)
			}
		}
	})
}

func TestWhatKeepsAnAnswerAway(t *testing.T) {
	t.Parallel()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	secure.Config.ErrorLog = quiet()
	t.Cleanup(secure.Close)
	plain := answering(t, http.NotFound)
	for want, test := range map[string]struct {
		url       string
		transport http.RoundTripper
	}{
		"refuses connections": {"http://" + unusedAddress(t), nil},
		"DNS does not know its name": {"http://a.example",
			failing(&net.DNSError{Name: "a.example", IsNotFound: true})},
		"DNS did not respond": {"http://a.example",
			failing(&net.DNSError{Name: "a.example", IsTimeout: true})},
		"does not trust":   {secure.URL, nil},
		"for another name": {secure.URL, trusting(secure, "another.test")},
		"expired":          {secure.URL, failing(x509.CertificateInvalidError{Reason: x509.Expired})},
		"that is not valid": {secure.URL,
			failing(&tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.TooManyIntermediates}})},
		"does not speak TLS": {"https" + strings.TrimPrefix(plain, "http"), nil},
		"check its port, or use": {"https" + strings.TrimPrefix(plain, "http"),
			failing(tls.RecordHeaderError{Msg: "secret"})},
		"closed the connection":   {answering(t, breaking("")), nil},
		"before it responded":     {answering(t, breaking("HTTP/1.1 200 O")), nil},
		"as an HTTP server":       {answering(t, breaking("220 secret mail server\r\n\r\n")), nil},
		"did not respond in time": {"http://a.example", failing(&net.OpError{Op: "dial", Err: timeout{}})},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			url := strings.Replace(test.url, "://", "://una:secret@", 1) + "/secret?key=secret"
			err := newClient(t, interaction.Options{URL: url, Transport: test.transport}).Send(t.Context(), request())
			if failed := failure(t, err); failed.Status != 0 || !strings.Contains(err.Error(), want) ||
				!strings.Contains(err.Error(), test.url) {
				t.Errorf("status %d, %q; want %q and the service's address", failed.Status, err, want)
			}
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "una") {
				t.Errorf("%q repeats what it should not", err)
			}
		})
	}
}

type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

func failing(err error) roundTrip {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}
