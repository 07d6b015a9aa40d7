package interaction

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
)

// broken says in plain words what kept an exchange from bringing an answer. The error's own words are not repeated: they may hold the URL, or bytes of the answer.
func broken(err error) string {
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		return unresolved(name)
	}
	if problem := untrusted(err); problem != "" {
		return problem
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refuses connections; check that it runs, and its port"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "cannot be reached: there is no route to it"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "broke the connection off before it had answered"
	}
	if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() {
		return "did not answer in time"
	}
	return "could not be asked: what is there does not answer as an HTTP server does, or a proxy is in the way"
}

func unresolved(err *net.DNSError) string {
	if err.IsNotFound {
		return "cannot be found: DNS does not know its name"
	}
	return "cannot be found: DNS did not answer for its name"
}

// untrusted is empty where TLS is not what failed.
func untrusted(err error) string {
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "has a TLS certificate for another name"
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "has a TLS certificate of an authority that this machine does not trust"
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return "has a TLS certificate that has expired or is not valid yet"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "has a TLS certificate that is not valid"
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return "does not speak TLS there; check its port, or use http://"
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return "broke the TLS handshake off"
	}
	return ""
}
