"""The connectors' tables, and how they come into a database."""

from importlib.resources import files
from typing import Any

import asyncpg

from infra.migrate import Migration, apply

_LOCK = 0x6D696E
"""The migrations' own lock: one at a time in a database."""


def _migrations() -> tuple[Migration, ...]:
    """The connectors' steps, in order; a released one is never edited."""
    steps = ("schema.sql", "platforms/schema.sql", "platforms/exchange.sql")
    texts = (files("connectors").joinpath(step).read_text(encoding="utf-8") for step in steps)
    return tuple(Migration("connectors", number, text) for number, text in enumerate(texts, 1))


async def migrate_connectors(connection: "asyncpg.Connection[Any]") -> None:
    """Bring the connectors' tables up to date, after the log's; safe to repeat. For an administrator's connection."""
    await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
    await connection.execute("CREATE SCHEMA IF NOT EXISTS connectors AUTHORIZATION minzheng_owner")
    await connection.execute("SET ROLE minzheng_owner")
    try:
        for step in _migrations():
            await apply(connection, step)
    finally:
        await connection.execute("RESET ROLE")
        await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)
