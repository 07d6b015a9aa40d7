package s3test

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// patience is how long the service may take to start on a busy machine.
const patience = 60 * time.Second

// forward passes every connection on to the socket until the test ends.
func forward(t testing.TB, listener net.Listener, socket string) {
	var connections sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	connections.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Go(func() { join(ctx, conn, socket) })
		}
	})
	t.Cleanup(func() {
		cancel()
		_ = listener.Close()
		connections.Wait()
	})
}

// join copies both ways until one side is done or ctx ends.
func join(ctx context.Context, client net.Conn, socket string) {
	server, err := dial(ctx, socket)
	if err != nil {
		_ = client.Close()
		return
	}
	closeBoth := sync.OnceFunc(func() { _, _ = client.Close(), server.Close() })
	defer context.AfterFunc(ctx, closeBoth)()
	var ways sync.WaitGroup
	ways.Go(func() { _, _ = io.Copy(server, client); closeBoth() })
	ways.Go(func() { _, _ = io.Copy(client, server); closeBoth() })
	ways.Wait()
}

// dial waits for the service to listen.
func dial(ctx context.Context, socket string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for tick := time.Tick(10 * time.Millisecond); ; {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			return conn, nil
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-tick:
		}
	}
}
