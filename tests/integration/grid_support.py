"""A grid and everything in it at every stage, for projections to be tried on."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import count
from uuid import UUID

from domain.clock import at
from domain.codes import (
    ClueNeed,
    ClueSource,
    GridVisitResult,
    IncidentState,
    IncidentType,
    Living,
    PublicFacilityKind,
    PublicFacilityState,
    ReporterKind,
    ResidentEnd,
    Tenure,
    Urgency,
    VisitPurpose,
)
from domain.grid import Grid, Incident, MoveReport, NeedClue, PropertyManagement, PublicFacility, Resident
from domain.grid.geometry import UNIT, Point
from domain.kernel import Aggregate
from domain.registry import Person

NORTH, SOUTH = "440704001001", "440704002001"
CODE = f"{NORTH}001"
WALKER = "网格员甲"
_CORNERS = ((0, 0), (1000, 0), (1000, 1000), (0, 1000), (0, 0))
SQUARE = tuple(Point(113 * UNIT + x, 22 * UNIT + y) for x, y in _CORNERS)
WEEK = timedelta(days=7)


def fresh() -> Callable[[], UUID]:
    """Ids of their own, so that what else happens in a story stays as it was."""
    numbers = count(1)
    return lambda: UUID(int=next(numbers), version=4)


def gridded(new_id: Callable[[], UUID], people: Sequence[Person], day: date) -> list[Aggregate]:
    """A grid, what stands in it, incidents, clues and residents; every kind of event is among them."""
    return [
        *_grids(day),
        *_places(new_id, day),
        *_incidents(new_id, day),
        *_clues(new_id, people, day),
        *_residents(new_id, people, day),
        *_moves(new_id, people, day),
    ]


def _grids(day: date) -> list[Aggregate]:
    now = at(day, 9)
    one = Grid.define(now, code=CODE, name="第一网格", polygon=SQUARE, from_on=day)
    one.assign(now, worker=WALKER, deputy=False, from_on=day, to_on=None)
    one.assign(now, worker="网格员乙", deputy=True, from_on=day, to_on=day + WEEK)
    one.redefine(now, name="东一网格", polygon=None, reason="更名", from_on=day + WEEK)
    one.release(now, worker="网格员乙", last_on=day, reason="销假")
    two = Grid.define(now, code=f"{NORTH}002", name="第二网格", polygon=None, from_on=day)
    two.close(now, reason="并入第一网格", from_on=day + WEEK)
    return [one, two]


def _places(new_id: Callable[[], UUID], day: date) -> list[Aggregate]:
    now = at(day, 9)
    lamp = PublicFacility.enlist(
        new_id(),
        now,
        kind=PublicFacilityKind.LIGHTING,
        name="路灯1号",
        place="北街口",
        division_code=NORTH,
        grid_code=CODE,
        point=SQUARE[0],
        by=WALKER,
    )
    lamp.check(now, state=PublicFacilityState.DAMAGED, note="不亮", by=WALKER, checked_on=day)
    said = {"household_count": 10, "manager": "拟某管", "phone": "139"}
    estate = PropertyManagement.enlist(
        new_id(),
        now,
        estate="拟某小区",
        company="拟某物业",
        division_code=NORTH,
        grid_code=CODE,
        from_on=day,
        **said,  # type: ignore[arg-type]
    )
    estate.change(now, company="另一物业", from_on=day + WEEK, **said)  # type: ignore[arg-type]
    estate.end(now, reason="合同到期", from_on=day + 2 * WEEK)
    return [lamp, estate]


def incident(id: UUID, now: datetime, *, limits: tuple[datetime, ...]) -> Incident:
    """Reported by the grid worker on behalf of somebody."""
    return Incident.report(
        id,
        now,
        type=IncidentType.FIRE,
        urgency=Urgency.I,
        division_code=NORTH,
        grid_code=CODE,
        point=SQUARE[0],
        place="北街1号门口",
        text="楼道冒烟",
        reporter_kind=ReporterKind.RESIDENT,
        reporter="拟某报",
        phone="139",
        by=WALKER,
        limits=limits,
    )


def _incidents(new_id: Callable[[], UUID], day: date) -> list[Aggregate]:
    now, due = at(day, 9), at(day, 10)
    both = (due, at(day, 12))
    closed, late, twice, told = (incident(new_id(), now, limits=limits) for limits in (both, both, both, ()))
    closed.reclassify(now, type=IncidentType.DISASTER, urgency=Urgency.II, reason="更正", by="丁", limits=both)
    closed.accept(now, by="丁", limits=both)
    closed.dispatch(now, org="消防", handler="", by="丁")
    closed.send_back(now, reason="不属", by="丁")
    closed.dispatch(now, org="", handler=WALKER, by="丁")
    closed.start(now, by=WALKER)
    closed.resolve(now, measure="已扑灭", by=WALKER, verify_by=day + WEEK)
    closed.verify(now, passed=True, reason="", by="丁", limits=both)
    closed.close(now, note="已告知", by="丁")
    closed.reopen(now, reason="复燃", by="丁", limits=both)
    late.lapse(at(day, 11))
    twice.transfer(now, to_division_code="440704001015", grid_code="", reason="在邻社区", by="丁")
    twice.mark_duplicate(now, original=late, by="丁")
    told.report_handled(
        now, row_key="1", state=IncidentState.CLOSED, org="某队", measure="已处理", handled_on=day + WEEK
    )
    return [closed, late, twice, told]


def _clues(new_id: Callable[[], UUID], people: Sequence[Person], day: date) -> list[Aggregate]:
    now, due = at(day, 9), day + WEEK
    found = [
        NeedClue.find(
            new_id(),
            now,
            person_id=who.id,
            need=ClueNeed.TEMP,
            source=ClueSource.VISIT,
            text="住院",
            by=WALKER,
            grid_code=CODE,
            limits=(due, due + 2 * WEEK),
            division_code=NORTH,
        )
        for who in people[:3]
    ]
    answered, declined, moved = found
    answered.accept(now, by="丁", limits=(due,))
    answered.link_case(now, case_id=UUID(int=5), by="丁")
    answered.answer(now, answer="已给予临时救助", by="丁", feedback_by=due)
    answered.feed_back(now, note="当面", by="丁")
    declined.decline(now, reason="已享受", by="丁", feedback_by=due)
    moved.lapse(at(due + WEEK))
    moved.transfer(at(due + WEEK), to_division_code=SOUTH, moved_on=day)
    moved.cancel(at(due + WEEK), reason="迁出", by="丁")
    return list(found)


def _residents(new_id: Callable[[], UUID], people: Sequence[Person], day: date) -> list[Aggregate]:
    now, made = at(day, 9), []
    for number, who in enumerate(people[:3]):
        one = Resident.enter(now, person_id=who.id, grid_code=CODE, division_code=NORTH, from_on=day)
        one.survey(
            now,
            living=Living.ALONE,
            tenure=Tenure.RENTED,
            emergency_contact="拟某亲 138",
            note="行动不便",
            by=WALKER,
            surveyed_on=day,
        )
        one.allocate(now, visit_id=new_id(), worker=WALKER, purpose=VisitPurpose.ALONE_80, due_on=day + WEEK)
        for result, by in ((GridVisitResult.NOT_MET, WALKER), (GridVisitResult.WELL, WALKER if number == 0 else "乙")):
            one.log_visit(
                now,
                visit_id=new_id(),
                purpose=VisitPurpose.CARE,
                result=result,
                note="无人",
                by=by,
                visited_on=day,
            )
        if number == 1:
            one.transfer(now, to_division_code=SOUTH, moved_on=day + WEEK)
            one.end(now, reason=ResidentEnd.MOVED_OUT, from_on=day + 2 * WEEK)
            one.resume(now, from_on=day + 3 * WEEK)
        made.append(one)
    return list(made)


def _moves(new_id: Callable[[], UUID], people: Sequence[Person], day: date) -> list[Aggregate]:
    now, made = at(day, 9), []
    for who in people[:3]:
        one = MoveReport.make(
            new_id(),
            now,
            person_id=who.id,
            to_division_code=None,
            to_place="外地",
            moved_on=day,
            evidence="走访",
            by=WALKER,
            confirm_by=day + WEEK,
            division_code=NORTH,
        )
        made.append(one)
    made[0].confirm(now, by="丁")
    made[1].reject(now, reason="暂住", by="丁")
    return list(made)
