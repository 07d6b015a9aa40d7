//go:build compare

package compare

import (
	"bufio"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"
)

// binary is the built program.
func binary(tb testing.TB) string {
	tb.Helper()
	path := os.Getenv("QM_BINARY")
	if path == "" {
		tb.Fatal("QM_BINARY names no program; run make compare")
	}
	return path
}

// process is a server that was started for a comparison.
type process struct {
	*exec.Cmd
	name, address string
	ended         chan struct{}
}

var servesAt = regexp.MustCompile(`address=(\S+)`)

// start starts a server, waits until it prints where it listens, and stops it when the test ends.
func start(tb testing.TB, name string, cmd *exec.Cmd) *process {
	tb.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = writer, writer
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	_ = writer.Close()
	p := &process{Cmd: cmd, name: name, ended: make(chan struct{})}
	found, log := make(chan string, 1), []string(nil)
	go func() {
		defer close(p.ended)
		lines := bufio.NewScanner(reader)
		for lines.Scan() {
			if match := servesAt.FindStringSubmatch(lines.Text()); match != nil {
				select {
				case found <- match[1]:
				default:
				}
			}
			if len(log) < 20 {
				log = append(log, lines.Text())
			}
		}
	}()
	tb.Cleanup(p.stop)
	select {
	case p.address = <-found:
	case <-p.ended:
		tb.Fatalf("%s ended before it said where it listens:\n%s", name, strings.Join(log, "\n"))
	case <-time.After(time.Minute):
		tb.Fatalf("%s does not say where it listens", name)
	}
	return p
}

func (p *process) stop() {
	_ = p.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
		_ = p.Process.Kill()
		<-p.ended
	}
	_ = p.Wait()
}

// program serves a database to whom the tokens of a provider of its own name.
type program struct {
	*process
	provider *httptest.Server
	key      *rsa.PrivateKey
}

func startProgram(tb testing.TB, database string) *program {
	tb.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		tb.Fatal(err)
	}
	provider := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "one", Algorithm: oidc.RS256}}}
	s := &program{provider: httptest.NewUnstartedServer(provider), key: key}
	provider.SetIssuer("http://" + s.provider.Listener.Addr().String())
	s.provider.Start()
	tb.Cleanup(s.provider.Close)
	// One person asks all the time, which the limits of a person would refuse.
	s.process = start(tb, "program", exec.Command(binary(tb), "serve", "--listen", "127.0.0.1:0", "--database-url", database,
		"--media-url", filepath.Join(tb.TempDir(), "media"), "--oidc-issuer", s.provider.URL, "--drain", "0s",
		"--rate", "0", "--operations-each", "0"))
	return s
}

// token is that of a person with a role, in groups.
func (s *program) token(person, role string, groups ...string) string {
	claims, _ := json.Marshal(map[string]any{
		"iss": s.provider.URL, "aud": "qm-compliance", "sub": person, "name": person, "typ": "Bearer",
		"preferred_username": person, "exp": time.Now().Add(2 * time.Hour).Unix(), "groups": groups,
		"realm_access": map[string]any{"roles": []string{role}},
	})
	return oidctest.SignIDToken(s.key, "one", oidc.RS256, string(claims))
}

func (s *program) manager() string { return s.token("manager", "DEFAULT_CC_MANAGER") }

// startPostGraphile starts PostGraphile on a database, from bench's node_modules.
func startPostGraphile(tb testing.TB, database string) *process {
	tb.Helper()
	node, err := filepath.Abs("../node_modules/.bin/node")
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(node, "serve.mjs", database)
	cmd.Dir, cmd.Env = "postgraphile", append(os.Environ(), "NODE_ENV=production", "GRAPHILE_ENV=production")
	return start(tb, "PostGraphile", cmd)
}

// cpu is how much of the processors the threads of a process have used, to the nanosecond.
func cpu(pid int) (used time.Duration) {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	for _, thread := range threads {
		text, _ := os.ReadFile(thread)
		on, _, _ := strings.Cut(string(text), " ")
		nanoseconds, _ := strconv.ParseInt(on, 10, 64)
		used += time.Duration(nanoseconds)
	}
	return used
}

// cpuOfPostgreSQL is that of all processes of the shared PostgreSQL.
func cpuOfPostgreSQL() (used time.Duration) {
	text, _ := os.ReadFile(filepath.Join(shared.server.Dir(), "postmaster.pid"))
	first, _, _ := strings.Cut(string(text), "\n")
	postmaster, _ := strconv.Atoi(first)
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", postmaster, postmaster))
	used = cpu(postmaster)
	for child := range strings.FieldsSeq(string(children)) {
		pid, _ := strconv.Atoi(child)
		used += cpu(pid)
	}
	return used
}

// megabytes is one of the sizes of memory in /proc/PID/status: VmRSS now, VmHWM at most.
func (p *process) megabytes(size string) float64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	_, after, _ := strings.Cut(string(status), size+":")
	kilobytes, _ := strconv.Atoi(strings.Fields(after + " 0")[0])
	return float64(kilobytes) / 1024
}

// run runs a command of the program to its end, and returns how long it took and the most memory it had.
func run(tb testing.TB, arguments ...string) (took time.Duration, megabytes float64) {
	tb.Helper()
	var out strings.Builder
	cmd := exec.Command(binary(tb), arguments...)
	cmd.Stdout, cmd.Stderr = &out, &out
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- cmd.Wait() }()
	// What the kernel says of a process that has ended counts the memory of who started it.
	for started := (&process{Cmd: cmd}); ; {
		select {
		case err := <-ended:
			if err != nil {
				tb.Fatalf("%s: %v\n%.2000s", arguments[0], err, out.String())
			}
			return time.Since(begun), megabytes
		case <-time.After(20 * time.Millisecond):
			megabytes = max(megabytes, started.megabytes("VmHWM"))
		}
	}
}

// together runs a function for each of n at once, and returns what failed first.
func together(n int, do func(i int) error) (failed error) {
	var group sync.WaitGroup
	var once sync.Once
	for i := range n {
		group.Go(func() {
			if err := do(i); err != nil {
				once.Do(func() { failed = err })
			}
		})
	}
	group.Wait()
	return failed
}
