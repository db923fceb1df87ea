-- An append that moves followers on in the same transaction: what was taken from elsewhere (a Kafka partition, say) is
-- recorded together with how far it was taken, or not at all. Alone in its call, as whole batches come this way.
CREATE TYPE log.new_move AS (follower text, before bigint, upto bigint);

CREATE FUNCTION log.append_moving(
    single boolean, events log.new_event[], messages log.new_message[], ids log.new_identifier[], keys log.new_key[],
    moves log.new_move[],
    OUT before bigint, OUT verdicts smallint[], OUT firsts bigint[], OUT lasts bigint[]
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO log.place (follower, position)
    SELECT m.follower, 0 FROM unnest(moves) m WHERE m.before = 0 ORDER BY m.follower ON CONFLICT DO NOTHING;
    PERFORM FROM log.place p WHERE p.follower IN (SELECT m.follower FROM unnest(moves) m)
    ORDER BY p.follower FOR UPDATE;
    IF EXISTS (SELECT FROM unnest(moves) m LEFT JOIN log.place p ON p.follower = m.follower
               WHERE p.position IS DISTINCT FROM m.before) THEN
        before := (SELECT h.position FROM log.head h);
        verdicts := ARRAY[6];
        firsts := ARRAY[0];
        lasts := ARRAY[0];
        RETURN;
    END IF;
    SELECT a.before, a.verdicts, a.firsts, a.lasts INTO before, verdicts, firsts, lasts
    FROM log.append(true, single, 1, events, messages, ids, keys) a;
    IF coalesce(verdicts[1], 0) = 0 THEN
        UPDATE log.place p SET position = m.upto FROM unnest(moves) m WHERE p.follower = m.follower;
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION log.append_moving FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.append_moving TO minzheng_appender;
