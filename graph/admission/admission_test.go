package admission_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"qm-compliance/graph/admission"
)

func reasonOf(err error) admission.Reason {
	var refused *admission.Error
	if errors.As(err, &refused) {
		return refused.Reason
	}
	return ""
}

// enter takes a pass, or fails the test.
func enter(t *testing.T, g *admission.Gate, person string) *admission.Pass {
	t.Helper()
	pass, err := g.Enter(t.Context(), person)
	if err != nil {
		t.Fatalf("%s is refused: %v", person, err)
	}
	return pass
}

func refused(t *testing.T, g *admission.Gate, person string, want admission.Reason) *admission.Error {
	t.Helper()
	_, err := g.Enter(t.Context(), person)
	if reasonOf(err) != want {
		t.Errorf("%s gets %v, want %q", person, err, want)
	}
	var found *admission.Error
	errors.As(err, &found)
	return found
}

// A person has so many operations at once; others are not touched by that.
func TestOperationsOfAPerson(t *testing.T) {
	t.Parallel()
	g := admission.NewGate(admission.Limits{Operations: 10, OperationsEach: 2}, time.Now)
	first, second := enter(t, g, "ann"), enter(t, g, "ann")
	refused(t, g, "ann", admission.ReasonPerson)
	enter(t, g, "bob")
	first.Ran() // its answer is still to be taken
	refused(t, g, "ann", admission.ReasonPerson)
	first.Leave()
	first.Leave()
	third := enter(t, g, "ann")
	refused(t, g, "ann", admission.ReasonPerson)
	second.Leave()
	third.Leave()
	enter(t, g, "ann")
}

// Beyond those that run, so many wait, for so long; whoever comes after that is refused at once.
func TestTheQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := admission.NewGate(admission.Limits{Operations: 2, Queue: 2, Wait: 3 * time.Second}, time.Now)
		var waiting atomic.Int64
		g.Waits = func(delta int) { waiting.Add(int64(delta)) }
		running := enter(t, g, "a")
		enter(t, g, "b")
		start, late := time.Now(), make(chan error, 2)
		for range 2 {
			go func() { _, err := g.Enter(t.Context(), "c"); late <- err }()
		}
		synctest.Wait()
		if waiting.Load() != 2 {
			t.Errorf("%d wait", waiting.Load())
		}
		if after := refused(t, g, "d", admission.ReasonOverload); time.Since(start) > 0 || after.RetryAfter <= 0 {
			t.Errorf("refused after %s, %+v", time.Since(start), after)
		}
		running.Ran()
		running.Leave()
		synctest.Wait()
		if err := <-late; err != nil || time.Since(start) > 0 {
			t.Errorf("who waits is not let in when there is room: %v", err)
		}
		if err := <-late; reasonOf(err) != admission.ReasonOverload || time.Since(start) != 3*time.Second {
			t.Errorf("who has waited long enough gets %v after %s", err, time.Since(start))
		}
		if waiting.Load() != 0 {
			t.Errorf("%d still wait", waiting.Load())
		}
	})
}

// When one has waited in vain, others are refused without a wait; those that wait already are let in, and once
// that goes fast enough, others may wait again.
func TestOverload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := admission.NewGate(admission.Limits{Operations: 1, Queue: 10, Wait: 4 * time.Second}, time.Now)
		var overloads atomic.Int64
		g.Overloads = func(delta int) { overloads.Add(int64(delta)) }
		entered := make(chan *admission.Pass, 10)
		wait := func() {
			go func() {
				if pass, err := g.Enter(t.Context(), "b"); err == nil {
					entered <- pass
				}
			}()
			synctest.Wait()
		}
		atOnce := func(when string) {
			t.Helper()
			begun := time.Now()
			if after := refused(t, g, "c", admission.ReasonOverload); time.Since(begun) != 0 || after.RetryAfter != 4*time.Second {
				t.Errorf("%s: refused after %s: %+v", when, time.Since(begun), after)
			}
		}
		running := enter(t, g, "a")
		wait()
		<-time.After(3 * time.Second)
		wait() // for 3 s of the next 4
		<-time.After(time.Second)
		synctest.Wait()
		if overloads.Load() != 1 {
			t.Fatal("one has waited in vain, and the gate does not notice")
		}
		atOnce("while nothing ends")
		<-time.After(2 * time.Second)
		running.Leave()
		next := <-entered // after three seconds
		atOnce("while it still takes long")
		next.Leave()
		running = enter(t, g, "d")
		if overloads.Load() != 0 {
			t.Error("an operation began at once, and the gate still refuses")
		}
		wait()
		<-time.After(2 * time.Second)
		running.Leave()
		(<-entered).Leave()
		if overloads.Load() != 0 {
			t.Error("the gate refuses though nobody has waited too long")
		}
	})
}

// Who gives up waiting leaves nothing behind.
func TestWhoGivesUp(t *testing.T) {
	t.Parallel()
	g := admission.NewGate(admission.Limits{Operations: 1, OperationsEach: 2, Queue: 1}, time.Now)
	running := enter(t, g, "ann")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 5 {
		if _, err := g.Enter(gone, "ann"); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	}
	running.Leave()
	enter(t, g, "ann")
}

// A person begins so many operations in a second, after a rest more at once.
func TestTheRate(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	g := admission.NewGate(admission.Limits{Rate: 2, Burst: 3}, func() time.Time { return now })
	for range 3 {
		enter(t, g, "ann").Leave()
	}
	if after := refused(t, g, "ann", admission.ReasonRate); after.RetryAfter != 500*time.Millisecond {
		t.Errorf("again after %s", after.RetryAfter)
	}
	enter(t, g, "bob").Leave()
	now = now.Add(499 * time.Millisecond)
	refused(t, g, "ann", admission.ReasonRate)
	now = now.Add(time.Millisecond)
	enter(t, g, "ann").Leave()
	refused(t, g, "ann", admission.ReasonRate)
	now = now.Add(time.Hour)
	for range 3 {
		enter(t, g, "ann").Leave()
	}
	refused(t, g, "ann", admission.ReasonRate)
}

// However many people come, what is kept of them is bounded, and nobody's rate is forgotten too early.
func TestManyPeople(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	g := admission.NewGate(admission.Limits{Rate: 1, Burst: 1}, func() time.Time { return now })
	for i := range 30_000 {
		now = now.Add(time.Millisecond)
		enter(t, g, fmt.Sprint("person ", i)).Leave()
	}
	refused(t, g, "person 29999", admission.ReasonRate)
	refused(t, g, "person 29500", admission.ReasonRate)
}

func TestWithoutLimits(t *testing.T) {
	t.Parallel()
	g := admission.NewGate(admission.Limits{}, time.Now)
	for range 1000 {
		enter(t, g, "ann")
	}
}

// Never do more run than may, whoever comes and goes.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	g := admission.NewGate(admission.Limits{Operations: 3, OperationsEach: 100, Queue: 100}, time.Now)
	var mu sync.Mutex
	running, most := 0, 0
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			pass, err := g.Enter(t.Context(), "ann")
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			mu.Lock()
			running--
			mu.Unlock()
			pass.Ran()
			pass.Leave()
		})
	}
	group.Wait()
	if most > 3 {
		t.Errorf("%d ran at once", most)
	}
}

func TestSeats(t *testing.T) {
	t.Parallel()
	s := admission.NewSeats(3, 2)
	ann, _ := s.Take("ann")
	if _, ok := s.Take("ann"); !ok {
		t.Error("the second of a person")
	}
	if _, ok := s.Take("ann"); ok {
		t.Error("the third of a person")
	}
	if _, ok := s.Take("bob"); !ok {
		t.Error("the third in all")
	}
	if _, ok := s.Take("bob"); ok {
		t.Error("the fourth in all")
	}
	ann()
	ann()
	if taken := s.Taken(); taken != 2 {
		t.Errorf("%d are taken", taken)
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	for reason, want := range map[admission.Reason]string{
		admission.ReasonRate:     "you send requests too often; try again in 2 s",
		admission.ReasonPerson:   "you have too many requests in progress; wait for some of them to end, or try again in 2 s",
		admission.ReasonOverload: "the server is overloaded; try again in 2 s",
	} {
		if got := (&admission.Error{Reason: reason, RetryAfter: 1001 * time.Millisecond}).Error(); got != want {
			t.Errorf("%s: %s", reason, got)
		}
	}
}
