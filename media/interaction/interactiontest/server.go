package interactiontest

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
)

// server is one run of the service, from Start to Stop.
type server struct {
	http *httptest.Server
	end  context.CancelFunc
}

func serve(listener net.Listener, handler http.Handler) *server {
	ctx, end := context.WithCancel(context.Background())
	plain := &httptest.Server{
		Listener: listener,
		Config:   &http.Server{Handler: handler, BaseContext: func(net.Listener) context.Context { return ctx }},
	}
	plain.Start()
	return &server{http: plain, end: end}
}

// stop breaks the connections of the requests under way, and waits for their handlers.
func (s *server) stop() {
	s.end()
	s.http.CloseClientConnections()
	s.http.Close()
}

// hangUp ends the request without an answer: a handler that only returned would have answered 200.
func hangUp(w http.ResponseWriter, begun string) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = connection.Write([]byte(begun))
	_ = connection.Close()
}
