package admission

import "sync"

// Seats are so many in all and so many for each person. They are safe for concurrent use.
type Seats struct {
	all, each int

	mu    sync.Mutex
	taken int
	by    map[string]int
}

// NewSeats makes seats; zero means no limit.
func NewSeats(all, each int) *Seats { return &Seats{all: all, each: each, by: map[string]int{}} }

// Take takes a seat for a person, and reports whether there is one. Whoever has it calls leave, which may be
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
