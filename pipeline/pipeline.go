// Package pipeline lets the stages of a work go on at the same time, in order and bounded: what comes first
// leaves first, and a stage waits where the next one is behind.
package pipeline

import (
	"context"
	"iter"
	"sync"
)

// Ahead yields what produce yields, which goes on in a goroutine of its own: at most n values are finished
// and not asked for, and one more is in its hands. The goroutine has ended when the sequence ends. A
// sequence that is stopped early ends the context of produce, and the end of ctx ends the sequence,
// whatever is finished. A panic of produce is the sequence's.
func Ahead[T any](ctx context.Context, n int, produce func(context.Context) iter.Seq[T]) iter.Seq[T] {
	return func(yield func(T) bool) {
		ctx, cancel := context.WithCancel(ctx)
		values := make(chan T, n)
		var panicked any
		go func() {
			defer close(values)
			defer func() { panicked = recover() }()
			for value := range produce(ctx) {
				select {
				case values <- value:
				case <-ctx.Done():
					return
				}
			}
		}()
		defer func() {
			cancel()
			for range values { // until the goroutine has ended
			}
			if panicked != nil {
				panic(panicked)
			}
		}()
		for value := range values {
			if ctx.Err() != nil || !yield(value) {
				return
			}
		}
	}
}

// Map yields f of each value of produce, in their order. Both go on ahead of who takes the results: f of at
// most n values and two more at the same time, each in a goroutine of its own. It ends as Ahead does.
func Map[A, B any](ctx context.Context, n int, produce func(context.Context) iter.Seq[A], f func(A) B) iter.Seq[B] {
	type outcome struct {
		value    B
		panicked any
	}
	begin := func(ctx context.Context) iter.Seq[chan outcome] {
		return func(yield func(chan outcome) bool) {
			var running sync.WaitGroup
			defer running.Wait()
			for value := range produce(ctx) {
				done := make(chan outcome, 1)
				running.Go(func() {
					var o outcome
					defer func() {
						o.panicked = recover()
						done <- o
					}()
					o.value = f(value)
				})
				if !yield(done) {
					return
				}
			}
		}
	}
	return func(yield func(B) bool) {
		for done := range Ahead(ctx, n, begin) {
			o := <-done
			if o.panicked != nil {
				panic(o.panicked)
			}
			if !yield(o.value) {
				return
			}
		}
	}
}
