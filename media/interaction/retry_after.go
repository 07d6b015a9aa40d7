package interaction

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// retryAfter reads the header, which holds seconds or an HTTP date. What cannot be read, or is past, is 0.
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
