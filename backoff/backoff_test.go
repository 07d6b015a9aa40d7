package backoff_test

import (
	"math"
	"testing"
	"time"

	"qm-compliance/backoff"
)

func TestDelay(t *testing.T) {
	t.Parallel()
	policy := backoff.Exponential{First: time.Second, Longest: 15 * time.Minute}
	for failures, middle := range map[int]time.Duration{
		math.MinInt: time.Second, -1: time.Second, 0: time.Second, 1: time.Second,
		2: 2 * time.Second, 3: 4 * time.Second, 10: 512 * time.Second,
		11: 15 * time.Minute, 12: 15 * time.Minute, 64: 15 * time.Minute, 65: 15 * time.Minute,
		math.MaxInt: 15 * time.Minute,
	} {
		for number, percent := range map[float64]time.Duration{0: 75, 0.5: 100, 1: 125} {
			got := policy.Delay(failures, func() float64 { return number })
			if want := middle * percent / 100; got != want {
				t.Errorf("Delay(%d, %g) = %s; want %s", failures, number, got, want)
			}
		}
	}
}
