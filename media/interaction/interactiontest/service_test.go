package interactiontest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"qm-compliance/compliance"
	"qm-compliance/media/interaction"
	"qm-compliance/media/interaction/interactiontest"
)

func request(t *testing.T) interaction.Request {
	t.Helper()
	return interaction.Request{
		ID: uuid.New(), Sequence: 7, Action: interaction.Delete, SettingsVersion: 2,
		RequestedAt:  time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		Conversation: interaction.Conversation{ID: "conversation", Vcons: []uuid.UUID{uuid.New()}},
		Files: []interaction.File{{ID: "a", Kind: compliance.MediaCall},
			{ID: "b", Kind: compliance.MediaScreen}},
	}
}

func client(t *testing.T, service *interactiontest.Service) *interaction.Client {
	t.Helper()
	c, err := interaction.NewClient(interaction.Options{URL: service.URL(), Token: "t0ken"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func status(err error) int {
	if failed, ok := errors.AsType[*interaction.Error](err); ok {
		return failed.Status
	}
	return -1
}

func TestTakenRequestsAreRemembered(t *testing.T) {
	t.Parallel()
	service, asked := interactiontest.New(t), request(t)
	if err := client(t, service).Send(t.Context(), asked); err != nil {
		t.Fatal(err)
	}
	got, err := service.WaitFor(t.Context(), 1)
	if err != nil || len(got) != 1 {
		t.Fatalf("%d deliveries, %v; want 1", len(got), err)
	}
	if got[0].Key != asked.ID || got[0].Action != interaction.Delete || got[0].Again ||
		got[0].Authorization != "Bearer t0ken" || got[0].At.IsZero() {
		t.Errorf("got %+v", got[0])
	}
	if diff := cmp.Diff([]string{"a", "b"}, got[0].Files); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(asked, got[0].Request); diff != "" {
		t.Errorf("the request changed on its way:\n%s", diff)
	}
}

func TestFailsUntilItBehaves(t *testing.T) {
	t.Parallel()
	service, asked := interactiontest.New(t), request(t)
	service.Fail(http.StatusServiceUnavailable, 90*time.Second)
	err := client(t, service).Send(t.Context(), asked)
	failed, ok := errors.AsType[*interaction.Error](err)
	if !ok || failed.Status != http.StatusServiceUnavailable || failed.RetryAfter != 90*time.Second {
		t.Errorf("got %+v", err)
	}
	if len(service.Deliveries()) != 0 || service.Attempts() != 1 {
		t.Errorf("%d deliveries in %d attempts; want none in 1", len(service.Deliveries()), service.Attempts())
	}
	service.Behave()
	if err := client(t, service).Send(t.Context(), asked); err != nil {
		t.Error(err)
	}
}

func TestAnswersGetLost(t *testing.T) {
	t.Parallel()
	service, asked := interactiontest.New(t), request(t)
	service.DropAnswers(2)
	sender := client(t, service)
	for range 2 {
		if err := sender.Send(t.Context(), asked); status(err) != 0 {
			t.Errorf("got %v; want a connection that broke", err)
		}
	}
	if err := sender.Send(t.Context(), asked); err != nil {
		t.Error(err)
	}
	got := service.Deliveries()
	if len(got) != 3 || got[0].Again || !got[1].Again || !got[2].Again {
		t.Errorf("got %+v; want the same request 3 times", got)
	}
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, end := context.WithCancel(t.Context())
	end()
	if _, err := interactiontest.New(t).WaitFor(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v; want context.Canceled", err)
	}
}

func TestTakesManyAtOnce(t *testing.T) {
	t.Parallel()
	const many = 50
	service := interactiontest.New(t)
	sender, sent := client(t, service), make(chan error, many)
	for range many {
		asked := request(t)
		go func() { sent <- sender.Send(t.Context(), asked) }()
	}
	for range many {
		if err := <-sent; err != nil {
			t.Error(err)
		}
	}
	keys := map[string]bool{}
	for _, delivery := range service.Deliveries() {
		keys[fmt.Sprint(delivery.Key)] = true
	}
	if len(keys) != many {
		t.Errorf("%d keys; want %d", len(keys), many)
	}
}
