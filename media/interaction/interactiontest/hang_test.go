package interactiontest_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"qm-compliance/media/interaction/interactiontest"
)

func TestHangsUntilTold(t *testing.T) {
	t.Parallel()
	service, asked := interactiontest.New(t), request(t)
	service.Hang()
	sent := make(chan error, 1)
	go func() { sent <- client(t, service).Send(t.Context(), asked) }()
	if err := service.WaitForAttempts(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if len(service.Deliveries()) != 0 {
		t.Error("a request was taken while the service hung")
	}
	service.Behave()
	if err := <-sent; err != nil || len(service.Deliveries()) != 1 {
		t.Errorf("%v, %d deliveries; want it taken afterwards", err, len(service.Deliveries()))
	}
}

func TestHangsUntilTheClientLeaves(t *testing.T) {
	t.Parallel()
	service, asked := interactiontest.New(t), request(t)
	service.Hang()
	ctx, leave := context.WithCancel(t.Context())
	sent := make(chan error, 1)
	go func() { sent <- client(t, service).Send(ctx, asked) }()
	if err := service.WaitForAttempts(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	leave()
	if err := <-sent; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v; want context.Canceled", err)
	}
}

func TestAnswersLate(t *testing.T) {
	t.Parallel()
	service, asked := interactiontest.New(t), request(t)
	release := make(chan struct{})
	service.AnswerLate(release)
	sent := make(chan error, 1)
	go func() { sent <- client(t, service).Send(t.Context(), asked) }()
	if _, err := service.WaitFor(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-sent:
		t.Fatalf("answered before it was due: %v", err)
	default:
	}
	close(release)
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

func TestRestarts(t *testing.T) {
	t.Parallel()
	service := interactiontest.New(t)
	sender, before := client(t, service), service.URL()
	service.Stop()
	service.Stop()
	if err := sender.Send(t.Context(), request(t)); err == nil ||
		!strings.Contains(err.Error(), "refuses connections") {
		t.Errorf("got %v; want a refused connection", err)
	}
	service.Start()
	service.Start()
	if err := sender.Send(t.Context(), request(t)); err != nil || service.URL() != before {
		t.Errorf("%v at %s; want it taken at %s", err, service.URL(), before)
	}
}

func TestStoppingBreaksWhatHangs(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(*interactiontest.Service){
		"hanging": (*interactiontest.Service).Hang,
		"late":    func(s *interactiontest.Service) { s.AnswerLate(make(chan struct{})) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service, asked := interactiontest.New(t), request(t)
			begin(service)
			sent := make(chan error, 1)
			go func() { sent <- client(t, service).Send(t.Context(), asked) }()
			if err := service.WaitForAttempts(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			service.Stop()
			if err := <-sent; err == nil {
				t.Error("the request counts as taken; want an error")
			}
		})
	}
}
