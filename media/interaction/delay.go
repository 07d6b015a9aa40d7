package interaction

import (
	"errors"
	"time"
)

const (
	firstDelay = time.Second
	maxDelay   = 15 * time.Minute
)

// Delay is how long to wait before a request is sent again that failed this often (1 for the first time) with err: twice as long each time, up to 15 minutes, and
// up to a quarter more or less, so that requests which failed together are not all sent again together. What the service asked for is waited at least. Random
// gives numbers from 0 up to, and without, 1.
func Delay(failed int, err error, random func() float64) time.Duration {
	delay := maxDelay
	if doublings := failed - 1; doublings < 10 {
		delay = min(maxDelay, firstDelay<<max(0, doublings))
	}
	delay = time.Duration(float64(delay) * (0.75 + random()/2))
	var answered *Error
	if errors.As(err, &answered) {
		delay = max(delay, answered.RetryAfter)
	}
	return delay
}
