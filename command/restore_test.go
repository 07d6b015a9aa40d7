package command

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"qm-compliance/graph"
	"qm-compliance/postgres/postgrestest"
)

// sqlOf returns the SQL that a document shows, block by block.
func sqlOf(t *testing.T, path string) (blocks []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(text), "```sql\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		blocks = append(blocks, strings.TrimSpace(block))
	}
	return blocks
}

// copyDatabase copies a database that nobody uses, and returns the address of the copy.
func copyDatabase(t *testing.T, address string) string {
	t.Helper()
	from, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(from.Path, "/")
	to, admin := *from, *from
	to.Path, admin.Path = from.Path+"_backup", "/postgres"
	run := func(ctx context.Context, statement string) {
		conn, err := pgx.Connect(ctx, admin.String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close(ctx) }()
		if _, err := conn.Exec(ctx, statement); err != nil {
			t.Fatal(statement, err)
		}
	}
	run(t.Context(), "CREATE DATABASE "+name+"_backup TEMPLATE "+name+" STRATEGY file_copy")
	t.Cleanup(func() { run(context.Background(), "DROP DATABASE "+name+"_backup WITH (FORCE)") })
	return to.String()
}

// TestRestoreByTheDocument backs up, anonymizes and deletes, loses the database, restores the backup, in which everything is
// there again, and does what docs/operations.md says. Nothing of what was removed is left then.
func TestRestoreByTheDocument(t *testing.T) {
	t.Parallel()
	blocks := sqlOf(t, "docs/operations.md")
	secrets := []string{"777123456", "ada@", "spoken words", "typed words", "written words", "CZ65", coded("sound of it")}
	flags := sharedFlags{Database: postgrestest.URL(t), MediaURL: filepath.Join(t.TempDir(), "media")}
	t.Run("until the backup", func(t *testing.T) {
		open(t, flags).take(t, tripCall, tripChat)
	})
	restored := sharedFlags{Database: copyDatabase(t, flags.Database), MediaURL: filepath.Join(t.TempDir(), "restored")}
	if err := os.CopyFS(restored.MediaURL, os.DirFS(flags.MediaURL)); err != nil {
		t.Fatal(err)
	}
	backup := time.Now()
	var anonymizedSince []int64
	t.Run("after it", func(t *testing.T) {
		i := open(t, flags)
		i.anonymizeEverything(t)
		i.take(t, tripMail)
		if ended := i.run(t, "", "delete-media"); ended.status != 0 {
			t.Fatal(ended)
		}
		var rows []struct {
			ConversationID  int64
			SettingsVersion int
		}
		question := strings.Replace(blocks[0], "TIME OF THE BACKUP", backup.Format(time.RFC3339Nano), 1)
		if err := i.bun.NewRaw(strings.TrimSuffix(question, ";")).Scan(t.Context(), &rows); err != nil || len(rows) != 2 {
			t.Fatal(rows, err)
		}
		for _, row := range rows {
			anonymizedSince = append(anonymizedSince, row.ConversationID)
		}
	})
	t.Run("restored", func(t *testing.T) {
		i := open(t, restored)
		if everywhere := i.everywhere(t); !strings.Contains(everywhere, secrets[0]) {
			t.Fatal("the backup brings nothing back: this test tests nothing")
		}
		i.follow(t, blocks, anonymizedSince)
		for _, value := range secrets {
			if strings.Contains(i.everywhere(t), value) {
				t.Errorf("%q is there again", value)
			}
		}
		if planned, deleted := i.statuses(t); planned != 0 || deleted == 0 || len(i.recordings(t)) != 0 {
			t.Errorf("%d recordings are planned, %d deleted, the store has %v", planned, deleted, i.recordings(t))
		}
		if got := i.count(t, "SELECT min(sequence) FROM media_deletion_requests"); got <= 1_000_000 {
			t.Errorf("a request has the number %d, which the Interaction service may have seen", got)
		}
	})
}

// follow does what the document says once the database is restored.
func (i *installation) follow(t *testing.T, blocks []string, anonymizedSince []int64) {
	t.Helper()
	if _, err := i.bun.ExecContext(t.Context(), blocks[1]); err != nil {
		t.Fatal(err)
	}
	// Something that was imported after the backup lies in the store, and no table knows it.
	stray := filepath.Join(i.flags.MediaURL, "20260101", "3b241101-e2bb-4255-8caf-4136c566a962")
	if err := os.MkdirAll(filepath.Dir(stray), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(stray, []byte("sound of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	i.switchEverythingOn(t)
	var ids []string
	for _, id := range anonymizedSince {
		ids = append(ids, graph.GlobalID("Conversation", id))
	}
	list, _ := json.Marshal(ids)
	i.query(t, `mutation { anonymizeConversations(input: {conversationIds: `+string(list)+`}) {
		userErrors { message } } }`)
	i.take(t, tripMail)
	i.anonymizeAll(t)
	if ended := i.run(t, "", "delete-media"); ended.status != 0 {
		t.Fatal(ended)
	}
	var known []string
	if err := i.bun.NewRaw(strings.TrimSuffix(blocks[2], ";")).Scan(t.Context(), &known); err != nil {
		t.Fatal(err)
	}
	for _, path := range i.recordings(t) {
		key, err := filepath.Rel(i.flags.MediaURL, path)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(known, filepath.ToSlash(key)) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	if ended := i.run(t, "", "purge"); ended.status != 0 && ended.status != 2 {
		t.Fatal(ended)
	}
}
