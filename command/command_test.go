package command

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What an operator gets wrong ends with a message that says what to do.
func TestWrongCommands(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	for name, row := range map[string]struct {
		arguments []string
		message   string
	}{
		"a port in use": {[]string{"demo", "--listen", taken.Addr().String()},
			"is already in use; stop what listens there, or choose another address with --listen"},
		"a public demo": {[]string{"demo", "--listen", "0.0.0.0:8080"}, "listens on this machine only"},
		"an address that is none": {[]string{"demo", "--listen", "127.0.0.1:notaport"},
			"choose an address with --listen"},
		"serve without an issuer": {[]string{"serve"}, "--oidc-issuer"},
		"an issuer that is no address": {[]string{"serve", "--listen", "127.0.0.1:0", "--oidc-issuer",
			"id.example/realms/cc"}, "give the identity provider's with --oidc-issuer"},
		"no PostgreSQL there": {[]string{"migrate", "--database-url", "postgres://x@127.0.0.1:1/x"},
			"check that it runs, and the host and port in DATABASE_URL"},
		"no PostgreSQL address": {[]string{"migrate", "--database-url", "mysql://x"},
			"it should look like postgres://USER@HOST:PORT/DATABASE"},
		"an unknown level of the log": {[]string{"serve", "--log-level", "loud"},
			`--log-level must be one of "debug","info","warn","error" but got "loud"`},
		"an unknown command":    {[]string{"anonymise"}, "unexpected argument anonymise"},
		"import without a path": {[]string{"import"}, "expected \"<path> ...\""},
		"a key that is none": {[]string{"import", "--key", "../go.mod", "../go.mod"},
			"is neither a public key nor a certificate"},
		"a data directory that is a file": {[]string{"migrate", "--data", "../go.mod"}, "the data directory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, out, errors := command(t, row.arguments...)
			if status == 0 || !strings.Contains(out+errors, row.message) {
				t.Errorf("status %d, said: %s%s; want: %s", status, out, errors, row.message)
			}
		})
	}
}

// What an operator gets wrong ends with a message that says what would be right, and changes nothing.
func TestWrongMediaCommands(t *testing.T) {
	t.Parallel()
	p := newPlanned(t, 1)
	taken := filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(taken, []byte("kept"), 0o600); err != nil {
		t.Fatal(err)
	}
	for arguments, row := range map[string]struct {
		status  int
		message string
	}{
		"delete-media --limit -1": {80, "--limit: expected int value but got \"-1\""},
		"delete-media --limit=-1": {80,
			"--limit must be 1 or more; leave it out to delete all that is planned"},
		"delete-media --limit 0":                               {80, "--limit must be 1 or more"},
		"delete-media --limit many":                            {80, "--limit: expected a valid 64 bit int but got \"many\""},
		"delete-media --watch=-1s":                             {80, "--watch must be positive"},
		"delete-media --watch soon":                            {80, "--watch: expected duration but got \"soon\""},
		"delete-media --forever":                               {80, "unknown flag --forever"},
		"delete-media everything":                              {80, "unexpected argument everything"},
		"export --started-from yesterday":                      {80, "--started-from"},
		"export 17":                                            {80, "unexpected argument 17"},
		"export --output " + taken:                             {1, "taken already exists; choose another file"},
		"export --output /nowhere/export":                      {1, "the export cannot be written"},
		"import --fetch-media http://x/ -":                     {1, "give a name such as media.example"},
		"import --fetch-limit 0 --fetch-media media.example -": {1, "give a number above 0"},
		"import -": {2, "refused -: there is no such file or folder"},
	} {
		got := p.run(t, "", strings.Fields(arguments)...)
		if got.status != row.status || !strings.Contains(got.errors, row.message) {
			t.Errorf("%s: %v", arguments, got)
		}
	}
	p.want(t, 1, 0)
	if content, err := os.ReadFile(taken); err != nil || string(content) != "kept" {
		t.Errorf("the file that was there: %q, %v", content, err)
	}
}
