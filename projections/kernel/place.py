"""Where read tables are: each build of a projection in a schema of its own, one of which is live.

Schemas are made and dropped by two functions of the owner's, so that the projector may do nothing else to the
database. Tables are never renamed: readers follow the live schemas by search path (`live_search_path`), and reconnect
when a notice on `minzheng_views` says that it changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg

from domain.errors import Unavailable
from projections.kernel.changes import Projection

VIEWS_CHANGED = "minzheng_views"
"""Channel: a projection's live schema is another one now (payload: its name)."""
PROJECTED = "minzheng_projected"
"""Channel: a projection has moved on (payload: name and position)."""
_LOCKS = 0x6D7A  # class of the advisory locks of projections
_MIGRATE = 0x72656164
Connection = "asyncpg.Connection[Any]"

_DDL = """
CREATE SCHEMA IF NOT EXISTS read;
CREATE TABLE IF NOT EXISTS read.projection (
    name       text COLLATE "C" PRIMARY KEY,
    version    integer NOT NULL,
    schema     text COLLATE "C" NOT NULL,
    position   bigint NOT NULL,
    state      text COLLATE "C" NOT NULL CHECK (state IN ('running', 'stopped')),
    error      text NOT NULL DEFAULT '',
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 20);
COMMENT ON TABLE read.projection IS 'each projection''s live schema and the last log position it holds';
CREATE TABLE IF NOT EXISTS read.schema (
    schema     text COLLATE "C" PRIMARY KEY,
    name       text COLLATE "C" NOT NULL,
    version    integer NOT NULL,
    state      text COLLATE "C" NOT NULL CHECK (state IN ('building', 'live', 'retired')),
    position   bigint NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE read.schema IS 'schemas of read tables: being built (with position), live, or no longer read';
CREATE SEQUENCE IF NOT EXISTS read.build;
CREATE OR REPLACE FUNCTION read.create_schema(of_name text, of_version integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made text := format('read_%s_v%s_%s', of_name, of_version, nextval('read.build'));
BEGIN
    IF made !~ '^read_[a-z_]+_v[0-9]+_[0-9]+$' THEN
        RAISE EXCEPTION 'bad projection name %', of_name;
    END IF;
    EXECUTE format('CREATE SCHEMA %I', made);
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO minzheng_projector', made);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO minzheng_reader', made);
    INSERT INTO read.schema (schema, name, version, state) VALUES (made, of_name, of_version, 'building');
    RETURN made;
END $$;
CREATE OR REPLACE FUNCTION read.drop_schema(of_schema text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    DELETE FROM read.schema WHERE schema = of_schema AND state <> 'live';
    IF FOUND THEN
        EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', of_schema);
    END IF;
END $$;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA read FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA read TO minzheng_projector;
GRANT USAGE ON SCHEMA read TO minzheng_projector, minzheng_reader, minzheng_appender;
GRANT SELECT ON read.projection, read.schema TO minzheng_projector, minzheng_reader, minzheng_appender;
GRANT INSERT, UPDATE ON read.projection, read.schema TO minzheng_projector;
"""


async def migrate_projections(connection: "asyncpg.Connection[Any]") -> None:
    """Create what all read models share; safe to repeat. The connection's user can take the owner's role."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _MIGRATE)
        # A database made from a template has its tables, not its rights.
        needed = "SELECT quote_ident(current_database()) WHERE NOT has_database_privilege($1, current_database(), $2)"
        for role, right in (("minzheng_owner", "CREATE"), ("minzheng_projector", "TEMPORARY")):
            if database := await connection.fetchval(needed, role, right):
                await connection.execute(f"GRANT {right} ON DATABASE {database} TO {role}")
        await connection.execute("SET LOCAL ROLE minzheng_owner")
        await connection.execute("SET LOCAL client_min_messages = warning")
        await connection.execute(_DDL)


@dataclass(frozen=True, slots=True)
class Live:
    """A projection's live tables. `state` is running, or stopped at an event it can't take, named by `error`."""

    name: str
    version: int
    schema: str
    position: int
    state: str
    error: str


async def live_of(connection: "asyncpg.Connection[Any]") -> dict[str, Live]:
    """Every projection that has live tables, by name."""
    rows = await connection.fetch("SELECT name, version, schema, position, state, error FROM read.projection")
    return {row[0]: Live(*row) for row in rows}


async def live_search_path(connection: "asyncpg.Connection[Any]") -> str:
    """The search path under which readers find every live table by its bare name."""
    rows = await connection.fetch("SELECT schema FROM read.projection ORDER BY name")
    return ", ".join(row[0] for row in rows)


async def lock(connection: "asyncpg.Connection[Any]", what: str) -> bool:
    """Try to hold a lock until the connection ends: the leadership of a projection, or a schema being built."""
    return bool(await connection.fetchval("SELECT pg_try_advisory_lock($1, hashtext($2))", _LOCKS, what))


async def create_schema(connection: "asyncpg.Connection[Any]", projection: Projection) -> str:
    """A new, empty schema for a build of the projection, locked by this connection for as long as it lives."""
    async with connection.transaction():
        made = str(await connection.fetchval("SELECT read.create_schema($1, $2)", projection.name, projection.version))
        if not await lock(connection, made):
            raise Unavailable(f"Another process works on {made}; try again.")
    return made


async def go_live(connection: "asyncpg.Connection[Any]", schema: str) -> None:
    """Let readers read this schema from now on. To be called in a transaction, with the schema's position final."""
    await connection.execute(
        "UPDATE read.schema s SET state = 'retired', changed_at = clock_timestamp() FROM read.schema new "
        "WHERE new.schema = $1 AND s.name = new.name AND s.state = 'live'",
        schema,
    )
    name, position = await connection.fetchrow(  # type: ignore[misc]  # there is such a schema
        "UPDATE read.schema SET state = 'live', changed_at = clock_timestamp() WHERE schema = $1 "
        "RETURNING name, position",
        schema,
    )
    await connection.execute(
        "INSERT INTO read.projection (name, version, schema, position, state) "
        "SELECT name, version, schema, position, 'running' FROM read.schema WHERE schema = $1 "
        "ON CONFLICT (name) DO UPDATE SET (version, schema, position, state, error, changed_at) = "
        "(excluded.version, excluded.schema, excluded.position, 'running', '', clock_timestamp())",
        schema,
    )
    await connection.execute("SELECT pg_notify($1, $2)", VIEWS_CHANGED, name)
    await connection.execute("SELECT pg_notify($1, $2)", PROJECTED, f"{name} {position}")


async def move_together(
    connection: "asyncpg.Connection[Any]", lanes: Sequence[tuple[str, str, int]], to: int
) -> set[str]:
    """Let live projections hold the log up to `to`, where nothing changes for any of them; names of those that moved.

    Each is given with the schema that is live and the position it holds: where that is otherwise, it stays.
    """
    names, schemas, positions = zip(*lanes, strict=True)
    rows = await connection.fetch(
        "WITH moved AS (UPDATE read.projection p SET position = $4, changed_at = clock_timestamp() "
        "FROM unnest($1::text[], $2::text[], $3::bigint[]) AS at(name, schema, position) WHERE p.name = at.name "
        "AND p.schema = at.schema AND p.position = at.position AND p.state = 'running' RETURNING p.name) "
        "SELECT name, pg_notify($5, name || ' ' || $4) FROM moved",
        names,
        schemas,
        positions,
        to,
        PROJECTED,
    )
    return {row[0] for row in rows}


async def drop_unused(connection: "asyncpg.Connection[Any]", name: str, retired_for: timedelta) -> list[str]:
    """Drop this projection's builds that nobody works on any more, and schemas retired for that long.

    A schema that someone still reads is left for the next time. Answers what was dropped.
    """
    rows = await connection.fetch(
        "SELECT schema, state FROM read.schema WHERE name = $1 AND (state = 'building' OR "
        "state = 'retired' AND changed_at <= clock_timestamp() - $2::interval)",
        name,
        retired_for,
    )
    dropped = []
    for schema, state in rows:
        try:
            async with connection.transaction():
                await connection.execute("SET LOCAL lock_timeout = '1s'")
                free = "SELECT pg_try_advisory_xact_lock($1, hashtext($2))"
                if state == "building" and not await connection.fetchval(free, _LOCKS, schema):
                    continue
                await connection.execute("SELECT read.drop_schema($1)", schema)
        except asyncpg.LockNotAvailableError:
            continue
        dropped.append(schema)
    return dropped
