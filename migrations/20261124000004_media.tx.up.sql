-- The life of media files, and conversations that are merged of several vCons (design, sections 4 and 5).

-- A conversation is made of the vCons that were imported as it, or joined it by a correlation key. What a vCon brought stays marked with its
-- uuid, so that importing it again replaces that and nothing else.
CREATE TABLE vcons (
    uuid            uuid PRIMARY KEY,
    conversation_id bigint      NOT NULL REFERENCES conversations ON DELETE CASCADE,
    started_at      timestamptz NOT NULL,
    ended_at        timestamptz NOT NULL CHECK (ended_at >= started_at),
    direction       text CHECK (direction IN ('INBOUND', 'OUTBOUND', 'INTERNAL'))
);
INSERT INTO vcons SELECT vcon_uuid, id, started_at, ended_at, direction FROM conversations;
CREATE INDEX vcons_conversation ON vcons (conversation_id);

ALTER TABLE participants ADD COLUMN vcon_uuid uuid;
UPDATE participants AS t SET vcon_uuid = c.vcon_uuid FROM conversations AS c WHERE c.id = t.conversation_id;
ALTER TABLE participants ALTER COLUMN vcon_uuid SET NOT NULL, DROP CONSTRAINT participants_pkey, ADD PRIMARY KEY (conversation_id, vcon_uuid, position);

ALTER TABLE segments ADD COLUMN vcon_uuid uuid;
UPDATE segments AS t SET vcon_uuid = c.vcon_uuid FROM conversations AS c WHERE c.id = t.conversation_id;
ALTER TABLE segments ALTER COLUMN vcon_uuid SET NOT NULL;

ALTER TABLE metadata ADD COLUMN vcon_uuid uuid;
UPDATE metadata AS t SET vcon_uuid = c.vcon_uuid FROM conversations AS c WHERE c.id = t.conversation_id;
ALTER TABLE metadata ALTER COLUMN vcon_uuid SET NOT NULL, DROP CONSTRAINT metadata_pkey, ADD PRIMARY KEY (conversation_id, vcon_uuid, key_id);

ALTER TABLE conversation_principals ADD COLUMN vcon_uuid uuid;
UPDATE conversation_principals AS t SET vcon_uuid = c.vcon_uuid FROM conversations AS c WHERE c.id = t.conversation_id;
ALTER TABLE conversation_principals ALTER COLUMN vcon_uuid SET NOT NULL, DROP CONSTRAINT conversation_principals_pkey,
    ADD PRIMARY KEY (conversation_id, principal, vcon_uuid);

-- The version that an imported export was anonymized with may be one of another installation.
ALTER TABLE conversations DROP COLUMN vcon_uuid, DROP CONSTRAINT conversations_settings_version_fkey;
ALTER TABLE media_deletion_requests DROP CONSTRAINT media_deletion_requests_settings_version_fkey;

-- Where the conversations went that joined another one: their ids still lead there.
CREATE TABLE conversation_merges (
    merged_id       bigint PRIMARY KEY,
    conversation_id bigint      NOT NULL REFERENCES conversations ON DELETE CASCADE,
    merged_at       timestamptz NOT NULL
);
CREATE INDEX conversation_merges_conversation ON conversation_merges (conversation_id);

ALTER TABLE media_files
    ADD COLUMN store_key   text   NOT NULL DEFAULT '', -- where the file store has it; empty for one that is only referred to
    ADD COLUMN size_bytes  bigint NOT NULL DEFAULT 0 CHECK (size_bytes >= 0),
    ADD COLUMN origin      text   NOT NULL DEFAULT '', -- a keyed hash of source_url, which outlives it: what was deleted is known again
    ADD COLUMN deleting_at timestamptz,                -- since when the Delete tool is at it: from then on it may be gone
    ADD COLUMN started_at  timestamptz,                -- when it began, null where that is not known
    ADD COLUMN failure     text   NOT NULL DEFAULT '', -- why the Delete tool could not delete it last
    ADD CHECK (deleting_at IS NULL OR status <> 'AVAILABLE'),
    ADD CHECK (status <> 'DELETED' OR store_key = '' AND source_url = '');
CREATE UNIQUE INDEX media_files_store_key ON media_files (store_key) WHERE store_key <> '';
CREATE INDEX media_files_to_delete ON media_files (id) WHERE status = 'PLANNED_FOR_DELETION';
CREATE INDEX media_files_protection ON media_files (protected_until) WHERE protected AND protected_until IS NOT NULL;

-- What lies in the file store and belongs to no conversation: uploads that an import has not used yet, and files that it dropped. The Delete
-- tool removes them when their time has come.
CREATE TABLE loose_media (
    store_key    text PRIMARY KEY,
    remove_after timestamptz NOT NULL
);
CREATE INDEX loose_media_remove_after ON loose_media (remove_after);

-- Of two requests about the same file the one with the higher sequence says what holds.
ALTER TABLE media_deletion_requests
    ADD COLUMN sequence   bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN action     text    NOT NULL DEFAULT 'DELETE' CHECK (action IN ('DELETE', 'KEEP')),
    ADD COLUMN attempts   integer NOT NULL DEFAULT 0,
    ADD COLUMN message    text    NOT NULL DEFAULT '', -- as it was sent first, so that every attempt is the same; emptied once it is delivered
    ADD COLUMN last_error text    NOT NULL DEFAULT '';
