package graph_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"qm-compliance/graph"
	"qm-compliance/graph/admission"
)

// Those who send slowly keep nobody from running, however many they are; they count for themselves alone.
func TestSlowSendersKeepNoPlace(t *testing.T) {
	t.Parallel()
	a := newEmptyAPI(t, func(o *graph.Options) {
		o.Limits.Admission = admission.Limits{Operations: 1, OperationsEach: 2, Queue: 1}
	})
	for range 2 {
		body, send := io.Pipe()
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", body)
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", a.authorization(t, "analyst"))
		ended := make(chan struct{})
		go func() { a.ServeHTTP(httptest.NewRecorder(), request); close(ended) }()
		t.Cleanup(func() { _ = send.Close(); <-ended })
		_, _ = send.Write([]byte("{")) // it is read
	}
	if got := a.do(t, "manager", `{ viewer { userId } }`, nil); got.code() != "" {
		t.Errorf("somebody else: %q", got.code())
	}
	if got := a.do(t, "analyst", `{ viewer { userId } }`, nil); got.code() != "RATE_LIMITED" {
		t.Errorf("the sender: %q", got.code())
	}
}
