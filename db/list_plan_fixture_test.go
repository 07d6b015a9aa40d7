package db

import "testing"

// planned is the number of conversations that plans are looked at with. There are enough for the planner to
// prefer indexes.
const planned = 20_000

// storeForPlans fills a store by SQL. Of anything that a filter asks for, some values are rare and some
// frequent; the older half of the conversations is anonymized.
func storeForPlans(t testing.TB, s *Store, count int) {
	t.Helper()
	conn, err := s.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for _, statement := range []string{
		// The planner's statistics are made of every row: those of a sample differ from run to run, and so do plans.
		`SET default_statistics_target = 1000`,
		`INSERT INTO metadata_keys (name, first_seen_at) VALUES ('order', now()), ('language', now()), ('rare', now()), ('unused', now())`,
		`INSERT INTO conversations (started_at, ended_at, duration_ms, types, reviewable, media_status, anonymized_at,
    settings_version, imported_at)
		SELECT timestamptz '2026-01-01' + n * interval '17 seconds', timestamptz '2026-01-02' + n * interval
		    '17 seconds', n::bigint * 7919 % 600000,
			CASE n % 5000 WHEN 0 THEN '{CHAT}'::text[] WHEN 1 THEN '{CALL,SCREEN_RECORDING}' ELSE '{CALL}' END,
			n % 5000 <> 2, CASE n % 5000 WHEN 3 THEN 'PLANNED_FOR_DELETION' WHEN 4 THEN 'DELETED' ELSE 'AVAILABLE' END,
			CASE WHEN n < ?0 / 2 THEN now() END, CASE WHEN n < ?0 / 2 THEN 1 END, now()
		FROM generate_series(1, ?0) AS n`,
		`INSERT INTO vcons (uuid, conversation_id, started_at, ended_at) SELECT lpad(to_hex(c.id), 32, '0')::uuid, c.id, c.started_at, c.ended_at FROM conversations AS c`,
		`INSERT INTO participants (conversation_id, vcon_uuid, position, role, phone_number, digital_address, phone_address)
		SELECT c.id, lpad(to_hex(c.id), 32, '0')::uuid, p, 'CUSTOMER', '+420 ' || 600000000 + c.id * 7919 % 100000000,
		    'person.' || md5(c.id::text || p) || '@example.com',
			CASE p WHEN 0 THEN 420600000000 + c.id * 7919 % 100000000 || '@c.us' ELSE '' END
		FROM conversations AS c, generate_series(0, 1) AS p`,
		`INSERT INTO metadata (conversation_id, vcon_uuid, key_id, value)
		SELECT c.id, lpad(to_hex(c.id), 32, '0')::uuid, k.id, CASE k.name WHEN 'order' THEN md5(c.id::text) WHEN
		    'language' THEN CASE c.id % 200 WHEN 0 THEN 'cs' ELSE 'en' END ELSE 'en' END
		FROM conversations AS c, metadata_keys AS k WHERE k.name IN ('order',
		    'language') OR k.name = 'rare' AND c.id % 5000 = 0`,
		`INSERT INTO conversation_principals (conversation_id, vcon_uuid, principal)
		SELECT conversation_id, uuid, 'user:' || conversation_id % 500 FROM vcons UNION ALL SELECT conversation_id,
		    uuid, 'group:' || conversation_id % 3 FROM vcons`,
		`INSERT INTO conversation_facets SELECT * FROM current_facets(ARRAY(SELECT id FROM conversations))`,
		`INSERT INTO audit_operations (id, occurred_at, actor_id, actor_name, activity)
		SELECT lpad(to_hex(c.id), 32, '0')::uuid, c.started_at, 'user:' || c.id % 500, 'N', 'CONVERSATION_IMPORTED'
		FROM conversations AS c`,
		`INSERT INTO audit_totals (operation_id, name, count) SELECT id, 'EVENTS', 1 FROM audit_operations`,
		`INSERT INTO audit_events (id, operation_id, encoding, occurred_at, actor_id, actor_name, activity, result, conversation_id)
		SELECT lpad(to_hex(c.id), 32, '0')::uuid, lpad(to_hex(c.id), 32, '0')::uuid, 'x', c.started_at, 'user:' || c.id % 500, 'N', CASE c.id % 100 WHEN 0 THEN 'MEDIA_DELETED' ELSE
		    'CONVERSATION_IMPORTED' END,
			CASE c.id % 200 WHEN 7 THEN 'FAILURE' ELSE 'SUCCESS' END, c.id
		FROM conversations AS c`,
		`VACUUM (ANALYZE)`, // also moves what is new in trigram indexes to its place, as autovacuum does
		`RESET default_statistics_target`,
	} {
		if _, err := conn.NewRaw(statement, count).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
