package interaction

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"qm-compliance/backoff"
)

const (
	firstDelay   = time.Second
	longestDelay = 15 * time.Minute
)

// Next returns how long to wait before the next attempt, when so many attempts have failed (1 after the
// first) and the last of them with err. The delay doubles from 1 second up to 15 minutes; if the service
// asked for a longer one, that one holds, up to 15 minutes. random returns numbers from 0 up to but
// excluding 1.
func Next(failed int, err error, random func() float64) time.Duration {
	delay := backoff.Exponential{First: firstDelay, Longest: longestDelay}.Delay(failed, random)
	if answer, ok := errors.AsType[*Error](err); ok {
		delay = max(delay, min(answer.RetryAfter, longestDelay))
	}
	return delay
}

// retryAfter reads the header Retry-After, which holds seconds or an HTTP date. It returns 0 if the header
// cannot be read or is in the past.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), 0)
	}
	seconds, err := strconv.ParseUint(value, 10, 63)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	if seconds > math.MaxInt64/uint64(time.Second) {
		return math.MaxInt64
	}
	return time.Duration(seconds) * time.Second
}
