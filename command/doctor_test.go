package command

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/jackc/pgx/v5"

	"qm-compliance/doctor"
	"qm-compliance/media/filestore/s3test"
)

// ailment is something that is broken, for real, and what doctor has to say of it.
type ailment struct {
	name   string
	check  string // that finds it
	status doctor.Status
	says   string
	bring  func(t *testing.T, p *patient)
}

// statements breaks something in the database.
func statements(list ...string) func(*testing.T, *patient) {
	return func(t *testing.T, p *patient) {
		for _, statement := range list {
			p.run(t, strings.ReplaceAll(statement, "DATABASE_", "DATABASE "+p.name))
		}
	}
}

// flags sets a flag.
func flags(name, value string) func(*testing.T, *patient) {
	return func(_ *testing.T, p *patient) { p.flags[name] = value }
}

// token sets a claim of the token.
func claim(name string, value any) func(*testing.T, *patient) {
	return func(_ *testing.T, p *patient) { p.claims[name] = value }
}

func ailmentsOfTheDatabase() []ailment {
	const fault, warning = doctor.Fault, doctor.Warning
	return []ailment{
		{"nothing listens", "database", fault, "cannot reach PostgreSQL at 127.0.0.1:1",
			flags("database-url", "postgres://qm:"+secret+"@127.0.0.1:1/qm")},
		{"an unknown account", "database", fault, "28000", func(t *testing.T, p *patient) {
			p.flags["database-url"] = p.at(t, p.name, "stranger")
		}},
		{"no such database", "database", fault, "3D000", func(t *testing.T, p *patient) {
			p.flags["database-url"] = p.at(t, "elsewhere", role)
		}},
		{"it takes no changes", "database", fault, "takes no changes",
			statements("ALTER DATABASE_ SET default_transaction_read_only = on")},
		{"an empty database", "database-structure", fault, "run qm-compliance migrate", func(t *testing.T, p *patient) {
			p.exec(t, p.server.AdminURL(), "CREATE DATABASE "+p.name+"_empty")
			p.flags["database-url"] = p.at(t, p.name+"_empty", role)
		}},
		{"a migration that lacks", "database-structure", fault, "lacks 1 migration: river_008",
			statements("DELETE FROM river_migration WHERE version = 8")},
		{"another structure", "database-structure", fault, "cannot bring up to date",
			statements("UPDATE bun_migrations SET name = '20200101000000'")},
		{"an encoding without letters", "database-text", fault, "SQL_ASCII", func(t *testing.T, p *patient) {
			p.exec(t, p.server.AdminURL(), "CREATE DATABASE "+p.name+"_ascii TEMPLATE template0 ENCODING 'SQL_ASCII'")
			p.flags["database-url"] = p.at(t, p.name+"_ascii", role)
		}},
		{"no case", "database-text", warning, "ASCII letters only", statements("COMMENT ON FUNCTION fold_case IS ''")},
		{"a superuser serves", "database-rights", warning, "it is a superuser", func(t *testing.T, p *patient) {
			p.flags["database-url"] = p.at(t, p.name, "")
		}},
		{"the account owns a table", "database-rights", warning, "it owns tables", statements("ALTER TABLE messages OWNER TO " + role)},
		{"a right that lacks", "database-rights", fault, "lacks 1 right: INSERT on messages",
			statements("REVOKE INSERT ON messages FROM " + role)},
		{"it may change the audit log", "database-rights", warning, "it may DELETE audit_events",
			statements("GRANT DELETE ON audit_events TO " + role)},
		{"the audit log is bare", "audit-log", fault, "audit_events",
			statements("ALTER TABLE audit_events DISABLE TRIGGER audit_events_append_only")},
		{"statements are logged", "database-log", warning, "log_statement = all",
			statements("ALTER DATABASE_ SET log_statement = 'all'")},
		{"plans are logged", "database-log", warning, "auto_explain.log_min_duration = 0", statements(
			"ALTER DATABASE_ SET session_preload_libraries = 'auto_explain'", "ALTER DATABASE_ SET auto_explain.log_min_duration = 0")},
		{"activities are seen", "database-log", warning, "monitoring", statements("ALTER DATABASE_ SET track_activities = on")},
		{"a commit does not wait", "database-safety", fault, "values that were removed come back",
			statements("ALTER DATABASE_ SET synchronous_commit = off")},
		{"a table is not vacuumed", "database-upkeep", fault, "switched off for messages",
			statements("ALTER TABLE messages SET (autovacuum_enabled = false)")},
		{"no statistics", "database-upkeep", warning, "no statistics of metadata_keys", statements(
			"ALTER TABLE metadata_keys SET (toast.autovacuum_enabled = false)",
			"INSERT INTO metadata_keys (name, first_seen_at) SELECT repeat('k', 60) || n, now() FROM generate_series(1, 20000) AS n")},
		{"few connections", "database-connections", warning, "the limit of the database",
			statements("ALTER DATABASE_ CONNECTION LIMIT 3")},
		{"a publication", "database-copies", warning, "publications (everything)",
			statements("CREATE PUBLICATION everything FOR TABLE messages")},
	}
}

func ailmentsOutside() []ailment {
	const fault, warning = doctor.Fault, doctor.Warning
	return []ailment{
		{"the folder is gone", "file-store", fault, "is not there", func(t *testing.T, p *patient) {
			if err := os.RemoveAll(p.folder); err != nil {
				t.Fatal(err)
			}
		}},
		{"an empty folder in its place", "file-store-identity", fault, "it has no .media-store", func(t *testing.T, p *patient) {
			if err := os.Remove(filepath.Join(p.folder, ".media-store")); err != nil {
				t.Fatal(err)
			}
		}},
		{"another folder", "file-store-identity", fault, "it is another file store", func(t *testing.T, p *patient) {
			if err := os.WriteFile(filepath.Join(p.folder, ".media-store"), []byte("other"), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{"nothing can be stored", "file-store-use", fault, "not a directory", func(t *testing.T, p *patient) {
			incoming := filepath.Join(p.folder, ".incoming")
			if err := os.RemoveAll(incoming); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(incoming, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		{"others may enter", "file-store-use", warning, "other accounts", func(t *testing.T, p *patient) {
			if err := os.Chmod(p.folder, 0o755); err != nil {
				t.Fatal(err)
			}
		}},
		{"memory", "file-store", fault, "are lost", flags("media-url", "mem://")},
		{"no bucket", "file-store", fault, "no such bucket", func(t *testing.T, p *patient) {
			p.flags["media-url"] = strings.Replace(s3test.Start(t), "@"+s3test.Bucket, "@elsewhere", 1)
		}},
		{"wrong credentials", "file-store", fault, "media store is unavailable", func(t *testing.T, p *patient) {
			p.flags["media-url"] = strings.Replace(s3test.Start(t), s3test.SecretKey, secret, 1)
		}},
		{"another bucket", "file-store-identity", fault, "it has no .media-store", func(t *testing.T, p *patient) {
			p.flags["media-url"] = s3test.Start(t)
		}},
		{"a file that no table names", "file-store-contents", fault, "1 file in the store", func(t *testing.T, p *patient) {
			p.hasRecordings(t)
			p.more = []string{"--recordings"}
			copied := p.recording(t)
			if err := os.Link(copied, copied[:len(copied)-1]+"z"); err != nil {
				t.Fatal(err)
			}
		}},
		{"a recording that is gone", "file-store-contents", fault, "1 recording that the store does not have",
			func(t *testing.T, p *patient) {
				p.hasRecordings(t)
				p.more = []string{"--recordings"}
				if err := os.Remove(p.recording(t)); err != nil {
					t.Fatal(err)
				}
			}},
		{"a bucket that keeps everything", "file-store-use", fault, "object lock", lockBucket},
		{"the provider is away", "provider", fault, "503", func(t *testing.T, p *patient) {
			away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }))
			t.Cleanup(away.Close)
			p.flags["oidc-issuer"] = away.URL
		}},
		{"a slash at the end", "provider", fault, "a slash at the end counts", func(_ *testing.T, p *patient) {
			p.flags["oidc-issuer"] += "/"
		}},
		{"no key fits", "provider-keys", fault, "of the provider's 1 key none signs", flags("oidc-algorithm", "ES256")},
		{"the provider's clock is slow", "provider-clock", fault, "differ by", func(t *testing.T, p *patient) {
			slow := misdated(t, p.issuer.Config.Handler, time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
			p.flags["oidc-issuer"] = slow.URL
		}},
		{"a token for another server", "sign-in", fault, "audience mapper", claim("aud", "elsewhere")},
		{"a token that is over", "sign-in", fault, "expired", claim("exp", time.Now().Add(-time.Hour).Unix())},
		{"an id token", "sign-in", fault, "not the id token", claim("typ", "ID")},
		{"no roles", "sign-in", fault, "none of the program's roles", claim("realm_access", nil)},
		{"no groups", "sign-in", warning, "no groups", claim("groups", nil)},
		{"the service is away", "interaction-service", fault, "refuses connections", func(_ *testing.T, p *patient) { p.service.Stop() }},
		{"the service refuses the token", "interaction-service", fault, "check the token", func(_ *testing.T, p *patient) {
			p.service.Fail(http.StatusUnauthorized, 0)
		}},
		{"another path", "interaction-service", fault, "404", func(_ *testing.T, p *patient) {
			p.service.Fail(http.StatusNotFound, 0)
		}},
		{"more memory than there is", "memory", fault, "would be killed", flags("memory-limit", "1152921504606846976")},
		{"pages of anybody", "settings", fault, "of anybody", flags("allow-origin", "*")},
		{"an origin with a slash", "settings", fault, "matches none", flags("allow-origin", "https://app.example/")},
		{"a public address that is none", "settings", fault, "is no web address", flags("public-url", "qm.example")},
		{"plain http", "settings", fault, "plain http", flags("public-url", "http://qm.example")},
		{"strangers read the schema", "settings", warning, "strangers", flags("introspection", "everybody")},
		{"the audience of the console", "settings", warning, "an audience of its own", flags("console-client-id", "qm-compliance")},
		{"no limit", "limits", warning, "--max-cost, --rate = 0", func(_ *testing.T, p *patient) {
			p.flags["max-cost"], p.flags["rate"] = "0", "0"
		}},
	}
}

// lockBucket makes a bucket that refuses to delete for a year.
func lockBucket(t *testing.T, p *patient) {
	raw := s3test.Start(t)
	client, name := s3test.Client(s3test.Endpoint(t, raw)), "locked"
	if _, err := client.CreateBucket(t.Context(),
		&s3.CreateBucketInput{Bucket: &name, ObjectLockEnabledForBucket: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	p.flags["media-url"] = strings.Replace(raw, "@"+s3test.Bucket, "@"+name, 1)
	p.keep(t, p.flags["media-url"])
	if _, err := client.PutObjectLockConfiguration(t.Context(), &s3.PutObjectLockConfigurationInput{
		Bucket: &name, ObjectLockConfiguration: &types.ObjectLockConfiguration{
			ObjectLockEnabled: types.ObjectLockEnabledEnabled,
			Rule: &types.ObjectLockRule{DefaultRetention: &types.DefaultRetention{
				Mode: types.ObjectLockRetentionModeGovernance, Days: aws.Int32(365)}},
		},
	}); err != nil {
		t.Fatal(err)
	}
}

// TestDoctorFindsFaults breaks one thing after the other in a sound installation, each for real.
func TestDoctorFindsFaults(t *testing.T) {
	t.Parallel()
	h := newHospital(t, nil)
	for _, ailment := range append(ailmentsOfTheDatabase(), ailmentsOutside()...) {
		t.Run(ailment.name, func(t *testing.T) {
			p := h.newPatient(t)
			ailment.bring(t, p)
			report, status := p.examine(t)
			if want := map[doctor.Status]int{doctor.Fault: 2, doctor.Warning: 0}[ailment.status]; status != want {
				t.Errorf("it ends with status %d, want %d", status, want)
			}
			checkFinding(t, report, ailment)
		})
	}
}

// checkFinding looks for what an ailment's check says, and for nothing that is worse elsewhere.
func checkFinding(t *testing.T, report doctor.Report, a ailment) {
	t.Helper()
	for _, result := range report.Results {
		switch {
		case result.Check == a.check:
			text, _ := json.Marshal(result)
			if result.Status != a.status || !strings.Contains(string(text), a.says) {
				t.Errorf("%s; want %s, and %q", text, a.status, a.says)
			}
		case a.status == doctor.Warning && len(result.Problems) > 0:
			t.Errorf("%s has problems as well: %v", result.Check, result.Problems)
		}
	}
}

func TestASoundInstallationHasNoProblem(t *testing.T) {
	t.Parallel()
	h := newHospital(t, nil)
	for name, prepare := range map[string]func(*patient){
		"a folder": func(*patient) {},
		"a bucket": func(p *patient) {
			p.flags["media-url"] = s3test.StartVersioned(t)
			p.keep(t, p.flags["media-url"])
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := h.newPatient(t)
			prepare(p)
			p.hasRecordings(t)
			p.more = []string{"--strict", "--recordings"}
			report, status := p.examine(t)
			if status != 0 || report.Status != doctor.OK {
				t.Errorf("status %d, %s", status, report.Status)
			}
			for _, result := range report.Results {
				if result.Status != doctor.OK || len(result.Problems) > 0 {
					t.Errorf("%+v", result)
				}
			}
			if got := p.service.Deliveries(); len(got) != 0 {
				t.Errorf("the Interaction service has taken %v", got)
			}
		})
	}
}

// TestDoctorOnABadServer looks at a server whose settings lose data and keep what was removed.
func TestDoctorOnABadServer(t *testing.T) {
	t.Parallel()
	h := newHospital(t, map[string]string{
		"fsync": "off", "full_page_writes": "off", "autovacuum": "off", "wal_level": "replica", "max_wal_senders": "2",
		"archive_mode": "on", "archive_command": "true", "max_prepared_transactions": "2", "log_min_error_statement": "error",
		"shared_preload_libraries": "pg_stat_statements",
	})
	p := h.newPatient(t)
	p.run(t, "SELECT pg_create_physical_replication_slot('standby', true)", "BEGIN", "INSERT INTO metadata_keys (name, first_seen_at) VALUES ('k', now())",
		"PREPARE TRANSACTION 'forgotten'")
	conn, err := pgx.Connect(t.Context(), p.at(t, p.name, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	report, status := p.examine(t)
	if status != 2 {
		t.Errorf("it ends with status %d", status)
	}
	text, _ := json.Marshal(report)
	for _, says := range []string{
		"fsync = off: ", "full_page_writes = off: ", "autovacuum = off: ", "(archive_mode)",
		"the replication slot standby, not in use, keeps", "1 prepared transaction: ", "log_min_error_statement = error",
		"pg_stat_statements.track = top",
	} {
		if !strings.Contains(string(text), says) {
			t.Errorf("it does not say %q: %s", says, text)
		}
	}
	p.exec(t, p.at(t, p.name, ""), "ROLLBACK PREPARED 'forgotten'")
}

// TestHardeningSilencesTheLog runs the statements of docs/hardening.md on a server with PostgreSQL's own settings.
func TestHardeningSilencesTheLog(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/hardening.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(text), "```sql\n")
	block, _, _ = strings.Cut(block, "```")
	h := newHospital(t, map[string]string{
		"log_min_error_statement": "error", "log_error_verbosity": "default", "log_parameter_max_length_on_error": "-1",
		"log_statement": "all", "log_min_duration_statement": "0", "log_min_duration_sample": "0",
		"log_transaction_sample_rate": "1", "track_activities": "on",
	})
	p := h.newPatient(t)
	before, _ := p.examine(t)
	for _, statement := range strings.Split(strings.TrimSpace(block), "\n") {
		p.run(t, strings.Replace(statement, "DATABASE qm ", "DATABASE "+p.name+" ", 1))
	}
	after, _ := p.examine(t)
	for i, result := range after.Results {
		if result.Check == "database-log" && (len(before.Results[i].Problems) != 8 || result.Status != doctor.OK) {
			t.Errorf("before %v, after %v", before.Results[i].Problems, result.Problems)
		}
	}
}

// TestDoctorAsAProcess runs the program as an operator does, with the environment of serve.
func TestDoctorAsAProcess(t *testing.T) {
	t.Parallel()
	h := newHospital(t, nil)
	p := h.newPatient(t)
	p.run(t, "ALTER DATABASE "+p.name+" SET log_statement = 'all'")
	for name, row := range map[string]struct {
		arguments []string
		status    int
		says      string
	}{
		"a warning":         {nil, 0, "WARNING   database-log"},
		"a warning, strict": {[]string{"--strict"}, 2, "to fix: set log_statement = none"},
		"accepted":          {[]string{"--strict", "--accept", "database-log"}, 0, "ACCEPTED  database-log"},
		"a fault, accepted": {[]string{"--oidc-algorithm", "ES256", "--accept", "provider-keys"}, 2, "FAULT     provider-keys"},
		"no such check":     {[]string{"--accept", "weather"}, 1, "there is no such check"},
		"no such flag":      {[]string{"--weather"}, 80, "unknown flag"},
		"few files":         {[]string{"--strict", "--accept", "database-log"}, 2, "may open 256 files"},
	} {
		t.Run(name, func(t *testing.T) {
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			limit := map[bool]string{true: "ulimit -n 256; ", false: ""}[name == "few files"]
			cmd := exec.CommandContext(t.Context(), "sh", append([]string{"-c", limit + `exec "$0" "$@"`, self},
				p.arguments(t, row.arguments...)...)...)
			cmd.Env = append(os.Environ(), asProgram+"=1")
			out, _ := cmd.CombinedOutput()
			if got := cmd.ProcessState.ExitCode(); got != row.status || !strings.Contains(string(out), row.says) {
				t.Errorf("status %d, want %d and %q:\n%s", got, row.status, row.says, out)
			}
			if strings.Contains(string(out), secret) {
				t.Errorf("it prints a secret: %s", out)
			}
		})
	}
}
