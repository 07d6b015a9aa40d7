package interaction

import (
	"errors"
	"time"
)

const (
	firstDelay   = time.Second
	longestDelay = 15 * time.Minute
)

// Delay tells how long to wait before the next attempt, when attempt of them have failed (1 after the first; less counts as 1). It doubles from
// 1 second up to 15 minutes, and varies by a quarter either way, at the longest too, so that what failed together does not come back
// together. rng returns numbers from 0 up to but excluding 1, as rand.Float64 does.
func Delay(attempt int, rng func() float64) time.Duration {
	delay := firstDelay
	for ; attempt > 1 && delay < longestDelay; attempt-- {
		delay *= 2
	}
	return time.Duration(float64(min(delay, longestDelay)) * (0.75 + rng()/2))
}

// Next is Delay after the error that the last attempt ended with: where the service asked for a longer delay, that one holds, up to 15 minutes.
func Next(attempt int, err error, rng func() float64) time.Duration {
	delay := Delay(attempt, rng)
	if failed, ok := errors.AsType[*Error](err); ok {
		delay = max(delay, min(failed.RetryAfter, longestDelay))
	}
	return delay
}
