package fetch

import "net/http"

// SetTransport puts another transport in place of the fetcher's, for tests in which time is not real.
func (f *Fetcher) SetTransport(transport http.RoundTripper) { f.http.Transport = transport }
