-- Makes :conversations conversations in a database without any, in seconds for 100,000:
--
--     psql --set conversations=100000 --file bench/conversations.sql URL
--
-- Each has 2 participants, 2 segments, 6 messages, 5 metadata values and 1 media file. Of what a filter asks
-- for, some values are frequent and some rare: a tenth has e-mails, a hundredth of the recordings is deleted, a
-- twentieth lost its phone numbers to anonymizing, and a metadata value is that of a fifth, a hundredth, a
-- thousandth or of one conversation. A group sees a twentieth, an agent a five-hundredth. The benchmarks run the
-- statements one by one, so that a semicolon ends a line only where it ends a statement. It needs a superuser: foreign
-- keys, which hold by construction, are not checked, and indexes for searches within values are built at the end.

SET session_replication_role = replica;
SET work_mem = '64MB';
SET maintenance_work_mem = '256MB';
CREATE TEMPORARY TABLE later AS
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
  FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
 WHERE amname = 'gin' AND relnamespace = 'public'::regnamespace;
DO $$ DECLARE one record; BEGIN FOR one IN SELECT * FROM later LOOP EXECUTE 'DROP INDEX ' || one.name; END LOOP; END $$;

INSERT INTO metadata_keys (name, is_filter, first_seen_at)
SELECT 'key.' || k, k < 3, now() FROM generate_series(1, 5) AS k;

INSERT INTO conversations (started_at, ended_at, duration_ms, direction, types, reviewable, media_status, anonymized_at,
    settings_version, done_phone_number, imported_at)
SELECT started, started + seconds * interval '1 second', seconds * 1000, CASE n % 3 WHEN 0 THEN 'OUTBOUND' ELSE 'INBOUND' END,
    CASE n % 10 WHEN 0 THEN '{CALL,EMAIL}'::text[] ELSE '{CALL,CHAT}' END, n % 100 <> 7,
    CASE n % 100 WHEN 7 THEN 'DELETED' ELSE 'AVAILABLE' END, CASE n % 20 WHEN 3 THEN now() END,
    CASE n % 20 WHEN 3 THEN 1 END, n % 20 = 3, now()
  FROM (SELECT n, timestamptz '2026-01-01' + n * interval '31 seconds' AS started, 60 + n::bigint * 7919 % 3600 AS seconds
          FROM generate_series(1, :conversations) AS n) AS made
 ORDER BY n;

INSERT INTO vcons (uuid, conversation_id, started_at, ended_at, direction)
SELECT lpad(to_hex(id), 32, '0')::uuid, id, started_at, ended_at, direction FROM conversations ORDER BY id;

INSERT INTO participants (conversation_id, vcon_uuid, position, role, name, phone_number, phone_number_anonymized,
    digital_address, user_id)
SELECT c.id, lpad(to_hex(c.id), 32, '0')::uuid, p, CASE p WHEN 0 THEN 'CUSTOMER' ELSE 'AGENT' END, 'Person ' || c.id,
    CASE WHEN c.done_phone_number THEN '[anonphonenumber]' ELSE '+4207' || 10000000 + c.id END, c.done_phone_number,
    'person' || c.id || '.' || p || '@example.com', CASE p WHEN 0 THEN '' ELSE 'agent' || c.id % 500 END
  FROM conversations AS c, generate_series(0, 1) AS p
 ORDER BY c.id, p;

INSERT INTO segments (conversation_id, vcon_uuid, position, kind, started_at, duration_ms, title)
SELECT c.id, lpad(to_hex(c.id), 32, '0')::uuid, s, c.types[s + 1], c.started_at, 150000,
    CASE c.types[s + 1] WHEN 'EMAIL' THEN 'Subject of ' || c.id ELSE '' END
  FROM conversations AS c, generate_series(0, 1) AS s
 ORDER BY c.id, s;

INSERT INTO messages (conversation_id, segment_id, position, kind, author_position, sent_at, text)
SELECT s.conversation_id, s.id, m,
    CASE s.kind WHEN 'CALL' THEN 'TRANSCRIPT' WHEN 'EMAIL' THEN 'EMAIL_BODY' ELSE 'CHAT_MESSAGE' END, m % 2, s.started_at,
    'What was said in turn ' || m || ' of segment ' || s.id || ', a sentence or two.'
  FROM segments AS s, generate_series(0, 2) AS m
 ORDER BY s.id, m;

INSERT INTO metadata (conversation_id, vcon_uuid, key_id, value)
SELECT c.id, lpad(to_hex(c.id), 32, '0')::uuid, k.id,
    'value ' || CASE k.name WHEN 'key.1' THEN c.id % 1000 WHEN 'key.2' THEN c.id % 5 WHEN 'key.3' THEN c.id % 100 ELSE c.id END
  FROM conversations AS c, metadata_keys AS k
 ORDER BY c.id, k.id;

INSERT INTO media_files (conversation_id, segment_id, position, kind, status, media_type, duration_ms, source_url)
SELECT c.id, s.id, 0, 'CALL', c.media_status, 'audio/x-wav', 150000,
    CASE c.media_status WHEN 'DELETED' THEN '' ELSE 'https://media.example/' || c.id || '.wav' END
  FROM conversations AS c JOIN segments AS s ON s.conversation_id = c.id AND s.kind = 'CALL'
 ORDER BY c.id;

INSERT INTO conversation_principals (conversation_id, vcon_uuid, principal)
SELECT v.conversation_id, v.uuid, p.principal
  FROM vcons AS v, unnest(ARRAY['group:team' || v.conversation_id % 20, 'user:agent' || v.conversation_id % 500]) AS p (principal)
 ORDER BY v.conversation_id, p.principal;

INSERT INTO conversation_facets SELECT * FROM current_facets(ARRAY(SELECT id FROM conversations)) ORDER BY conversation_id;

DO $$ DECLARE one record; BEGIN FOR one IN SELECT * FROM later LOOP EXECUTE one.definition; END LOOP; END $$;
DROP TABLE later;
RESET session_replication_role;
RESET work_mem;
RESET maintenance_work_mem;
VACUUM (ANALYZE);
