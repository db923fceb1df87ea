-- Files taken in, and the rows of them that wait for someone. Neither is history: what happened stands in the log.

CREATE TABLE connectors.file (
    -- One row for each content, source, export date and way of reading: taken in again it goes on or finds it done.
    id            uuid PRIMARY KEY,
    source        text COLLATE "C" NOT NULL,
    kind          text COLLATE "C" NOT NULL,
    sha256        bytea NOT NULL,
    export_on     date NOT NULL,
    key_holder    uuid NOT NULL,
    expires_on    date NOT NULL,
    name          bytea,
    layout        bytea NOT NULL,
    committed_row bigint NOT NULL DEFAULT 0,
    counts        jsonb NOT NULL DEFAULT '{}',
    pending_row   bigint,
    pending       jsonb,
    done          boolean NOT NULL DEFAULT false,
    started_at    timestamptz NOT NULL DEFAULT now(),
    changed_at    timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
COMMENT ON TABLE connectors.file IS 'files taken in and how far; name is sealed and goes with its key';
COMMENT ON COLUMN connectors.file.pending IS 'counts as they will be once the append that is under way has succeeded';

CREATE TABLE connectors.unchecked (
    -- Cases a file has changed and whose contradictions are looked for once all its rows are in.
    file_id uuid NOT NULL REFERENCES connectors.file ON DELETE CASCADE,
    case_id uuid NOT NULL,
    expected integer,
    PRIMARY KEY (file_id, case_id)
);

CREATE TABLE connectors.quarantine (
    id            uuid PRIMARY KEY,
    file_id       uuid NOT NULL REFERENCES connectors.file,
    source        text COLLATE "C" NOT NULL,
    kind          text COLLATE "C" NOT NULL,
    area          text COLLATE "C" NOT NULL,
    division_code text COLLATE "C" NOT NULL,
    row_number    bigint NOT NULL,
    export_on     date NOT NULL,
    reason        text COLLATE "C" NOT NULL,
    message       text NOT NULL,
    column_names  text[] NOT NULL,
    fields        text[] NOT NULL,
    record        bytea,
    rest          bytea,
    sealed        bytea NOT NULL,
    state         text COLLATE "C" NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'mended', 'recorded')),
    attempts      integer NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL DEFAULT now(),
    closed_at     timestamptz
);
COMMENT ON TABLE connectors.quarantine IS 'rows that could not be understood; raw cells sealed under the file''s key';
CREATE INDEX quarantine_open ON connectors.quarantine (source, kind, created_at) WHERE state = 'open';
CREATE INDEX quarantine_division ON connectors.quarantine (division_code, created_at DESC);
CREATE INDEX quarantine_file ON connectors.quarantine (file_id, row_number);

GRANT USAGE ON SCHEMA connectors TO minzheng_appender, minzheng_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA connectors TO minzheng_appender;

-- People see what waits in their own divisions and areas, never the sealed row itself.
GRANT SELECT (id, source, kind, area, division_code, row_number, export_on, reason, message, column_names, state,
    attempts, created_at, closed_at) ON connectors.quarantine TO minzheng_reader;
ALTER TABLE connectors.quarantine ENABLE ROW LEVEL SECURITY;
CREATE POLICY connector ON connectors.quarantine TO minzheng_appender USING (true) WITH CHECK (true);
CREATE POLICY scope ON connectors.quarantine FOR SELECT TO minzheng_reader USING (
    division_code >= nullif(current_setting('minzheng.lo', true), '')
    AND division_code < nullif(current_setting('minzheng.hi', true), '')
    AND area = ANY (string_to_array(current_setting('minzheng.areas', true), ','))
);
