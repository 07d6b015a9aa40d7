package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"qm-compliance/backoff"
)

const (
	// providerTimeout is how long the provider may take for discovery, and for its keys.
	providerTimeout = 10 * time.Second
	// hedgeAfter is when a request that has no answer gets another beside it, and so on: one that hangs must
	// not hide that the provider is well again.
	hedgeAfter = 3 * time.Second
	// verifyTimeout is how long a token waits for keys.
	verifyTimeout = 10 * time.Second
	// refreshEvery is how often the keys are fetched without a token asking for them. With the time of a
	// fetch it stays under a minute, in which a key that the provider withdraws has to lose its effect.
	refreshEvery = 45 * time.Second
	// askEvery is how often tokens cause a fetch at most.
	askEvery = 5 * time.Second
	// maxWaiting is how many tokens wait for keys at once.
	maxWaiting = 512
	// maxErrorText is how much of an error is logged; it may hold a whole page of the provider.
	maxErrorText = 300
)

// retry spaces the requests to a provider that does not answer.
var retry = backoff.Exponential{First: time.Second, Longest: refreshEvery}

// providerKeys are the keys of an OpenID Connect provider. One goroutine, run, fetches them, from time to
// time and when a token names a key that is unknown; verify never does more than wait for it, so that a
// provider that hangs holds up only tokens that need a new key, and those for verifyTimeout at most.
type providerKeys struct {
	issuer string
	client *http.Client
	logger *slog.Logger
	// withdrawn is called when the provider no longer has a key that it had.
	withdrawn func()
	// asked wakes run for an attempt that a token waits for.
	asked chan struct{}
	first *attempt // with which run begins

	mu      sync.Mutex
	known   keySet
	address string // of the keys; empty until discovery has worked
	found   bool   // there have been keys
	attempt *attempt
	waiting int
	// started is when the last fetch began, or zero if it brought a new key: a fetch that was of use does
	// not count against askEvery.
	started time.Time
	failed  bool // the last attempt
}

// attempt is a fetch that is under way or about to begin. done is closed when it has ended.
type attempt struct {
	done chan struct{}
	err  error
}

func newAttempt() *attempt { return &attempt{done: make(chan struct{})} }

func newProviderKeys(
	issuer string, transport http.RoundTripper, logger *slog.Logger, withdrawn func(),
) *providerKeys {
	first := newAttempt()
	return &providerKeys{
		issuer: issuer, logger: logger, withdrawn: withdrawn, asked: make(chan struct{}, 1),
		client: &http.Client{Transport: boundedTransport{transport}}, first: first, attempt: first,
	}
}

func (p *providerKeys) ready(ctx context.Context) bool {
	select {
	case <-p.first.done:
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.found
}

func (p *providerKeys) keys() keySet {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known
}

// verify tries the keys that are known, and fetches newer ones if the token names none of them. A token
// with a known key and a wrong signature causes no fetch.
func (p *providerKeys) verify(ctx context.Context, token *jose.JSONWebSignature) ([]byte, Reason) {
	content, known := p.keys().verify(token)
	switch {
	case content != nil:
		return content, ""
	case known:
		return nil, ReasonSignature
	}
	ctx, cancel := context.WithTimeout(ctx, verifyTimeout)
	defer cancel()
	for {
		next, reason := p.join()
		if reason != "" {
			return nil, reason
		}
		err := p.await(ctx, next)
		if content, _ := p.keys().verify(token); content != nil {
			return content, ""
		}
		switch {
		case ctx.Err() != nil:
			return nil, ReasonUnavailable
		case err == nil:
			return nil, ReasonSignature
		}
	}
}

// join returns the attempt that a token with an unknown key waits for: the one under way, or a new one if the
// last began long enough ago; else the reason to refuse the token at once.
func (p *providerKeys) join() (*attempt, Reason) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.waiting >= maxWaiting:
		return nil, ReasonUnavailable
	case p.attempt != nil:
	case time.Since(p.started) >= askEvery:
		p.attempt = newAttempt()
		p.asked <- struct{}{}
	case p.failed:
		return nil, ReasonUnavailable
	default:
		return nil, ReasonSignature
	}
	p.waiting++
	return p.attempt, ""
}

// await returns how the attempt ended, or the error of ctx if that ends first.
func (p *providerKeys) await(ctx context.Context, next *attempt) error {
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.waiting--
	}()
	select {
	case <-next.done:
		return next.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run fetches the keys until ctx ends.
func (p *providerKeys) run(ctx context.Context) error {
	failures := 0
	for {
		err := p.refresh(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		delay := refreshEvery
		if err == nil {
			p.logAnswer(ctx, failures)
			failures = 0
		} else {
			failures++
			delay = retry.Delay(failures, rand.Float64)
			p.logFailure(ctx, err, failures, delay)
		}
		timer := time.NewTimer(delay)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-p.asked:
		}
		timer.Stop()
	}
}

// refresh makes the attempt that tokens wait for, or one of its own.
func (p *providerKeys) refresh(ctx context.Context) error {
	p.mu.Lock()
	if p.attempt == nil {
		p.attempt = newAttempt()
	}
	p.started = time.Now()
	current, address := p.attempt, p.address
	select { // who asked meanwhile gets this attempt
	case <-p.asked:
	default:
	}
	p.mu.Unlock()
	err := error(nil)
	if address == "" {
		address, err = hedged(ctx, func(ctx context.Context) (string, error) {
			return findKeys(ctx, p.client, p.issuer)
		})
	}
	set := keySet(nil)
	if err == nil {
		set, err = hedged(ctx, func(ctx context.Context) (keySet, error) {
			return fetchKeys(ctx, p.client, address)
		})
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.attempt, p.address, p.failed = nil, address, err != nil
	if err == nil {
		p.replace(set)
	}
	current.err = err
	close(current.done)
	return err
}

// hedged calls do, and once more whenever hedgeAfter has gone by, until a call ends or providerTimeout is
// over. It returns what the first call returns that ends.
func hedged[T any](ctx context.Context, do func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, providerTimeout)
	defer cancel()
	type result struct {
		value T
		err   error
	}
	ended := make(chan result)
	again := time.NewTicker(hedgeAfter)
	defer again.Stop()
	for {
		go func() {
			value, err := do(ctx)
			select {
			case ended <- result{value, err}:
			case <-ctx.Done():
			}
		}()
		select {
		case first := <-ended:
			return first.value, first.err
		case <-ctx.Done():
			var none T
			return none, fmt.Errorf("it has not responded for %s", providerTimeout)
		case <-again.C:
		}
	}
}

// replace takes a newer set over.
func (p *providerKeys) replace(set keySet) {
	if p.known.lacks(set) {
		p.started = time.Time{}
	}
	if set.lacks(p.known) {
		p.withdrawn()
	}
	p.known, p.found = set, p.found || len(set) > 0
}

// logFailure says what the operator has to know: each try before people can sign in, and later that the
// provider is away, once.
func (p *providerKeys) logFailure(ctx context.Context, err error, failures int, delay time.Duration) {
	text := err.Error()
	if len(text) > maxErrorText {
		text = text[:maxErrorText] + "..."
	}
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		text = "its response is too long"
	}
	switch {
	case !p.ready(ctx):
		p.logger.WarnContext(ctx, "the OpenID Connect provider does not respond; no one can sign in until it does: "+
			"check --oidc-issuer and the connection to the provider",
			"issuer", p.issuer, "error", text, "retryIn", delay.Round(time.Millisecond))
	case failures == 1:
		p.logger.WarnContext(ctx, "the OpenID Connect provider does not respond; its last keys remain valid",
			"issuer", p.issuer, "error", text)
	}
}

func (p *providerKeys) logAnswer(ctx context.Context, failures int) {
	if failures > 0 {
		p.logger.InfoContext(ctx, "the OpenID Connect provider responds", "issuer", p.issuer, "failures", failures)
	}
}
