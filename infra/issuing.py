"""An approved payroll becomes payments: a bulk run that may be cut off anywhere and goes on where it was.

What is to be done stands in the log (approved and not yet issued). Each payment is a stream that begins with version 1
and an id that follows from owner, month and batch, so that a line paid before a crash is not paid again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

from domain.access import SYSTEM
from domain.assistance.payment import Payment
from domain.care.benefit_payment import BenefitPayment
from domain.codes import HoldReason
from domain.errors import RuleViolated, VersionConflict
from domain.funds.due import DueCases, DueTable, Held, Payable, still_due
from domain.funds.payroll import QUEUE, Payroll
from domain.kernel import Event
from infra.codec import Envelope
from infra.log import pages
from infra.store import EventStore
from infra.tasks import fewer_collections, follow

_TAG = f"queue:{QUEUE}"
_CHUNK = 1_000
"""Payments in one append: some 30 ms of the log's lock, so that people at their desks aren't blocked."""
_AHEAD = 2
"""Appends under way while the next is being encoded."""


class Issuing:
    """Issues what approved payrolls list. `due` answers what is due now."""

    def __init__(
        self, store: EventStore, now: Callable[[], datetime], due: Callable[[DueCases], Awaitable[DueTable]]
    ) -> None:
        self._store = store
        self._now = now
        self._due = due
        self._position = 0
        self._waiting: dict[UUID, None] = {}

    async def run_pending(self) -> dict[UUID, int]:
        """Issue every approved payroll; by payroll, how many payments it came to."""
        await self._look()
        done = {}
        for id in list(self._waiting):
            done[id] = await self.issue(id)
            self._waiting.pop(id, None)
        return done

    async def follow(self, stop: asyncio.Event, every: float = 2.0) -> None:
        """Look for approved payrolls until `stop` is set."""
        await follow(self.run_pending, stop, every)

    async def issue(self, id: UUID) -> int:
        """Issue one approved payroll; how many payments it came to."""
        payroll = await self._store.load(Payroll, id)
        assert payroll is not None, "its approval stands in the log"
        months = tuple(dict.fromkeys(line.month for _, line in payroll.issued_lines()))
        wish = DueCases(
            scheme=payroll.scheme, months=months, division_code=payroll.division_code, besides=payroll.batch_no
        )
        with fewer_collections():
            payable, held = still_due(payroll.issued_lines(), await self._due(wish))
            held += await self._pay(payroll, payable)
        payroll.report_issued(self._now(), held)
        if payroll.pending_events:
            await self._store.save([payroll], self._envelope(payroll))
        return payroll.issued_count

    async def _look(self) -> None:
        """Which payrolls were approved and not issued, by the log."""
        async for rows in pages(self._store.log, _TAG, self._position):
            for row in rows:
                if row.topic == Payroll.Approved.TOPIC:
                    self._waiting[row.stream_id] = None
                elif row.topic == Payroll.Issued.TOPIC:
                    self._waiting.pop(row.stream_id, None)
            self._position = rows[-1].position

    async def _pay(self, payroll: Payroll, payable: Sequence[Payable]) -> list[Held]:
        """Append a payment for each; what can't be paid after all comes back."""
        held: list[Held] = []
        running: list[asyncio.Task[list[Held]]] = []
        for start in range(0, len(payable), _CHUNK):
            running.append(asyncio.create_task(self._append(payroll, payable[start : start + _CHUNK])))
            if len(running) > _AHEAD:
                held += await running.pop(0)
        for task in running:
            held += await task
        return held

    async def _append(self, payroll: Payroll, payable: Sequence[Payable]) -> list[Held]:
        try:
            await self._store.append_first(
                payroll.payments_are, [self._payment(payroll, each) for each in payable], self._envelope(payroll)
            )
        except (VersionConflict, RuleViolated):
            return await self._singly(payroll, payable)
        return []

    async def _singly(self, payroll: Payroll, payable: Sequence[Payable]) -> list[Held]:
        """Some are paid already (a run that was cut off, another payroll), or someone's data were erased."""
        known: dict[UUID, Payment | BenefitPayment] = await self._store.load_many(
            payroll.payments_are, [payroll.payment_id(each.line) for each in payable]
        )
        held = []
        for each in payable:
            earlier = known.get(payroll.payment_id(each.line))
            if earlier is not None:
                if earlier.batch_no != payroll.batch_no:
                    held.append(_held(each, HoldReason.PAID))
                continue
            try:
                first = [self._payment(payroll, each)]
                await self._store.append_first(payroll.payments_are, first, self._envelope(payroll))
            except RuleViolated:
                held.append(_held(each, HoldReason.ERASED))
            except VersionConflict:
                held += await self._singly(payroll, [each])
        return held

    def _payment(self, payroll: Payroll, each: Payable) -> Event:
        return payroll.payment(each.line, each.account, self._now())

    def _envelope(self, payroll: Payroll) -> Envelope:
        return Envelope(
            actor=SYSTEM.name,
            role=SYSTEM.role.value,
            basis=f"payroll:{payroll.id}",
            causation_id=payroll.id,
        )


def _held(each: Payable, reason: HoldReason) -> Held:
    line = each.line
    return Held(each.number, line.owner_id, line.division_code, line.month, line.amount_fen, reason)
