//go:build compare

package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"qm-compliance/graph"
)

// pageSize is how many conversations one call anonymizes.
const pageSize = 100

// Anonymizing with every switch on, a page a call, against the statements that are the least for it: the same
// pages, each with its updates, audit rows and requests in one transaction.
func TestAnonymizing(t *testing.T) {
	all, parts := conversations(t), 5
	mine, theirs := fresh(t, all), fresh(t, all)
	s := startProgram(t, mine)
	switchOn(t, s)
	token := s.manager()
	bare := &bareSQL{tb: t, conn: connect(t, theirs)}
	var ratios []float64
	lines := ""
	for part := range parts {
		first, last := part*all/parts, (part+1)*all/parts
		begun := time.Now()
		for from := first; from < last; from += pageSize {
			anonymize(t, s, token, from, min(from+pageSize, last))
		}
		took := time.Since(begun)
		if part == 0 {
			bare.learn(connect(t, mine))
		}
		begun = time.Now()
		for from := first; from < last; from += pageSize {
			bare.anonymize(from, min(from+pageSize, last))
		}
		other := time.Since(begun)
		rate := func(d time.Duration) float64 { return float64(last-first) / d.Seconds() }
		ratios = append(ratios, rate(took)/rate(other))
		lines += fmt.Sprintf("    program  %7.0f conversations/s\n    bare SQL %7.0f conversations/s\n", rate(took), rate(other))
	}
	sameRows(t, connect(t, mine), connect(t, theirs))
	verdict(t, fmt.Sprintf("anonymizing %d, every switch on", all), "of bare SQL", middle(ratios), 0.9, 0.8)
	fmt.Print(lines)
}

// switchOn selects everything to be anonymized.
func switchOn(t testing.TB, s *program) {
	t.Helper()
	var saved struct {
		SaveComplianceSettings struct{ UserErrors []json.RawMessage }
	}
	ask(t, s.process, "/graphql", s.manager(), query(`mutation { saveComplianceSettings(input: { baseVersion: 1,
		basicData: { subjectAndBody: true, mediaFiles: true },
		customData: [{ key: "key.1", isAnonymized: true }, { key: "key.2", isAnonymized: true }],
		otherData: [{ key: "key.3", isAnonymized: true }, { key: "key.4", isAnonymized: true },
			{ key: "key.5", isAnonymized: true }] }) {
		userErrors { code } } }`)).read(t, &saved)
	if len(saved.SaveComplianceSettings.UserErrors) > 0 {
		t.Fatalf("%s", saved.SaveComplianceSettings.UserErrors)
	}
}

// anonymize lets the program anonymize the conversations from, up to and without to, counted from 0.
func anonymize(tb testing.TB, s *program, token string, from, to int) {
	tb.Helper()
	ids := make([]string, 0, to-from)
	for n := from; n < to; n++ {
		ids = append(ids, graph.GlobalID("Conversation", int64(n+1)))
	}
	body := query(`mutation($ids: [ID!]!) { anonymizeConversations(input: { conversationIds: $ids }) {
		conversations { id } userErrors { code } } }`)
	body["variables"] = map[string]any{"ids": ids}
	var done struct {
		AnonymizeConversations struct{ Conversations, UserErrors []json.RawMessage }
	}
	ask(tb, s.process, "/graphql", token, body).read(tb, &done)
	if got := done.AnonymizeConversations; len(got.Conversations) != to-from || len(got.UserErrors) > 0 {
		tb.Fatalf("%d of %d conversations were anonymized: %s", len(got.Conversations), to-from, got.UserErrors)
	}
}

// bareSQL anonymizes without a program.
type bareSQL struct {
	tb   testing.TB
	conn *pgx.Conn
	// The encodings of the events of a conversation, as the program writes them.
	anonymized, requested []byte
}

func (b *bareSQL) learn(program *pgx.Conn) {
	for activity, encoding := range map[string]*[]byte{
		"INTERACTION_ANONYMIZE": &b.anonymized, "MEDIA_DELETION_REQUESTED": &b.requested,
	} {
		if err := program.QueryRow(b.tb.Context(), "SELECT encoding FROM audit_events WHERE activity = $1 ORDER BY id LIMIT 1",
			activity).Scan(encoding); err != nil {
			b.tb.Fatal(err)
		}
	}
}

// orderedUUID is in the order of time, as those of the program are: random ones would fall all over the index.
const orderedUUID = `(lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
			|| substr(replace(gen_random_uuid()::text, '-', ''), 13))::uuid`

func (b *bareSQL) anonymize(from, to int) {
	b.tb.Helper()
	ids := make([]int64, 0, to-from)
	for n := from; n < to; n++ {
		ids = append(ids, int64(n+1))
	}
	batch := &pgx.Batch{}
	queue := func(statement string, arguments ...any) { batch.Queue(statement, append([]any{ids}, arguments...)...) }
	queue(`UPDATE participants SET
		phone_number = CASE WHEN phone_number <> '' THEN '[anonphonenumber]' ELSE '' END,
		phone_number_anonymized = phone_number <> '',
		digital_address = CASE WHEN digital_address <> '' THEN '[anondigitaladdress]' ELSE '' END,
		digital_address_anonymized = digital_address <> ''
		WHERE conversation_id = ANY($1)`)
	queue(`UPDATE segments SET title = '[anonconversationcontent]', title_anonymized = true
		WHERE conversation_id = ANY($1) AND title <> ''`)
	queue(`UPDATE messages SET text = '[anonconversationcontent]', text_anonymized = true WHERE conversation_id = ANY($1)`)
	queue(`UPDATE metadata SET value = '[anonymized]', value_anonymized = true WHERE conversation_id = ANY($1)`)
	queue(`UPDATE media_files SET status = 'PLANNED_FOR_DELETION', planned_at = now()
		WHERE conversation_id = ANY($1) AND status = 'AVAILABLE'`)
	queue(`UPDATE conversations SET anonymized_at = now(), settings_version = 2,
		done_phone_number = true, done_digital_address = true,
		done_content = true, done_media = true, done_keys = '{key.1,key.2,key.3,key.4,key.5}', reviewable = false,
		media_status = CASE media_status WHEN 'AVAILABLE' THEN 'PLANNED_FOR_DELETION' ELSE media_status END WHERE id = ANY($1)`)
	queue(`UPDATE conversation_facets AS f SET facets = c.facets
		  FROM current_facets($1) AS c WHERE c.conversation_id = f.conversation_id`)
	// A status is compared so that no index of it is used: they grow with what is planned.
	queue(`INSERT INTO media_deletion_requests (conversation_id, media_file_ids, settings_version,
			requested_at, requested_by, delivered_at)
		SELECT conversation_id, array_agg(id), 2, now(), 'manager', now() FROM media_files
		WHERE conversation_id = ANY($1) AND status || '' = 'PLANNED_FOR_DELETION' GROUP BY conversation_id`)
	queue(`WITH operation AS (INSERT INTO audit_operations (id, occurred_at, actor_id, actor_name, activity)
			VALUES (`+orderedUUID+`, now(), 'manager', 'manager', 'INTERACTION_ANONYMIZE') RETURNING id),
		totals AS (INSERT INTO audit_totals (operation_id, name, count)
			SELECT id, name, 100 FROM operation, unnest('{EVENTS,CONVERSATIONS_ANONYMIZED,MEDIA_REQUESTED}'::text[]) AS name)
		INSERT INTO audit_events (id, operation_id, occurred_at, actor_id, actor_name, activity, result,
			conversation_id, settings_version, encoding)
		SELECT `+orderedUUID+`, o.id, now(), 'manager', 'manager', e.activity, 'SUCCESS', c.id, 2, e.encoding
		FROM operation AS o, unnest($1::bigint[]) AS c (id)
		JOIN conversations ON conversations.id = c.id,
			(VALUES ('INTERACTION_ANONYMIZE', $2::bytea), ('MEDIA_DELETION_REQUESTED', $3)) AS e (activity, encoding)
		WHERE e.activity = 'INTERACTION_ANONYMIZE' OR conversations.media_status || '' = 'PLANNED_FOR_DELETION'`, b.anonymized, b.requested)
	ctx := b.tb.Context()
	err := pgx.BeginFunc(ctx, b.conn, func(tx pgx.Tx) error { return tx.SendBatch(ctx, batch).Close() })
	if err != nil {
		b.tb.Fatal(err)
	}
}

// sameRows compares how many rows both sides wrote.
func sameRows(tb testing.TB, one, other *pgx.Conn) {
	tb.Helper()
	const count = `SELECT 'participants ' || count(*)
			FILTER (WHERE digital_address_anonymized AND phone_number_anonymized) FROM participants
		UNION ALL SELECT 'segments ' || count(*) FILTER (WHERE title_anonymized) FROM segments
		UNION ALL SELECT 'messages ' || count(*) FILTER (WHERE text_anonymized) FROM messages
		UNION ALL SELECT 'metadata ' || count(*) FILTER (WHERE value_anonymized) FROM metadata
		UNION ALL SELECT 'media ' || count(*) FILTER (WHERE status = 'PLANNED_FOR_DELETION') FROM media_files
		UNION ALL SELECT 'conversations ' || count(*) FILTER (WHERE done_content AND media_status <> 'AVAILABLE') FROM conversations
		UNION ALL SELECT 'requests ' || count(*) FROM media_deletion_requests
		UNION ALL SELECT 'events ' || count(*) FROM audit_events
			WHERE activity IN ('INTERACTION_ANONYMIZE', 'MEDIA_DELETION_REQUESTED')
		ORDER BY 1`
	mine, theirs := strings.Join(texts(tb, one, count), ", "), strings.Join(texts(tb, other, count), ", ")
	if mine != theirs {
		tb.Errorf("the program wrote %s; beside it were written %s", mine, theirs)
	}
}

// texts are the rows of a query with one column.
func texts(tb testing.TB, conn *pgx.Conn, statement string, arguments ...any) []string {
	tb.Helper()
	result, err := conn.Query(tb.Context(), statement, arguments...)
	if err != nil {
		tb.Fatal(err)
	}
	found, err := pgx.CollectRows(result, pgx.RowTo[string])
	if err != nil {
		tb.Fatal(err)
	}
	return found
}

// started is when the conversation with this number started, counted from 0.
func started(n int) time.Time {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * 31 * time.Second)
}

// writeVCons writes vCons as another system does: of 2 parties, a recorded call with its transcript in 3 parts, a
// chat of 3 messages, and 5 metadata values.
func writeVCons(out io.Writer, from, to int) error {
	for n := from; n < to; n++ {
		at := started(n).Format(time.RFC3339)
		text := func(turn int) string {
			return fmt.Sprintf("What was said in turn %d of conversation %d, a sentence or two.", turn, n)
		}
		var turns, messages strings.Builder
		for turn := range 3 {
			if turn > 0 {
				turns.WriteByte(',')
			}
			fmt.Fprintf(&turns, `{"type":"transcript","dialog":0,"vendor":"other","encoding":"json",`+
				`"body":{"party":%d,"start":%q,"text":%q}}`,
				turn%2, at, text(turn))
			fmt.Fprintf(&messages, `,{"type":"text","start":%q,"parties":[0,1],"originator":%d,`+
				`"mediatype":"text/plain","body":%q,"encoding":"none"}`,
				at, turn%2, text(3+turn))
		}
		_, err := fmt.Fprintf(out, `{"vcon":"0.5.0","uuid":"00000000-0000-8000-8000-%012x","created_at":%q,"parties":[`+
			`{"name":"Person %[3]d","tel":"+4207%08[3]d","mailto":"person%[3]d.0@example.com","role":"customer"},`+
			`{"name":"Agent %[3]d","tel":"+4206%08[3]d","mailto":"person%[3]d.1@example.com","role":"agent",`+
			`"meta":{"user_id":"agent%[4]d"}}],`+
			`"dialog":[{"type":"recording","start":%[2]q,"duration":150,"parties":[0,1],"mediatype":"audio/x-wav",`+
			`"url":"https://media.example/%[3]d.wav","meta":{"direction":"inbound"}}%[5]s],"analysis":[%[6]s],"attachments":[`+
			`{"purpose":"metadata","start":%[2]q,"party":0,"dialog":0,"encoding":"json","body":{"key.1":"value %[7]d",`+
			`"key.2":"value %[8]d","key.3":"value %[9]d","key.4":"value %[3]d","key.5":"value %[3]d"}}]}`+"\n",
			n+1, at, n, n%500, &messages, &turns, n%1000, n%5, n%100)
		if err != nil {
			return err
		}
	}
	return nil
}

// vconFile is a file of vCons, for the import command.
func vconFile(tb testing.TB, from, to int) string {
	tb.Helper()
	file, err := os.Create(filepath.Join(tb.TempDir(), "conversations.ndjson"))
	if err != nil {
		tb.Fatal(err)
	}
	buffered := bytes.NewBuffer(nil)
	for ; from < to; from += pageSize {
		buffered.Reset()
		if err := writeVCons(buffered, from, min(from+pageSize, to)); err != nil {
			tb.Fatal(err)
		}
		if _, err := file.Write(buffered.Bytes()); err != nil {
			tb.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		tb.Fatal(err)
	}
	return file.Name()
}

// copied are the tables that an import writes, in an order that foreign keys allow, with the rows of one import:
// those of conversations above $1, and what began after $2.
var copied = []struct{ table, rows string }{
	{"metadata_keys", "first_seen_at > $2"}, {"conversations", "id > $1"}, {"vcons", "conversation_id > $1"},
	{"vcon_versions", "conversation_id > $1"}, {"participants", "conversation_id > $1"}, {"segments", "conversation_id > $1"},
	{"messages", "conversation_id > $1"}, {"metadata", "conversation_id > $1"}, {"media_files", "conversation_id > $1"},
	{"conversation_principals", "conversation_id > $1"},
	{"conversation_facets", "conversation_id > $1"},
	{"audit_operations", "occurred_at > $2 AND activity = 'CONVERSATION_IMPORTED'"},
	{"audit_events", "occurred_at > $2 AND activity = 'CONVERSATION_IMPORTED'"},
	{"audit_totals", "operation_id IN (SELECT id FROM audit_operations " +
		"WHERE occurred_at > $2 AND activity = 'CONVERSATION_IMPORTED')"},
}

// Import against COPY of the rows that it wrote, into the same tables with their indexes, and export against
// import; in turns of a quarter each.
func TestImportAndExport(t *testing.T) {
	all, parts := conversations(t), 4
	mine, theirs := fresh(t, 0), fresh(t, 0)
	program, bare := connect(t, mine), connect(t, theirs)
	media := filepath.Join(t.TempDir(), "media")
	var imports, exports []float64
	lines := ""
	for part := range parts {
		first, last := part*all/parts, (part+1)*all/parts
		file := vconFile(t, first, last)
		var highest int64
		var before time.Time
		const now = "SELECT coalesce(max(id), 0), clock_timestamp() FROM conversations"
		if err := program.QueryRow(t.Context(), now).Scan(&highest, &before); err != nil {
			t.Fatal(err)
		}
		in, peakIn := run(t, "import", "--database-url", mine, "--media-url", media, file)
		copying, count := copyRows(t, program, bare, highest, before)
		output := filepath.Join(t.TempDir(), "export.ndjson")
		out, peakOut := run(t, "export", "--database-url", mine, "--media-url", media, "--output", output,
			"--started-from", started(first).Format(time.RFC3339), "--started-to", started(last).Format(time.RFC3339))
		wantLines(t, output, last-first)
		rate := func(d time.Duration) float64 { return float64(last-first) / d.Seconds() }
		imports, exports = append(imports, rate(in)/rate(copying)), append(exports, rate(out)/rate(in))
		lines += fmt.Sprintf("    import %7.0f conversations/s, %6.0f rows/s, %3.0f MB\n"+
			"    COPY   %7.0f conversations/s, %6.0f rows/s\n"+
			"    export %7.0f conversations/s, %3.0f MB\n",
			rate(in), float64(count)/in.Seconds(), peakIn, rate(copying), float64(count)/copying.Seconds(), rate(out), peakOut)
		_ = os.Remove(file)
		_ = os.Remove(output)
	}
	verdict(t, fmt.Sprintf("import of %d", all), "of COPY of the same rows", middle(imports), 0.7, 0.5)
	verdict(t, fmt.Sprintf("export of %d", all), "times import", middle(exports), 3, 2)
	fmt.Print(lines)
}

// copyRows copies the rows of an import by COPY, and returns how long the copying in took, and how many there were.
func copyRows(tb testing.TB, from, to *pgx.Conn, highest int64, before time.Time) (took time.Duration, count int64) {
	tb.Helper()
	for _, c := range copied {
		rows := strings.NewReplacer("$1", fmt.Sprint(highest), "$2", "'"+before.UTC().Format(time.RFC3339Nano)+"'").Replace(c.rows)
		var data bytes.Buffer
		reading := "COPY (SELECT * FROM " + c.table + " WHERE " + rows + ") TO STDOUT"
		if _, err := from.PgConn().CopyTo(tb.Context(), &data, reading); err != nil {
			tb.Fatalf("%s: %v", c.table, err)
		}
		begun := time.Now()
		tag, err := to.PgConn().CopyFrom(tb.Context(), &data, "COPY "+c.table+" FROM STDIN")
		if err != nil {
			tb.Fatalf("%s: %v", c.table, err)
		}
		took, count = took+time.Since(begun), count+tag.RowsAffected()
	}
	if count == 0 {
		tb.Fatal("nothing was imported")
	}
	return took, count
}

func wantLines(tb testing.TB, name string, want int) {
	tb.Helper()
	file, err := os.Open(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	count, chunk := 0, make([]byte, 1<<20)
	for {
		n, err := file.Read(chunk)
		count += bytes.Count(chunk[:n], []byte("\n"))
		if err == io.EOF {
			break
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if count != want {
		tb.Fatalf("%d conversations were exported, not %d", count, want)
	}
}
