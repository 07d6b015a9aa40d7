package importing_test

import (
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"qm-compliance/media/filestore"
	"qm-compliance/media/filestore/s3test"
)

// A store that is gone stops the import, which says so; nothing is half done, and the same import brings
// everything in once the store is back.
func TestFolderThatIsGone(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(dir string) error{
		"removed": os.RemoveAll,
		"a file": func(dir string) error {
			return errors.Join(os.RemoveAll(dir),
				os.WriteFile(dir, []byte("x"), 0o600))
		},
		"unmounted": func(dir string) error { return errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			marker, err := os.ReadFile(filepath.Join(r.mediaDir, ".media-store"))
			if err != nil {
				t.Fatal(err)
			}
			if err := lose(r.mediaDir); err != nil {
				t.Fatal(err)
			}
			r.wantStopped(t, filestore.ErrUnavailable, "the media store is unavailable")
			if err := errors.Join(os.RemoveAll(r.mediaDir), os.Mkdir(r.mediaDir, 0o700),
				os.WriteFile(filepath.Join(r.mediaDir, ".media-store"), marker, 0o600)); err != nil {
				t.Fatal(err)
			}
			r.wantMended(t)
		})
	}
}

// wantStopped imports two recordings, and wants the error that stops it and no trace in the database.
func (r *rig) wantStopped(t *testing.T, kind error, message string) {
	t.Helper()
	r.file(t, "one.json", call(1, inline("one")))
	r.file(t, "two.json", call(2, named("two.wav")))
	r.file(t, "two.wav", "two")
	got := r.take(t)
	if !errors.Is(got.err, kind) || !strings.Contains(got.err.Error(), message) || got.Taken() > 0 ||
		got.Refused > 0 {
		t.Errorf("%+v", got)
	}
	if strings.Contains(got.said(), r.mediaURL) || strings.Contains(got.said(), "two.wav") {
		t.Errorf("it tells where the store or what the file is: %s", got.said())
	}
	if r.count(t, "conversations") > 0 || r.count(t, "media_files") > 0 {
		t.Error("something came in")
	}
}

// wantMended repeats the import, and wants all of it and nothing besides.
func (r *rig) wantMended(t *testing.T) {
	t.Helper()
	if got := r.takeWell(t); got.Added != 2 || r.count(t, "media_files") != 2 {
		t.Errorf("mended: %+v", got)
	}
	r.clean(t)
	if stored := r.stored(t); len(stored) != 2 || stored[0]+stored[1] != "onetwo" &&
		stored[0]+stored[1] != "twoone" || r.count(t, "loose_media") > 0 {
		t.Errorf("mended: %q are stored, %d are loose", stored, r.count(t, "loose_media"))
	}
}

func TestServiceThatIsDown(t *testing.T) {
	t.Parallel()
	address, err := url.Parse(s3test.Start(t))
	if err != nil {
		t.Fatal(err)
	}
	query := address.Query()
	line := newLine(t, strings.TrimPrefix(query.Get("endpoint"), "http://"))
	query.Set("endpoint", "http://"+line.address)
	address.RawQuery = query.Encode()
	r := newRigOn(t, address.String())
	line.cut()
	r.wantStopped(t, filestore.ErrUnavailable, "the media store is unavailable")
	line.mend()
	r.wantMended(t)
}

// line is a way to a service that can be cut.
type line struct {
	address, to string
	mu          sync.Mutex
	isCut       bool
	open        []net.Conn
}

func newLine(t *testing.T, to string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{address: listener.Addr().String(), to: to}
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			accepting.Go(func() { l.pass(client) })
		}
	})
	t.Cleanup(func() { _ = listener.Close(); l.cut(); accepting.Wait() })
	return l
}

// pass passes everything on, until one side ends or the line is cut.
func (l *line) pass(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", l.to)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	if !l.keep(client, server) {
		return
	}
	var ways sync.WaitGroup
	ways.Go(func() { _, _ = io.Copy(server, client); _ = server.Close() })
	_, _ = io.Copy(client, server)
	_ = client.Close()
	ways.Wait()
}

func (l *line) keep(connections ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = append(l.open, connections...)
	return !l.isCut
}

func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isCut = true
	for _, connection := range l.open {
		_ = connection.Close()
	}
	l.open = nil
}

func (l *line) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isCut = false
}
