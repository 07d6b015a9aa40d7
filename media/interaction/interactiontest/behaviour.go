package interactiontest

import "time"

// behaviour is how the service answers. At first it behaves: it takes requests with 202, and those with a key that it has taken with 409.
type behaviour struct {
	status     int           // fails with it; 0: does not
	retryAfter time.Duration // sent with status; 0: not
	hangs      bool
	drops      int             // so many of the next answers get lost
	late       <-chan struct{} // answers once it is closed; nil: at once
}

func (s *Service) become(b behaviour) { s.update(func() { s.behaviour = b }) }

// Behave ends whatever the service was told. Requests that hang are then taken.
func (s *Service) Behave() { s.become(behaviour{}) }

// Fail answers every request with status, and with Retry-After where retryAfter is not 0 (whole seconds), and takes none.
func (s *Service) Fail(status int, retryAfter time.Duration) {
	s.become(behaviour{status: status, retryAfter: retryAfter})
}

// Hang takes and answers nothing, until the service is told something else or the client leaves.
func (s *Service) Hang() { s.become(behaviour{hangs: true}) }

// DropAnswers takes requests, but breaks the connection in the middle of the next n answers.
func (s *Service) DropAnswers(n int) { s.become(behaviour{drops: n}) }

// AnswerLate takes requests at once, but answers only after release was closed. A client that leaves is not waited for.
func (s *Service) AnswerLate(release <-chan struct{}) { s.become(behaviour{late: release}) }
