package fetch_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"qm-compliance/media/fetch"
)

// trickle is a body that brings a byte each pause.
type trickle struct {
	ctx   context.Context
	pause []time.Duration
}

func (b *trickle) Read(p []byte) (int, error) {
	if len(b.pause) == 0 {
		return 0, io.EOF
	}
	select {
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	case <-time.After(b.pause[0]):
	}
	b.pause = b.pause[1:]
	p[0] = 'x'
	return 1, nil
}

// slow answers after a time with a body that comes byte by byte.
func slow(begin time.Duration, pauses ...time.Duration) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		select {
		case <-r.Context().Done():
			return nil, r.Context().Err()
		case <-time.After(begin):
		}
		return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(&trickle{r.Context(), pauses}),
			ContentLength: -1, Request: r}, nil
	}
}

// download fetches and reads with a timeout of 10 seconds; the reader rests before every read. It
// returns how long all took.
func download(
	t *testing.T, ctx context.Context, transport roundTrip, rest time.Duration,
) (content string, took time.Duration, err error) {
	t.Helper()
	f := newFetcher(t, fetch.Options{Hosts: []string{"media.example"}, Timeout: 10 * time.Second})
	f.SetTransport(transport)
	started := time.Now()
	body, err := f.Fetch(ctx, "https://media.example/secret")
	if err != nil {
		return "", time.Since(started), tell(t, err)
	}
	defer func() { _ = body.Close() }()
	one := make([]byte, 1)
	for err == nil {
		<-time.After(rest)
		var n int
		n, err = body.Read(one)
		content += string(one[:n])
	}
	if errors.Is(err, io.EOF) {
		return content, time.Since(started), nil
	}
	return content, time.Since(started), tell(t, err)
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	const s = time.Second
	for name, test := range map[string]struct {
		transport roundTrip
		rest      time.Duration // the reader's own
		bound     time.Duration // of ctx
		content   string
		took      time.Duration
		cause     error
	}{
		"slow but steady":            {slow(9*s, 9*s, 9*s, 9*s), 0, time.Hour, "xxx", 36 * s, nil},
		"a slow reader":              {slow(0, s, s), time.Minute, time.Hour, "xx", 182 * s, nil},
		"no answer":                  {slow(time.Hour), 0, time.Hour, "", 10 * s, fetch.ErrStalled},
		"stalled at once":            {slow(9*s, time.Hour), 0, time.Hour, "", 19 * s, fetch.ErrStalled},
		"stalled in the middle":      {slow(0, s, 11*s, s), 0, time.Hour, "x", 11 * s, fetch.ErrStalled},
		"ctx ends before the answer": {slow(9 * s), 0, 5 * s, "", 5 * s, context.DeadlineExceeded},
		"ctx ends within the body":   {slow(0, 4*s, 4*s, 4*s), 0, 9 * s, "xx", 9 * s, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), test.bound)
				defer cancel()
				content, took, err := download(t, ctx, test.transport, test.rest)
				if content != test.content || took != test.took || !errors.Is(err, test.cause) {
					t.Errorf("%q in %s, %v; want %q in %s, %v", content, took, err, test.content, test.took, test.cause)
				}
			})
		})
	}
}

// The clock is watched on real connections, too.
func TestAStalledConnectionIsLeft(t *testing.T) {
	t.Parallel()
	port := site(t, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	f := newFetcher(t, fetch.Options{
		Hosts: []string{"media.example:" + port}, AllowAddress: only("127.0.0.1"),
		Resolver: always("127.0.0.1").resolver(), Timeout: time.Second,
	})
	body, err := f.Fetch(t.Context(), "http://media.example:"+port)
	if err == nil {
		_, err = io.ReadAll(body)
		_ = body.Close()
	}
	if !errors.Is(tell(t, err), fetch.ErrStalled) {
		t.Errorf("got %v; want ErrStalled", err)
	}
}
