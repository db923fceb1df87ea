"""What the four projections make of the domain's events, folded in memory."""

import dataclasses
import random
from datetime import date, timedelta
from typing import Any

import pytest

from domain.clock import at as instant
from domain.codes import CaseState, CloseReason, FindingRule, Relation
from domain.findings import Finding
from domain.kernel import event_classes
from domain.registry.person import PersonState
from infra.codec import EventCodec
from infra.keys import FileMasterKey, KeyRing
from infra.log import MemoryLog
from infra.store import EventStore
from projections import PROJECTIONS, Assistance, Findings, Registry, Timeline
from projections.kernel.changes import Projection, Row
from projections.kernel.memory import MemoryTables
from projections.kernel.tables import VIEWS, unresolved
from tests.integration.projections_support import (
    CLERK,
    DAY,
    NORTH,
    SOUTH,
    World,
    case,
    division,
    household,
    payment,
    person,
)


@pytest.fixture
def world() -> World:
    """An empty district whose log is in memory."""
    log: Any = MemoryLog()
    keyring = KeyRing(log, FileMasterKey(bytes(32)))
    codec = EventCodec(keyring)
    return World(log, "", keyring, codec, EventStore(log, codec, keyring), random.Random(7))


async def tables(world: World, projection: Projection, batch: int = 3) -> MemoryTables:
    """The projection's tables after the whole log."""
    rows = await world.log.read(0, 10_000)
    await world.keyring.preload(world.codec.holders(rows))
    events = [(row, world.codec.decode(row)) for row in rows]
    made = MemoryTables(projection)
    for start in range(0, len(events), batch):
        await made.take(events[start : start + batch])
    return made


def only(rows: dict[Any, Row]) -> Row:
    """The one row."""
    (row,) = rows.values()
    return row


def day(number: int) -> date:
    """A day of the story."""
    return DAY + timedelta(days=number)


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda p: p.name)
def test_every_event_of_its_contexts_is_handled_or_ignored(projection: Projection) -> None:
    for topic, cls in event_classes().items():
        if topic.partition(".")[0] in projection.contexts:
            handled, ignored = cls in projection.handlers, cls in projection.ignores
            assert handled != ignored, f"{projection.name}: {topic} is neither handled nor ignored, or both"


def test_views_are_whole() -> None:
    assert unresolved() == []
    for view in VIEWS.values():
        assert all(column.doc for column in view.columns), view.name
        assert view.internal or (view.row.__doc__ or "").strip()


def test_timeline_rows_are_given_in_the_order_of_the_fields() -> None:
    names = [f.name for f in dataclasses.fields(VIEWS["timeline"].row)]
    assert names[:7] == ["subject", "position", "topic", "title", "detail", "area", "true_from"]
    assert names[-2:] == ["stream_id", "version"]


async def test_a_false_death_never_happened(world: World) -> None:
    one = person(world)
    one.report_death(instant(day(40)), died_on=day(30), evidence="", confirmed_by="公安机关")
    one.report_moved_out(instant(day(45)), to_place="外地", moved_on=day(45))
    one.report_death_reversed(instant(day(60)), reason="误报")
    await world.record(one)
    made = await tables(world, Registry())
    row = only(made.read("person"))
    assert (row["state"], row["died_on"], row["death_confirmed"]) == (PersonState.MOVED_OUT, None, False)
    assert only(made.read("person", effective=day(35)))["died_on"] is None
    then = only(made.read("person", as_of=2, effective=day(35)))
    assert (then["state"], then["died_on"]) == (PersonState.DECEASED, day(30))


async def test_a_move_reported_late_fills_the_time_before_the_next(world: World) -> None:
    one = person(world)
    one.report_move(instant(day(90)), to_division_code=SOUTH, moved_on=day(90))
    one.report_move(instant(day(95)), to_division_code="440704004001", moved_on=day(30))
    await world.record(one)
    made = await tables(world, Registry())
    assert only(made.read("person"))["division_code"] == SOUTH
    assert only(made.read("person", effective=day(40)))["division_code"] == "440704004001"
    assert only(made.read("person", effective=day(40), as_of=2))["division_code"] == NORTH


async def test_households_know_head_and_members(world: World) -> None:
    head, spouse = person(world), person(world)
    home = household(world, head, spouse)
    home.report_member_left(instant(day(50)), person_id=head.id, reason="死亡", effective_on=day(50))
    await world.record(head, spouse, home)
    made = await tables(world, Registry())
    assert only(made.read("household"))["head_id"] is None
    assert only(made.read("household", effective=day(49)))["head_id"] == head.id
    members = made.read("member")
    assert members[home.id, head.id]["left_on"] == day(50)
    assert members[home.id, spouse.id]["left_on"] is None
    assert made.read("person")[head.id]["household_id"] is None
    home.report_member(instant(day(60)), person_id=head.id, relation=Relation.OTHER, effective_on=day(60))
    home.report_dissolved(instant(day(80)), from_on=day(80))
    await world.record(home)
    made = await tables(world, Registry())
    assert {row["left_on"] for row in made.read("member").values()} == {day(80)}
    assert {row["household_id"] for row in made.read("person").values()} == {None}
    assert {row["left_on"] for row in made.read("member", effective=day(70)).values()} == {None}


async def test_a_person_unknown_here_may_be_a_member(world: World) -> None:
    stranger, home = person(world), household(world)
    home.report_member(instant(DAY), person_id=stranger.id, relation=Relation.HEAD, effective_on=DAY)
    await world.record(home)
    made = await tables(world, Registry())
    assert only(made.read("member"))["person_id"] == stranger.id
    assert made.read("person") == {}


@pytest.mark.parametrize("batch", [1, 2, 10])
async def test_a_member_registered_after_joining_is_taken_in_any_batch(world: World, batch: int) -> None:
    late, home = person(world), household(world)
    home.report_member(instant(DAY), person_id=late.id, relation=Relation.HEAD, effective_on=DAY)
    await world.record(home, late)
    made = await tables(world, Registry(), batch)
    assert only(made.read("person"))["name"] == late.name
    assert only(made.read("member"))["person_id"] == late.id


async def test_divisions_open_and_close(world: World) -> None:
    one = division(world, NORTH, "北社区")
    one.close(instant(day(30)), from_on=day(30))
    await world.record(one)
    made = await tables(world, Registry())
    assert only(made.read("division"))["closed_on"] == day(30)
    assert only(made.read("division", effective=day(10)))["closed_on"] is None


async def test_totals_follow_payments_returns_and_corrections(world: World) -> None:
    applicant = person(world)
    home = household(world, applicant)
    one = case(world, home, applicant)
    first, second = payment(world, one, "2014-02", 70_000), payment(world, one, "2014-03", 75_000)
    await world.record(applicant, home, one, first, second)
    second.report_returned(instant(day(80)), reason="账号有误", effective_on=day(80))
    first.report_amount(instant(day(90)), amount_fen=71_000, reason="更正")
    await world.record(second, first)
    made = await tables(world, Assistance())
    total = only(made.read("case_total"))
    assert (total["paid_fen"], total["paid_count"], total["last_paid_month"]) == (71_000, 1, "2014-03")
    before = only(made.read("case_total", effective=day(75)))
    assert (before["paid_fen"], before["paid_count"]) == (146_000, 2)
    assert only(made.read("case_total", effective=date(2014, 2, 20)))["paid_fen"] == 71_000
    row = made.read("payment")[second.id]
    assert (row["returned"], row["returned_on"], row["amount_fen"]) == (True, day(80), 75_000)


async def test_an_amount_set_right_was_never_otherwise(world: World) -> None:
    applicant = person(world)
    home = household(world, applicant)
    one = case(world, home, applicant, monthly_fen=75_000)
    one.report_granted(instant(day(100)), monthly_fen=80_000, start_month="2014-06")
    version = next(e.originator_version for e in one.pending_events if isinstance(e, type(one).Confirmed))
    one.correct_amount(instant(day(200)), corrects_version=version, new_fen=70_000, reason="算错")
    await world.record(applicant, home, one)
    made = await tables(world, Assistance())
    assert only(made.read("case"))["monthly_fen"] == 80_000
    assert only(made.read("case", effective=date(2014, 3, 1)))["monthly_fen"] == 70_000


async def test_decisions_hold_over_what_was_planned_for_later(world: World) -> None:
    applicant = person(world)
    home = household(world, applicant)
    one = case(world, home, applicant, on=day(10))  # granted from February on
    await world.record(applicant, home, one)
    one.suspend(instant(day(20)), reason="复核", from_on=day(20))
    await world.record(one, envelope=CLERK)
    made = await tables(world, Assistance())
    assert only(made.read("case"))["state"] == CaseState.SUSPENDED
    assert only(made.read("case", effective=day(25)))["state"] == CaseState.SUSPENDED
    assert only(made.read("case", effective=day(15)))["state"] == CaseState.APPLIED


async def test_coverage_changes_with_the_members(world: World) -> None:
    applicant, second, third = person(world), person(world), person(world)
    home = household(world, applicant, second)
    one = case(world, home, applicant, second)
    one.report_members(instant(day(60)), member_ids=(applicant.id, third.id), from_on=day(60), reason="分户")
    await world.record(applicant, second, third, home, one)
    made = await tables(world, Assistance())
    covered = {key[1]: row["covered"] for key, row in made.read("case_member").items()}
    assert covered == {applicant.id: True, second.id: False, third.id: True}
    earlier = {key[1]: row["covered"] for key, row in made.read("case_member", effective=day(59)).items()}
    assert earlier == {applicant.id: True, second.id: True}
    assert only(made.read("case"))["member_count"] == 2


async def test_closing_and_reopening(world: World) -> None:
    applicant = person(world)
    home = household(world, applicant)
    one = case(world, home, applicant)
    one.report_closed(instant(day(90)), reason=CloseReason.VOLUNTARY, end_month="2014-03")
    one.reopen(instant(day(120)), basis="行政复议")
    await world.record(applicant, home, one)
    made = await tables(world, Assistance())
    closed = only(made.read("case", effective=day(100)))
    assert (closed["state"], closed["end_month"]) == (CaseState.CLOSED, "2014-03")
    assert (closed["close_reason"], closed["closed_on"]) == (CloseReason.VOLUNTARY, date(2014, 4, 1))
    assert only(made.read("case"))["state"] == CaseState.ACCEPTED
    assert only(made.read("case"))["closed_on"] is None


async def test_what_hangs_on_a_case_takes_its_scope(world: World) -> None:
    applicant = person(world)
    home = household(world, applicant)
    one = case(world, home, applicant)
    paid = payment(world, one, "2014-02")
    raised = Finding.raise_for(
        world.id(),
        instant(day(60)),
        rule=FindingRule.AMOUNT_DIFFERS,
        subject=f"case:{one.id}",
        division_code=NORTH,
        effective_on=day(60),
        detail="",
        evidence=(),
        case_id=one.id,
    )
    await world.record(applicant, home, one, paid, raised)
    one.report_moved(instant(day(70)), to_division_code=SOUTH, moved_on=day(70))
    paid.report_amount(instant(day(80)), amount_fen=1, reason="")
    await world.record(one, paid)
    made = await tables(world, Assistance())
    assert {live.scope for name in made.rows for live in made.rows[name].values()} == {SOUTH}
    assert only(made.read("payment"))["division_code"] == NORTH
    found = await tables(world, Findings())
    assert {live.scope for live in found.rows["finding"].values()} == {SOUTH}
    line = await tables(world, Timeline())
    scopes = {key[0]: live.scope for key, live in line.rows["timeline"].items()}
    assert scopes[f"case:{one.id}"] == SOUTH
    assert scopes[f"person:{applicant.id}"] == NORTH
    assert scopes[f"division:{NORTH}"] == NORTH


async def test_timelines_hold_every_event_of_a_subject_in_order(world: World) -> None:
    applicant = person(world)
    home = household(world, applicant)
    one = case(world, home, applicant)
    last = await world.record(applicant, home, one, payment(world, one, "2014-02"))
    made = await tables(world, Timeline())
    rows = [row for key, row in sorted(made.read("timeline").items()) if key[0] == f"person:{applicant.id}"]
    assert [row["title"] for row in rows][:2] == ["登记人员", "加入家庭"]
    assert rows[-1]["detail"] == "2014-02 当月发放 750元"
    assert rows[-1]["position"] == last
    assert {row["area"] for row in rows} == {"registry", "assistance"}
    diary = [row for key, row in made.read("timeline").items() if key[0].startswith("division:")]
    assert diary
    assert {row["detail"] for row in diary} == {""}


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda p: p.name)
async def test_personal_fields_of_an_erased_person_read_erased(world: World, projection: Projection) -> None:
    applicant = person(world)
    await world.record(applicant)
    await world.log.destroy_key(applicant.id)
    world.keyring.drop(applicant.id)
    made = await tables(world, projection)
    if projection.name == "registry":
        assert only(made.read("person"))["name"] == "〔已删除〕"
