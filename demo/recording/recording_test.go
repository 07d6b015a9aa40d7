package recording_test

import (
	"bytes"
	"testing"
	"time"

	"qm-compliance/demo/recording"
)

func clips(t testing.TB) *recording.Clips {
	t.Helper()
	made, err := recording.NewClips()
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestRecordingsAreTheSameEachTimeAndDifferBySeed(t *testing.T) {
	t.Parallel()
	c := clips(t)
	for name, of := range map[string]func(uint64, time.Duration) []byte{"call": c.Call, "screen": c.Screen} {
		if !bytes.Equal(of(1, time.Minute), of(1, time.Minute)) {
			t.Errorf("%s: the same arguments give other bytes", name)
		}
		if bytes.Equal(of(1, time.Minute), of(2, time.Minute)) {
			t.Errorf("%s: another seed gives the same bytes", name)
		}
	}
}

// Whatever the length, it is what the file says, and what it says stands in it.
func TestLengths(t *testing.T) {
	t.Parallel()
	c := clips(t)
	for _, length := range []time.Duration{time.Second, 61 * time.Second, 2 * time.Hour} {
		if size := len(c.Call(3, length)); size > 2000*int(length.Seconds())+4000 {
			t.Errorf("a call of %s has %d bytes", length, size)
		}
		if size := len(c.Screen(3, length)); size > 5000*int(length.Seconds())+20000 {
			t.Errorf("a screen of %s has %d bytes", length, size)
		}
	}
}

func BenchmarkCall(b *testing.B) {
	c := clips(b)
	for b.Loop() {
		c.Call(1, time.Minute)
	}
}
