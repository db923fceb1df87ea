-- What is known of the way to each platform, beside how far it has come (log.place) and what happened (the log itself).

CREATE TABLE connectors.platform (
    name       text COLLATE "C" PRIMARY KEY,
    paused     boolean NOT NULL DEFAULT false,
    failures   integer NOT NULL DEFAULT 0,
    error      text NOT NULL DEFAULT '',
    retry_at   timestamptz,
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN connectors.platform.failures IS 'attempts since the last that was answered';

CREATE TABLE connectors.receipt (
    platform   text COLLATE "C" NOT NULL,
    position   bigint NOT NULL,
    previous   bigint NOT NULL,
    accepted   boolean NOT NULL,
    status     smallint NOT NULL,
    reference  text NOT NULL,
    digest     bytea NOT NULL,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (platform, position)
);
COMMENT ON TABLE connectors.receipt IS 'what a platform answered to each message; digest: SHA-256 of what was sent';
GRANT SELECT, INSERT, UPDATE, DELETE ON connectors.platform, connectors.receipt TO minzheng_appender;
