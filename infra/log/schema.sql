-- The event log: one table, one order, one way in.
--
-- Everything that keeps the log true stands here, not in the program: positions without gaps, versions without
-- forks, times that never fall, one owner per identifier. The appender's role may execute log.append and read;
-- nobody, not even the owner, may change or remove a row of log.event.

CREATE TABLE log.head (
    -- The single row every writer locks, and thereby the one order of all events. A sequence would not do: a
    -- transaction that commits late would slip its events behind readers that have gone past.
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position    bigint NOT NULL,
    entry       bigint NOT NULL,
    recorded_at timestamptz NOT NULL
) WITH (fillfactor = 10);
COMMENT ON TABLE log.head IS 'last position, last source message and last recorded time';
INSERT INTO log.head VALUES (true, 0, 0, '-infinity');

CREATE TABLE log.event (
    position       bigint PRIMARY KEY,
    recorded_at    timestamptz NOT NULL,
    occurred_at    timestamptz NOT NULL,
    stream_id      uuid NOT NULL,
    correlation_id uuid,
    causation_id   uuid,
    version        integer NOT NULL,
    schema_version smallint NOT NULL,
    row_format     smallint NOT NULL,
    crypto_suite   smallint NOT NULL,
    topic          text COLLATE "C" NOT NULL,
    actor          text COLLATE "C" NOT NULL,
    role           text COLLATE "C" NOT NULL,
    org            text COLLATE "C" NOT NULL,
    division       text COLLATE "C" NOT NULL,
    basis          text COLLATE "C" NOT NULL,
    source         text COLLATE "C" NOT NULL,
    message_id     text COLLATE "C" NOT NULL,
    tags           text[] COLLATE "C" NOT NULL,
    payload        bytea NOT NULL,
    CONSTRAINT event_stream UNIQUE (stream_id, version)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.1);
COMMENT ON TABLE log.event IS 'every event, in the order it was recorded; rows are only ever added';

-- Tags other than the stream's own: those of the form `kind:<id of the stream>` come first, are answered by
-- event_stream, and would be the costliest to index here, since nearly every event has a different one.
-- New tags go to a pending list, sorted in by log.settle_tags, which an appender calls beside its commits;
-- only where nobody does that is it done in a commit, when the list has 8 MB.
CREATE INDEX event_tags ON log.event
    USING gin ((CASE WHEN right(tags[1], 36) = stream_id::text THEN tags[2:] ELSE tags END))
    WITH (fastupdate = on, gin_pending_list_limit = 8192);

CREATE TABLE log.source_message (
    -- Only ever appended too: the state of a source's record is its last message (view below), so that an import
    -- updates nothing and a repaired file can be traced.
    entry     bigint NOT NULL,
    first     bigint NOT NULL,
    last      bigint NOT NULL,
    export_on date NOT NULL,
    source    text COLLATE "C" NOT NULL,
    message   uuid NOT NULL,  -- 16 bytes of HMAC each: the cheapest type to compare
    record    uuid NOT NULL,
    content   uuid NOT NULL,
    -- A message's hash covers its record's key, so that one index says what is recorded and finds a record's messages.
    PRIMARY KEY (record, message, source)
);
COMMENT ON TABLE log.source_message IS 'messages of source systems that are recorded, by keyed hashes';

CREATE VIEW log.source_record AS
SELECT DISTINCT ON (record, source) source, record, content, export_on, last AS position
FROM log.source_message
ORDER BY record, source, entry DESC;
COMMENT ON VIEW log.source_record IS 'last recorded state of each record of a source';

CREATE TABLE log.identifier (
    digest   bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    owner    uuid NOT NULL,
    position bigint NOT NULL,
    kind     text COLLATE "C" NOT NULL
);
COMMENT ON TABLE log.identifier IS 'keyed HMAC of an identifier and its one owner';

CREATE TABLE log.holder_key (
    holder    uuid PRIMARY KEY,
    suite     smallint NOT NULL,
    master_id text COLLATE "C" NOT NULL,
    wrapped   bytea NOT NULL
);
COMMENT ON TABLE log.holder_key IS 'wrapped data keys; wrapped is empty once the key is destroyed';

CREATE FUNCTION log.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the event log is only ever appended to' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER only_ever_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON log.event
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();

-- What an appender sends: rows, not columns. An array of rows costs the driver and the server half of what as many
-- arrays as there are columns do. `item` is the number of the item in its batch, from 1; `first_event` and
-- `last_event` are the places of the item's events in the batch's array, from 1 too; tags are joined by U+001F.
CREATE TYPE log.new_event AS (
    item integer, stream_id uuid, version integer, topic text, payload bytea, schema_version smallint, tags text,
    occurred_at timestamptz, actor text, role text, org text, division text, basis text, source text,
    message_id text, correlation_id uuid, causation_id uuid, crypto_suite smallint
);
CREATE TYPE log.new_message AS (
    item integer, source text, message uuid, record uuid, content uuid, export_on date,
    first_event integer, last_event integer
);
CREATE TYPE log.new_identifier AS (item integer, digest bytea, kind text, owner uuid, last_event integer);
CREATE TYPE log.new_key AS (item integer, holder uuid, wrapped bytea, master_id text, suite smallint);

-- Writes one batch of items, each whole or not at all, and says what became of each.
--
-- Known messages are looked up only where a version is taken, and whether a stream that begins exists not at all,
-- unless `careful`. Both are rare: a source's known rows are left out in bulk before anyone decides on them, and new
-- streams have new ids. So the caller tries without, meets a unique index if need be, and calls again.
--
-- The caller puts at most one item that touches a given stream, message, identifier or holder into a batch (the
-- appender holds others back); a breach aborts the whole call by a unique index, and nothing is written.
--
-- `single` says that every item has exactly one event, and spares the look for predecessors within the item.
--
-- Answers the position before the batch's first, and per item a verdict, null where all were written:
--   0 written · 1 duplicate (firsts, lasts: where it was written) · 2 version · 3 some messages known
--   4 identifier taken · 5 another key
--
-- Look-ups are scalar subqueries, which are always index probes, and sequential scans are off: a plan made for the
-- young log's few rows would be kept while it grows. Nothing here loops over a query, because a cursor copies every
-- array it might see.
CREATE FUNCTION log.append(
    careful boolean, single boolean, items integer, events log.new_event[], messages log.new_message[],
    ids log.new_identifier[], keys log.new_key[],
    OUT before bigint, OUT verdicts smallint[], OUT firsts bigint[], OUT lasts bigint[]
) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    written   integer := cardinality(events);
    told      integer := cardinality(messages);
    from_zero boolean := EXISTS (SELECT FROM unnest(events) n WHERE n.version = 0);
    entries   bigint;
    now_      timestamptz;
    bad       integer[];
    item_     integer;
    place     integer[];  -- of each event among those written; null: its own
BEGIN
    -- Everything up to the lock runs beside another batch that holds it. That is safe: a row found here stays, since
    -- none is ever removed, and a row that appears after the look meets a unique index and aborts the call.
    IF single THEN  -- each item is one event, as callers at their desks queue them
        bad := ARRAY(SELECT n.item FROM unnest(events) n WHERE (careful OR n.version <> 1) AND n.version <> coalesce(
            (SELECT e.version + 1 FROM log.event e WHERE e.stream_id = n.stream_id ORDER BY e.version DESC LIMIT 1),
            CASE WHEN n.version = 0 THEN 0 ELSE 1 END));
    ELSE
        bad := ARRAY(
            SELECT g.item
            FROM (SELECT n.item, n.stream_id, min(n.version) AS low,
                         max(n.version) - min(n.version) + 1 = count(*) AS whole
                  FROM unnest(events) n GROUP BY n.item, n.stream_id) g
            WHERE NOT g.whole OR g.low <> coalesce(
                (SELECT e.version + 1 FROM log.event e WHERE e.stream_id = g.stream_id
                 ORDER BY e.version DESC LIMIT 1),
                CASE WHEN g.low = 0 THEN 0 ELSE 1 END));
    END IF;
    FOREACH item_ IN ARRAY bad LOOP
        verdicts[item_] := 2;
    END LOOP;

    -- A message recorded before explains a version that is taken: the item is a duplicate, not a conflict.
    IF told > 0 AND (careful OR cardinality(bad) > 0) THEN
        bad := ARRAY(SELECT m.item FROM unnest(messages) m WHERE (
            SELECT true FROM log.source_message s
            WHERE s.record = m.record AND s.message = m.message AND s.source = m.source));
        FOREACH item_ IN ARRAY ARRAY(SELECT DISTINCT b FROM unnest(bad) b) LOOP
            verdicts[item_] := CASE WHEN (SELECT count(*) FROM unnest(bad) b WHERE b = item_)
                = (SELECT count(*) FROM unnest(messages) m WHERE m.item = item_) THEN 1 ELSE 3 END;
            firsts[item_] := (SELECT min(s.first) FROM unnest(messages) m JOIN log.source_message s
                ON s.record = m.record AND s.message = m.message AND s.source = m.source WHERE m.item = item_);
            lasts[item_] := (SELECT max(s.last) FROM unnest(messages) m JOIN log.source_message s
                ON s.record = m.record AND s.message = m.message AND s.source = m.source WHERE m.item = item_);
        END LOOP;
    END IF;

    IF cardinality(ids) > 0 THEN
        bad := ARRAY(SELECT n.item FROM unnest(ids) n WHERE n.owner <> (
            SELECT i.owner FROM log.identifier i WHERE i.digest = n.digest));
        FOREACH item_ IN ARRAY bad LOOP
            verdicts[item_] := coalesce(verdicts[item_], 4);
        END LOOP;
    END IF;

    IF cardinality(keys) > 0 THEN
        bad := ARRAY(SELECT n.item FROM unnest(keys) n WHERE n.wrapped <> (
            SELECT k.wrapped FROM log.holder_key k WHERE k.holder = n.holder));
        FOREACH item_ IN ARRAY bad LOOP
            verdicts[item_] := coalesce(verdicts[item_], 5);
        END LOOP;
    END IF;

    IF verdicts IS NOT NULL THEN
        verdicts := ARRAY(SELECT coalesce(verdicts[i], 0) FROM generate_series(1, items) i);
        firsts := ARRAY(SELECT firsts[i] FROM generate_series(1, items) i);
        lasts := ARRAY(SELECT lasts[i] FROM generate_series(1, items) i);
        place := ARRAY(SELECT count(*) FILTER (WHERE verdicts[events[i].item] = 0) OVER (ORDER BY i)
                       FROM generate_series(1, written) i);
        events := ARRAY(SELECT n FROM unnest(events) n WHERE verdicts[n.item] = 0);
        messages := ARRAY(SELECT n FROM unnest(messages) n WHERE verdicts[n.item] = 0);
        ids := ARRAY(SELECT n FROM unnest(ids) n WHERE verdicts[n.item] = 0);
        keys := ARRAY(SELECT n FROM unnest(keys) n WHERE verdicts[n.item] = 0);
        written := cardinality(events);
        told := cardinality(messages);
    END IF;

    -- The lock of all writers, held until the commit is visible: positions are given in the order of commits.
    UPDATE log.head SET position = position + written, entry = entry + told,
        recorded_at = greatest(clock_timestamp(), recorded_at + interval '1 microsecond')
    RETURNING position - written, entry - told, recorded_at INTO before, entries, now_;

    IF from_zero THEN
        -- The one breach no index would meet: version 0 behind a version 1 that has appeared since the look.
        IF EXISTS (SELECT FROM unnest(events) n WHERE n.version = 0 AND
                (SELECT true FROM log.event e WHERE e.stream_id = n.stream_id LIMIT 1)) THEN
            RAISE unique_violation USING MESSAGE = 'a stream that begins at version 0 exists already';
        END IF;
    END IF;

    INSERT INTO log.event (position, recorded_at, occurred_at, stream_id, correlation_id, causation_id, version,
        schema_version, row_format, crypto_suite, topic, actor, role, org, division, basis, source, message_id,
        tags, payload)
    SELECT before + n.number, now_, coalesce(n.occurred_at, now_), n.stream_id, n.correlation_id,
        n.causation_id, n.version, n.schema_version, 1, n.crypto_suite, n.topic, n.actor, n.role, n.org,
        n.division, n.basis, n.source, n.message_id, string_to_array(n.tags, E'\x1f'), n.payload
    FROM unnest(events) WITH ORDINALITY n(item, stream_id, version, topic, payload, schema_version, tags,
        occurred_at, actor, role, org, division, basis, source, message_id, correlation_id, causation_id,
        crypto_suite, number);

    IF told > 0 THEN
        INSERT INTO log.source_message (entry, first, last, export_on, source, message, record, content)
        SELECT entries + n.number,
            before + CASE WHEN place IS NULL THEN n.first_event - 1 ELSE coalesce(place[n.first_event - 1], 0) END + 1,
            before + CASE WHEN place IS NULL THEN n.last_event ELSE coalesce(place[n.last_event], 0) END,
            n.export_on, n.source, n.message, n.record, n.content
        FROM unnest(messages) WITH ORDINALITY n(item, source, message, record, content, export_on, first_event,
            last_event, number);
    END IF;

    IF cardinality(ids) > 0 THEN
        INSERT INTO log.identifier (digest, owner, position, kind)
        SELECT n.digest, n.owner,
            before + CASE WHEN place IS NULL THEN n.last_event ELSE coalesce(place[n.last_event], 0) END, n.kind
        FROM unnest(ids) n
        WHERE (SELECT i.owner FROM log.identifier i WHERE i.digest = n.digest) IS DISTINCT FROM n.owner;
    END IF;

    IF cardinality(keys) > 0 THEN
        INSERT INTO log.holder_key (holder, suite, master_id, wrapped)
        SELECT n.holder, n.suite, n.master_id, n.wrapped
        FROM unnest(keys) n
        WHERE (SELECT k.wrapped FROM log.holder_key k WHERE k.holder = n.holder) IS DISTINCT FROM n.wrapped;
    END IF;

    IF written > 0 THEN
        PERFORM pg_notify('minzheng_log', (before + written)::text);
    END IF;
END $$;

-- Sorts the pending tags into their index while appends go on.
CREATE FUNCTION log.settle_tags() RETURNS void LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET synchronous_commit = off
AS $$ SELECT gin_clean_pending_list('log.event_tags'::regclass) $$;

-- Destroys a holder's key for ever. The row stays, so that no second key is ever made for an erased person.
CREATE FUNCTION log.destroy_key(of_holder uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    destroyed boolean;
BEGIN
    UPDATE log.holder_key SET wrapped = '' WHERE holder = of_holder AND wrapped <> '';
    destroyed := FOUND;
    INSERT INTO log.holder_key (holder, suite, master_id, wrapped) VALUES (of_holder, 0, '', '')
    ON CONFLICT (holder) DO UPDATE SET wrapped = '';
    RETURN destroyed;
END $$;

-- The last position recorded at or before a time, by bisection: positions have no gaps and times never fall, so
-- the primary key is all the index this needs.
CREATE FUNCTION log.position_at(moment timestamptz) RETURNS bigint LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    low  bigint := 0;
    high bigint;
    mid  bigint;
BEGIN
    SELECT position INTO high FROM log.head;
    WHILE low < high LOOP
        mid := (low + high + 1) / 2;
        IF (SELECT e.recorded_at <= moment FROM log.event e WHERE e.position = mid) THEN
            low := mid;
        ELSE
            high := mid - 1;
        END IF;
    END LOOP;
    RETURN low;
END $$;
