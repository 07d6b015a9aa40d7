package interactiontest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"qm-compliance/media/interaction"
)

func (s *Service) handle(w http.ResponseWriter, r *http.Request) {
	request, body, err := s.contract.read(r)
	if err == nil {
		err = s.known(request, body)
	}
	if err != nil && r.Context().Err() != nil {
		hangUp(w, "") // the client left in the middle of its request, or this service stopped: not the client's fault
		return
	}
	s.update(func() {
		s.attempts++
		if err != nil {
			s.violations = append(s.violations, err.Error())
		}
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.answer(w, r, request, body)
}

// known fails where the same key came with another request before.
func (s *Service) known(request interaction.Request, body []byte) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if before, ok := s.taken[request.ID]; ok && !bytes.Equal(before, body) {
		return fmt.Errorf("the key %s was used for another request before; the same request, or a new key, is right", request.ID)
	}
	return nil
}

func (s *Service) answer(w http.ResponseWriter, r *http.Request, request interaction.Request, body []byte) {
	if s.unhang(r.Context()) != nil {
		hangUp(w, "")
		return
	}
	told, status := s.take(r, request, body)
	if !told.answers(r.Context()) {
		hangUp(w, brokenOff)
		return
	}
	if told.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(told.retryAfter/time.Second)))
	}
	w.WriteHeader(status)
}

// brokenOff is not empty, since after a connection that breaks before any byte of the answer an HTTP client may try again by itself.
const brokenOff = "HTTP/1.1 20"

// answers waits until the answer is due, and reports whether it is to be given at all.
func (b behaviour) answers(ctx context.Context) bool {
	if b.late != nil {
		select {
		case <-b.late:
		case <-ctx.Done():
			return false
		}
	}
	return b.drops == 0
}

// unhang returns once the service does not hang, or fails once the client has left.
func (s *Service) unhang(ctx context.Context) error {
	return s.wait(ctx, func() bool { return !s.behaviour.hangs })
}

// take remembers the request unless the service fails. It returns how the service was told to behave at that moment, and the status of the answer.
func (s *Service) take(r *http.Request, request interaction.Request, body []byte) (told behaviour, status int) {
	s.update(func() {
		told, status = s.behaviour, s.behaviour.status
		if status != 0 {
			return
		}
		s.behaviour.drops = max(s.behaviour.drops-1, 0)
		_, again := s.taken[request.ID]
		status = http.StatusAccepted
		if again {
			status = http.StatusConflict
		}
		s.taken[request.ID] = body
		s.deliveries = append(s.deliveries, delivery(r, request, again))
	})
	return told, status
}

func delivery(r *http.Request, request interaction.Request, again bool) Delivery {
	files := []string{}
	for _, file := range request.Files {
		files = append(files, file.ID)
	}
	return Delivery{
		Key: request.ID, Action: request.Action, Files: files, At: time.Now(), Again: again, Authorization: r.Header.Get("Authorization"), Request: request,
	}
}
