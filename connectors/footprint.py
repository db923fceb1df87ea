"""Where a person appears in the log: households, cases, payments of cases and of benefits, by the tags of events."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from connectors.world import World
from domain.assistance import Case, Payment
from domain.care import BenefitPayment
from domain.registry import Household
from infra.log import EventLog, LogEvent

_AT_ONCE = 8
_PAGE = 1_000
_CASE_TOPICS = frozenset({Case.Created.TOPIC, Case.MembersChanged.TOPIC})


@dataclass(slots=True)
class Footprint:
    """Streams in which a person appears; whether still, only the aggregates tell."""

    households: list[UUID] = field(default_factory=list)
    cases: list[UUID] = field(default_factory=list)
    payments: list[UUID] = field(default_factory=list)
    benefit_payments: list[UUID] = field(default_factory=list)


async def footprints(world: World, persons: Iterable[UUID], *, payments: bool = False) -> dict[UUID, Footprint]:
    """Where each person appears; with `payments` also everything paid for the cases that name the person.

    Waits for what was decided before to stand in the log.
    """
    wanted = list(dict.fromkeys(persons))
    if wanted:
        await world.settle()
    limit = asyncio.Semaphore(_AT_ONCE)

    async def find(person: UUID) -> Footprint:
        async with limit:
            return await _footprint(world.log, person, payments)

    found = await asyncio.gather(*(find(person) for person in wanted))
    return dict(zip(wanted, found, strict=True))


async def _footprint(log: EventLog, person: UUID, payments: bool) -> Footprint:
    households: dict[UUID, None] = {}
    cases: dict[UUID, None] = {}
    paid: dict[UUID, None] = {}
    drawn: dict[UUID, None] = {}
    for row in await tagged(log, f"person:{person}"):
        if row.topic == Household.MemberJoined.TOPIC:
            households[row.stream_id] = None
        elif row.topic in _CASE_TOPICS:
            cases[row.stream_id] = None
        elif row.topic == Payment.Created.TOPIC:
            paid[row.stream_id] = None
        elif row.topic == BenefitPayment.Created.TOPIC:
            drawn[row.stream_id] = None
    if payments:
        for case in cases:
            for row in await tagged(log, f"case:{case}"):
                if row.topic == Payment.Created.TOPIC:
                    paid[row.stream_id] = None
    return Footprint(list(households), list(cases), list(paid), list(drawn))


async def tagged(log: EventLog, tag: str) -> list[LogEvent]:
    """Every event that carries a tag."""
    found: list[LogEvent] = []
    while True:
        page = await log.tagged(tag, found[-1].position if found else 0, _PAGE)
        found.extend(page)
        if len(page) < _PAGE:
            return found
