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
