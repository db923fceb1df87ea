"""What readers must know of the read models: where they stand, and which schemas are live.

One connection listens for both. It looks once a second all the same, more often while someone waits, since a notice
can be lost with its connection.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import asyncpg

from domain.errors import MinzhengError, Unavailable
from infra.database import connect
from infra.tasks import end
from projections.kernel.place import PROJECTED, VIEWS_CHANGED, Live, live_of, live_search_path

_log = logging.getLogger(__name__)

_POLL = 1.0
_POLL_WANTED = 0.1
"""While someone waits: notices come at once, and this is for the lost ones."""
_AWAY = 0.5


class ReadModels:
    """Positions and live search path of the projections, kept current by a task of its own."""

    def __init__(self, url: str, on_switch: Callable[[str], None]) -> None:
        self._url = url
        self._on_switch = on_switch
        self._task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._moved = asyncio.Event()
        self._wanted = 0
        self.positions: dict[str, int] = {}
        """Projection name → last position it has applied."""
        self.live: dict[str, Live] = {}
        self.search_path = ""

    async def start(self) -> None:
        """Begin; returns when the state is known. Raises Unavailable where the server can't be reached."""
        connection = await self._listening()
        try:
            await self._refresh(connection)
        except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError) as error:
            connection.terminate()
            raise Unavailable("数据库还没有建立读模型的表；请先运行 minzheng migrate。") from error
        except BaseException:
            connection.terminate()
            raise
        self._task = asyncio.create_task(self._run(connection))

    async def close(self) -> None:
        """Stop listening."""
        await end(self._task)

    async def wait_for(self, projections: Iterable[str], position: int, seconds: float) -> None:
        """Return when all these projections have applied `position`; raises Unavailable after that many seconds."""
        names = tuple(projections)
        self._wanted += 1
        self._woken.set()
        try:
            async with asyncio.timeout(seconds):
                while any(self.positions.get(name, 0) < position for name in names):
                    await self._moved.wait()
        except TimeoutError:
            late = "、".join(name for name in names if self.positions.get(name, 0) < position)
            raise Unavailable(f"读模型 {late} 尚未处理到日志位置 {position}，请稍后再试。") from None
        finally:
            self._wanted -= 1

    async def _listening(self) -> "asyncpg.Connection[Any]":
        connection = await connect(self._url, "reader", default_transaction_read_only="on")
        for channel in (VIEWS_CHANGED, PROJECTED):
            await connection.add_listener(channel, self._wake)
        connection.add_termination_listener(self._wake)
        return connection

    def _wake(self, *_: object) -> None:
        self._woken.set()

    async def _run(self, connection: "asyncpg.Connection[Any]") -> None:
        while True:
            try:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), _POLL_WANTED if self._wanted else _POLL)
                self._woken.clear()
                if connection.is_closed():
                    connection = await self._listening()
                await self._refresh(connection)
            except asyncio.CancelledError:
                connection.terminate()
                raise
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, MinzhengError) as error:
                _log.warning("read models can't be watched (%s); trying again", type(error).__name__)
                connection.terminate()
                await asyncio.sleep(_AWAY)

    async def _refresh(self, connection: "asyncpg.Connection[Any]") -> None:
        self.live = await live_of(connection)
        self.positions = {name: live.position for name, live in self.live.items()}
        self._moved.set()
        self._moved = asyncio.Event()
        path = await live_search_path(connection)
        if path != self.search_path:
            self.search_path = path
            self._on_switch(path)
