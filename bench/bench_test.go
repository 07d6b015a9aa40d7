// Package bench measures what users wait for, on a database with 100,000 conversations. It holds
// benchmarks alone: run them with make bench. The page that the API answers is compared with the same
// page built as JSON by PostgreSQL in one statement, so that the figures are ratios.
package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/graph"
	"qm-compliance/graph/admission"
	"qm-compliance/migrations"
	"qm-compliance/notify"
	"qm-compliance/postgres/postgrestest"
)

func TestMain(m *testing.M) { postgrestest.Main(m, prepare) }

// conversations is how many there are; QM_BENCH_CONVERSATIONS names another number.
func conversations() string {
	if number := os.Getenv("QM_BENCH_CONVERSATIONS"); number != "" {
		return number
	}
	return "100000"
}

// prepare makes the database that every benchmark works on a copy of.
func prepare(ctx context.Context, url string) error {
	pool, bun, err := db.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	defer func() { _ = bun.Close() }()
	if _, err := migrations.Run(ctx, bun); err != nil {
		return err
	}
	begun := time.Now()
	script, err := os.ReadFile("conversations.sql")
	if err != nil {
		return err
	}
	for _, statement := range strings.Split(strings.ReplaceAll(string(script), ":conversations", conversations()), ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := pool.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%.80s: %w", strings.TrimSpace(statement), err)
		}
	}
	fmt.Printf("loaded %s conversations in %s\n", conversations(), time.Since(begun).Round(time.Second))
	return nil
}

// bench is the API on a copy of the database.
type bench struct {
	handler    http.Handler
	store      *db.Store
	pool       *pgxpool.Pool
	bun        *bun.DB
	token      string
	statements atomic.Int64
}

func (c *bench) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (c *bench) AfterQuery(context.Context, *bun.QueryEvent) { c.statements.Add(1) }

func newBench(b *testing.B) *bench {
	b.Helper()
	pool, bunDB, err := db.Connect(b.Context(), postgrestest.URL(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = bunDB.Close(); pool.Close() })
	c := &bench{pool: pool, bun: bunDB}
	c.store, err = db.New(b.Context(), bunDB.WithQueryHook(c), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	issuer, err := auth.NewDemoIssuer(time.Now)
	if err != nil {
		b.Fatal(err)
	}
	if c.token, err = issuer.Token("manager"); err != nil {
		b.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	limits := graph.DefaultLimits()
	limits.Admission = admission.Limits{} // one person asks all the time
	c.handler = graph.NewHandler(graph.Options{
		Store: c.store, Hub: notify.NewHub(pool, logger), Verify: issuer.Verifier().Verify, Limits: limits,
		Logger: logger, Now: time.Now,
	})
	return c
}

func (c *bench) post(b *testing.B, operation string) []byte {
	b.Helper()
	body, _ := json.Marshal(map[string]string{"query": operation})
	request := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/graphql", strings.NewReader(string(body)))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+c.token)
	recorder := httptest.NewRecorder()
	c.handler.ServeHTTP(recorder, request)
	if answer := recorder.Body.Bytes(); strings.Contains(string(answer), `"errors"`) {
		b.Fatalf("%.300s", answer)
	}
	return recorder.Body.Bytes()
}

const page = `{ conversations(first: 50) { nodes { id startedAt endedAt direction types isReviewable mediaStatus
	participants { role name phoneNumber digitalAddress } segments { __typename id startedAt durationSeconds }
	    metadata { key value } media { id kind status } }
	pageInfo { hasNextPage endCursor } } }`

// BenchmarkPage is the listing: the 50 newest conversations with participants, segments, metadata and media,
// through the whole handler.
func BenchmarkPage(b *testing.B) {
	c := newBench(b)
	c.post(b, page)
	c.statements.Store(0)
	b.ReportAllocs()
	var size int
	for b.Loop() {
		size = len(c.post(b, page))
	}
	b.ReportMetric(float64(c.statements.Load())/float64(b.N), "statements/op")
	b.ReportMetric(float64(size), "bytes/answer")
}

// BenchmarkPageBuiltBySQL is the yardstick: the same page as JSON that PostgreSQL builds in one statement,
// handed on as it is.
func BenchmarkPageBuiltBySQL(b *testing.B) {
	c := newBench(b)
	const query = `SELECT json_agg(json_build_object('id', c.id, 'startedAt', c.started_at, 'endedAt', c.ended_at,
    'direction', c.direction, 'types', c.types, 'mediaStatus', c.media_status,
  'participants', (SELECT json_agg(json_build_object('role', role, 'name', name, 'phoneNumber', phone_number,
      'digitalAddress', digital_address) ORDER BY position) FROM participants WHERE conversation_id = c.id),
  'segments', (SELECT json_agg(json_build_object('id', id, 'kind', kind, 'startedAt', started_at,
      'durationMs', duration_ms) ORDER BY position) FROM segments WHERE conversation_id = c.id),
  'metadata', (SELECT json_agg(json_build_object('key', k.name, 'value', value) ORDER BY k.name)
      FROM metadata AS m JOIN metadata_keys AS k ON k.id = m.key_id WHERE conversation_id = c.id),
  'media', (SELECT json_agg(json_build_object('id', id, 'kind', kind, 'status', status))
      FROM media_files WHERE conversation_id = c.id)))::text
  FROM (SELECT * FROM conversations ORDER BY started_at DESC, id DESC LIMIT 50) AS c`
	b.ReportAllocs()
	for b.Loop() {
		var text string
		if err := c.pool.QueryRow(b.Context(), query).Scan(&text); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(1, "statements/op")
}

// BenchmarkDetail is one conversation with everything, messages included.
func BenchmarkDetail(b *testing.B) {
	c := newBench(b)
	var list struct {
		Data struct {
			Conversations struct{ Nodes []struct{ ID string } }
		}
	}
	if err := json.Unmarshal(c.post(b, page), &list); err != nil {
		b.Fatal(err)
	}
	detail := fmt.Sprintf(`{ conversation(id: %q) { id startedAt participants {
    role name phoneNumber digitalAddress } metadata { key value } media { id status }
		segments { id messages { nodes { kind author { name } sentAt text } } } isReviewable segments { reviewabilityReason } }
		    }`, list.Data.Conversations.Nodes[0].ID)
	c.statements.Store(0)
	b.ReportAllocs()
	for b.Loop() {
		c.post(b, detail)
	}
	b.ReportMetric(float64(c.statements.Load())/float64(b.N), "statements/op")
}

// BenchmarkPreview is what the dialog before BenchmarkAnonymize's call shows, through the whole handler.
func BenchmarkPreview(b *testing.B) {
	c := newBench(b)
	c.post(b, `mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {subjectAndBody: true, mediaFiles: true}}) { userErrors { code } } }`)
	var ids []string
	for number := range int64(100) {
		ids = append(ids, graph.GlobalID("Conversation", number+1))
	}
	list, _ := json.Marshal(ids)
	preview := `{ anonymizationPreview(input: {conversationIds: ` + string(list) + `}) { settingsVersion problems { code } conversationCount unchangedCount reviewEndsCount
		notReviewableCount staysReviewable { reason count } effect { ...effect } conversations { conversation {
		    id startedAt } isUnchanged isReviewableBefore isReviewableAfter reasonAfter effect { ...effect } } } }
		fragment effect on AnonymizationEffect { valueCount phoneNumbers digitalAddresses subjects messages {
		    kind count } customData { key count } otherData { key count } media { kind planned protected kept } }`
	c.post(b, preview)
	c.statements.Store(0)
	b.ReportAllocs()
	for b.Loop() {
		c.post(b, preview)
	}
	b.ReportMetric(float64(c.statements.Load())/float64(b.N), "statements/op")
}

// BenchmarkAnonymize is one call with 100 conversations and every switch on: about 1,900 rows in one transaction. In
// turns with it the same is done by bare SQL to the next 100; the metric ratio is the program's rate by the other's.
func BenchmarkAnonymize(b *testing.B) {
	c := newBench(b)
	c.post(b, `mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {subjectAndBody: true, mediaFiles: true},
		customData: [{key: "key.1", isAnonymized: true}, {key: "key.2", isAnonymized: true}],
		otherData: [{key: "key.3", isAnonymized: true}, {key: "key.4", isAnonymized: true}, {key: "key.5", isAnonymized: true}]}) { userErrors { code } } }`)
	config := c.pool.Config().ConnConfig
	config.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	conn, err := pgx.ConnectConfig(b.Context(), config)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close(context.Background()) })
	next := int64(1)
	page := func() (ids []int64) {
		for range 100 {
			ids = append(ids, next)
			next++
		}
		return ids
	}
	program := func() {
		op := audit.Begin(audit.Actor{ID: "bench", Name: "Bench"}, audit.InteractionAnonymize)
		done, err := c.store.Anonymize(b.Context(), op, db.Everything(), page())
		if err != nil || len(done.Done) != 100 {
			b.Fatalf("%d of 100 conversations were anonymized: %v; are there enough for that many rounds?", len(done.Done), err)
		}
	}
	program()
	encodings := encodingsOf(b, c.pool)
	anonymizeBySQL(b, conn, encodings, page())
	var its, other time.Duration
	b.ReportAllocs()
	for b.Loop() {
		begun := time.Now()
		program()
		its += time.Since(begun)
		b.StopTimer()
		begun = time.Now()
		anonymizeBySQL(b, conn, encodings, page())
		other += time.Since(begun)
		b.StartTimer()
	}
	rate := func(took time.Duration) float64 { return 100 * float64(b.N) / took.Seconds() }
	b.ReportMetric(rate(its), "conversations/s")
	b.ReportMetric(rate(other), "SQL-conversations/s")
	b.ReportMetric(rate(its)/rate(other), "ratio")
}

// encodingsOf returns the encodings of the two events of a conversation, as the program wrote them.
func encodingsOf(b *testing.B, pool *pgxpool.Pool) (encodings [2][]byte) {
	b.Helper()
	for i, activity := range []audit.Activity{audit.InteractionAnonymize, audit.MediaDeletionRequested} {
		const query = "SELECT encoding FROM audit_events WHERE activity = $1 LIMIT 1"
		if err := pool.QueryRow(b.Context(), query, string(activity)).Scan(&encodings[i]); err != nil {
			b.Fatal(err)
		}
	}
	return encodings
}

// anonymizeBySQL writes what anonymizing writes into conversations that never were anonymized, in one transaction,
// prepared and in one round trip, and looks at nothing.
func anonymizeBySQL(b *testing.B, conn *pgx.Conn, encodings [2][]byte, ids []int64) {
	b.Helper()
	batch := new(pgx.Batch)
	for _, update := range []string{
		`UPDATE participants SET phone_number = '[anonphonenumber]', phone_number_anonymized = true,
			digital_address = '[anondigitaladdress]', digital_address_anonymized = true WHERE conversation_id = ANY($1)`,
		`UPDATE segments SET title = '[anonconversationcontent]', title_anonymized = true
			WHERE conversation_id = ANY($1) AND title <> ''`,
		`UPDATE messages SET text = '[anonconversationcontent]', text_anonymized = true WHERE conversation_id = ANY($1)`,
		`UPDATE metadata SET value = '[anonymized]', value_anonymized = true WHERE conversation_id = ANY($1)`,
		`UPDATE media_files SET status = 'PLANNED_FOR_DELETION', planned_at = now() WHERE conversation_id = ANY($1)`,
		`UPDATE conversations SET anonymized_at = now(), settings_version = 2, done_phone_number = true,
			done_digital_address = true, done_content = true, done_media = true, reviewable = false,
			done_keys = '{key.1,key.2,key.3,key.4,key.5}', media_status = 'PLANNED_FOR_DELETION' WHERE id = ANY($1)`,
		`UPDATE conversation_facets AS f SET facets = c.facets
			FROM current_facets($1) AS c WHERE c.conversation_id = f.conversation_id`,
		`INSERT INTO media_deletion_requests (conversation_id, media_file_ids, settings_version, requested_at,
			requested_by, delivered_at) SELECT conversation_id, array_agg(id), 2, now(), 'bench', now() FROM media_files
			WHERE conversation_id = ANY($1) GROUP BY conversation_id`,
	} {
		batch.Queue(update, ids)
	}
	op, events := audit.NewID(), make([]uuid.UUID, 2*len(ids))
	for i := range events {
		events[i] = audit.NewID()
	}
	batch.Queue(`INSERT INTO audit_operations (id, occurred_at, actor_id, actor_name, activity)
		VALUES ($1, now(), 'bench', 'Bench', 'INTERACTION_ANONYMIZE')`, op)
	batch.Queue(`INSERT INTO audit_totals (operation_id, name, count) SELECT $1, 'T' || n, n FROM generate_series(1, 7) AS n`, op)
	batch.Queue(`INSERT INTO audit_events (id, operation_id, occurred_at, actor_id, actor_name, activity, result,
			conversation_id, settings_version, encoding)
		SELECT e.id, $1, now(), 'bench', 'Bench', CASE n % 2 WHEN 0 THEN 'INTERACTION_ANONYMIZE' ELSE
			'MEDIA_DELETION_REQUESTED' END, 'SUCCESS', ($3::bigint[])[(n + 1) / 2], 2, CASE n % 2 WHEN 0 THEN $4::bytea ELSE $5 END
		FROM unnest($2::uuid[]) WITH ORDINALITY AS e (id, n)`, op, events, ids, encodings[0], encodings[1])
	err := pgx.BeginFunc(b.Context(), conn, func(tx pgx.Tx) error { return tx.SendBatch(b.Context(), batch).Close() })
	if err != nil {
		b.Fatal(err)
	}
}
