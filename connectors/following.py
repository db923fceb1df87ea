"""The log's rows for whoever sends them on: batch by batch, until it is told to stop."""

import asyncio
from collections.abc import AsyncGenerator

from infra.log import EventLog, LogEvent


async def following(
    log: EventLog, after: int, limit: int, stop: asyncio.Event, idle: float
) -> AsyncGenerator[list[LogEvent], None]:
    """The rows behind a position, at most `limit` at a time, until `stop` is set.

    An empty batch where nothing comes for `idle` seconds.
    """
    batches = log.tail(after, limit)
    ended = asyncio.create_task(stop.wait())
    coming: asyncio.Task[list[LogEvent]] | None = None
    try:
        while not stop.is_set():
            coming = coming or asyncio.ensure_future(anext(batches))
            await asyncio.wait((coming, ended), timeout=idle, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                batch, coming = coming.result(), None
                yield batch
            elif not ended.done():
                yield []
    finally:
        ended.cancel()
        if coming is not None and not coming.done():
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
        await batches.aclose()  # type: ignore[attr-defined]  # a generator


__all__ = ["following"]
