package interaction_test

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// breaking writes bytes in place of an answer, and closes the connection.
func breaking(begun string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(connection, begun)
		_ = connection.Close()
	}
}

// trusting trusts the server's certificate, but asks for it under another name.
func trusting(server *httptest.Server, name string) http.RoundTripper {
	transport := server.Client().Transport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: transport.TLSClientConfig.RootCAs, ServerName: name}
	return transport
}

// quiet keeps the server's words about broken handshakes out of the test's output.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// unusedAddress is one that nobody listens at, for as long as the test runs: its port is bound by a
// connection.
func unusedAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	connection, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close(); _ = connection.Close() })
	return connection.LocalAddr().String()
}
