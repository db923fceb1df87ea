"""What the read model says is due in a month is what the benefit says: a payroll is drawn up from the read model."""

import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.care import Benefit
from domain.care.benefits.amounts import Known, last_day
from domain.care.benefits.basis import NOTHING
from domain.clock import at, month_of, next_month
from domain.codes import BenefitEnd, BenefitHold, BenefitKind
from domain.errors import RuleViolated
from domain.parameters import official_parameters
from infra.codec import Envelope, EventCodec
from infra.keys import FileMasterKey, KeyRing
from infra.log import MemoryLog
from infra.store import EventStore
from projections import Care
from projections.kernel.memory import MemoryTables
from tests.integration.projections_support import World

FIRST = date(2014, 1, 10)
BORN = date(1924, 12, 5)
"""Ninety in the middle of the story."""
KNOWN = Known("440704001001", BORN)
DESK = Envelope(actor="甲", role="district_clerk")
SOURCE = Envelope(actor="导入", role="administrator", source="eldercare")
MONTHS = [next_month("2013-10", n) for n in range(36)]


@pytest.fixture
def world() -> World:
    log: Any = MemoryLog()
    keyring = KeyRing(log, FileMasterKey(bytes(32)))
    codec = EventCodec(keyring)
    return World(log, "", keyring, codec, EventStore(log, codec, keyring), random.Random(7))


def enrolled(chance: random.Random, *, here: bool) -> Benefit:
    """A benefit of somebody: granted at the desk, some for months before the application, or reported by a source."""
    start = next_month("2014-01", -chance.randrange(3))
    benefit = Benefit.apply_for(
        UUID(int=chance.getrandbits(128), version=4),
        at(FIRST),
        person_id=UUID(int=chance.getrandbits(128), version=4),
        kind=BenefitKind.OLD_AGE_ALLOWANCE,
        basis=NOTHING,
        applied_on=FIRST,
        division_code=KNOWN.division_code,
        start=start,
    )
    if here:
        benefit.approve(at(FIRST), by="乙", decide_by=FIRST)
        benefit.grant(at(FIRST), by="丙", known=KNOWN, parameters=official_parameters(), lines={})
    else:
        benefit.report_paid(at(FIRST), monthly_fen=3_000, start_month=start)
    return benefit


def decide(chance: random.Random, benefit: Benefit, day: date) -> None:
    """One decision, for a month about now."""
    month, when = next_month(month_of(day), chance.randrange(-3, 4)), at(day)
    match chance.randrange(8):
        case 0 | 1:
            benefit.adjust(when, known=KNOWN, parameters=official_parameters(), from_month=month, cause="核对", by="丙")
        case 2:
            benefit.suspend(when, reason="联系不上", from_month=month, by="丙")
        case 3:
            benefit.resume(when, reason="已联系", from_month=month, by="丙")
        case 4:
            benefit.hold_line(when, reason=BenefitHold.SUSPECTED, from_month=month)
        case 5:
            benefit.release_line(when, reason="属实")
        case 6:
            benefit.end(when, reason=BenefitEnd.OTHER, end_month=month)
        case _:
            benefit.reinstate(when, reason="误终止")


def report(chance: random.Random, benefit: Benefit, day: date) -> None:
    """One fact of a source, which knows no order; none for a month before the one it first enrolled the person in."""
    month, when = next_month(month_of(day), chance.randrange(-6, 2)), at(day)
    month = max(month, benefit.entitlement.amounts[0].month)
    if chance.randrange(3) == 0:
        benefit.report_ended(when, reason=BenefitEnd.MOVED_OUT, end_month=month)
    else:
        benefit.report_paid(when, monthly_fen=chance.choice((3_000, 10_000, 12_000)), start_month=month)


async def tables(world: World) -> MemoryTables:
    rows = await world.log.read(0, 10_000)
    await world.keyring.preload(world.codec.holders(rows))
    made = MemoryTables(Care())
    events = [(row, world.codec.decode(row)) for row in rows]
    for start in range(0, len(events), 7):
        await made.take(events[start : start + 7])
    return made


def told(made: MemoryTables, month: str) -> dict[UUID, tuple[int, bool]]:
    """What is due by the same conditions as a payroll's statement has, and whether it is held."""
    live = made.read("benefit")
    return {
        row["id"]: (row["monthly_fen"], (live[row["id"]]["held_from"] or "9") <= month)
        for row in made.read("benefit", effective=last_day(month)).values()
        if row["state"] == "paying" and row["start_month"] <= month
    }


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("source", [False, True], ids=["desk", "source"])
async def test_the_view_says_what_the_benefit_says(world: World, seed: int, source: bool) -> None:
    chance = random.Random(seed)
    benefits = [enrolled(chance, here=not source) for _ in range(20)]
    for benefit in benefits:
        await world.record(benefit, envelope=SOURCE if source else DESK)
    for day in sorted(FIRST + timedelta(days=chance.randrange(20, 700)) for _ in range(150)):
        benefit = chance.choice(benefits)
        try:
            (report if source else decide)(chance, benefit, day)
        except RuleViolated:
            continue
        if benefit.pending_events:
            await world.record(benefit, envelope=SOURCE if source else DESK)
    made, wrong, compared = await tables(world), [], 0
    for month in MONTHS:
        found = told(made, month)
        for benefit in benefits:
            due = benefit.amount_for(month)
            compared += due is not None
            mine = None if due is None else (due, benefit.held_in(month))
            if found.get(benefit.id) != mine:
                wrong.append((month, found.get(benefit.id), mine, benefit.state, benefit.entitlement))
    assert wrong == []
    assert compared > 100
