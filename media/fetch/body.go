package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"
)

// Body is a recording that is being downloaded. Reading it fails with ErrTooLarge beyond MaxBytes, with ErrTruncated where the connection ends before the
// recording, with ErrStalled where nothing comes for too long, and with the error of Fetch's ctx once that has ended. It has to be closed.
type Body struct {
	io.ReadCloser
	// MediaType is what the host says the recording is, such as audio/wav, without parameters; empty where it does not say.
	MediaType string
	// Size is how many bytes the host says there are; -1 where it does not say.
	Size int64
}

// Fetch asks for a recording, and returns once the answer begins. ctx bounds the download to its end. Every error is an *Error.
func (f *Fetcher) Fetch(ctx context.Context, rawURL string) (Body, error) {
	address, err := f.target(rawURL)
	if err != nil {
		return Body{}, err
	}
	bounded, cancel := context.WithCancelCause(ctx)
	watch := time.AfterFunc(f.timeout, func() { cancel(ErrStalled) })
	get := (&http.Request{
		Method: http.MethodGet, URL: address, Header: http.Header{"Accept-Encoding": {"identity"}, "User-Agent": {"qm-compliance"}},
	}).WithContext(bounded)
	answer, err := f.http.Do(get)
	watch.Stop()
	if err != nil {
		err = f.explain(bounded, address.Host, err)
		cancel(nil)
		return Body{}, err
	}
	host := answer.Request.URL.Host
	if err := f.accept(answer, host); err != nil {
		_ = answer.Body.Close()
		cancel(nil)
		return Body{}, err
	}
	body := &reader{
		fetcher: f, ctx: bounded, cancel: cancel, watch: watch, host: host, source: answer.Body,
		limited: http.MaxBytesReader(nil, answer.Body, f.maxBytes),
	}
	return Body{ReadCloser: body, MediaType: mediaType(answer), Size: answer.ContentLength}, nil
}

// accept refuses answers that are not the whole recording as it lies there.
func (f *Fetcher) accept(answer *http.Response, host string) error {
	encoding := answer.Header.Get("Content-Encoding")
	switch {
	case answer.StatusCode != http.StatusOK:
		return &Error{Host: host, Status: answer.StatusCode, problem: fmt.Sprintf("answered with status %d; 200 is needed", answer.StatusCode)}
	case encoding != "" && encoding != "identity":
		return &Error{Host: host, problem: "answered with a compressed recording, though asked for it as it is"}
	case answer.ContentLength > f.maxBytes:
		return f.tooLarge(host)
	}
	return nil
}

func mediaType(answer *http.Response) string {
	base, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return base
}

// reader is the body of a Body.
type reader struct {
	fetcher *Fetcher
	ctx     context.Context
	cancel  context.CancelCauseFunc
	watch   *time.Timer
	host    string
	source  io.Closer
	limited io.Reader
}

// Read watches the time only while it waits: who reads slowly is not the host's fault.
func (r *reader) Read(p []byte) (int, error) {
	r.watch.Reset(r.fetcher.timeout)
	n, err := r.limited.Read(p)
	r.watch.Stop()
	if err != nil && err != io.EOF {
		// Whatever else ends a recording too early (a reset stream, a broken chunk) is an end all the same.
		err = r.fetcher.explain(r.ctx, r.host, errors.Join(err, io.ErrUnexpectedEOF))
	}
	return n, err
}

// Close ends the download, wherever it is. It does not fail.
func (r *reader) Close() error {
	r.watch.Stop()
	_ = r.source.Close()
	r.cancel(context.Canceled)
	return nil
}
