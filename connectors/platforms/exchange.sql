-- Files and exchange tables beside HTTPS, what comes back, and days held against what the platforms have.

ALTER TABLE connectors.platform
    ADD COLUMN last bigint NOT NULL DEFAULT 0,
    ADD COLUMN answered_at timestamptz,
    ADD COLUMN poll_failures integer NOT NULL DEFAULT 0,
    ADD COLUMN poll_error text NOT NULL DEFAULT '';
COMMENT ON COLUMN connectors.platform.last IS 'position of the last message it was told, whatever was told again since';
UPDATE connectors.platform p SET last =
    coalesce((SELECT max(r.position) FROM connectors.receipt r WHERE r.platform = p.name), 0);

ALTER TABLE connectors.quarantine
    ADD COLUMN basis text COLLATE "C" NOT NULL DEFAULT '',
    ADD COLUMN noticed text COLLATE "C" NOT NULL DEFAULT '';
COMMENT ON COLUMN connectors.quarantine.basis IS 'where the row stood: file:… or kafka:topic/partition, as events name it';
COMMENT ON COLUMN connectors.quarantine.noticed IS 'the state that was last told to the source';
CREATE INDEX quarantine_untold ON connectors.quarantine (created_at, id) WHERE noticed <> state;

CREATE INDEX receipt_refused ON connectors.receipt (platform) WHERE NOT accepted;

CREATE TABLE connectors.parcel (
    -- A file of messages. Its stretch of the log is noted before it is written, so that a second attempt is the same.
    platform text COLLATE "C" NOT NULL,
    number   integer NOT NULL,
    after    bigint NOT NULL,
    upto     bigint NOT NULL,
    name     text NOT NULL DEFAULT '',
    count    integer NOT NULL DEFAULT 0,
    digest   bytea,
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    made_at  timestamptz,
    PRIMARY KEY (platform, number)
);

CREATE TABLE connectors.inbox (
    -- What platforms send back, in the order in which it came; sealed under a key that is destroyed in time.
    platform    text COLLATE "C" NOT NULL,
    number      bigint NOT NULL,
    mark        bytea NOT NULL,
    key_holder  uuid NOT NULL,
    sealed      bytea NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (platform, number),
    UNIQUE (platform, mark)
);
COMMENT ON COLUMN connectors.inbox.mark IS 'SHA-256 of the message''s own identity: the same one again is known';

CREATE TABLE connectors.agreement (
    -- One day held against what a platform has; theirs is NULL where that can't be learnt from here.
    platform    text COLLATE "C" NOT NULL,
    day         date NOT NULL,
    count       bigint NOT NULL,
    digest      bytea NOT NULL,
    their_count bigint,
    their_digest bytea,
    differences bigint NOT NULL DEFAULT 0,
    checked_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (platform, day)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON connectors.parcel, connectors.inbox, connectors.agreement TO minzheng_appender;

-- How it stands with each platform is for people to see; what came back is not.
GRANT SELECT ON connectors.platform, connectors.parcel, connectors.receipt, connectors.agreement TO minzheng_reader;
GRANT SELECT (platform, number, received_at) ON connectors.inbox TO minzheng_reader;
