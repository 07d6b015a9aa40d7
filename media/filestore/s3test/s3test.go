// Package s3test runs a real S3 service (versitygw) for tests. It is built from a module of its own, so
// that its many dependencies stay out of the program's; the go command keeps the built service in its
// cache.
package s3test

import (
	"context"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// The credentials that the service takes, and the bucket that it has.
const (
	AccessKey = "media-test"
	SecretKey = "media-test-secret"
	Bucket    = "recordings"
	region    = "us-east-1"
)

// Start runs a service with an empty bucket until the test ends, and returns the bucket's address for
// store.Open, credentials included. Services do not share anything, so that tests may run in parallel.
func Start(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "s3")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return StartIn(t, folder)
}

// StartIn is Start with a folder for all that the service keeps, so that a test can look for bytes in it.
// Its path must be short, since that of a socket has 107 bytes at most.
func StartIn(t testing.TB, folder string) string {
	t.Helper()
	endpoint := serve(t, folder)
	_, err := Client(endpoint).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(Bucket)})
	if err != nil {
		t.Fatalf("the S3 service makes no bucket: %v", err)
	}
	return address(endpoint, Bucket)
}

// StartVersioned is Start with a bucket that keeps the old versions of what is overwritten or deleted.
func StartVersioned(t testing.TB) string {
	t.Helper()
	raw := Start(t)
	_, err := Client(Endpoint(t, raw)).PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket:                  aws.String(Bucket),
		VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	if err != nil {
		t.Fatalf("the S3 service keeps no versions: %v", err)
	}
	return raw
}

// Endpoint returns the http address of the service behind an address of Start's.
func Endpoint(t testing.TB, raw string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("endpoint")
}

// Client speaks to the service at an endpoint, to look past the store.
func Client(endpoint string) *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: &endpoint, Region: region, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(AccessKey, SecretKey, ""),
	})
}

func address(endpoint, bucket string) string {
	query := url.Values{"endpoint": {endpoint}, "region": {region}, "use_path_style": {"true"}}
	user := url.UserPassword(AccessKey, SecretKey)
	return (&url.URL{Scheme: "s3", User: user, Host: bucket, RawQuery: query.Encode()}).String()
}

// serve starts the service on a unix socket, which needs no free port, and forwards a port to it that the
// kernel chose.
func serve(t testing.TB, folder string) string {
	t.Helper()
	run(t, folder)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	forward(t, listener, filepath.Join(folder, "socket"))
	return "http://" + listener.Addr().String()
}

// run starts the service's process and stops it when the test ends.
func run(t testing.TB, folder string) {
	t.Helper()
	for _, name := range []string{"data", "versions", "meta"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program(t),
		"--quiet", "--keep-alive", "--region", region, "--port", filepath.Join(folder, "socket"),
		"posix", "--sidecar", filepath.Join(folder, "meta"), "--versioning-dir", filepath.Join(folder, "versions"),
		filepath.Join(folder, "data"))
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+AccessKey, "ROOT_SECRET_KEY="+SecretKey)
	endWithUs(cmd)
	said := new(strings.Builder)
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the S3 service said: %s", said)
		}
	})
}

// program builds the service, unless the go command has it in its cache, and returns where it is.
func program(t testing.TB) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	cmd := exec.Command("go", "tool", "-n", "versitygw")
	cmd.Dir = filepath.Join(filepath.Dir(here), "versitygw")
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the S3 service for tests cannot be built: %v", err)
	}
	return strings.TrimSpace(string(out))
}

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
