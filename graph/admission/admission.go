// Package admission decides how much is done at once and over time: by one person, so that nobody takes
// everybody else's share, and in all, so that a server that has too much to do says so at once instead of
// letting everybody wait.
package admission

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

// Limits are how much is done at once and over time. Zero means no limit.
type Limits struct {
	// Operations are those that run at once. OperationsEach are those of one person that run, wait, or whose
	// answers are still to be taken.
	Operations, OperationsEach int
	// Queue is how many wait until another operation ends, Wait for how long. When one has waited in vain, others
	// are refused without a wait, until operations begin again within half of Wait.
	Queue int
	Wait  time.Duration
	// Rate is how many operations a person begins in a second in the long run, Burst how many at once after a
	// rest.
	Rate  float64
	Burst int
}

// DefaultLimits keep the database of a small server busy, and let a person's pages load in one go.
func DefaultLimits() Limits {
	operations := max(16, 8*runtime.GOMAXPROCS(0))
	return Limits{Operations: operations, OperationsEach: operations / 2, Queue: 1_000, Wait: 5 * time.Second, Rate: 100, Burst: 500}
}

// Reason says which limit refused an operation.
type Reason string

// The reasons.
const (
	// ReasonRate is that a person asks too often.
	ReasonRate Reason = "rate"
	// ReasonPerson is that too much of a person's is under way.
	ReasonPerson Reason = "person"
	// ReasonOverload is that too much is under way in all.
	ReasonOverload Reason = "overload"
)

// Error is a refusal. It says when to try again.
type Error struct {
	Reason     Reason
	RetryAfter time.Duration
}

// Error returns the message for the user.
func (e *Error) Error() string {
	again := fmt.Sprintf("try again in %d s", Seconds(e.RetryAfter))
	switch e.Reason {
	case ReasonRate:
		return "you send requests too often; " + again
	case ReasonPerson:
		return "you have too many requests in progress; wait for some of them to end, or " + again
	}
	return "the server is overloaded; " + again
}

// Seconds rounds a duration up to whole seconds, at least one, as the header Retry-After counts them.
func Seconds(d time.Duration) int { return max(1, int((d+time.Second-1)/time.Second)) }

// Gate admits operations. It is safe for concurrent use.
type Gate struct {
	limits  Limits
	now     func() time.Time
	persons *Seats
	waiting *Seats
	running *semaphore.Weighted
	// Waits is called with 1 when an operation begins to wait and with -1 when it no longer does; nil is not
	// called.
	Waits func(delta int)
	// Overloads is called with 1 when the gate begins to refuse what it cannot start at once, and with -1 when it
	// lets operations wait again; nil is not called.
	Overloads func(delta int)

	mu         sync.Mutex
	rates      map[string]*rate.Limiter
	overloaded bool
}

// NewGate makes a Gate; now tells the time, for the rates.
func NewGate(limits Limits, now func() time.Time) *Gate {
	g := &Gate{limits: limits, now: now, persons: NewSeats(0, limits.OperationsEach), waiting: NewSeats(limits.Queue, 0), rates: map[string]*rate.Limiter{}}
	if limits.Operations > 0 {
		g.running = semaphore.NewWeighted(int64(limits.Operations))
	}
	return g
}

// Pass is what an operation that was admitted holds.
type Pass struct {
	gate       *Gate
	ran, leave func()
}

// Start lets the operation run, after a while in the queue where others are running. The error is an *Error
// where it is refused, or ctx's if that ends first; the caller must leave the pass even then.
func (p *Pass) Start(ctx context.Context) error {
	running := p.gate.running
	if running == nil {
		return nil
	}
	if running.TryAcquire(1) {
		p.gate.overload(false)
	} else if err := p.gate.queue(ctx); err != nil {
		return err
	}
	p.ran = sync.OnceFunc(func() { running.Release(1) })
	return nil
}

// Ran says that the operation no longer runs, though its answer is still to be taken; others may run instead.
// It may be called more than once.
func (p *Pass) Ran() { p.ran() }

// Leave says that the operation is over. It may be called more than once.
func (p *Pass) Leave() { p.ran(); p.leave() }

// Admit admits an operation of a person, who may still have to send it. The error is an *Error. A caller
// that gets a pass must leave it.
func (g *Gate) Admit(person string) (*Pass, error) {
	if wait := g.tooOften(person); wait > 0 {
		return nil, &Error{ReasonRate, wait}
	}
	leave, ok := g.persons.Take(person)
	if !ok {
		return nil, &Error{ReasonPerson, time.Second}
	}
	return &Pass{g, func() {}, leave}, nil
}

// Enter admits an operation and starts it.
func (g *Gate) Enter(ctx context.Context, person string) (*Pass, error) {
	pass, err := g.Admit(person)
	if err != nil {
		return nil, err
	}
	if err := pass.Start(ctx); err != nil {
		pass.Leave()
		return nil, err
	}
	return pass, nil
}

// overload notes whether operations wait too long.
func (g *Gate) overload(now bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.overloaded == now {
		return
	}
	g.overloaded = now
	if g.Overloads == nil {
		return
	}
	if now {
		g.Overloads(1)
	} else {
		g.Overloads(-1)
	}
}

// refusesAtOnce reports whether waiting is in vain for most.
func (g *Gate) refusesAtOnce() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.overloaded
}

func (g *Gate) queue(ctx context.Context) error {
	if g.refusesAtOnce() {
		return &Error{ReasonOverload, g.limits.Wait}
	}
	stop, ok := g.waiting.Take("")
	if !ok {
		return &Error{ReasonOverload, time.Second}
	}
	defer stop()
	if g.Waits != nil {
		g.Waits(1)
		defer g.Waits(-1)
	}
	waiting := ctx
	if g.limits.Wait > 0 {
		var cancel context.CancelFunc
		waiting, cancel = context.WithTimeout(ctx, g.limits.Wait)
		defer cancel()
	}
	begun := time.Now()
	if g.running.Acquire(waiting, 1) == nil {
		if 2*time.Since(begun) <= g.limits.Wait {
			g.overload(false)
		}
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	g.overload(true)
	return &Error{ReasonOverload, g.limits.Wait}
}

// maxRates is how many persons' rates are kept; beyond it those are forgotten who have rested, and so start
// afresh anyway.
const maxRates = 10_000

// tooOften is how long a person has to wait before the next operation; zero where it may begin.
func (g *Gate) tooOften(person string) time.Duration {
	if g.limits.Rate <= 0 {
		return 0
	}
	now := g.now()
	g.mu.Lock()
	defer g.mu.Unlock()
	limiter := g.rates[person]
	if limiter == nil {
		if len(g.rates) >= maxRates {
			g.forgetRested(now)
		}
		limiter = rate.NewLimiter(rate.Limit(g.limits.Rate), max(1, g.limits.Burst))
		g.rates[person] = limiter
	}
	if limiter.AllowN(now, 1) {
		return 0
	}
	return time.Duration(float64(time.Second) * (1 - limiter.TokensAt(now)) / g.limits.Rate)
}

func (g *Gate) forgetRested(now time.Time) {
	for person, limiter := range g.rates {
		if limiter.TokensAt(now) >= float64(limiter.Burst()) {
			delete(g.rates, person)
		}
	}
}

// Seats are so many in all and so many for each person. They are safe for concurrent use.
type Seats struct {
	all, each int

	mu    sync.Mutex
	taken int
	by    map[string]int
}

// NewSeats makes seats; zero means no limit.
func NewSeats(all, each int) *Seats { return &Seats{all: all, each: each, by: map[string]int{}} }

// Take takes a seat for a person, and reports whether there is one. The caller must call leave, which may be
// called more than once.
func (s *Seats) Take(person string) (leave func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if (s.all > 0 && s.taken >= s.all) || (s.each > 0 && s.by[person] >= s.each) {
		return nil, false
	}
	s.taken++
	s.by[person]++
	return sync.OnceFunc(func() { s.leave(person) }), true
}

func (s *Seats) leave(person string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
	if s.by[person]--; s.by[person] == 0 {
		delete(s.by, person)
	}
}

// Taken is how many seats are taken.
func (s *Seats) Taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}
