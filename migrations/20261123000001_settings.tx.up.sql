-- Compliance settings, the keys they speak of, and what a user has staged (design, section 3).

CREATE TABLE metadata_keys (
    id             integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name           text        NOT NULL UNIQUE CHECK (name <> ''),
    is_filter      boolean     NOT NULL DEFAULT false,
    is_correlation boolean     NOT NULL DEFAULT false,
    first_seen_at  timestamptz NOT NULL
);

CREATE TABLE compliance_settings (
    version                     integer PRIMARY KEY CHECK (version >= 1),
    saved_at                    timestamptz, -- null for the first version, which nobody saved
    saved_by                    text,
    saved_by_name               text,
    participant_phone_number    boolean NOT NULL,
    participant_digital_address boolean NOT NULL,
    subject_and_body            boolean NOT NULL,
    media_files                 boolean NOT NULL,
    keys                        text[]  NOT NULL DEFAULT '{}' -- the metadata keys that are on, sorted
);

-- What an organisation that has saved nothing yet starts with; a test holds it against compliance.Defaults.
INSERT INTO compliance_settings (version, participant_phone_number, participant_digital_address, subject_and_body, media_files)
VALUES (1, true, true, false, false);

CREATE TABLE staged_settings (
    subject      text PRIMARY KEY, -- whose selection it is
    base_version integer     NOT NULL REFERENCES compliance_settings (version),
    edit         jsonb       NOT NULL,
    staged_at    timestamptz NOT NULL
);

-- What is decided once for this database, such as the key that agents' e-mail addresses are hashed with.
CREATE TABLE installation (
    name  text PRIMARY KEY,
    value bytea NOT NULL
);
