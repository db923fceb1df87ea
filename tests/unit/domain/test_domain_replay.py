"""Whatever happens to an aggregate, its events alone make the same one again."""

from copy import deepcopy
from datetime import date, timedelta
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.assistance import Case
from domain.clock import at, first_day, month_of, next_month
from domain.codes import CaseState, CloseReason, Opinion, Relation, Scheme, VisitFinding
from domain.errors import RuleViolated
from domain.kernel import Event, tags_of
from tests.unit.domain.samples import CITIZEN_ID, OTHER_VILLAGE, PARAMETERS, VILLAGE, applied, household, person
from tests.unit.domain.specification import assert_replays, history

START = date(2015, 1, 6)
dates = st.integers(0, 400).map(lambda n: START + timedelta(days=n))
months = dates.map(month_of)
PEOPLE = tuple(UUID(int=n) for n in range(1, 5))
members = st.lists(st.sampled_from(PEOPLE), min_size=1, unique=True).map(tuple)


def fact(case: Case, data: st.DataObject, day: date) -> None:
    """Some source reports something."""
    now, on = at(day), data.draw(dates)
    month = month_of(on)
    match data.draw(st.integers(0, 8)):
        case 0 | 1 | 2:
            income = data.draw(st.none() | st.integers(0, 300_000))
            end = data.draw(st.sampled_from(["", next_month(month, 3)]))
            fen = data.draw(st.sampled_from([10_000, 20_000, 30_000]))
            case.report_granted(
                now, monthly_fen=fen, start_month=month, end_month=end, monthly_income_fen=income, parameters=PARAMETERS
            )
        case 3:
            case.report_members(now, member_ids=data.draw(members), from_on=on)
        case 4:
            case.report_account(now, account=data.draw(st.sampled_from("12")), bank="")
        case 5:
            case.report_suspended(now, reason="", from_on=on)
        case 6:
            case.report_resumed(now, reason="", from_on=on)
        case 7:
            case.report_closed(now, reason=CloseReason.OTHER, end_month=month)
        case _:
            case.report_moved(now, to_division_code=data.draw(st.sampled_from([VILLAGE, OTHER_VILLAGE])), moved_on=on)


def decision(case: Case, data: st.DataObject, day: date) -> None:
    """Someone decides something, wisely or not."""
    now, month = at(day), data.draw(months)
    on = first_day(month)
    match data.draw(st.integers(0, 22)):
        case 0 | 1:
            case.accept(now, due_on=day + timedelta(days=30))
        case 2 | 3:
            income = data.draw(st.integers(0, 200_000))
            case.verify(now, monthly_income_fen=income, property_within_limits=True, conclusion="")
        case 4 | 5:
            case.confirm(now, parameters=PARAMETERS)
        case 6:
            case.refuse(now, reason="x", parameters=PARAMETERS)
        case 7:
            case.adjust(now, parameters=PARAMETERS, from_month=month, cause="")
        case 8:
            case.suspend(now, reason="x", from_on=on)
        case 9:
            case.resume(now, reason="x", from_on=on)
        case 10:
            case.close(now, reason=CloseReason.OTHER, end_month=month)
        case 11:
            case.reopen(now, basis="x")
        case 12:
            case.change_members(now, member_ids=data.draw(members), reason="x", from_on=on)
        case 13:
            version = data.draw(st.integers(1, case.version))
            case.correct_amount(now, corrects_version=version, new_fen=data.draw(st.integers(0, 9)), reason="x")
        case 14:
            case.withdraw(now, reason="")
        case _:
            step(case, data, day)


def step(case: Case, data: st.DataObject, day: date) -> None:
    """A step between acceptance and decision."""
    now, who = at(day), data.draw(st.sampled_from("123"))
    match data.draw(st.integers(0, 8)):
        case 0 | 1:
            case.record_visit(now, finding=VisitFinding.AS_STATED, report="x", by=who, official=True, visited_on=day)
        case 2 | 3:
            case.review(now, opinion=Opinion.GRANT, note="", by=who)
        case 4 | 5:
            end = day + timedelta(days=7)
            case.post_notice(now, notice_no="1", from_on=day, to_on=end, decide_by=end + timedelta(days=14))
        case 6:
            case.object(now, reason="x")
        case 7:
            case.answer_objection(now, upheld=data.draw(st.booleans()), note="x", by=who)
        case _ if case.clock_stopped_on is None:
            case.request_supplement(now, missing="x")
        case _:
            case.receive_supplement(now, due_on=day + timedelta(days=30))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_case(data: st.DataObject) -> None:
    case = applied(Scheme.DIBAO, members=PEOPLE[:2])
    day = START
    for _ in range(data.draw(st.integers(1, 14))):
        day += timedelta(days=data.draw(st.integers(0, 30)))
        before = deepcopy(case)
        if data.draw(st.booleans()):
            fact(case, data, day)
            continue
        try:
            decision(case, data, day)
        except RuleViolated:
            assert case == before, "a refused decision changed something"
    assert_replays(case)
    check_sense(case)


def check_sense(case: Case) -> None:
    """What must hold of every case, however it came to be."""
    if case.state is CaseState.CLOSED and case.end_month:
        assert all(month <= case.end_month for month in case.entitled_months("2017-12"))
    for month in case.entitled_months("2017-12"):
        assert (case.amount_for(month) or 0) >= 0
        assert case.members_for(month)
    for event in history(case):
        assert isinstance(event, Event)
        assert event.true_from() >= date(2014, 12, 1)
        assert f"case:{case.id}" in tags_of(case, event)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), dates), max_size=12))
def test_a_person(steps: list[tuple[int, date]]) -> None:
    who, into = person(citizen_id=None), person()
    for what, day in steps:
        now = at(day)
        try:
            match what:
                case 0:
                    who.report_death(now, died_on=day, evidence="", confirmed_by="")
                case 1:
                    who.report_death(now, died_on=day, evidence="", confirmed_by="x")
                case 2:
                    who.report_death_reversed(now, reason="")
                case 3:
                    who.report_moved_out(now, to_place="", moved_on=day)
                case 4:
                    who.report_move_reversed(now, from_on=day)
                case 5:
                    who.merge(now, into=into)
                case 6:
                    who.unmerge(now)
                case 7:
                    who.report_verified(now, citizen_id=CITIZEN_ID, match_source="")
                case _:
                    who.report_move(now, to_division_code=OTHER_VILLAGE, moved_on=day)
        except RuleViolated:
            pass
        assert who.state is who.standing()
    assert_replays(who)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(PEOPLE), dates), max_size=12))
def test_a_household(steps: list[tuple[int, UUID, date]]) -> None:
    formed = household()
    for what, who, day in steps:
        match what:
            case 0:
                formed.report_member(at(day), person_id=who, relation=Relation.SON, effective_on=day)
            case 1:
                formed.report_head(at(day), person_id=who, effective_on=day)
            case 2:
                formed.report_member_left(at(day), person_id=who, reason="", effective_on=day)
            case _:
                formed.report_relocated(at(day), division_code=VILLAGE, address=str(uuid4()), moved_on=day)
        assert formed.head_id is None or formed.members[formed.head_id] is Relation.HEAD
    assert_replays(formed)
