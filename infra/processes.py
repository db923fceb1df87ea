"""Runs the cross-system rules: reads the log's triggers in order, and appends what follows from each.

Each reaction is one append that carries rule and trigger as its message: the log refuses to record it twice, so that a
process which was cut off, started anew from the beginning or running beside another one repeats nothing. The place in
the log is moved on only after everything before it has been done; it is a help, not what this rests on.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import uuid4

from domain.access import SYSTEM
from domain.errors import MinzhengError, Unavailable, VersionConflict
from domain.kernel import Aggregate, Decision, Reading
from domain.processes import PROCESSES, Duty, Process, Trigger
from infra.codec import Envelope
from infra.dispatch import Course, Reader
from infra.log import LogEvent, SourceMessage
from infra.parameters import CurrentParameters
from infra.store import EventStore
from infra.tasks import follow

FOLLOWER = "processes"
SOURCE = "processes"
_PAGE = 500
_ATTEMPTS = 5
_NOBODY: Mapping[type[Reading], Reader] = MappingProxyType({})
_logger = logging.getLogger(__name__)


class Processes:
    """The rules at work. `now` is the business clock, `readers` answer from the read models."""

    def __init__(
        self,
        store: EventStore,
        now: Callable[[], datetime],
        readers: Mapping[type[Reading], Reader] = _NOBODY,
        rules: Iterable[Process] = PROCESSES,
    ) -> None:
        self._store = store
        self._now = now
        self._readers = readers
        self._parameters = CurrentParameters(store)
        self._rules: dict[str, list[Process]] = {}
        for rule in rules:
            for event in rule.ON:
                self._rules.setdefault(event.TOPIC, []).append(rule)

    async def follow(self, stop: asyncio.Event, every: float = 0.5) -> None:
        """React to what is recorded until `stop` is set."""
        await follow(self.run_pending, stop, every)

    async def catch_up(self, every: float = 0.2) -> int:
        """React until nothing is left, what follows from reactions included; the position come to.

        Another process that is at it as well is waited for.
        """
        log = self._store.log
        while await log.place(FOLLOWER) < (head := await log.head()):
            if not await self.run_pending():
                await asyncio.sleep(every)
        return head

    async def run_pending(self) -> int:
        """React to everything recorded so far; how many reactions changed anything."""
        log, done = self._store.log, 0
        place, head = await log.place(FOLLOWER), await log.head()
        while place < head:
            rows = await log.read(place, _PAGE, head, tuple(self._rules))
            try:
                async for changed in self._reactions(rows):
                    done += changed
            except VersionConflict:
                return done  # others kept being first: it is taken up again
            to = rows[-1].position if len(rows) == _PAGE else head
            if not await log.move(FOLLOWER, place, to):
                return done  # another process is at it, and further on
            place = to
        return done

    async def _reactions(self, rows: Sequence[LogEvent]) -> AsyncIterator[bool]:
        """Every rule's reaction to every trigger of a page, those of before excepted; whether each changed anything.

        What was reacted to and whose keys are needed is asked once for the page; a reaction that another process makes
        meanwhile is refused by the log.
        """
        pairs = [(rule, row, self._message(rule, row)) for row in rows for rule in self._rules[row.topic]]
        known = await self._store.log.known_messages(SOURCE, [(m.record, m.message) for _, _, m in pairs])
        left = [pair for pair in pairs if pair[2].message not in known]
        await self._store.keyring.preload(self._store.codec.holders(row for _, row, _ in left))
        triggers = {row.position: self._trigger(row) for _, row, _ in left}
        for rule, row, message in left:
            trigger = triggers[row.position]
            if rule.concerns(trigger):
                yield await self._keep(rule, trigger, row, message)

    def _trigger(self, row: LogEvent) -> Trigger:
        return Trigger(self._store.codec.decode(row), row.position, row.division, row.decided)

    async def _keep(self, rule: Process, trigger: Trigger, row: LogEvent, message: SourceMessage) -> bool:
        """One rule and one trigger. What a rule can't do is handed to the district, and stops nothing else."""
        try:
            return await self._react(rule, trigger, row, message)
        except (Unavailable, VersionConflict):
            raise  # nothing is wrong with the trigger
        except MinzhengError as error:
            _logger.warning(
                "rule %s could not be kept at position %s: %s", rule.CODE, row.position, type(error).__name__
            )
            return await self._hand_over(rule, trigger, row, message, str(error))
        except Exception as error:
            _logger.exception("rule %s failed at position %s", rule.CODE, row.position)
            return await self._hand_over(rule, trigger, row, message, f"程序错误（{type(error).__name__}）。")

    async def _react(self, rule: Process, trigger: Trigger, row: LogEvent, message: SourceMessage) -> bool:
        for attempt in range(_ATTEMPTS):
            by = Decision(SYSTEM, self._now(), uuid4(), await self._parameters.get())
            course = Course(self._store, SYSTEM, self._readers)
            changed = await self._new(await course.run(rule.react(trigger, by)))
            if not changed:
                return False
            try:
                appended = await self._store.save(changed, self._envelope(rule, row), (message,))
            except VersionConflict:
                if attempt == _ATTEMPTS - 1:
                    raise
            else:
                return not appended.duplicate
        raise AssertionError  # pragma: no cover - the loop returns or raises

    async def _new(self, changed: Iterable[Aggregate]) -> tuple[Aggregate, ...]:
        """Without duties that were asked for before: their ids are made for this."""
        found = tuple(changed)
        first = [one.id for one in found if isinstance(one, Duty) and one.pending_events[0].originator_version == 1]
        known = await self._store.log.heads(first)
        return tuple(one for one in found if one.id not in known)

    async def _hand_over(
        self, rule: Process, trigger: Trigger, row: LogEvent, message: SourceMessage, reason: str
    ) -> bool:
        by = Decision(SYSTEM, self._now(), uuid4(), await self._parameters.get())
        await self._store.save([rule.failed(trigger, by, reason)], self._envelope(rule, row), (message,))
        return True

    def _message(self, rule: Process, row: LogEvent) -> SourceMessage:
        """A reaction's name: the rule and its trigger. It says the same whenever it is made."""
        key = self._store.keyring.digest("process", f"{type(rule).__name__}\n{row.stream_id}@{row.version}")[:16]
        return SourceMessage(SOURCE, key, key, key, row.occurred.date())

    def _envelope(self, rule: Process, row: LogEvent) -> Envelope:
        return Envelope(
            actor=SYSTEM.name,
            role=SYSTEM.role.value,
            basis=f"跨系统规则 {rule.CODE.value}；依据日志第 {row.position} 条",
            correlation_id=row.correlation_id,
            causation_id=row.stream_id,
        )
