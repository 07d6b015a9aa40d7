package interaction_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/media/interaction"
	"qm-compliance/media/interaction/interactiontest"
)

// What the client sends is held to openapi.json by interactiontest, which fails the test for anything else.
func TestRequestsAreAsTheContractSays(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 5*3600+1800)
	for name, change := range map[string]func(*interaction.Request){
		"the least": func(*interaction.Request) {},
		"keep":      func(r *interaction.Request) { r.Action = interaction.Keep },
		"several":   func(r *interaction.Request) { r.Conversation.Vcons = []uuid.UUID{uuid.New(), uuid.New()} },
		"another time zone and fractions of a second": func(r *interaction.Request) {
			r.RequestedAt = time.Date(2026, 2, 28, 23, 59, 59, 123456789, zone)
		},
		"the highest numbers": func(r *interaction.Request) { r.Sequence, r.SettingsVersion = 1<<63-1, 1<<31-1 },
		"all of a file": func(r *interaction.Request) {
			r.Files = append(r.Files, interaction.File{
				ID: "two", Kind: compliance.MediaScreen, ContentHash: "sha512-GLy6IPaIUM1_-",
				SourceURL: "s3://recordings/2026/a%20b.webm",
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service, asked := interactiontest.New(t), request()
			change(&asked)
			if err := newClient(t, interaction.Options{URL: service.URL() + "/"}).Send(t.Context(),
				asked); err != nil {
				t.Fatal(err)
			}
			got := service.Deliveries()[0].Request
			if got.ID != asked.ID || got.Sequence != asked.Sequence || got.Action != asked.Action ||
				len(got.Files) != len(asked.Files) || !got.RequestedAt.Equal(asked.RequestedAt) {
				t.Errorf("got %+v; want %+v", got, asked)
			}
		})
	}
}

func TestTheTokenIsSent(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]string{"": "", "aZ0-._~+/=": "Bearer aZ0-._~+/="} {
		service := interactiontest.New(t)
		if err := newClient(t, interaction.Options{URL: service.URL(), Token: token}).Send(t.Context(),
			request()); err != nil {
			t.Fatal(err)
		}
		if got := service.Deliveries()[0].Authorization; got != want {
			t.Errorf("Authorization: %q; want %q", got, want)
		}
	}
}

func TestTheAddressIsJoined(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"http://una:secret@media.example":      "http://una:secret@media.example/media-deletion-requests",
		"http://media.example/":                "http://media.example/media-deletion-requests",
		"https://media.example:8443/api/v1":    "https://media.example:8443/api/v1/media-deletion-requests",
		"https://media.example/api/v1/":        "https://media.example/api/v1/media-deletion-requests",
		"https://media.example/a%2Fb?tenant=7": "https://media.example/a%2Fb/media-deletion-requests?tenant=7",
		"http://[::1]:80/x":                    "http://[::1]:80/x/media-deletion-requests",
	} {
		var got string
		client := newClient(t, interaction.Options{URL: base,
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				got = r.URL.String()
				return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, nil
			})})
		if err := client.Send(t.Context(), request()); err != nil || got != want {
			t.Errorf("%s: %v, asked %s; want %s", base, err, got, want)
		}
	}
}

func TestGivesUpInTime(t *testing.T) {
	t.Parallel()
	for name, transport := range map[string]roundTrip{
		"no answer": func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		},
		"a failure whose body never ends": func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusBadGateway, Body: io.NopCloser(stalled{r.Context()})}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				started := time.Now()
				err := newClient(t, interaction.Options{URL: "http://media.example",
					Transport: transport}).Send(t.Context(), request())
				if failure(t, err); time.Since(started) != 10*time.Second {
					t.Errorf("%v after %s; want an error after 10s", err, time.Since(started))
				}
			})
		})
	}
}

// stalled is a body that brings nothing until its request ends.
type stalled struct{ ctx context.Context }

func (s stalled) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func TestTheCallersEndIsTold(t *testing.T) {
	t.Parallel()
	service := interactiontest.New(t)
	service.Hang()
	ctx, end := context.WithCancel(t.Context())
	go func() {
		_ = service.WaitForAttempts(t.Context(), 1)
		end()
	}()
	err := newClient(t, interaction.Options{URL: service.URL()}).Send(ctx, request())
	if failure(t, err); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v; want context.Canceled", err)
	}
}

func TestLongAnswersAreNotReadToTheirEnd(t *testing.T) {
	t.Parallel()
	url := answering(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, strings.Repeat("x", 1<<10)); err != nil {
				return
			}
		}
	})
	if err := newClient(t, interaction.Options{URL: url, Timeout: time.Minute}).Send(t.Context(),
		request()); err != nil {
		t.Errorf("got %v; want the request taken: the status said so", err)
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	clients := make(chan string, 5)
	url := answering(t, func(w http.ResponseWriter, r *http.Request) {
		clients <- r.RemoteAddr
		_, _ = fmt.Fprint(w, strings.Repeat("x", 60<<10))
	})
	client := newClient(t, interaction.Options{URL: url})
	for range 5 {
		if err := client.Send(t.Context(), request()); err != nil {
			t.Fatal(err)
		}
	}
	first := <-clients
	for range 4 {
		if next := <-clients; next != first {
			t.Errorf("a request came over another connection, %s after %s", next, first)
		}
	}
}

func TestTheEmbeddedServiceTakesEverything(t *testing.T) {
	t.Parallel()
	var service interaction.Service = interaction.Embedded{}
	if err := service.Send(t.Context(), request()); err != nil {
		t.Error(err)
	}
	ctx, end := context.WithCancel(t.Context())
	end()
	if err := service.Send(ctx, request()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v; want context.Canceled", err)
	}
}
