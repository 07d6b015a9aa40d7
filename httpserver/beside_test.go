package httpserver

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/db"
	"qm-compliance/export"
	"qm-compliance/graph"
)

// The store's folder is gone: an import over HTTP is told that it may be tried again, and leaves nothing half
// done.
func TestImportWhileTheStoreIsGone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	l := newLife(t, folder, folder, false)
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	status, body := l.post(t, "/import", l.document)
	if status != 503 || !strings.Contains(body, "UNAVAILABLE") || strings.Contains(body, folder) {
		t.Errorf("%d %s", status, body)
	}
	if count, err := l.store.CountConversations(t.Context(), db.Everything(), db.Filter{}, 10); count != 0 || err != nil {
		t.Error(count, err)
	}
}

// What is deleted between the look at a recording's row and the look at its bytes is left out of the export,
// and its conversation is not.
func TestExportBesideTheDeleteTool(t *testing.T) {
	t.Parallel()
	l := newLife(t, "mem://", "", false)
	l.mutate(t, `mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {mediaFiles: true}}) {
		userErrors { code } } }`)
	if status, body := l.post(t, "/import", l.document); status != 200 {
		t.Fatal(status, body)
	}
	meanwhile := &afterMedia{do: func() {
		l.mutate(t, `mutation { anonymizeConversations(input: {conversationIds: ["`+
			graph.GlobalID("Conversation", 1)+`"]}) { userErrors { code } } }`)
		l.deleteMedia(t)
	}}
	watched, err := db.New(t.Context(), l.bun.WithQueryHook(meanwhile), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	count, err := export.Exporter{Store: watched, Media: l.media}.All(t.Context(), audit.Begin(audit.CommandActor("export"), audit.ConversationExported), db.Filter{}, true, &out, func() {})
	if err != nil || count != 1 || !strings.Contains(out.String(), `"redacted_from"`) ||
		strings.Contains(out.String(), "base64url") {
		t.Errorf("%d conversations are exported, %v: %.300s", count, err, out.String())
	}
	if !meanwhile.done {
		t.Error("nothing was deleted meanwhile, so that nothing is proved")
	}
}

// afterMedia does something once, as soon as the recordings of a conversation were read.
type afterMedia struct {
	do   func()
	done bool
}

func (a *afterMedia) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (a *afterMedia) AfterQuery(_ context.Context, event *bun.QueryEvent) {
	if !a.done && strings.Contains(event.Query, `FROM "media_files"`) {
		a.done = true
		a.do()
	}
}
