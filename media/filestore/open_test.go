package filestore_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"qm-compliance/media/filestore"
	"qm-compliance/media/filestore/s3test"
)

func TestOpenSaysWhichAddressesThereAre(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "gs://bucket", "postgres://anna:hunter2@host/x", "s3://anna:hunter2@",
		"s3://anna:hunter2@bucket?regoin=x",
		"s3://anna:hunter2@bucket?use_path_style=maybe", "s3://anna:hunter2@bucket/folder?region=x",
		"s3://anna:hunter2@bu cket", "s3://anna:hunter2@[", "file://folder/x", "file:///tmp/x?create_dir=1",
		"file://",
		"mem://x", "://",
	} {
		s, err := filestore.Open(t.Context(), address)
		if s != nil || !errors.Is(err, filestore.ErrAddress) {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "anna") {
			t.Errorf("%s: the error tells the credentials: %v", address, err)
		}
		if !strings.Contains(err.Error(), "://") {
			t.Errorf("%s: the error does not say what would be right: %v", address, err)
		}
	}
}

func TestOpenTakesAFolderByItsURL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/a/b"
	key := put(t, open(t, "file://"+dir), noise(5))
	checkExists(t, open(t, dir), key, true)
}

// checkUnavailable tries every operation on a store that is not there.
func checkUnavailable(t *testing.T, s *filestore.Files) {
	t.Helper()
	key := filestore.NewKey(time.Now())
	_, putErr := s.Put(t.Context(), key, "", strings.NewReader("x"))
	_, openErr := s.Open(t.Context(), key)
	_, existsErr := s.Exists(t.Context(), key)
	_, sweepErr := s.Sweep(t.Context(), time.Now())
	var keysErr error
	for _, err := range s.Keys(t.Context()) {
		keysErr = err
	}
	for op, err := range map[string]error{
		"Put": putErr, "Open": openErr, "Exists": existsErr, "Sweep": sweepErr, "Keys": keysErr,
		"Delete": s.Delete(t.Context(), key), "Check": s.Check(t.Context()),
	} {
		if !errors.Is(err, filestore.ErrUnavailable) || errors.Is(err, filestore.ErrNotFound) {
			t.Errorf("%s: %v", op, err)
			continue
		}
		for _, secret := range []string{s3test.SecretKey, key, "127.0.0.1"} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s tells %q: %v", op, secret, err)
			}
		}
	}
}

// with changes an address of s3test.
func with(t *testing.T, raw string, change func(u *url.URL, query url.Values)) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	change(u, query)
	u.RawQuery = query.Encode()
	return u.String()
}

func TestTellsAMissingBucketFromAMissingFile(t *testing.T) {
	t.Parallel()
	raw := s3test.Start(t)
	for name, change := range map[string]func(*url.URL, url.Values){
		"no such bucket": func(u *url.URL, _ url.Values) { u.Host = "nowhere" },
		"wrong secret":   func(u *url.URL, _ url.Values) { u.User = url.UserPassword(s3test.AccessKey, "wrong") },
		"unknown key":    func(u *url.URL, _ url.Values) { u.User = url.UserPassword("nobody", s3test.SecretKey) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkUnavailable(t, open(t, with(t, raw, change)))
		})
	}
}

func TestGivesUpOnAServiceThatIsNotThere(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "s3://id:" + s3test.SecretKey + "@bucket?use_path_style=true&endpoint=http://" +
		listener.Addr().String()
	_ = listener.Close()
	begin := time.Now()
	checkUnavailable(t, open(t, address))
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("seven operations took %v", took)
	}
}

func TestHeedsTheCallersDeadline(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	s := open(t, "s3://id:secret@bucket?use_path_style=true&endpoint=http://"+listener.Addr().String())
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = s.Exists(ctx, filestore.NewKey(time.Now()))
	if !errors.Is(err, filestore.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a service that is silent: %v", err)
	}
}
