"""Ending background tasks."""

import asyncio
from typing import Any


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
