package fetch_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"qm-compliance/media/fetch"
)

// TestMain names a proxy at which nobody is: whatever went by the environment's proxy would fail.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
		_ = os.Setenv(name, "http://127.0.0.1:1")
	}
	os.Exit(m.Run())
}

// names is a DNS in which every name has the addresses that it returns; n counts the questions from 0.
type names func(n int) []string

// resolver asks no DNS but names.
func (answer names) resolver() *net.Resolver {
	asked := make(chan int, 1)
	asked <- 0
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go func() {
			defer func() { _ = server.Close() }()
			_ = answer.serve(server, asked)
		}()
		return client, nil
	}}
}

func (answer names) serve(connection net.Conn, asked chan int) error {
	for {
		var length [2]byte
		if _, err := io.ReadFull(connection, length[:]); err != nil {
			return err
		}
		packet := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(connection, packet); err != nil {
			return err
		}
		reply, err := answer.reply(packet, asked)
		if err != nil {
			return err
		}
		if _, err := connection.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))),
			reply...)); err != nil {
			return err
		}
	}
}

// reply answers questions for IPv4 addresses, and has none in IPv6.
func (answer names) reply(packet []byte, asked chan int) ([]byte, error) {
	var message dnsmessage.Message
	if err := message.Unpack(packet); err != nil || len(message.Questions) != 1 {
		return nil, errors.Join(err, io.ErrUnexpectedEOF)
	}
	question := message.Questions[0]
	reply := dnsmessage.Message{Header: dnsmessage.Header{ID: message.ID, Response: true,
		RecursionAvailable: true}, Questions: message.Questions}
	if question.Type == dnsmessage.TypeA {
		n := <-asked
		asked <- n + 1
		for _, text := range answer(n) {
			reply.Answers = append(reply.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: question.Name, Type: dnsmessage.TypeA,
					Class: dnsmessage.ClassINET},
				Body: &dnsmessage.AResource{A: netip.MustParseAddr(text).As4()},
			})
		}
	}
	return reply.Pack()
}

// always is a DNS that does not change its mind.
func always(addresses ...string) names { return func(int) []string { return addresses } }

// only allows one address: the test's stand-in for everything public.
func only(text string) func(netip.Addr) bool {
	return func(address netip.Addr) bool { return address == netip.MustParseAddr(text) }
}

// site serves at 127.0.0.1, and returns its port.
func site(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return address.Port()
}

func newFetcher(t *testing.T, options fetch.Options) *fetch.Fetcher {
	t.Helper()
	if options.MaxBytes == 0 {
		options.MaxBytes = 1 << 20
	}
	f, err := fetch.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// fromSite fetches /secret from a site whose name is media.example, with at most maxBytes.
func fromSite(t *testing.T, maxBytes int64, handler http.HandlerFunc) (fetch.Body, string, error) {
	t.Helper()
	port := site(t, handler)
	f := newFetcher(t, fetch.Options{
		Hosts: []string{"media.example:" + port}, MaxBytes: maxBytes, AllowAddress: only("127.0.0.1"),
		Resolver: always("127.0.0.1").resolver(),
	})
	body, err := f.Fetch(t.Context(), "http://una:secret@media.example:"+port+"/secret?key=secret#secret")
	if err != nil {
		return body, "", tell(t, err)
	}
	t.Cleanup(func() { _ = body.Close() })
	content, err := io.ReadAll(body)
	return body, string(content), tell(t, err)
}

// tell checks that an error holds nothing but the host.
func tell(t *testing.T, err error) error {
	t.Helper()
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fetch.Error](err); !ok {
		t.Errorf("got %T; want a *fetch.Error", err)
	}
	if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "una") {
		t.Errorf("%q repeats what it should not", err)
	}
	return err
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
