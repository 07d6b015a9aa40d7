package interaction_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"qm-compliance/media/interaction"
)

func always(number float64) func() float64 { return func() float64 { return number } }

func TestDelay(t *testing.T) {
	t.Parallel()
	for attempt, middle := range map[int]time.Duration{
		math.MinInt: time.Second, -1: time.Second, 0: time.Second, 1: time.Second, 2: 2 * time.Second, 3: 4 * time.Second, 10: 512 * time.Second,
		11: 15 * time.Minute, 12: 15 * time.Minute, 64: 15 * time.Minute, 65: 15 * time.Minute, math.MaxInt: 15 * time.Minute,
	} {
		for number, part := range map[float64]time.Duration{0: 75, 0.5: 100, 1: 125} {
			if got, want := interaction.Delay(attempt, always(number)), middle*part/100; got != want {
				t.Errorf("Delay(%d, %g) = %s; want %s", attempt, number, got, want)
			}
		}
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	asked := func(after time.Duration) error {
		return fmt.Errorf("wrapped: %w", &interaction.Error{RetryAfter: after})
	}
	for name, test := range map[string]struct {
		attempt int
		err     error
		want    time.Duration
	}{
		"no wish":       {3, asked(0), 4 * time.Second},
		"longer":        {3, asked(time.Minute), time.Minute},
		"shorter":       {3, asked(time.Second), 4 * time.Second},
		"far too long":  {3, asked(math.MaxInt64), 15 * time.Minute},
		"another error": {3, errors.New("other"), 4 * time.Second},
		"no error":      {3, nil, 4 * time.Second},
		"late and long": {99, asked(time.Hour), 15 * time.Minute},
		"negative":      {1, asked(-time.Hour), time.Second},
	} {
		if got := interaction.Next(test.attempt, test.err, always(0.5)); got != test.want {
			t.Errorf("%s: %s; want %s", name, got, test.want)
		}
	}
}
