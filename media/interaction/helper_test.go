package interaction_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/media/interaction"
)

func request() interaction.Request {
	return interaction.Request{
		ID: uuid.New(), Sequence: 1, Action: interaction.Delete, SettingsVersion: 1,
		RequestedAt:  time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		Conversation: interaction.Conversation{ID: "conversation"},
		Files:        []interaction.File{{ID: "file", Kind: compliance.MediaCall}},
	}
}

func newClient(t *testing.T, options interaction.Options) *interaction.Client {
	t.Helper()
	c, err := interaction.NewClient(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// answering starts a service that answers with handler, and returns its address.
func answering(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

func failure(t *testing.T, err error) *interaction.Error {
	t.Helper()
	failed, ok := errors.AsType[*interaction.Error](err)
	if !ok {
		t.Fatalf("got %v (%T); want an *interaction.Error", err, err)
	}
	return failed
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
