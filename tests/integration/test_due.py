"""What the read models say is due equals what the cases themselves say, month by month."""

import random
from datetime import date, timedelta
from uuid import uuid4

import pytest

from domain.assistance import Case
from domain.clock import at as instant
from domain.clock import first_day, month_of, next_month
from domain.codes import Cause, CloseReason, Scheme, UrbanRural
from domain.errors import RuleViolated
from domain.funds.due import DueCases
from domain.parameters import official_parameters
from infra.codec import Envelope
from projections.funds.due import read_due
from tests.integration.projections_support import NORTH, World, household, person, world

__all__ = ["world"]

pytestmark = pytest.mark.usefixtures("projected")

DESK = Envelope(actor="甲", role="district_clerk")
FIRST = date(2014, 1, 10)


def granted(world: World, number: int) -> tuple[Case, list[object]]:
    """A case of two people paid from February 2014, and who they are."""
    people = [person(world, NORTH, f"拟{number}{n}") for n in range(2)]
    home = household(world, *people)
    case = Case.apply_for(
        uuid4(),
        instant(FIRST),
        scheme=Scheme.DIBAO,
        case_no=f"P{number}",
        household_id=home.id,
        applicant_id=people[0].id,
        member_ids=tuple(one.id for one in people),
        cause=Cause.ILLNESS,
        urban_rural=UrbanRural.URBAN,
        division_code=NORTH,
        from_on=FIRST,
    )
    case.report_granted(instant(FIRST), monthly_fen=40_000, start_month="2014-02", monthly_income_fen=30_000)
    return case, [*people, home]


def decide(chance: random.Random, case: Case, day: date) -> None:
    """One decision as people at their desks make it, for a month about now."""
    month = next_month(month_of(day), chance.randrange(-3, 4))
    when, on = instant(day), first_day(month) + timedelta(days=chance.choice((0, 0, 14)))
    match chance.randrange(7):
        case 0 | 1:
            income = chance.randrange(0, 60_000)
            case.verify(when, monthly_income_fen=income, property_within_limits=True, conclusion="", by="甲")
            case.adjust(when, parameters=official_parameters(), from_month=month, cause="收入变化")
        case 2:
            case.suspend(when, reason="未复核", from_on=on)
        case 3:
            case.resume(when, reason="已复核", from_on=on)
        case 4:
            step = chance.choice(case.entitlement.steps)
            case.correct_amount(
                when, corrects_version=step.version, new_fen=chance.randrange(90_000), reason="录入有误"
            )
        case 5 if chance.randrange(4) == 0:
            case.close(when, reason=CloseReason.VOLUNTARY, end_month=month)
        case _:
            case.change_members(when, member_ids=(case.applicant_id,), reason="减员", from_on=on)


@pytest.mark.parametrize("seed", range(4))
async def test_the_views_say_what_the_cases_say(world: World, seed: int) -> None:
    chance = random.Random(seed)
    cases = []
    for number in range(25):
        case, others = granted(world, number)
        cases.append(case)
        await world.record(*others, case)  # type: ignore[arg-type]  # aggregates
    for day in sorted(FIRST + timedelta(days=chance.randrange(20, 700)) for _ in range(300)):
        case = chance.choice(cases)
        try:
            decide(chance, case, day)
        except RuleViolated:
            continue
        await world.record(case, envelope=DESK)
    await world.runner().catch_up()
    month, wrong, compared = "2013-12", [], 0
    for _ in range(28):
        month = next_month(month)
        wish = DueCases(scheme=Scheme.DIBAO, months=(month,), division_code="440704")
        told = {row.owner_id: row.due_fen for row in (await read_due(world.log, world.url, wish)).rows}
        for case in cases:
            due = case.amount_for(month)
            compared += due is not None
            if told.get(case.id) != due:
                wrong.append((case.case_no, month, case.state, told.get(case.id), due, case.entitlement.steps))
    assert wrong == []
    assert compared > 200
