-- The audit log (design, section 7). The database itself refuses to change or delete an event.

CREATE TABLE audit_events (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at               timestamptz NOT NULL,
    actor_id         text        NOT NULL,
    actor_name       text        NOT NULL,
    activity         text        NOT NULL CHECK (activity IN (
        'FIELD_CONFIG_UPDATE', 'METADATA_KEY_UPDATE', 'INTERACTION_ANONYMIZE', 'MEDIA_DELETION_REQUESTED', 'MEDIA_DELETED',
        'MEDIA_PROTECTED', 'MEDIA_RELEASED', 'CONVERSATION_IMPORTED', 'ACCESS_DENIED')),
    result           text        NOT NULL CHECK (result IN ('SUCCESS', 'FAILURE')),
    conversation_id  bigint, -- no foreign key: the event outlives what it is about
    settings_version integer,
    details          jsonb       NOT NULL DEFAULT '{}'
);

CREATE INDEX audit_events_at ON audit_events (at, id);
CREATE INDEX audit_events_activity ON audit_events (activity, at, id);
CREATE INDEX audit_events_actor ON audit_events (actor_id, at, id);
CREATE INDEX audit_events_result ON audit_events (result, at, id);
CREATE INDEX audit_events_conversation ON audit_events (conversation_id) WHERE conversation_id IS NOT NULL;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
