-- The structure of the database, in the order in which it is best read: settings, conversations and what
-- belongs to them, media files and their deletion, the audit log, access.
--
-- Every column that can hold text is listed in db/personal*.go, with what it holds and how it is removed; a
-- test compares the two. The words are those of the design, section 2. Times are the conversation's own
-- unless the name says otherwise.

-- Trigram indexes, for searches within phone numbers and addresses.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- fold_case is a text as filters compare it. The database's own collation may know no case beyond ASCII (C
-- does not), so that the first of these is taken that the server has: ICU's, PostgreSQL's own since version
-- 17, that of the C library. On a server with none of them only ASCII letters are certain to be folded; serve
-- and migrate say so. The Greek final sigma is a sigma, and the dot that a Turkish capital I leaves goes.
-- Indexes and queries must have this function, to the letter: PostgreSQL inlines it.
DO $do$
DECLARE
    known text := (
        SELECT quote_ident(c.collname)
          FROM pg_catalog.pg_collation AS c
          JOIN unnest(ARRAY['und-x-icu', 'pg_c_utf8', 'C.utf8', 'C.UTF-8', 'en_US.utf8']) WITH ORDINALITY AS w (name, rank)
            ON c.collname = w.name
         WHERE c.collnamespace = 'pg_catalog'::regnamespace AND c.collencoding IN (-1, 6) -- any, UTF8
         ORDER BY w.rank LIMIT 1);
BEGIN
    EXECUTE format(
        'CREATE FUNCTION fold_case(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN '
        'pg_catalog.translate(pg_catalog.lower(value%s), U&''\03C2\0307'', U&''\03C3'')',
        coalesce(' COLLATE pg_catalog.' || known, ''));
    EXECUTE format('COMMENT ON FUNCTION fold_case IS %L', coalesce(known, ''));
END
$do$;


-- Values that are decided once for this database: the keys by which agents and recordings are recognised and
-- playback links sealed, the id of the media store, the marks of the demo.
CREATE TABLE installation (
    name  text PRIMARY KEY,
    value bytea NOT NULL
);

-- The versions of the compliance settings (design, section 3). The highest version is in force.
CREATE TABLE compliance_settings (
    version                     integer PRIMARY KEY CHECK (version >= 1),
    saved_at                    timestamptz, -- null for the first version, which nobody saved
    saved_by                    text,        -- the user's id; null for the first version
    saved_by_name               text,
    participant_phone_number    boolean NOT NULL,
    participant_digital_address boolean NOT NULL,
    subject_and_body            boolean NOT NULL,
    media_files                 boolean NOT NULL,
    keys                        text[]  NOT NULL DEFAULT '{}' -- the names of the metadata keys that are on, sorted
);

-- What an organisation starts with that has saved nothing yet; a test compares it with compliance.Defaults.
INSERT INTO compliance_settings
    (version, participant_phone_number, participant_digital_address, subject_and_body, media_files)
VALUES (1, true, true, false, false);

-- Selections that users have staged but not saved; they have no effect.
CREATE TABLE staged_settings (
    subject      text PRIMARY KEY, -- the user's id
    base_version integer     NOT NULL REFERENCES compliance_settings (version), -- in force when the user began
    edit         jsonb       NOT NULL, -- the switches that the user moved, as a compliance.Edit
    staged_at    timestamptz NOT NULL
);

-- The metadata keys that the system knows, from the first import that has them.
CREATE TABLE metadata_keys (
    id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name           text        NOT NULL UNIQUE CHECK (name <> ''),
    is_filter      boolean     NOT NULL DEFAULT false, -- shown as a filter in the Conversation Explorer
    is_correlation boolean     NOT NULL DEFAULT false, -- equal values merge conversations into one
    first_seen_at  timestamptz NOT NULL
);


-- Conversations as they are listed. What belongs to a conversation is in the tables that follow. Every column
-- there with a value that anonymizing overwrites has a flag beside it, COLUMN_anonymized: the flag alone says
-- that the value was overwritten, the text of a placeholder never does.
CREATE TABLE conversations (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at           timestamptz NOT NULL,
    ended_at             timestamptz NOT NULL CHECK (ended_at >= started_at),
    duration_ms          bigint      NOT NULL CHECK (duration_ms >= 0),
    direction            text CHECK (direction IN ('INBOUND', 'OUTBOUND', 'INTERNAL')), -- null where it is unknown
    -- Derived from segments and media files, for the list's filters.
    types                text[]      NOT NULL, -- CALL, SCREEN_RECORDING, EMAIL, CHAT
    reviewable           boolean     NOT NULL,
    media_status         text        NOT NULL
        CHECK (media_status IN ('NONE', 'AVAILABLE', 'PLANNED_FOR_DELETION', 'DELETED', 'MISSING')),
    -- When the conversation was anonymized last, and with which settings. The version has no foreign key: an
    -- imported export may carry one of another installation.
    anonymized_at        timestamptz,
    settings_version     integer,
    -- Every switch that was on at any time when the conversation was anonymized.
    done_phone_number    boolean NOT NULL DEFAULT false,
    done_digital_address boolean NOT NULL DEFAULT false,
    done_content         boolean NOT NULL DEFAULT false, -- the switch subject and body
    done_media           boolean NOT NULL DEFAULT false,
    done_keys            text[]  NOT NULL DEFAULT '{}', -- names of metadata keys
    imported_at          timestamptz NOT NULL,
    -- Raised by whatever changes the conversation, so that a job notices what changed after its plan.
    revision             integer NOT NULL DEFAULT 0,
    CHECK ((anonymized_at IS NULL) = (settings_version IS NULL))
);
CREATE INDEX conversations_started ON conversations (started_at, id);
CREATE INDEX conversations_duration ON conversations (duration_ms, id);
CREATE INDEX conversations_reviewable ON conversations (reviewable, started_at, id);
CREATE INDEX conversations_media_status ON conversations (media_status, started_at, id);
CREATE INDEX conversations_anonymized ON conversations (started_at, id) WHERE anonymized_at IS NOT NULL;
CREATE INDEX conversations_never_anonymized ON conversations (started_at, id) WHERE anonymized_at IS NULL;

-- The vCons that a conversation is made of: the first one, and those that joined it by a correlation key.
-- Rows of the tables below carry the uuid of the vCon that brought them, so that importing it again replaces
-- these alone.
CREATE TABLE vcons (
    uuid            uuid PRIMARY KEY,
    conversation_id bigint      NOT NULL REFERENCES conversations ON DELETE CASCADE,
    started_at      timestamptz NOT NULL,
    ended_at        timestamptz NOT NULL CHECK (ended_at >= started_at),
    direction       text CHECK (direction IN ('INBOUND', 'OUTBOUND', 'INTERNAL'))
);
CREATE INDEX vcons_conversation ON vcons (conversation_id);

-- The uuids under which the versions of a vCon are known, of which vcons has the one whose data is stored. A
-- vCon that is its only version has no row here.
CREATE TABLE vcon_versions (
    uuid            uuid PRIMARY KEY,
    conversation_id bigint NOT NULL REFERENCES conversations ON DELETE CASCADE,
    stored_as       uuid   NOT NULL REFERENCES vcons ON DELETE CASCADE,
    made_from       uuid[] NOT NULL, -- the versions that this one names; empty for one that never came in
    made_at         timestamptz,     -- null where it is not known
    came_in         boolean NOT NULL -- false for one that is only named by another
);
CREATE INDEX vcon_versions_conversation ON vcon_versions (conversation_id);
CREATE INDEX vcon_versions_stored_as ON vcon_versions (stored_as);

CREATE TABLE participants (
    conversation_id            bigint  NOT NULL REFERENCES conversations ON DELETE CASCADE,
    vcon_uuid                  uuid    NOT NULL,
    position                   integer NOT NULL, -- in the vCon's list of parties
    role                       text    NOT NULL CHECK (role IN ('CUSTOMER', 'AGENT', 'SUPERVISOR', 'BOT', 'OTHER')),
    name                       text    NOT NULL DEFAULT '',
    user_id                    text    NOT NULL DEFAULT '', -- an agent's id at the identity provider
    phone_number               text    NOT NULL DEFAULT '',
    phone_number_anonymized    boolean NOT NULL DEFAULT false,
    digital_address            text    NOT NULL DEFAULT '', -- an e-mail address, an IP address or a chat handle
    digital_address_anonymized boolean NOT NULL DEFAULT false,
    phone_address              text    NOT NULL DEFAULT '', -- a digital address with a phone number in it
    phone_address_anonymized   boolean NOT NULL DEFAULT false,
    place                      integer NOT NULL DEFAULT 0, -- of the vCon among those of the conversation, from 0
    -- In the order in which participants are read.
    PRIMARY KEY (conversation_id, place, vcon_uuid, position)
);
CREATE INDEX participants_phone_number ON participants
    USING gin (regexp_replace(phone_number, '\D', '', 'g') gin_trgm_ops)
    WHERE NOT phone_number_anonymized AND phone_number <> '';
CREATE INDEX participants_digital_address ON participants
    USING gin (fold_case(digital_address) gin_trgm_ops)
    WHERE NOT digital_address_anonymized AND digital_address <> '';
CREATE INDEX participants_phone_address ON participants
    USING gin (fold_case(phone_address) gin_trgm_ops)
    WHERE NOT phone_address_anonymized AND phone_address <> '';
CREATE INDEX participants_phone_address_number ON participants
    USING gin (regexp_replace(phone_address, '\D', '', 'g') gin_trgm_ops)
    WHERE NOT phone_address_anonymized AND phone_address <> '';
-- PostgreSQL keeps no statistics about the expression of a partial index. Without these, the planner takes
-- every searched value for a rare one, and for a frequent one reads and sorts all matches before the first
-- page.
CREATE STATISTICS participants_phone_number_digits ON (regexp_replace(phone_number, '\D', '', 'g'))
    FROM participants;
CREATE STATISTICS participants_digital_address_folded ON (fold_case(digital_address)) FROM participants;
CREATE STATISTICS participants_phone_address_digits ON (regexp_replace(phone_address, '\D', '', 'g'))
    FROM participants;
CREATE STATISTICS participants_phone_address_folded ON (fold_case(phone_address)) FROM participants;

CREATE TABLE segments (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id  bigint      NOT NULL REFERENCES conversations ON DELETE CASCADE,
    vcon_uuid        uuid        NOT NULL,
    position         integer     NOT NULL, -- in the conversation
    kind             text        NOT NULL CHECK (kind IN ('CALL', 'EMAIL', 'CHAT')),
    started_at       timestamptz NOT NULL,
    duration_ms      bigint      NOT NULL DEFAULT 0 CHECK (duration_ms >= 0),
    title            text        NOT NULL DEFAULT '', -- the subject of an e-mail, the room name of a chat
    title_anonymized boolean     NOT NULL DEFAULT false,
    attachments      integer     NOT NULL DEFAULT 0 CHECK (attachments >= 0), -- their number; they are not kept
    UNIQUE (conversation_id, position) DEFERRABLE INITIALLY DEFERRED -- an import moves segments past each other
);

-- Pieces of text in a segment, transcripts and summaries included.
CREATE TABLE messages (
    conversation_id bigint  NOT NULL REFERENCES conversations ON DELETE CASCADE,
    segment_id      bigint  NOT NULL REFERENCES segments ON DELETE CASCADE,
    position        integer NOT NULL, -- in the segment
    kind            text    NOT NULL
        CHECK (kind IN ('CHAT_MESSAGE', 'EMAIL_BODY', 'TRANSCRIPT', 'DIARIZED', 'SUMMARY', 'TRANSLATION')),
    author_position integer, -- the position of a participant of the same vCon; null where nobody is known
    sent_at         timestamptz,
    text            text    NOT NULL,
    text_anonymized boolean NOT NULL DEFAULT false,
    mixed           boolean NOT NULL DEFAULT false, -- made from a call and from written text
    PRIMARY KEY (conversation_id, segment_id, position)
);
-- For the foreign key alone: removing a segment must not read every message.
CREATE INDEX messages_segment ON messages (segment_id);

CREATE TABLE metadata (
    conversation_id  bigint  NOT NULL REFERENCES conversations ON DELETE CASCADE,
    vcon_uuid        uuid    NOT NULL,
    key_id           integer NOT NULL REFERENCES metadata_keys,
    value            text    NOT NULL DEFAULT '',
    value_anonymized boolean NOT NULL DEFAULT false,
    place            integer NOT NULL DEFAULT 0, -- as in participants
    PRIMARY KEY (conversation_id, place, vcon_uuid, key_id)
);
-- An index entry has a limit that a value has not: its beginning finds candidates, the query compares the
-- whole.
CREATE INDEX metadata_value ON metadata (key_id, left(fold_case(value), 100), conversation_id)
    WHERE NOT value_anonymized;
-- As for participants; with the key, because a value that is frequent under one key may be rare under
-- another.
CREATE STATISTICS metadata_value_of_key ON key_id, (left(fold_case(value), 100)) FROM metadata;


-- The recordings of call segments (design, section 4, "Media deletion" and "MiFID protection").
CREATE TABLE media_files (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id  bigint  NOT NULL REFERENCES conversations ON DELETE CASCADE,
    segment_id       bigint  NOT NULL REFERENCES segments ON DELETE CASCADE,
    segment_position integer NOT NULL DEFAULT 0, -- the position of the segment, for the order of reading
    position         integer NOT NULL, -- in the segment
    kind             text    NOT NULL CHECK (kind IN ('CALL', 'SCREEN')),
    media_type       text    NOT NULL DEFAULT '', -- such as audio/wav
    started_at       timestamptz, -- null where it is unknown
    duration_ms      bigint  NOT NULL DEFAULT 0,
    -- Where the bytes are and how they are recognised. Once the file is deleted, the hashes alone remain.
    store_key        text    NOT NULL DEFAULT '', -- in the media store; empty for a file that is only referred to
    size_bytes       bigint  NOT NULL DEFAULT 0 CHECK (size_bytes >= 0),
    content_hash     text    NOT NULL DEFAULT '', -- of the bytes, with its algorithm
    source_url       text    NOT NULL DEFAULT '', -- where the vCon says that the file is
    origin           text    NOT NULL DEFAULT '', -- a keyed hash of source_url, which outlives it, or of a missing file's name
    -- Deletion.
    status           text    NOT NULL CHECK (status IN ('AVAILABLE', 'PLANNED_FOR_DELETION', 'DELETED', 'MISSING')),
    planned_at       timestamptz,
    deleting_at      timestamptz, -- since when the Delete tool is at work: the bytes may be gone from then on
    failure          text    NOT NULL DEFAULT '', -- why the Delete tool failed last
    -- Protection. It ends by release, or at protected_until, which is null for a protection without an end.
    protected        boolean NOT NULL DEFAULT false,
    protected_until  timestamptz,
    protection_reason text   NOT NULL DEFAULT ''
        CHECK (protection_reason IN ('', 'MIFID', 'LEGAL_CLAIM', 'COMPLAINT', 'REGULATOR', 'OTHER')),
    protection_note  text    NOT NULL DEFAULT '', -- what a person added, until anonymizing or the end of the protection
    UNIQUE (segment_id, position) DEFERRABLE INITIALLY DEFERRED,
    CHECK (NOT protected OR status <> 'PLANNED_FOR_DELETION'),
    CHECK (protected = (protection_reason <> '')),
    CHECK (protected OR protection_note = ''),
    CHECK (deleting_at IS NULL OR status <> 'AVAILABLE'),
    CHECK (status <> 'DELETED' OR store_key = '' AND source_url = ''),
    -- Nobody knows where the bytes of a missing file are: there is nothing to play, to protect or to delete.
    CHECK (status <> 'MISSING' OR store_key = '' AND source_url = '' AND NOT protected AND deleting_at IS NULL)
);
CREATE INDEX media_files_conversation ON media_files (conversation_id, segment_position, position);
CREATE UNIQUE INDEX media_files_store_key ON media_files (store_key) WHERE store_key <> '';
CREATE INDEX media_files_planned ON media_files (planned_at) WHERE status = 'PLANNED_FOR_DELETION';
CREATE INDEX media_files_to_delete ON media_files (id) WHERE status = 'PLANNED_FOR_DELETION';
CREATE INDEX media_files_protection ON media_files (protected_until)
    WHERE protected AND protected_until IS NOT NULL;

-- Files in the media store that belong to no conversation: uploads that no import has used yet, and files
-- that an import dropped. The Delete tool removes them when their time has come.
CREATE TABLE loose_media (
    store_key    text PRIMARY KEY,
    uploaded_for uuid, -- the vCon that an import has put it there for; null for a file that was dropped
    remove_after timestamptz NOT NULL
);
CREATE INDEX loose_media_remove_after ON loose_media (remove_after);
CREATE INDEX loose_media_uploaded_for ON loose_media (uploaded_for) WHERE uploaded_for IS NOT NULL;

-- The outbox: requests to the Interaction service, each written in the transaction that decides it.
CREATE TABLE media_deletion_requests (
    idempotency_key  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    sequence         bigint GENERATED ALWAYS AS IDENTITY, -- of two requests about a file, the higher one holds
    conversation_id  bigint      NOT NULL REFERENCES conversations ON DELETE CASCADE,
    media_file_ids   bigint[]    NOT NULL,
    action           text        NOT NULL DEFAULT 'DELETE' CHECK (action IN ('DELETE', 'KEEP')),
    settings_version integer     NOT NULL, -- no foreign key, as in conversations
    requested_at     timestamptz NOT NULL,
    requested_by     text        NOT NULL, -- the user's id
    message          text        NOT NULL DEFAULT '', -- as it was first sent, for every later attempt; then emptied
    attempts         integer     NOT NULL DEFAULT 0, -- the failed ones
    last_error       text        NOT NULL DEFAULT '',
    delivered_at     timestamptz
);
CREATE INDEX media_deletion_requests_open ON media_deletion_requests (requested_at) WHERE delivered_at IS NULL;
CREATE INDEX media_deletion_requests_conversation ON media_deletion_requests (conversation_id);


-- The ids of conversations that joined another one, and where they lead now.
CREATE TABLE conversation_merges (
    merged_id       bigint PRIMARY KEY,
    conversation_id bigint      NOT NULL REFERENCES conversations ON DELETE CASCADE,
    merged_at       timestamptz NOT NULL
);
CREATE INDEX conversation_merges_conversation ON conversation_merges (conversation_id);


-- The audit log (design, section 7, and docs/audit-log.md). The database itself refuses to change or delete
-- what is in it.
CREATE DOMAIN audit_activity AS text CHECK (VALUE IN (
    'FIELD_CONFIG_UPDATE', 'METADATA_KEY_UPDATE', 'INTERACTION_ANONYMIZE', 'MEDIA_DELETION_REQUESTED',
    'MEDIA_DELETED', 'MEDIA_PROTECTED', 'MEDIA_RELEASED', 'MEDIA_PLAYED', 'CONVERSATION_IMPORTED',
    'CONVERSATION_EXPORTED', 'CONVERSATION_VIEWED', 'ACCESS_DENIED'));

-- An operation is one deed. Its row comes with the first event of the deed.
CREATE TABLE audit_operations (
    id          uuid PRIMARY KEY, -- of version 7
    occurred_at timestamptz    NOT NULL, -- when it recorded something first
    actor_id    text           NOT NULL, -- the user's id, or command:NAME; empty for somebody who is not signed in
    actor_name  text           NOT NULL, -- as it was at the time
    activity    audit_activity NOT NULL
);
CREATE INDEX audit_operations_occurred ON audit_operations (occurred_at, id);
CREATE INDEX audit_operations_actor ON audit_operations (actor_id, occurred_at, id);

-- What a deed did, one row for each conversation or other thing. The encoding is the event; the other columns
-- repeat what lists are filtered and sorted by.
CREATE TABLE audit_events (
    id               uuid PRIMARY KEY, -- of version 7
    operation_id     uuid           NOT NULL REFERENCES audit_operations,
    occurred_at      timestamptz    NOT NULL,
    actor_id         text           NOT NULL,
    actor_name       text           NOT NULL,
    activity         audit_activity NOT NULL,
    result           text           NOT NULL CHECK (result IN ('SUCCESS', 'FAILURE')),
    conversation_id  bigint, -- no foreign key: the event outlives its subject
    settings_version integer,
    encoding         bytea          NOT NULL CHECK (octet_length(encoding) BETWEEN 1 AND 65535) -- of an audit.Event
);
CREATE INDEX audit_events_occurred ON audit_events (occurred_at, id);
CREATE INDEX audit_events_activity ON audit_events (activity, occurred_at, id);
CREATE INDEX audit_events_actor ON audit_events (actor_id, occurred_at, id);
CREATE INDEX audit_events_result ON audit_events (result, occurred_at, id);
CREATE INDEX audit_events_conversation ON audit_events (conversation_id, occurred_at, id)
    WHERE conversation_id IS NOT NULL;
CREATE INDEX audit_events_operation ON audit_events (operation_id, occurred_at, id);
CREATE INDEX audit_events_operation_activity ON audit_events (operation_id, activity, result);

-- What each transaction of an operation adds to its totals, which are the sums: an operation of many
-- transactions that is broken off has true totals.
CREATE TABLE audit_totals (
    operation_id uuid   NOT NULL REFERENCES audit_operations,
    name         text   NOT NULL, -- an audit.TotalName
    count        bigint NOT NULL CHECK (count > 0)
);
CREATE INDEX audit_totals_operation ON audit_totals (operation_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER audit_operations_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_operations
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_totals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_totals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What is audited once, however often it happens: the playing of a link, and the reading of a conversation by
-- one person in one minute. A row goes some time after it has served.
CREATE TABLE audited_once (
    key        text PRIMARY KEY, -- a keyed hash
    expires_at timestamptz NOT NULL
);
CREATE INDEX audited_once_expires ON audited_once (expires_at);


-- Who sees a conversation besides those who see all: its agents (user:ID, or mail: and a keyed hash of the
-- e-mail address) and their groups (group:NAME).
CREATE TABLE conversation_principals (
    conversation_id bigint NOT NULL REFERENCES conversations ON DELETE CASCADE,
    principal       text   NOT NULL,
    vcon_uuid       uuid   NOT NULL,
    PRIMARY KEY (conversation_id, principal, vcon_uuid)
);


-- What lists are filtered by, a row a conversation, so that one index finds where several conditions meet
-- (decision 26). A facet is a keyed hash of 32 bits that stands for one value; two values may share it, so that a
-- list compares what it finds with the values themselves. A value that is anonymized has no facet.
CREATE TABLE conversation_facets (
    -- No foreign key: only conversations that join another one are ever deleted, and their facets with them.
    conversation_id bigint PRIMARY KEY,
    started_at      timestamptz NOT NULL,
    duration_ms     bigint      NOT NULL,
    facets          integer[]   NOT NULL
);
-- A walk down a list reads these alone.
CREATE INDEX conversation_facets_started ON conversation_facets (started_at, conversation_id) INCLUDE (facets);
CREATE INDEX conversation_facets_duration ON conversation_facets (duration_ms, conversation_id)
    INCLUDE (started_at, facets);
CREATE INDEX conversation_facets_facets ON conversation_facets USING gin (facets);

INSERT INTO installation (name, value)
VALUES ('facets', sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

-- facet is the facet of a value, in words that package db has as well.
CREATE FUNCTION facet(key bytea, value text) RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE
RETURN ('x' || encode(substr(sha256(key || convert_to(value, 'UTF8')), 1, 4), 'hex'))::bit(32)::integer;

-- The facets of conversations as they follow from the other tables; conversation_facets must have the same.
CREATE FUNCTION current_facets(ids bigint[])
RETURNS TABLE (conversation_id bigint, started_at timestamptz, duration_ms bigint, facets integer[])
LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT c.id AS conversation_id, c.started_at, c.duration_ms,
       ARRAY(SELECT DISTINCT facet(k.value, f.value)
               FROM (SELECT 'type ' || type FROM unnest(c.types) AS type
                     UNION ALL VALUES ('status ' || c.media_status), ('reviewable ' || c.reviewable),
                                      ('anonymized ' || (c.anonymized_at IS NOT NULL))
                     UNION ALL SELECT 'principal ' || p.principal
                                 FROM conversation_principals AS p WHERE p.conversation_id = c.id
                     UNION ALL SELECT 'has ' || h.what -- a value in which a filter can look
                                 FROM participants AS p, LATERAL (VALUES
                                      ('number', NOT p.phone_number_anonymized AND p.phone_number <> ''
                                                 OR NOT p.phone_address_anonymized AND p.phone_address <> ''),
                                      ('address', NOT p.digital_address_anonymized AND p.digital_address <> ''
                                                  OR NOT p.phone_address_anonymized AND p.phone_address <> '')
                                      ) AS h (what, it_has)
                                WHERE p.conversation_id = c.id AND h.it_has
                     UNION ALL SELECT 'metadata ' || m.key_id || ' ' || left(fold_case(m.value), 100)
                                 FROM metadata AS m WHERE m.conversation_id = c.id AND NOT m.value_anonymized) AS f (value)
              ORDER BY 1) AS facets
  FROM conversations AS c, installation AS k
 WHERE c.id = ANY (ids) AND k.name = 'facets'
$$;

-- A page is too short for parallel workers: to start them takes longer than to read it.
ALTER TABLE conversations SET (parallel_workers = 0);
ALTER TABLE participants SET (parallel_workers = 0);
ALTER TABLE metadata SET (parallel_workers = 0);
ALTER TABLE conversation_principals SET (parallel_workers = 0);
ALTER TABLE conversation_facets SET (parallel_workers = 0);


-- Jobs that anonymize many conversations (design, section 4). The filter of a job is not kept, since it may hold
-- personal data: the criteria have what is none.
CREATE TABLE anonymization_jobs (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state             text        NOT NULL CHECK (state IN (
        'PLANNING', 'PLANNED', 'RUNNING', 'PAUSED', 'CANCELLED', 'DONE', 'FAILED', 'EXPIRED')),
    settings_version  integer     NOT NULL REFERENCES compliance_settings (version),
    criteria          jsonb, -- a db.Criteria; null where ids chose the conversations
    -- What the person who planned the job could see then.
    access_all        boolean     NOT NULL,
    access_principals text[]      NOT NULL DEFAULT '{}', -- as in conversation_principals
    operation_id      uuid        NOT NULL UNIQUE, -- of the audit log; it is there once the job has done something
    -- Who planned, started, paused and cancelled it, and when. The token is when it was issued, and a keyed hash of
    -- its client: a newer one tells whether the roles still hold.
    planned_by        text        NOT NULL,
    planned_by_name   text        NOT NULL,
    planned_at        timestamptz NOT NULL,
    planned_client    text        NOT NULL DEFAULT '',
    planned_token_at  timestamptz,
    expires_at        timestamptz NOT NULL,
    started_by        text,
    started_by_name   text,
    started_client    text        NOT NULL DEFAULT '',
    started_token_at  timestamptz,
    starts_at         timestamptz, -- from when it runs; null until somebody starts it
    started_at        timestamptz, -- when it began to run
    paused_by         text,
    paused_by_name    text,
    paused_at         timestamptz,
    cancelled_by      text,
    cancelled_by_name text,
    ended_at          timestamptz,
    failure           text        NOT NULL DEFAULT '' CHECK (failure IN ('', 'ROLE_WITHDRAWN', 'SCOPE_WITHDRAWN')),
    -- How far it is. Each batch adds to these in its own transaction.
    conversations     integer     NOT NULL DEFAULT 0,
    counted           integer     NOT NULL DEFAULT 0,
    done              integer     NOT NULL DEFAULT 0,
    unchanged         integer     NOT NULL DEFAULT 0,
    left_out          integer     NOT NULL DEFAULT 0,
    failed            integer     NOT NULL DEFAULT 0,
    checked           integer     NOT NULL DEFAULT 0, -- read again by the verification
    phase_at          timestamptz NOT NULL, -- since when it counts or runs, for the rate
    phase_from        integer     NOT NULL DEFAULT 0, -- how many conversations it had dealt with at phase_at
    progress_at       timestamptz NOT NULL, -- when a batch or the watch last touched it
    verified_at       timestamptz, -- when the verification ended
    CHECK ((state = 'FAILED') = (failure <> '')),
    CHECK (counted <= conversations AND done + unchanged + left_out + failed <= conversations)
);
CREATE INDEX anonymization_jobs_planned ON anonymization_jobs (planned_at, id);
CREATE INDEX anonymization_jobs_open ON anonymization_jobs (id)
    WHERE state IN ('PLANNING', 'PLANNED', 'RUNNING', 'PAUSED');

-- The parts in which a job is worked upon, each in a transaction that locks the row.
CREATE TABLE anonymization_job_batches (
    job_id bigint  NOT NULL REFERENCES anonymization_jobs ON DELETE CASCADE,
    number integer NOT NULL,
    state  text    NOT NULL CHECK (state IN ('OPEN', 'COUNTED', 'DONE', 'CHECKED')),
    PRIMARY KEY (job_id, number)
);
CREATE INDEX anonymization_job_batches_state ON anonymization_job_batches (job_id, state, number);

-- The conversations of a job. They have no foreign key: one that was merged is reported.
CREATE TABLE anonymization_job_conversations (
    job_id          bigint  NOT NULL REFERENCES anonymization_jobs ON DELETE CASCADE,
    batch           integer NOT NULL,
    conversation_id bigint  NOT NULL,
    revision        integer NOT NULL, -- of the conversation when it was counted
    kept            bigint  NOT NULL DEFAULT 0, -- a fingerprint of what was to stay
    state           text    NOT NULL DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'DONE', 'UNCHANGED', 'LEFT_OUT', 'FAILED')),
    reason          text    NOT NULL DEFAULT '' CHECK (reason IN ('', 'NOT_FOUND', 'MERGED', 'CHANGED', 'FAILED')),
    PRIMARY KEY (job_id, batch, conversation_id),
    CHECK ((state IN ('LEFT_OUT', 'FAILED')) = (reason <> ''))
);
CREATE INDEX anonymization_job_conversations_problems ON anonymization_job_conversations (job_id, conversation_id)
    WHERE reason <> '';

-- Where the files lie in the store that a job planned for deletion, until they are deleted and the store was asked for them.
CREATE TABLE anonymization_job_files (
    job_id    bigint NOT NULL REFERENCES anonymization_jobs ON DELETE CASCADE,
    file_id   bigint NOT NULL,
    store_key text   NOT NULL,
    PRIMARY KEY (job_id, file_id)
);

-- What a job counted, added up: what it would do, what it did, what stays.
CREATE TABLE anonymization_job_counts (
    job_id        bigint  NOT NULL REFERENCES anonymization_jobs ON DELETE CASCADE,
    tally         text    NOT NULL, -- a db.tally
    kind          text    NOT NULL,
    detail        text    NOT NULL,
    count         bigint  NOT NULL,
    conversations bigint  NOT NULL DEFAULT 0,
    latest        timestamptz, -- the latest end of a protection
    examples      bigint[] NOT NULL DEFAULT '{}', -- the ids of some of the conversations
    PRIMARY KEY (job_id, tally, kind, detail)
);
