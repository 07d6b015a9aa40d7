// Package storetest starts a real S3-compatible server for tests: versitygw, built from the version that the module beside this file pins.
package storetest

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

const (
	access = "test-access"
	secret = "test-secret-of-the-tests"
	region = "us-east-1"
)

// Environment is what a process needs in its environment to sign in to the server, as NAME=VALUE.
func Environment() []string {
	return []string{"AWS_ACCESS_KEY_ID=" + access, "AWS_SECRET_ACCESS_KEY=" + secret, "AWS_EC2_METADATA_DISABLED=true"}
}

// SignIn puts that into the environment of this process; call it in TestMain.
func SignIn() error {
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret, "AWS_EC2_METADATA_DISABLED": "true"} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// S3 is a running server with one bucket.
type S3 struct {
	// URL is the bucket's MEDIA_URL.
	URL string
	// Folder is where the server keeps the bucket's files.
	Folder string
}

// Start starts a server for the test and stops it at its end.
func Start(t testing.TB) S3 {
	t.Helper()
	binary, root := build(t), t.TempDir()
	bucket := filepath.Join(root, "media")
	if err := os.Mkdir(bucket, 0o700); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	command := exec.Command(binary, "--quiet", "--port", address, "--access", access, "--secret", secret, "--region", region, "posix", root)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	waitFor(t, address)
	return S3{URL: "s3://media?region=" + region + "&use_path_style=true&endpoint=http://" + address, Folder: bucket}
}

// build makes the server once; Go's build cache makes every further time short.
func build(t testing.TB) string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	binary := filepath.Join(t.TempDir(), "versitygw")
	command := exec.Command("go", "build", "-o", binary, "github.com/versity/versitygw/cmd/versitygw")
	command.Dir = filepath.Join(filepath.Dir(here), "versitygw")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("build the S3 server: %v\n%s", err, output)
	}
	return binary
}

func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// waitFor waits until the server answers, with whatever status.
func waitFor(t testing.TB, address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for tick := time.NewTicker(20 * time.Millisecond); ; {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			_ = response.Body.Close()
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal("the S3 server did not start")
		case <-tick.C:
		}
	}
}
