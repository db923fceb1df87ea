"""A proxy between the platform and a server, which can cut every connection and hold everything back."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

Open = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Proxy:
    """Passes bytes on, in a thread of its own."""

    def __init__(self, target: Open, listen: Callable[[Any], Awaitable[Any]]) -> None:
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._flowing: asyncio.Event
        self._server: Any = None
        self._refusing = False
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._call(self._begin(listen))

    def cut(self, seconds: float) -> None:
        """Break every connection, and refuse new ones for so long."""
        self._call(self._cut(seconds))

    def stall(self, seconds: float) -> None:
        """Pass nothing on for so long; what came meanwhile follows then."""
        self._call(self._stall(seconds))

    def close(self) -> None:
        """End it."""
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _begin(self, listen: Callable[[Any], Awaitable[Any]]) -> None:
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._server = await listen(self._accept)

    async def _end(self) -> None:
        self._server.close()
        await self._cut(0)
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _cut(self, seconds: float) -> None:
        self._refusing = True
        for writer in list(self._writers):
            with contextlib.suppress(Exception):
                writer.transport.abort()
        await asyncio.sleep(seconds)
        self._refusing = False

    async def _stall(self, seconds: float) -> None:
        self._flowing.clear()
        await asyncio.sleep(seconds)
        self._flowing.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        try:
            there, back = await self._target()
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        try:
            await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
        finally:
            for one in (writer, back):
                self._writers.discard(one)
                one.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        except (ConnectionError, OSError):
            pass
        finally:
            writer.transport.abort()


def before_port(listen: int, target: Callable[[], int]) -> Proxy:
    """Before a TCP port of this machine."""
    return Proxy(
        lambda: asyncio.open_connection("127.0.0.1", target()),
        lambda accept: asyncio.start_server(accept, "127.0.0.1", listen),
    )


def before_socket(listen: Path, target: Path) -> Proxy:
    """Before a UNIX socket."""
    return Proxy(
        lambda: asyncio.open_unix_connection(str(target)),
        lambda accept: asyncio.start_unix_server(accept, str(listen)),
    )
