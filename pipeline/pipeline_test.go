package pipeline_test

import (
	"context"
	"iter"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"qm-compliance/pipeline"
)

// numbers yields 0, 1, 2 and so on, and counts them, until it is stopped.
func numbers(most int, made *atomic.Int64) func(context.Context) iter.Seq[int] {
	return func(context.Context) iter.Seq[int] {
		return func(yield func(int) bool) {
			for i := range most {
				made.Add(1)
				if !yield(i) {
					return
				}
			}
		}
	}
}

// Results come in the order of the values, whichever is finished first, and no more values are in flight than
// there may be.
func TestMapKeepsTheOrderAndTheBound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const ahead, all = 5, 40
		var made atomic.Int64
		gates := make([]chan struct{}, all)
		for i := range gates {
			gates[i] = make(chan struct{})
		}
		got := make(chan int)
		go func() {
			defer close(got)
			slow := func(i int) int { <-gates[i]; return i * i }
			for v := range pipeline.Map(t.Context(), ahead, numbers(all, &made), slow) {
				got <- v
			}
		}()
		for begin := 0; begin < all; begin += ahead { // within each group the last one is finished first
			for i := min(begin+ahead, all) - 1; i >= begin; i-- {
				synctest.Wait()
				if n := made.Load(); n > int64(begin+ahead+2) {
					t.Fatalf("%d values are made when %d results are taken", n, begin)
				}
				close(gates[i])
			}
			for i := begin; i < min(begin+ahead, all); i++ {
				if v := <-got; v != i*i {
					t.Fatalf("result %d is %d", i, v)
				}
			}
		}
		if v, more := <-got; more {
			t.Errorf("there is one more: %d", v)
		}
	})
}

// Stopping early ends the context of what produces, and nothing runs on: synctest fails where a goroutine
// stays.
func TestStoppingEndsEverything(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(context.CancelFunc) bool{
		"the reader stops":     func(context.CancelFunc) bool { return false },
		"the context ends":     func(cancel context.CancelFunc) bool { cancel(); return true },
		"the context and both": func(cancel context.CancelFunc) bool { cancel(); return false },
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := false
			waits := func(ctx context.Context) iter.Seq[int] {
				return func(yield func(int) bool) {
					defer func() { ended = true }()
					_ = yield(1) && yield(2)
					<-ctx.Done()
				}
			}
			for range pipeline.Map(ctx, 1, waits, func(i int) int { return i }) {
				if !stop(cancel) {
					break
				}
			}
			if !ended {
				t.Errorf("%s: what produces goes on", name)
			}
		})
	}
}

// A panic comes to the reader's goroutine, where it is recovered.
func TestPanics(t *testing.T) {
	t.Parallel()
	var made atomic.Int64
	breaks := func(i int) int {
		if i == 3 {
			panic("of a value")
		}
		return i
	}
	read := func(values iter.Seq[int]) (got []int, panicked any) {
		defer func() { panicked = recover() }()
		for v := range values {
			got = append(got, v)
		}
		return got, nil
	}
	got, panicked := read(pipeline.Map(t.Context(), 2, numbers(9, &made), breaks))
	if panicked != "of a value" || !slices.Equal(got, []int{0, 1, 2}) {
		t.Errorf("%v, then %v", got, panicked)
	}
	broken := func(context.Context) iter.Seq[int] {
		return func(yield func(int) bool) { _ = yield(7); panic("of the producer") }
	}
	got, panicked = read(pipeline.Map(t.Context(), 2, broken, breaks))
	if panicked != "of the producer" || !slices.Equal(got, []int{7}) {
		t.Errorf("%v, then %v", got, panicked)
	}
}
