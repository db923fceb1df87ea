"""The connectors' tables, and how they come into a database."""

from importlib.resources import files
from typing import Any

import asyncpg

from domain.errors import BadSetting
from infra.migrate import Migration

_LOCK = 0x6D696E
"""The migrations' own lock: one at a time in a database."""


def _migrations() -> tuple[Migration, ...]:
    """The connectors' steps, in order; a released one is never edited."""
    schema = files("connectors").joinpath("schema.sql").read_text(encoding="utf-8")
    return (Migration("connectors", 1, schema),)


async def migrate_connectors(connection: "asyncpg.Connection[Any]") -> None:
    """Bring the connectors' tables up to date, after the log's; safe to repeat. For an administrator's connection."""
    await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
    await connection.execute("CREATE SCHEMA IF NOT EXISTS connectors AUTHORIZATION minzheng_owner")
    await connection.execute("SET ROLE minzheng_owner")
    try:
        for step in _migrations():
            await _apply(connection, step)
    finally:
        await connection.execute("RESET ROLE")
        await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)


async def _apply(connection: "asyncpg.Connection[Any]", step: Migration) -> None:
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
