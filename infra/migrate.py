"""Database schema that outlives a release: roles, the event log, and whatever tables other parts register.

Read models have no migrations (they are rebuilt); everything else changes by numbered steps, each run once, in one
transaction with the row that records it. A step that has been released is never edited: its checksum is recorded,
and a difference stops the migration rather than leaving two installations with different schemas.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Any

import asyncpg

from domain.errors import BadSetting, Unavailable
from infra.database import LOGIN, ROLES, connect, role_name

_LOCK = 0x6D696E  # one migration at a time in a database
_OWNER = role_name("owner")

_GRANTS = """
GRANT USAGE ON SCHEMA log TO minzheng_appender, minzheng_projector;
GRANT SELECT ON ALL TABLES IN SCHEMA log TO minzheng_appender;
GRANT SELECT ON log.head, log.event, log.holder_key TO minzheng_projector;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA log FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA log TO minzheng_appender;
GRANT EXECUTE ON FUNCTION log.position_at(timestamptz) TO minzheng_projector;
"""
_FILES = ("schema.sql", "moving.sql")
_PLACES = """
CREATE TABLE log.place (follower text PRIMARY KEY, position bigint NOT NULL);
COMMENT ON TABLE log.place IS 'How far each follower of the log has come; what it did stands in the log itself';
GRANT SELECT, INSERT, UPDATE ON log.place TO minzheng_appender;
"""
_READS = """
CREATE TABLE log.person_read (
    at timestamptz NOT NULL DEFAULT clock_timestamp(), actor text NOT NULL, acts_for text NOT NULL, role text NOT NULL,
    department text NOT NULL, division text NOT NULL, purpose text NOT NULL, matter text NOT NULL,
    operation text NOT NULL, persons bytea NOT NULL);
COMMENT ON TABLE log.person_read IS 'Who read whose data, when and what for; persons: their ids, 16 bytes each';
CREATE INDEX person_read_at ON log.person_read USING brin (at);
GRANT SELECT, INSERT ON log.person_read TO minzheng_appender;
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step. `component` and `number` name it for ever; `sql` may hold many statements."""

    component: str
    number: int
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the statements."""
        return sha256(self.sql.encode()).hexdigest()


def log_migrations() -> tuple[Migration, ...]:
    """The event log's own steps, in order."""
    schema, moving = (files("infra.log").joinpath(name).read_text(encoding="utf-8") for name in _FILES)
    steps = (schema, _GRANTS, _PLACES, _READS, moving)
    return tuple(Migration("log", number, sql) for number, sql in enumerate(steps, 1))


async def migrate(admin_url: str, extra: Sequence[Migration] = ()) -> None:
    """Bring the database at `admin_url` up to date; runs nothing twice.

    The URL's user is a superuser, or owns the database: then the roles either exist and were granted to it, or it
    may create them. `extra` are other components' steps, run after the log's. Raises BadSetting where rights are
    missing (saying which statement an administrator has to run), Unavailable where there is no server.
    """
    connection = await connect(admin_url, None)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await _ensure_roles(connection)
        await connection.execute(f"SET ROLE {_OWNER}")
        await connection.execute(
            """CREATE SCHEMA IF NOT EXISTS log;
            CREATE TABLE IF NOT EXISTS log.migration (
                component text NOT NULL, number integer NOT NULL, checksum text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (component, number))"""
        )
        for step in (*log_migrations(), *extra):
            await apply(connection, step)
    except asyncpg.InsufficientPrivilegeError as error:
        raise BadSetting(
            f"The database user may not migrate ({error}); make it the database's owner and a member of "
            f"{', '.join(map(role_name, ROLES))}.",
            "MINZHENG_DATABASE_URL",
        ) from error
    except (OSError, asyncpg.PostgresConnectionError) as error:
        raise Unavailable("PostgreSQL went away during the migration; run it again.") from error
    finally:
        await connection.close()


async def _ensure_roles(connection: "asyncpg.Connection[Any]") -> None:
    """Create what is missing of the roles, and give the run-time login and ourselves the right to take them on."""
    names = [role_name(role) for role in ROLES]
    superuser, database, me = await connection.fetchrow(  # type: ignore[misc]  # always one row
        "SELECT rolsuper, quote_ident(current_database()), quote_ident(current_user) FROM pg_roles "
        "WHERE rolname = current_user"
    )
    for name in names:
        await _once(connection, f"CREATE ROLE {name} NOLOGIN", "SELECT FROM pg_roles WHERE rolname = $1", name)
    if superuser:
        exists = "SELECT FROM pg_roles WHERE rolname = $1"
        await _once(connection, f"CREATE ROLE {LOGIN} LOGIN NOSUPERUSER", exists, LOGIN)
        for name in names:
            # Without INHERIT: a connection that forgets to take a role sees nothing.
            await _granted(connection, name, LOGIN, LOGIN)
    else:
        for name in names:
            await _granted(connection, name, "current_user", me)
    await connection.execute(f"GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {database} TO {_OWNER}")
    for name in names:
        await connection.execute(f"GRANT CONNECT ON DATABASE {database} TO {name}")


async def _granted(connection: "asyncpg.Connection[Any]", role: str, grantee: str, member: str) -> None:
    may = "SELECT WHERE pg_has_role($2, $1, 'SET')"
    await _once(connection, f"GRANT {role} TO {grantee} WITH INHERIT FALSE, SET TRUE", may, role, member.strip('"'))


async def _once(connection: "asyncpg.Connection[Any]", statement: str, exists: str, *names: str) -> None:
    """Run a statement on the server's shared catalogue unless its effect is there, whoever else is at it.

    Roles belong to the whole server, the migration's lock to one database only.
    """
    for attempt in range(5):
        if await connection.fetch(exists, *names):
            return
        try:
            await connection.execute(statement)
            return
        except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            return
        except asyncpg.InternalServerError:  # "tuple concurrently updated"
            await asyncio.sleep(0.05 * (attempt + 1))
    raise Unavailable(f"Another migration holds the server's roles; run it again ({statement}).")


async def apply(connection: "asyncpg.Connection[Any]", step: Migration) -> None:
    """Run a step and note it, unless it was run before; raises BadSetting where that had another content."""
    applied = await connection.fetchval(
        "SELECT checksum FROM log.migration WHERE component = $1 AND number = $2", step.component, step.number
    )
    if applied == step.checksum:
        return
    if applied is not None:
        raise BadSetting(
            f"Migration {step.component} {step.number} was applied with another content; this program and this "
            "database do not belong together.",
            "MINZHENG_DATABASE_URL",
        )
    async with connection.transaction():
        await connection.execute(step.sql)
        await connection.execute(
            "INSERT INTO log.migration (component, number, checksum) VALUES ($1, $2, $3)",
            step.component,
            step.number,
            step.checksum,
        )
