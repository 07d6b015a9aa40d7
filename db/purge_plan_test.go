package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
)

// A table is swapped only where everything about it is known to be the same afterwards. Each row adds something to
// messages, or to media files, that is not.
func TestPurgePlansWhatIsLocked(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for statement, reason := range map[string]string{
		"SELECT 1": "",
		"CREATE VIEW seen AS SELECT text FROM messages":                                                                 "depend on it",
		"CREATE FUNCTION of(messages) RETURNS int LANGUAGE sql RETURN 1":                                                "depend on it",
		"CREATE PUBLICATION published FOR TABLE messages":                                                               "depend on it",
		"CREATE POLICY mine ON messages":                                                                                "depend on it",
		"CREATE MATERIALIZED VIEW kept AS SELECT text FROM messages":                                                    "depend on it",
		"CREATE TABLE rows_of (of messages)":                                                                            "depend on it",
		"CREATE TABLE child () INHERITS (messages)":                                                                     "of its own",
		"ALTER TABLE messages ENABLE ROW LEVEL SECURITY":                                                                "of its own",
		"ALTER TABLE messages REPLICA IDENTITY FULL":                                                                    "of its own",
		"ALTER TABLE messages CLUSTER ON messages_pkey":                                                                 "of its own",
		"ALTER TABLE messages SET UNLOGGED":                                                                             "of its own",
		"ALTER TABLE messages DROP CONSTRAINT messages_pkey":                                                            "no primary key",
		"ALTER TABLE media_files ADD other bigint REFERENCES media_files":                                               "to itself",
		"CREATE SEQUENCE numbers OWNED BY messages.position":                                                            "depend on it",
		"CREATE TRIGGER t BEFORE UPDATE ON messages FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()": "the trigger t",
	} {
		err := s.db.RunInTx(t.Context(), nil, func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
			plan, err := planPurge(ctx, tx, PurgeOptions{})
			for _, table := range plan.Tables {
				about := strings.Contains(statement, table.Table)
				if want := about && reason != ""; want != (table.Method == Locked) ||
					want && !strings.Contains(table.Reason, reason) || !want && table.Reason != "" {
					t.Errorf("%s: %+v", statement, table)
				}
			}
			return errors.Join(err, sql.ErrTxDone) // takes it back
		})
		if !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("%s: %v", statement, err)
		}
	}
	plan, err := s.PlanPurge(t.Context(), PurgeOptions{Locked: true})
	if err != nil || slices.ContainsFunc(plan.Tables, func(p PlannedTable) bool { return p.Method != Locked || p.Reason != "" }) {
		t.Errorf("locking is asked for: %+v, %v", plan, err)
	}
}

// What cannot be swapped is rewritten where it is, also where that is found out late, and keeps what it has.
func TestPurgeRewritesWhatItCannotSwap(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	importOne(t, s)
	for _, statement := range []string{
		"CREATE VIEW seen AS SELECT value FROM metadata", "COMMENT ON INDEX messages_segment IS 'for the key alone'",
	} {
		if _, err := s.db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(statement, err)
		}
	}
	before, files := catalog(t, s), s.filesOfTables(t)
	var locked []string
	if _, err := s.Purge(t.Context(), PurgeOptions{}, func(step PurgeStep) {
		if step.Lock == Locked.Lock() {
			locked = append(locked, step.Table)
		}
	}); err != nil {
		t.Fatal(err)
	}
	compareCatalogs(t, before, catalog(t, s))
	if !slices.Equal(locked, []string{"messages", "metadata"}) {
		t.Errorf("locked: %q", locked)
	}
	for table, file := range s.filesOfTables(t) {
		if file == files[table] {
			t.Errorf("%s is in the file that it was in", table)
		}
	}
}

// await asks until a query says true.
func (s *Store) await(t *testing.T, query string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for tick := time.NewTicker(time.Millisecond); ; <-tick.C {
		var yes bool
		if err := s.db.NewRaw(query).Scan(ctx, &yes); err != nil {
			t.Error(err)
			return
		}
		if yes {
			return
		}
	}
}

// during runs do, in a goroutine, from the moment in which messages are rewritten, after begin; it returns what the purge
// returned.
func (s *Store) during(t *testing.T, begin, do func()) error {
	t.Helper()
	ended := make(chan struct{})
	_, err := s.Purge(t.Context(), PurgeOptions{}, func(step PurgeStep) {
		if step.Table == "messages" {
			begin()
			go func() { defer close(ended); do() }()
		}
	})
	<-ended
	return err
}

const exclusive = `SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'messages'::regclass AND mode = 'ExclusiveLock' AND granted
	AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`

// A transaction that reads as of an instant before the swap finds the rows of that instant, though it has not touched the
// table yet.
func TestPurgeWaitsForEarlierReaders(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	importOne(t, s)
	var tx bun.Tx
	err := s.during(t, func() {
		var err error
		if tx, err = s.db.BeginTx(t.Context(), instant); err == nil {
			_, err = tx.ExecContext(t.Context(), "SELECT count(*) FROM installation")
		}
		if err != nil {
			t.Error(err)
		}
	}, func() {
		s.await(t, exclusive)
		s.await(t, "SELECT NOT ("+exclusive+")")
		var rows int
		if err := tx.NewRaw("SELECT count(*) FROM messages").Scan(t.Context(), &rows); err != nil || rows != 3 {
			t.Errorf("the earlier reader finds %d messages: %v", rows, err)
		}
		if err := tx.Commit(); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// A table whose structure is changed while it is copied stays as it is then, and nothing of the copy is left.
func TestPurgeSeesAChangeOfTheStructure(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	importOne(t, s)
	var tx bun.Tx
	err := s.during(t, func() {
		var err error
		if tx, err = s.db.BeginTx(t.Context(), nil); err == nil {
			_, err = tx.ExecContext(t.Context(), "SELECT count(*) FROM segments") // stands in the way of the swap
		}
		if err != nil {
			t.Error(err)
		}
	}, func() {
		s.await(t, "SELECT to_regclass('qm_purge.messages') IS NOT NULL")
		if _, err := s.db.ExecContext(t.Context(), "ALTER TABLE messages ADD COLUMN mood text"); err != nil {
			t.Error(err)
		}
		if err := tx.Commit(); err != nil {
			t.Error(err)
		}
	})
	if err == nil || !strings.Contains(err.Error(), "was changed while it was copied") {
		t.Errorf("purge: %v", err)
	}
	s.await(t, `SELECT NOT EXISTS (SELECT FROM pg_namespace WHERE nspname LIKE 'qm%')
		AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgname LIKE 'qm%')`)
	if err := s.db.NewRaw("SELECT mood FROM messages LIMIT 1").Scan(t.Context(), new(sql.NullString)); err != nil {
		t.Error(err)
	}
}

// Two purges of a database do not run at once.
func TestPurgeIsAlone(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	conn, err := s.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	unlock, err := (&purge{conn: conn}).alone(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Purge(t.Context(), PurgeOptions{}, func(PurgeStep) {}); err == nil || !strings.Contains(err.Error(), "another purge") {
		t.Errorf("a second purge: %v", err)
	}
	unlock()
	if _, err := s.Purge(t.Context(), PurgeOptions{}, func(PurgeStep) {}); err != nil {
		t.Error(err)
	}
}
