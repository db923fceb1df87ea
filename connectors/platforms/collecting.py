"""Collects what a platform sends back by its own way: again and again, and later where it does not answer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from connectors.database import Tables
from connectors.platforms import breaker
from connectors.platforms.declaration import Platform
from connectors.platforms.ways import NotDelivered
from domain.errors import MinzhengError
from infra.tasks import pause

EVERY = 5.0
"""Seconds between two looks."""
_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Collecting:
    """One platform's way back. `collect` raises NotDelivered where the platform can't be asked."""

    platform: Platform
    tables: Tables
    collect: Callable[[], Awaitable[None]]
    report: Callable[[str], None] = lambda text: None
    every: float = EVERY
    close: Callable[[], Awaitable[None]] | None = None
    """Lets go of what `collect` has opened."""

    async def run(self, stop: asyncio.Event) -> None:
        """Collect until `stop` is set."""
        try:
            await self._run(stop)
        finally:
            if self.close is not None:
                await self.close()

    async def _run(self, stop: asyncio.Event) -> None:
        failures = 0
        while not stop.is_set():
            wait = self.every
            try:
                await self.collect()
                if failures:
                    failures = 0
                    await self._note(0, "")
            except NotDelivered as error:
                failures += 1
                wait = breaker.wait_after(failures)
                _logger.warning("platform %s, way back: %s", self.platform.name, error)
                await self._note(failures, str(error))
            except MinzhengError as error:
                self.report(str(error))
            await pause(stop, wait)

    async def _note(self, failures: int, why: str) -> None:
        try:
            async with self.tables.transaction() as connection:
                await connection.execute(
                    """INSERT INTO connectors.platform (name, poll_failures, poll_error) VALUES ($1, $2, $3)
                    ON CONFLICT (name) DO UPDATE SET poll_failures = $2, poll_error = $3, changed_at = now()""",
                    *(self.platform.name, failures, why[:200]),
                )
        except MinzhengError as error:
            self.report(str(error))


__all__ = ["Collecting"]
