"""The part of a recalculation that needs no case to be loaded: dibao amounts that rise, for a whole district at once.

The read models say what is due and what it is computed from; the formula runs over columns; the log says at which
version each case stands. An event is appended as the case's next one, so that the log refuses it where anyone decided
on the case meanwhile. Whatever is not plain (a lower amount, no income known, something recorded for a later day) is
left to the way that loads each case.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from domain.assistance.amounts import Basis, compute
from domain.assistance.case_record import case_subjects
from domain.assistance.recalculation import Outcome, raised, verdict
from domain.assistance.standards import Standard
from domain.clock import first_day
from domain.codes import Scheme, Supplement, UrbanRural
from domain.errors import VersionConflict
from domain.funds.due import UNKNOWN, DueCases, DueRow, DueTable, rule_amounts
from domain.parameters import Parameters
from infra.codec import Envelope
from infra.log import Append, NewEvent, StreamHead
from infra.store import EventStore

Due = Callable[[DueCases], Awaitable[DueTable]]
_CHUNK = 1_000
_AHEAD = 2


class Bulk:
    """Raises what one standard raises; knows afterwards which cases are done."""

    def __init__(self, store: EventStore, now: Callable[[], datetime], due: Due) -> None:
        self._store = store
        self._now = now
        self._due = due
        self.done: set[UUID] = set()
        self.left: list[UUID] = []
        """Cases that something is due to and that have to be loaded after all."""

    async def run(
        self, standard: Standard, parameters: Parameters, from_month: str, envelope: Envelope
    ) -> Counter[Outcome]:
        """Outcomes of the cases that could be settled here; `left` are the others. For standards of dibao only."""
        wish = DueCases(
            scheme=Scheme.DIBAO, months=(from_month,), division_code=standard.division_code, with_members=True
        )
        table = await self._due(wish)
        rows = [row for row in table.rows if row.settled]
        heads = await self._store.log.heads([row.owner_id for row in rows])
        known = [row for row in rows if heads[row.owner_id].position <= table.position]
        outcomes: Counter[Outcome] = Counter()
        higher: list[tuple[DueRow, StreamHead]] = []
        for row, amount in zip(known, rule_amounts(known, Scheme.DIBAO, parameters).tolist(), strict=True):
            if amount == UNKNOWN:
                continue
            match verdict(row.due_fen, amount):
                case Outcome.UNCHANGED:
                    outcomes[Outcome.UNCHANGED] += 1
                    self.done.add(row.owner_id)
                case Outcome.RECALCULATED:
                    higher.append((row, heads[row.owner_id]))
        outcomes[Outcome.RECALCULATED] += await self._append(higher, parameters, from_month, envelope)
        self.left = [row.owner_id for row in table.rows if row.owner_id not in self.done]
        return outcomes

    async def _append(
        self, higher: Sequence[tuple[DueRow, StreamHead]], parameters: Parameters, from_month: str, envelope: Envelope
    ) -> int:
        """Append the events some at a time, the next being encoded while the log works; how many were written."""
        running: list[asyncio.Task[int]] = []
        written = 0
        for start in range(0, len(higher), _CHUNK):
            chunk = higher[start : start + _CHUNK]
            events = tuple(self._event(row, head, parameters, from_month, envelope) for row, head in chunk)
            running.append(asyncio.create_task(self._write(events)))
            await asyncio.sleep(0)  # let it go out before the next is encoded
            if len(running) > _AHEAD:
                written += await running.pop(0)
        return written + sum([await task for task in running])

    async def _write(self, events: tuple[NewEvent, ...]) -> int:
        try:
            await self._store.log.append(Append(events))
        except VersionConflict:
            return 0  # someone decided on one of them: these are left to be loaded one by one
        self.done.update(event.stream_id for event in events)
        return len(events)

    def _event(
        self, row: DueRow, head: StreamHead, parameters: Parameters, from_month: str, envelope: Envelope
    ) -> NewEvent:
        assert row.household_id is not None, "a case is a household's"
        computed = compute(_basis(row), parameters, first_day(from_month))
        event = raised(
            row.owner_id, head.version, self._now(), due_fen=row.due_fen, computed=computed, from_month=from_month
        )
        tags = dict.fromkeys(
            (
                f"case:{row.owner_id}",
                *case_subjects(row.household_id, row.payee_id, row.member_ids),
                f"division:{row.division_code}",
            )
        )
        own = Envelope(actor=envelope.actor, role=envelope.role, basis=envelope.basis, division=row.division_code)
        return self._store.codec.encode(event, own, tuple(tags))


def _basis(row: DueRow) -> Basis:
    return Basis(
        scheme=Scheme.DIBAO,
        division_code=row.division_code,
        urban_rural=UrbanRural(row.urban_rural),
        persons=row.persons,
        monthly_income_fen=row.income_fen or 0,
        supplements=tuple(Supplement(code) for code in row.supplements.split(",") if code),
    )
