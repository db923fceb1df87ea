"""Connections of readers, each under one scope at a time.

A cached plan keeps the shape it was made for: one made for the district serves a community a thousand times slower,
and the other way round. So a connection stays at one level of divisions (district, street, community) all its life
and is set to another scope of that level only when none is free that has the right one already. The scope is a
setting of the session, since setting it per statement would double the cost of a read; nothing resets it in between,
and every statement checks it (api/graphql/sql.py), so that a mistake here refuses instead of leaking.

A pooler in transaction mode between this and PostgreSQL would break it: connect directly or pool by session.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from api.access.scope import Scope
from domain.errors import Unavailable
from infra.database import session_settings, unreachable

_log = logging.getLogger(__name__)

_SET_SCOPE = "SELECT count(set_config(name, value, false)) FROM unnest($1::text[], $2::text[]) s(name, value)"
_LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the server ended the connection between the driver's own steps
    asyncpg.OperatorInterventionError,
)
"""The connection is gone; a read may be repeated on another."""
_STATEMENTS = 2000


class ScopeRefused(RuntimeError):
    """A statement found its connection under another scope than its caller's: a fault of the program."""


@dataclass(eq=False, slots=True)
class _Slot:
    connection: "asyncpg.Connection[Any]"
    scope: Scope
    epoch: int
    statements: dict[str, "asyncpg.prepared_stmt.PreparedStatement[Any]"] = field(default_factory=dict)

    async def run(self, sql: str, values: Sequence[Any]) -> "asyncpg.Record | None":
        """The first row of a statement, prepared once a connection."""
        statement = self.statements.get(sql)
        if statement is None:
            if len(self.statements) >= _STATEMENTS:
                self.statements.clear()
            statement = self.statements[sql] = await self.connection.prepare(sql)
        return await statement.fetchrow(*values)


@dataclass(eq=False, slots=True)
class _Waiter:
    scope: Scope
    ready: "asyncio.Future[_Slot | None]"


@dataclass(eq=False)
class ScopedPool:
    """At most `size` connections as minzheng_reader to the database at `url`.

    `search_path` holds the live read schemas; assigning another makes every connection reconnect before its next
    statement. `timeout` is a statement's limit in seconds, and how long a caller waits for a free connection.
    """

    url: str
    size: int = 32
    timeout: float = 15.0
    plan_cache_mode: str = "force_generic_plan"
    _path: str = ""
    _epoch: int = 0
    _opened: int = 0
    _closed: bool = False
    _idle: dict[_Slot, None] = field(default_factory=dict)
    """Least recently used first."""
    _ready: dict[Scope, list[_Slot]] = field(default_factory=dict)
    """The same by scope."""
    _waiters: deque[_Waiter] = field(default_factory=deque)

    @property
    def search_path(self) -> str:
        """Schemas that statements read from."""
        return self._path

    @search_path.setter
    def search_path(self, path: str) -> None:
        if path != self._path:
            self._path = path
            self.renew()

    def renew(self) -> None:
        """Let every connection be replaced before its next use; statements that run now end undisturbed."""
        self._epoch += 1
        stale, self._idle, self._ready = self._idle, {}, {}
        for slot in stale:
            self._discard(slot)

    async def read(self, scope: Scope, sql: str, values: Sequence[Any]) -> tuple[bytes, bytes]:
        """Run a read statement under a scope: `(json, ids)` as bytes.

        `sql` takes the scope as its first four parameters and answers one row, or none where the connection is under
        another scope: that raises ScopeRefused. Raises Unavailable where the server can't be reached, and whatever
        PostgreSQL says of the statement itself.
        """
        for attempt in (1, 2):
            slot = await self._acquire(scope)
            try:
                row = await slot.run(sql, (*scope.values, *values))
            except asyncpg.QueryCanceledError:
                self._release(slot)  # its time was up; the connection is fine
                raise
            except _LOST as error:
                self._discard(slot)
                self.renew()
                if attempt == 2:
                    raise Unavailable(unreachable(error)) from error
            except asyncpg.InvalidCachedStatementError:
                self._discard(slot)
                if attempt == 2:
                    raise
            except asyncpg.PostgresError:
                self._release(slot)
                raise
            except BaseException:
                self._discard(slot)  # cancelled in the middle of its statement
                raise
            else:
                if row is None:
                    self._discard(slot)
                    raise ScopeRefused("a connection was under another scope than its caller's")
                self._release(slot)
                return row[0] or b"null", row[1] or b""
        raise AssertionError  # pragma: no cover - the loop returns or raises

    async def close(self) -> None:
        """Close what is idle now, and what is busy when it is done."""
        self._closed = True
        self.renew()
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.ready.done():
                waiter.ready.set_exception(Unavailable("服务正在停止，请稍后再试。"))

    async def _acquire(self, scope: Scope) -> _Slot:
        slot = self._exact(scope)
        if slot is not None:
            return slot
        if self._closed:
            raise Unavailable("服务正在停止，请稍后再试。")
        if self._opened < self.size:
            self._opened += 1
        elif (slot := self._spare(scope)) is None:
            slot = await self._wait(scope)
        return await self._fit(slot, scope)

    def _exact(self, scope: Scope) -> _Slot | None:
        ready = self._ready.get(scope)
        if not ready:
            return None
        slot = ready.pop()
        del self._idle[slot]
        return slot

    def _spare(self, scope: Scope) -> _Slot | None:
        """The idle connection that is missed least: of the same level where there is one."""
        chosen = next((slot for slot in self._idle if slot.scope.level == scope.level), next(iter(self._idle), None))
        if chosen is not None:
            del self._idle[chosen]
            self._ready[chosen.scope].remove(chosen)
        return chosen

    async def _wait(self, scope: Scope) -> _Slot | None:
        loop = asyncio.get_running_loop()
        waiter = _Waiter(scope, loop.create_future())
        self._waiters.append(waiter)
        timer = loop.call_later(self.timeout, _give_up, waiter.ready)
        try:
            return await waiter.ready
        except asyncio.CancelledError:
            if waiter.ready.done() and not waiter.ready.cancelled() and waiter.ready.exception() is None:
                self._return(waiter.ready.result())  # handed over in the instant of the cancellation
            raise
        finally:
            timer.cancel()

    def _return(self, slot: _Slot | None) -> None:
        if slot is None:
            self._free()
        else:
            self._release(slot)

    async def _fit(self, slot: _Slot | None, scope: Scope) -> _Slot:
        """Bring a connection under a scope; None stands for the right to open one."""
        try:
            if slot is not None and (slot.epoch != self._epoch or slot.scope.level != scope.level):
                slot.connection.terminate()
                slot = None
            if slot is not None and slot.scope != scope:
                slot = await self._rescoped(slot, scope)
            return slot or await self._open(scope)
        except BaseException as error:
            if slot is not None:
                slot.connection.terminate()
            self._free()
            if isinstance(error, (*_LOST, asyncpg.PostgresError, TimeoutError)):
                raise Unavailable(unreachable(error)) from error
            raise

    async def _rescoped(self, slot: _Slot, scope: Scope) -> _Slot | None:
        """The connection under another scope; None where it turns out to be gone."""
        settings = scope.settings
        try:
            await slot.run(_SET_SCOPE, (list(settings), list(settings.values())))
        except _LOST:
            slot.connection.terminate()
            return None
        slot.scope = scope
        return slot

    async def _open(self, scope: Scope) -> _Slot:
        epoch = self._epoch
        settings = session_settings(
            "reader",
            search_path=self._path or '""',
            default_transaction_read_only="on",
            statement_timeout=str(int(self.timeout * 1000)),
            plan_cache_mode=self.plan_cache_mode,
            **scope.settings,
        )
        connection = await asyncpg.connect(
            self.url,
            server_settings=settings,
            timeout=self.timeout,
            statement_cache_size=0,  # a slot keeps its statements itself
        )
        # JSON text goes to the caller as it comes; decoding it here would be for nothing.
        await connection.set_type_codec("json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary")
        return _Slot(connection, scope, epoch)

    def _release(self, slot: _Slot) -> None:
        if self._closed or slot.epoch != self._epoch or slot.connection.is_closed():
            self._discard(slot)
        elif (waiter := self._next(slot.scope)) is not None:
            waiter.ready.set_result(slot)
        else:
            self._idle[slot] = None
            self._ready.setdefault(slot.scope, []).append(slot)

    def _discard(self, slot: _Slot) -> None:
        slot.connection.terminate()
        self._free()

    def _free(self) -> None:
        """One connection fewer: whoever waits longest may open another."""
        waiter = None if self._closed else self._next(None)
        if waiter is None:
            self._opened -= 1
        else:
            waiter.ready.set_result(None)

    def _next(self, scope: Scope | None) -> _Waiter | None:
        """The waiter to serve: among the first few one of the same scope, else the first."""
        while self._waiters and self._waiters[0].ready.done():
            self._waiters.popleft()
        for i in range(min(4, len(self._waiters))):
            if self._waiters[i].scope == scope and not self._waiters[i].ready.done():
                waiter = self._waiters[i]
                del self._waiters[i]
                return waiter
        return self._waiters.popleft() if self._waiters else None


def _give_up(ready: "asyncio.Future[_Slot | None]") -> None:
    if not ready.done():
        ready.set_exception(Unavailable("系统繁忙，请稍后再试。"))
