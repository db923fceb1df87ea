"""Running and ending tasks: what the event loop and the collector need to be told."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

_THRESHOLDS = (100_000, 50, 50)
_before: list[tuple[int, int, int]] = []
"""What held before the first of those who now run with fewer collections; they may overlap."""


@contextmanager
def fewer_collections() -> Iterator[None]:
    """While hundreds of thousands of rows live at once, none of them in cycles, look for cycles a hundredth as often.

    As often as by default, looking through all of them again and again costs a quarter of the time and more.
    """
    _before.append(gc.get_threshold())
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        held = _before.pop()  # the last one to leave finds what the first one found
        if not _before:
            gc.set_threshold(*held)


async def follow(work: Callable[[], Awaitable[object]], stop: asyncio.Event, every: float) -> None:
    """Do the work again every so many seconds until `stop` is set."""
    while not stop.is_set():
        await work()
        await pause(stop, every)


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait so long, or until `stop` is set."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def end(task: "asyncio.Task[Any] | None") -> None:
    """Cancel a task and wait until it has ended, whatever it ends with.

    Asks again until it has: before Python 3.12 `asyncio.wait_for` loses a cancellation that arrives together with
    what it waits for, and awaiting the task once would then wait for ever.
    """
    while task is not None and not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.5)
    if task is not None and not task.cancelled():
        task.exception()  # seen, so that nobody warns of it
