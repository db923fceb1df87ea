"""One LISTEN connection wakes all tailers of a process.

Notifications only shorten the wait: they are lost whenever the connection is, so every tailer reads again at least
once a second, and the listener wakes them all after each reconnect.
"""

import asyncio
from contextlib import suppress

import asyncpg

from domain.errors import Unavailable
from infra.database import connect
from infra.tasks import end

CHANNEL = "minzheng_log"
_RECONNECT = 0.25
"""Seconds between attempts to reach a server that is away."""


class Listener:
    """Keeps a LISTEN connection open from the first `start` until `close`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._task: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()

    def start(self) -> None:
        """Begin to listen, once; needs a running loop."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="log listener")

    @property
    def woken(self) -> asyncio.Event:
        """Set at the next wake-up. Take it before reading, or a wake-up between reading and waiting is missed."""
        return self._woken

    def wake(self) -> None:
        """Wake every tailer."""
        self._woken.set()
        self._woken = asyncio.Event()

    async def close(self) -> None:
        """Stop listening and wake every tailer for the last time."""
        task, self._task = self._task, None
        await end(task)
        self.wake()

    async def _run(self) -> None:
        while True:
            with suppress(Unavailable, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._listen()
            await asyncio.sleep(_RECONNECT)

    async def _listen(self) -> None:
        """Listen until the connection ends."""
        connection = await connect(self._url, "appender", application_name="minzheng listen")
        try:
            ended = asyncio.Event()
            connection.add_termination_listener(lambda _: ended.set())
            await connection.add_listener(CHANNEL, lambda *_: self.wake())
            self.wake()
            await ended.wait()
        finally:
            connection.terminate()
