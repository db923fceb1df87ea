"""Writes batches of rows one after the other, and decides each while the one before it is being written.

What is decided ahead builds on what the batch before it comes to. Where that one is not written just as it was
decided, both are forgotten, and what is still to be done is decided again in its order.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, TypeVar

from connectors.deciding import Decider, Decision, Origin
from connectors.reading.rows import Parsed
from domain.errors import VersionConflict

_ATTEMPTS = 8


class Overtaken(Exception):
    """The batch before was not written as it was decided: what was decided on it must be decided again."""


class Outcome(Enum):
    """What writing a batch has come to."""

    WRITTEN = auto()
    """It stands in the log as it was decided."""
    REFUSED = auto()
    """It does not, or nobody knows: it is to be decided again."""
    PASSED = auto()
    """Nothing is left to be done for it, but what stands in the log may be another's: nothing may build on it."""


@dataclass(slots=True, kw_only=True)
class Batch:
    """Rows that are decided together and written by one append. Nothing of the decision has happened until then."""

    rows: Sequence[Parsed]
    origin: Origin
    decider: Decider
    decision: Decision | None = None


B = TypeVar("B", bound=Batch)


class Pipeline(Generic[B]):
    """At most one batch is being written, and one decided meanwhile.

    `decide` finds out what a batch comes to; `write` does it, and is told where there will be no further attempt.
    """

    def __init__(
        self,
        decide: Callable[[B], Awaitable[Decision]],
        write: Callable[[B, bool], Awaitable[Outcome]],
        pause: float,
        exhausted: str,
    ) -> None:
        """`pause` in seconds comes before the second attempt at a batch, doubled before each further one.

        `exhausted` is what the user is told where others keep changing the same records.
        """
        self._decide = decide
        self._write = write
        self._pause = pause
        self._exhausted = exhausted
        self._batch: B | None = None
        self._writing: asyncio.Task[Outcome] | None = None

    @property
    def idle(self) -> bool:
        """Whether everything that was taken stands in the log, or else has been given up."""
        return self._batch is None

    async def take(self, batch: B) -> None:
        """Decide a batch, wait until the one before it is written, and begin to write it.

        Raises whatever `decide` does, whatever writing the one before did, and VersionConflict where that one was
        refused again and again. Whoever takes batches ends with `finish`, also where this raises.
        """
        if self._batch is not None and not _alike(self._batch, batch):
            await self.finish()
        batch.decider.world.settle = self._settle
        try:
            batch.decision = await self._decide(batch)
        except Overtaken:
            batch.decision = None
        await self._finish(batch)
        if batch.decision is None:
            batch.decision = await self._decide(batch)
        self._batch = batch
        self._writing = asyncio.ensure_future(self._write(batch, False))

    async def written(self) -> None:
        """Wait until nothing is being written, whatever came of it."""
        if self._writing is not None:
            await asyncio.wait((self._writing,))

    async def finish(self) -> None:
        """Wait until all that was taken is written; raises what `take` would."""
        await self._finish(None)

    async def _finish(self, ahead: B | None) -> None:
        """Have the batch under way written. `ahead` is the one that was decided on it."""
        batch, writing = self._batch, self._writing
        if batch is None or writing is None:
            return
        try:
            try:
                outcome = await writing
            finally:
                self._batch = self._writing = None
            if outcome is not Outcome.WRITTEN:
                _forget(batch, ahead)
            attempt = 0
            while outcome is Outcome.REFUSED:
                attempt += 1
                if attempt == _ATTEMPTS:
                    raise VersionConflict(self._exhausted)
                await asyncio.sleep(self._pause * 2 ** (attempt - 1))
                batch.decision = await self._decide(batch)
                outcome = await self._write(batch, attempt == _ATTEMPTS - 1)
                if outcome is not Outcome.WRITTEN:
                    _forget(batch, None)
        except BaseException:
            _forget(batch, ahead)
            raise

    async def _settle(self) -> None:
        """What `World.settle` does: waits for the batch before; raises Overtaken where it must not be built on."""
        if self._writing is not None and await asyncio.shield(self._writing) is not Outcome.WRITTEN:
            raise Overtaken


def _alike(before: Batch, batch: Batch) -> bool:
    """Whether one may be decided while the other is being written.

    What a source says of a record may be looked up in the log by another source, and by another kind of its own: those
    must find it there.
    """
    return (before.origin.source, before.origin.kind) == (batch.origin.source, batch.origin.kind)


def _forget(batch: Batch, ahead: Batch | None) -> None:
    """What was decided came to nothing, or nobody knows: neither its keys nor its changes may be built on."""
    for decided in (batch, ahead):
        if decided is not None and decided.decision is not None:
            decided.decider.world.keyring.forget(decided.decision.append.keys)
            decided.decision = None
    batch.decider.forget()


__all__ = ["Batch", "Outcome", "Overtaken", "Pipeline"]
