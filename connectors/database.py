"""Connections of the connectors to their own tables."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from infra.database import connect, session_settings
from infra.log.failures import translated

LOCK = "SELECT pg_advisory_lock(hashtextextended($1, 0))"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended($1, 0))"
_CONNECTIONS = 2


class Tables:
    """The connectors' tables in PostgreSQL. Connects when first used; for one event loop.

    A batch's progress need not be on disk when the call returns: were it lost, the batch would be decided again and
    found to be recorded. Whoever ends a file or answers a clerk asks for `durable`.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: asyncpg.Pool[Any] | None = None

    @asynccontextmanager
    async def transaction(self, *, durable: bool = False) -> AsyncIterator["asyncpg.Connection[Any]"]:
        """One transaction; raises Unavailable where the server can't be reached."""
        with translated():
            pool = await self._connected()
            async with pool.acquire() as connection, connection.transaction():
                if not durable:
                    await connection.execute("SET LOCAL synchronous_commit = off")
                yield connection  # type: ignore[misc]  # the pool's proxy has the connection's methods

    @asynccontextmanager
    async def only_one(self, what: str) -> AsyncIterator[None]:
        """Wait for, then hold, a lock that only one process of the installation has at a time."""
        connection = await connect(self._url, "appender")
        try:
            await connection.execute(LOCK, locked(what))
            yield
        finally:
            await connection.close()

    async def close(self) -> None:
        """Let go of every connection."""
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def _connected(self) -> "asyncpg.Pool[Any]":
        if self._pool is None:
            pool = asyncpg.create_pool(
                self._url,
                min_size=0,
                max_size=_CONNECTIONS,
                init=_with_json,
                server_settings=session_settings("appender"),
            )
            self._pool = pool
            await pool
        return self._pool


def locked(what: str) -> str:
    """The name under which one process of the installation at a time does something (`import`)."""
    return f"minzheng {what}"


async def _with_json(connection: "asyncpg.Connection[Any]") -> None:
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
