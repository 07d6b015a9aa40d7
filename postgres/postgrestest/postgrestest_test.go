package postgrestest

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) { Main(m, migrate) }

func migrate(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, "CREATE TABLE note (word text)")
	return err
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func ask[T any](t *testing.T, conn *pgx.Conn, sql string, arguments ...any) T {
	t.Helper()
	var answer T
	if err := conn.QueryRow(t.Context(), sql, arguments...).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestEveryTestHasItsOwnCopy(t *testing.T) {
	t.Parallel()
	for range 8 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			conn := connect(t, URL(t))
			if got := ask[int](t, conn, "WITH made AS (INSERT INTO note VALUES ('x') RETURNING 1) SELECT count(*) "+
				"FROM note"); got != 0 {
				t.Errorf("the copy holds %d notes of others", got)
			}
			if got := ask[int](t, conn, "SELECT count(*) FROM note"); got != 1 {
				t.Errorf("it holds %d notes", got)
			}
		})
	}
}

func TestAnEmptyDatabaseHasNoTable(t *testing.T) {
	t.Parallel()
	conn := connect(t, EmptyURL(t))
	if got := ask[int](t, conn, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"); got != 0 {
		t.Errorf("it has %d tables", got)
	}
}

func TestADatabaseGoesWithItsTest(t *testing.T) {
	t.Parallel()
	conn := connect(t, URL(t))
	var used string
	t.Run("inner", func(t *testing.T) {
		inner, err := pgx.Connect(t.Context(), URL(t))
		if err != nil {
			t.Fatal(err)
		}
		used = inner.Config().Database
		// It is left open: the database goes all the same.
		t.Cleanup(func() { _ = inner.PgConn().Conn().Close() })
	})
	if ask[bool](t, conn, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", used) {
		t.Errorf("%s is still there", used)
	}
}

// again runs one test of this package in another process, with TEST_DATABASE_URL set.
func again(t *testing.T, test, url string) (output string, err error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+test+"$", "-test.v")
	command.Env = append(os.Environ(), "TEST_DATABASE_URL="+url)
	written, err := command.CombinedOutput()
	return string(written), err
}

func TestAServerNamedByTheEnvironment(t *testing.T) {
	t.Parallel()
	url := URL(t)
	output, err := again(t, "TestEveryTestHasItsOwnCopy", url)
	if err != nil || !strings.Contains(output, "--- PASS: TestEveryTestHasItsOwnCopy") {
		t.Errorf("%v\n%s", err, output)
	}
}

func TestWithoutAServerTestsFailAndSayWhy(t *testing.T) {
	t.Parallel()
	for url, why := range map[string]string{
		"postgres://nobody@/none?host=" + t.TempDir(): "failed to connect",
		"host=/nowhere dbname=x":                      "not of the form postgres://",
	} {
		output, err := again(t, "TestAnEmptyDatabaseHasNoTable", url)
		if err == nil || !strings.Contains(output, "no database for the tests: ") ||
			!strings.Contains(output, why) {
			t.Errorf("%v\n%s", err, output)
		}
	}
}
