// Package backoff tells how long to wait before something that failed is tried again.
package backoff

import "time"

// Exponential doubles the delay with every failure, from First up to Longest.
type Exponential struct {
	First, Longest time.Duration
}

// Delay returns how long to wait after so many failures in a row; fewer than 1 count as 1. It varies by a
// quarter either way, at the longest too, so that clients that failed together do not come back together.
// random returns numbers from 0 up to but excluding 1, as rand.Float64 does.
func (e Exponential) Delay(failures int, random func() float64) time.Duration {
	delay := e.First
	for ; failures > 1 && delay < e.Longest; failures-- {
		delay *= 2
	}
	return time.Duration(float64(min(delay, e.Longest)) * (0.75 + random()/2))
}
