-- Conversations and what belongs to them (design, sections 2, 4 and 5). Every column that may hold personal data has a flag
-- beside it that says whether it was anonymized; the text of a placeholder never does.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE conversations (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    vcon_uuid           uuid        NOT NULL UNIQUE,
    started_at          timestamptz NOT NULL,
    ended_at            timestamptz NOT NULL CHECK (ended_at >= started_at),
    duration_ms         bigint      NOT NULL CHECK (duration_ms >= 0),
    direction           text CHECK (direction IN ('INBOUND', 'OUTBOUND', 'INTERNAL')),
    types               text[]      NOT NULL,
    reviewable          boolean     NOT NULL,
    media_status        text        NOT NULL CHECK (media_status IN ('NONE', 'AVAILABLE', 'PLANNED_FOR_DELETION', 'DELETED')),
    anonymized_at       timestamptz,
    settings_version    integer REFERENCES compliance_settings (version),
    -- Everything that was on whenever the conversation was anonymized.
    done_phone_number    boolean NOT NULL DEFAULT false,
    done_digital_address boolean NOT NULL DEFAULT false,
    done_content         boolean NOT NULL DEFAULT false,
    done_media           boolean NOT NULL DEFAULT false,
    done_keys            text[]  NOT NULL DEFAULT '{}',
    imported_at         timestamptz NOT NULL,
    CHECK ((anonymized_at IS NULL) = (settings_version IS NULL))
);

CREATE INDEX conversations_started ON conversations (started_at, id);
CREATE INDEX conversations_duration ON conversations (duration_ms, id);
CREATE INDEX conversations_reviewable ON conversations (reviewable, started_at, id);
CREATE INDEX conversations_media_status ON conversations (media_status, started_at, id);
CREATE INDEX conversations_anonymized ON conversations (started_at, id) WHERE anonymized_at IS NOT NULL;
CREATE INDEX conversations_never_anonymized ON conversations (started_at, id) WHERE anonymized_at IS NULL;
CREATE INDEX conversations_types ON conversations USING gin (types);

-- Who sees a conversation besides those who see all: its agents (user:ID, mail:HASH) and their groups (group:NAME).
CREATE TABLE conversation_principals (
    conversation_id bigint NOT NULL REFERENCES conversations ON DELETE CASCADE,
    principal       text   NOT NULL,
    PRIMARY KEY (conversation_id, principal)
);
CREATE INDEX conversation_principals_principal ON conversation_principals (principal, conversation_id);

CREATE TABLE participants (
    conversation_id            bigint  NOT NULL REFERENCES conversations ON DELETE CASCADE,
    position                   integer NOT NULL,
    role                       text    NOT NULL CHECK (role IN ('CUSTOMER', 'AGENT', 'SUPERVISOR', 'BOT', 'OTHER')),
    name                       text    NOT NULL DEFAULT '',
    user_id                    text    NOT NULL DEFAULT '',
    phone_number               text    NOT NULL DEFAULT '',
    phone_number_anonymized    boolean NOT NULL DEFAULT false,
    digital_address            text    NOT NULL DEFAULT '',
    digital_address_anonymized boolean NOT NULL DEFAULT false,
    PRIMARY KEY (conversation_id, position)
);
CREATE INDEX participants_phone_number ON participants
    USING gin (regexp_replace(phone_number, '\D', '', 'g') gin_trgm_ops) WHERE NOT phone_number_anonymized AND phone_number <> '';
CREATE INDEX participants_digital_address ON participants
    USING gin (lower(digital_address) gin_trgm_ops) WHERE NOT digital_address_anonymized AND digital_address <> '';
-- The planner keeps no statistics about the expression of a partial index. Without them it takes every search for a rare one, and reads
-- and sorts all that match a frequent one before it shows the first page.
CREATE STATISTICS participants_phone_number_digits ON (regexp_replace(phone_number, '\D', '', 'g')) FROM participants;
CREATE STATISTICS participants_digital_address_lower ON (lower(digital_address)) FROM participants;

CREATE TABLE segments (
    id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id    bigint      NOT NULL REFERENCES conversations ON DELETE CASCADE,
    position           integer     NOT NULL,
    kind               text        NOT NULL CHECK (kind IN ('CALL', 'EMAIL', 'CHAT')),
    started_at         timestamptz NOT NULL,
    duration_ms        bigint      NOT NULL DEFAULT 0 CHECK (duration_ms >= 0),
    title              text        NOT NULL DEFAULT '', -- the subject of an e-mail, the room name of a chat
    title_anonymized   boolean     NOT NULL DEFAULT false,
    attachments        integer     NOT NULL DEFAULT 0 CHECK (attachments >= 0),
    UNIQUE (conversation_id, position) DEFERRABLE INITIALLY DEFERRED -- an import may move segments past each other
);

CREATE TABLE messages (
    conversation_id bigint  NOT NULL REFERENCES conversations ON DELETE CASCADE,
    segment_id      bigint  NOT NULL REFERENCES segments ON DELETE CASCADE,
    position        integer NOT NULL,
    kind            text    NOT NULL CHECK (kind IN ('CHAT_MESSAGE', 'EMAIL_BODY', 'TRANSCRIPT', 'DIARIZED', 'SUMMARY', 'TRANSLATION')),
    author_position integer, -- the participant who said or wrote it
    sent_at         timestamptz,
    text            text    NOT NULL,
    text_anonymized boolean NOT NULL DEFAULT false,
    PRIMARY KEY (conversation_id, segment_id, position)
);
-- For the foreign key alone: removing a segment must not read every message.
CREATE INDEX messages_segment ON messages (segment_id);

CREATE TABLE metadata (
    conversation_id  bigint  NOT NULL REFERENCES conversations ON DELETE CASCADE,
    key_id           integer NOT NULL REFERENCES metadata_keys,
    value            text    NOT NULL DEFAULT '',
    value_anonymized boolean NOT NULL DEFAULT false,
    PRIMARY KEY (conversation_id, key_id)
);
-- An index entry has a limit that a value has not: the beginning finds candidates, the query compares the whole.
CREATE INDEX metadata_value ON metadata (key_id, left(value, 100), conversation_id) WHERE NOT value_anonymized;
-- As for participants; together with the key, because a value that is frequent under one key may be rare under another.
CREATE STATISTICS metadata_value_of_key ON key_id, (left(value, 100)) FROM metadata;

CREATE TABLE media_files (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id  bigint  NOT NULL REFERENCES conversations ON DELETE CASCADE,
    segment_id       bigint  NOT NULL REFERENCES segments ON DELETE CASCADE,
    position         integer NOT NULL,
    kind             text    NOT NULL CHECK (kind IN ('CALL', 'SCREEN')),
    status           text    NOT NULL CHECK (status IN ('AVAILABLE', 'PLANNED_FOR_DELETION', 'DELETED')),
    media_type       text    NOT NULL DEFAULT '',
    duration_ms      bigint  NOT NULL DEFAULT 0,
    source_url       text    NOT NULL DEFAULT '',
    content_hash     text    NOT NULL DEFAULT '',
    planned_at       timestamptz,
    protected        boolean NOT NULL DEFAULT false,
    protected_until  timestamptz, -- null with protected: without an end
    protected_reason text    NOT NULL DEFAULT '',
    UNIQUE (segment_id, position) DEFERRABLE INITIALLY DEFERRED,
    CHECK (NOT protected OR status <> 'PLANNED_FOR_DELETION')
);
CREATE INDEX media_files_conversation ON media_files (conversation_id);
CREATE INDEX media_files_planned ON media_files (planned_at) WHERE status = 'PLANNED_FOR_DELETION';

-- The outbox: requests to the Interaction service to delete media, written in the transaction that plans the deletion.
CREATE TABLE media_deletion_requests (
    idempotency_key  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    conversation_id  bigint      NOT NULL REFERENCES conversations ON DELETE CASCADE,
    media_file_ids   bigint[]    NOT NULL,
    settings_version integer     NOT NULL REFERENCES compliance_settings (version),
    requested_at     timestamptz NOT NULL,
    requested_by     text        NOT NULL,
    delivered_at     timestamptz
);
CREATE INDEX media_deletion_requests_open ON media_deletion_requests (requested_at) WHERE delivered_at IS NULL;
CREATE INDEX media_deletion_requests_conversation ON media_deletion_requests (conversation_id);
