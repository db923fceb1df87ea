"""Incidents from the report to the end: limits on the clock, escalation, hands, duplicates; and what a source tells."""

from datetime import datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given as each
from hypothesis import strategies as st

from domain.access import Actor, RoleCode
from domain.clock import CHINA
from domain.codes import GridLevel, IncidentState, IncidentType, ReporterKind, Urgency
from domain.errors import BadInput, RuleViolated
from domain.grid import Incident
from domain.grid.commands import (
    AcceptIncident,
    CloseIncident,
    DispatchIncident,
    MarkIncidentDuplicate,
    ReclassifyIncident,
    ReopenIncident,
    ReportIncident,
    ResolveIncident,
    ReturnIncident,
    StartIncident,
    TransferIncident,
    VerifyIncident,
)
from domain.grid.geometry import degrees
from domain.grid.limits import end_of, limit_of, moment_by, moments_by
from domain.kernel import Decision
from domain.parameters import Unit, official_parameters, read_versions
from domain.workdays import is_working_day
from tests.unit.domain.samples import VILLAGE
from tests.unit.domain.specification import CLERK, STREET, assert_replays, given
from tests.unit.domain.test_grid_map import BASE, CODE, grid

WALKER = Actor("网格员甲", RoleCode.GRID_WORKER, VILLAGE)
OTHER = Actor("网格员乙", RoleCode.GRID_WORKER, VILLAGE)
WORKER = Actor("村干部丁", RoleCode.COMMUNITY_WORKER, VILLAGE)
DEPUTY = Actor(OTHER.name, RoleCode.GRID_WORKER, VILLAGE, acts_for=WALKER.name)
PARAMETERS = official_parameters()


def moment(text: str) -> datetime:
    """A moment of December 2015 in China."""
    return datetime.fromisoformat(f"2015-12-{text}").replace(tzinfo=CHINA)


FRIDAY = moment("11 16:40")
HERE = f"{degrees(BASE.lng + 5)},{degrees(BASE.lat + 5)}"


def report(urgency: Urgency = Urgency.I, **fields: object) -> ReportIncident:
    said: dict[str, object] = {"type": IncidentType.FIRE, "division_code": VILLAGE, "place": "一巷口", "text": "冒烟"}
    return ReportIncident(urgency=urgency, **{**said, **fields})  # type: ignore[arg-type]


def reported(urgency: Urgency = Urgency.I, at: datetime = FRIDAY) -> Incident:
    """Reported by the grid worker."""
    return given(grid()).when(report(urgency, point=HERE), by=WALKER, now=at).then(Incident.Created)


def accepted(urgency: Urgency = Urgency.I, at: datetime = FRIDAY) -> Incident:
    one = reported(urgency, at)
    return given(one).when(AcceptIncident(incident_id=one.id), by=WORKER, now=at).then(Incident.Accepted)


def sent(urgency: Urgency = Urgency.I, at: datetime = FRIDAY, **to: str) -> Incident:
    one = accepted(urgency, at)
    command = DispatchIncident(incident_id=one.id, **(to or {"handler": WALKER.name}))
    return given(one).when(command, by=WORKER, now=at).then(Incident.Dispatched)


def resolved(at: datetime = FRIDAY) -> Incident:
    one = sent(at=at)
    return (
        given(one)
        .when(ResolveIncident(incident_id=one.id, measure="已扑灭"), by=WALKER, now=at)
        .then(Incident.Resolved)
    )


def verified() -> Incident:
    one = resolved()
    return (
        given(one).when(VerifyIncident(incident_id=one.id, passed=True), by=WORKER, now=FRIDAY).then(Incident.Verified)
    )


class TestLimits:
    @pytest.mark.parametrize(
        ("urgency", "accept_by", "resolve_by"),
        [
            (Urgency.I, "11 17:10:00", "11 18:40:00"),
            (Urgency.II, "11 18:40:00", "14 23:59:59"),  # 14 December is a Monday
            (Urgency.III, "14 23:59:59", "18 23:59:59"),
        ],
    )
    def test_stand_in_the_events_as_moments(self, urgency: Urgency, accept_by: str, resolve_by: str) -> None:
        one = reported(urgency)
        assert one.due_at == moment(accept_by)
        done = given(one).when(AcceptIncident(incident_id=one.id), by=WORKER, now=FRIDAY)
        done.then(Incident.Accepted, resolve_by=moment(resolve_by))

    @each(
        st.datetimes(datetime(2015, 1, 1), datetime(2016, 12, 31)),
        st.sampled_from(Urgency),
        st.sampled_from(("accept", "resolve")),
    )
    def test_run_on_level_by_level_and_end_with_a_working_day(self, now: datetime, urgency: Urgency, step: str) -> None:
        by = Decision(WORKER, now.replace(tzinfo=CHINA), uuid4(), PARAMETERS)
        limit = limit_of(step, urgency)
        found = moments_by(by, limit, VILLAGE)
        assert [by.now, *found] == sorted({by.now, *found})
        if PARAMETERS.find(limit, VILLAGE, by.today).unit is Unit.WORKING_DAYS:
            assert all(is_working_day(each.date()) and each == end_of(each.date()) for each in found)
        else:
            assert len({later - sooner for sooner, later in pairwise((by.now, *found))}) == 1

    def test_are_parameters_of_a_division(self) -> None:
        text = (
            "主题: x\n参数:\n  - 代码: grid.incident_accept_i\n    名称: x\n    版本:\n"
            f'      - {{数值: 10分钟, 区划: "{VILLAGE}", 自: 2015-01-01, 依据: x}}\n'
        )
        mine = PARAMETERS.with_versions(read_versions(text, "x"))
        done = given(grid()).when(report(), by=WALKER, now=FRIDAY, parameters=mine)
        done.then(Incident.Created, accept_by=FRIDAY + timedelta(minutes=10))

    def test_in_months_are_none(self) -> None:
        with pytest.raises(RuleViolated, match="单位应为分钟"):
            moment_by(PARAMETERS, "limits.econ_validity", VILLAGE, FRIDAY)

    def test_the_resolution_runs_on_from_handler_to_handler(self) -> None:
        one = sent()
        due = one.due_at
        back = ReturnIncident(incident_id=one.id, reason="不在本网格")
        later = FRIDAY + timedelta(hours=1)
        one = given(one).when(back, by=WALKER, now=later).then(Incident.Returned, due_at=due)
        again = DispatchIncident(incident_id=one.id, handler=OTHER.name)
        one = given(one).when(again, by=WORKER, now=later).then(Incident.Dispatched, due_at=due)
        late = FRIDAY + timedelta(hours=2, seconds=1)
        done = given(one).when(ResolveIncident(incident_id=one.id, measure="清理"), by=OTHER, now=late)
        done.then(Incident.Resolved, late=True)


class TestReport:
    def test_lies_in_the_grid_of_its_place(self) -> None:
        one = reported()
        assert (one.grid_code, one.state, one.level) == (CODE, IncidentState.REPORTED, GridLevel.COMMUNITY)
        named = given(grid()).when(report(grid_code=CODE), by=WALKER, now=FRIDAY).then(Incident.Created, lng=None)
        assert named.grid_code == CODE
        nowhere = given(grid()).when(report(point="113.5,22.5"), by=WALKER, now=FRIDAY).then(Incident.Created)
        assert nowhere.grid_code == ""

    @pytest.mark.parametrize(
        "wrong",
        [
            {"grid_code": f"{VILLAGE}009"},
            {"grid_code": "440704005211001"},
            {"division_code": "440704004"},
            {"point": "22.5,113.5"},
        ],
    )
    def test_of_a_place_that_is_none_is_refused(self, wrong: dict[str, str]) -> None:
        given(grid()).when(report(**wrong), by=WALKER, now=FRIDAY).refused("", BadInput)

    def test_says_where_and_what(self) -> None:
        given().when(report(place=" "), by=WALKER, now=FRIDAY).refused("发生地点")
        given().when(report(text=" "), by=WALKER, now=FRIDAY).refused("事件情况")

    def test_stands_on_the_timeline_of_its_grid(self) -> None:
        tags = set(reported().subjects())
        assert tags == {"timers:district", f"grid:{grid().id}"}


class TestHands:
    def test_only_those_it_was_sent_to_handle_it(self) -> None:
        one = sent()
        for command in (
            StartIncident(incident_id=one.id),
            ReturnIncident(incident_id=one.id, reason="x"),
            ResolveIncident(incident_id=one.id, measure="x"),
        ):
            given(one).when(command, by=OTHER, now=FRIDAY).refused(f"已派给 {WALKER.name}")
        given(one).when(StartIncident(incident_id=one.id), by=WALKER, now=FRIDAY).then(Incident.HandlingStarted)
        one = sent()
        given(one).when(StartIncident(incident_id=one.id), by=DEPUTY, now=FRIDAY).then(Incident.HandlingStarted)
        done = given(one).when(ResolveIncident(incident_id=one.id, measure="x"), by=DEPUTY, now=FRIDAY)
        one = done.then(Incident.Resolved, by=OTHER.name)
        given(one).when(VerifyIncident(incident_id=one.id, passed=True), by=WALKER, now=FRIDAY).refused("处置人以外")

    def test_an_organisation_without_an_account_has_it_entered(self) -> None:
        one = sent(org="消防大队")
        command = ResolveIncident(incident_id=one.id, measure="已扑灭")
        given(one).when(command, by=WALKER, now=FRIDAY).refused("承办单位")
        given(one).when(command, by=WORKER, now=FRIDAY).then(Incident.Resolved, by=WORKER.name, late=False)

    def test_somebody_else_verifies(self) -> None:
        one = resolved()
        command = VerifyIncident(incident_id=one.id, passed=True)
        given(one).when(command, by=WALKER, now=FRIDAY).refused("处置人以外")
        given(one).when(command, by=DEPUTY, now=FRIDAY).refused("处置人以外")
        given(one).when(command, by=OTHER, now=FRIDAY).then(Incident.Verified)

    def test_what_is_not_resolved_goes_back_with_the_whole_limit(self) -> None:
        one = resolved()
        given(one).when(VerifyIncident(incident_id=one.id, passed=False), by=WORKER, now=FRIDAY).refused("写明原因")
        command = VerifyIncident(incident_id=one.id, passed=False, reason="仍有余烟")
        one = (
            given(one)
            .when(command, by=WORKER, now=FRIDAY)
            .then(Incident.Returned, due_at=FRIDAY + timedelta(hours=2), reason="仍有余烟")
        )
        assert (one.state, one.handler) == (IncidentState.RETURNED, "")
        again = DispatchIncident(incident_id=one.id, handler=OTHER.name)
        one = given(one).when(again, by=WORKER, now=FRIDAY).then(Incident.Dispatched)
        one = (
            given(one)
            .when(ResolveIncident(incident_id=one.id, measure="x"), by=OTHER, now=FRIDAY)
            .then(Incident.Resolved)
        )
        # Whoever resolved it the first time is no stranger to it either.
        given(one).when(VerifyIncident(incident_id=one.id, passed=True), by=WALKER, now=FRIDAY).refused("处置人以外")

    def test_closed_with_what_the_reporter_was_told(self) -> None:
        one = verified()
        given(one).when(CloseIncident(incident_id=one.id, note=" "), by=WORKER, now=FRIDAY).refused("回复上报人")
        one = (
            given(one)
            .when(CloseIncident(incident_id=one.id, note="电话告知"), by=WORKER, now=FRIDAY)
            .then(Incident.Closed)
        )
        assert one.due_at is None

    def test_opened_again(self) -> None:
        one = verified()
        command = ReopenIncident(incident_id=one.id, reason="复燃")
        one = (
            given(one)
            .when(command, by=WORKER, now=FRIDAY)
            .then(Incident.Reopened, resolve_by=FRIDAY + timedelta(hours=2))
        )
        assert (one.state, one.handler) == (IncidentState.ACCEPTED, "")
        given(one).when(command, by=WORKER, now=FRIDAY).refused("不能重新办理")

    def test_sent_to_nobody_or_to_the_same_again(self) -> None:
        one = sent()
        given(one).when(DispatchIncident(incident_id=one.id), by=WORKER, now=FRIDAY).refused("承办单位或处置人")
        same = DispatchIncident(incident_id=one.id, handler=WALKER.name)
        given(one).when(same, by=WORKER, now=FRIDAY).refused("无需重复")


class TestDuplicates:
    def test_names_an_original_that_is_none_itself(self) -> None:
        one, original = reported(), accepted()
        command = MarkIncidentDuplicate(incident_id=one.id, original_id=original.id)
        one = (
            given(one, original).when(command, by=WORKER, now=FRIDAY).then(Incident.Duplicated, original_id=original.id)
        )
        assert one.due_at is None
        assert f"incident:{original.id}" in set(one.subjects())
        third = reported()
        chain = MarkIncidentDuplicate(incident_id=third.id, original_id=one.id)
        given(third, one).when(chain, by=WORKER, now=FRIDAY).refused("本身是重复上报")
        itself = MarkIncidentDuplicate(incident_id=third.id, original_id=third.id)
        given(third).when(itself, by=WORKER, now=FRIDAY).refused("它自己")
        back = ReopenIncident(incident_id=one.id, reason="是另一处")
        given(one).when(back, by=WORKER, now=FRIDAY).then(Incident.Reopened)


class TestEscalation:
    def test_not_accepted_goes_up_once_a_limit_and_ends_at_the_district(self) -> None:
        one = reported()
        one.lapse(moment("11 17:10:00"))
        assert one.level is GridLevel.COMMUNITY  # the last moment still counts
        assert one.lapses_at == moment("11 17:10:01")
        seen = []
        for minute in ("11 17:10:01", "11 17:10:30", "11 17:41:00", "11 18:20:00", "13 00:00:00"):
            one.lapse(moment(minute))
            seen.append((one.level, one.due_at))
        assert seen == [
            (GridLevel.STREET, moment("11 17:40:00")),
            (GridLevel.STREET, moment("11 17:40:00")),
            (GridLevel.DISTRICT, moment("11 18:10:00")),
            (GridLevel.DISTRICT, None),
            (GridLevel.DISTRICT, None),
        ]
        assert one.state is IncidentState.REPORTED
        assert_replays(one)

    def test_the_level_above_accepts_and_sends(self) -> None:
        one = reported()
        one.lapse(moment("11 17:10:01"))
        command = AcceptIncident(incident_id=one.id)
        now = moment("11 17:20")
        given(one).when(command, by=WORKER, now=now).refused("已升级到街道")
        one = given(one).when(command, by=STREET, now=now).then(Incident.Accepted, level=GridLevel.STREET)
        dispatch = DispatchIncident(incident_id=one.id, handler=WALKER.name)
        given(one).when(dispatch, by=WORKER, now=now).refused("请由街道办理")
        one = given(one).when(dispatch, by=CLERK, now=now).then(Incident.Dispatched)
        # It was accepted late; resolved within its own limit it is not late for that.
        done = given(one).when(ResolveIncident(incident_id=one.id, measure="x"), by=WALKER, now=moment("11 18:00"))
        done.then(Incident.Resolved, late=False)

    def test_whoever_has_it_still_has_to_do_it(self) -> None:
        one = sent()
        one.lapse(FRIDAY + timedelta(hours=3))
        assert (one.level, one.state, one.handler) == (GridLevel.STREET, IncidentState.DISPATCHED, WALKER.name)
        now = FRIDAY + timedelta(hours=4)  # within the street's limit, and late all the same
        given(one).when(ResolveIncident(incident_id=one.id, measure="x"), by=WALKER, now=now).then(
            Incident.Resolved, late=True
        )

    def test_what_is_resolved_or_over_never_does(self) -> None:
        for one in (resolved(), verified()):
            version = one.version
            one.lapse(moment("31 00:00"))
            assert one.version == version

    @each(st.lists(st.integers(0, 400), min_size=1, max_size=6))
    def test_however_often_the_timer_looks_no_level_is_passed_twice(self, minutes: list[int]) -> None:
        one = reported()
        for minute in sorted(minutes):
            one.lapse(FRIDAY + timedelta(minutes=minute))
        steps = [e for e in one.pending_events if isinstance(e, Incident.Escalated)]
        levels = [e.to_level for e in steps]
        assert levels == [GridLevel.STREET, GridLevel.DISTRICT, GridLevel.DISTRICT][: len(levels)]
        assert all(e.timestamp > e.overdue_at for e in steps)
        assert len(levels) == min(3, max(0, (max(minutes) - 1) // 30))


class TestTransferred:
    def test_to_the_community_it_lies_in_with_what_is_left_of_the_limit(self) -> None:
        one, due = reported(), FRIDAY + timedelta(minutes=30)
        command = TransferIncident(incident_id=one.id, to_division_code="440704004202", reason="在邻村")
        one = given(one).when(command, by=WORKER, now=FRIDAY).then(Incident.Transferred, state=IncidentState.REPORTED)
        assert (one.division_code, one.grid_code, one.due_at) == ("440704004202", "", due)
        given(one).when(command, by=WORKER, now=FRIDAY).refused("无需移交")
        two = sent()
        again = TransferIncident(incident_id=two.id, to_division_code="440704004202", reason="在邻村")
        two = given(two).when(again, by=WORKER, now=FRIDAY).then(Incident.Transferred)
        assert (two.state, two.handler) == (IncidentState.RETURNED, "")
        street = TransferIncident(incident_id=two.id, to_division_code="440704004", reason="x")
        given(two).when(street, by=WORKER, now=FRIDAY).refused("12 位", BadInput)
        three = resolved()
        late = TransferIncident(incident_id=three.id, to_division_code="440704004202", reason="x")
        given(three).when(late, by=WORKER, now=FRIDAY).refused("不能移交")


class TestReclassified:
    def test_the_step_that_waits_has_the_new_limit(self) -> None:
        one = reported(Urgency.III)
        given(one).when(
            ReclassifyIncident(incident_id=one.id, type=IncidentType.FIRE, urgency=Urgency.III, reason="x"),
            by=WORKER,
            now=FRIDAY,
        ).refused("无需更正")
        sooner = ReclassifyIncident(incident_id=one.id, type=IncidentType.FIRE, urgency=Urgency.I, reason="有明火")
        given(one).when(sooner, by=WORKER, now=FRIDAY).then(
            Incident.Reclassified, due_at=FRIDAY + timedelta(minutes=30)
        )

    def test_what_was_late_stays_late(self) -> None:
        one = reported()
        one.lapse(moment("11 17:10:01"))
        later = ReclassifyIncident(incident_id=one.id, type=IncidentType.FIRE, urgency=Urgency.III, reason="x")
        given(one).when(later, by=STREET, now=FRIDAY).then(Incident.Reclassified, due_at=one.due_at)


class TestHistory:
    def test_a_source_opens_no_limit_and_its_rows_are_taken_once(self) -> None:
        one = Incident.report(
            uuid4(),
            FRIDAY,
            type=IncidentType.OTHER,
            urgency=Urgency.III,
            division_code=VILLAGE,
            grid_code="",
            point=None,
            place="",
            text="",
            reporter_kind=ReporterKind.HOTLINE,
            reporter=None,
            phone=None,
            by="",
            limits=(),
            incident_no="A1",
        )
        for _ in range(2):
            one.report_handled(
                FRIDAY, row_key="1", state=IncidentState.HANDLING, org="甲队", measure="x", handled_on=FRIDAY.date()
            )
            one.report_handled(
                FRIDAY, row_key="", state=IncidentState.CLOSED, org="", measure=None, handled_on=FRIDAY.date()
            )
        assert set(one.subjects()) == set()
        assert (one.version, one.state, one.org, one.due_at) == (3, IncidentState.CLOSED, "甲队", None)
        one.lapse(moment("31 00:00"))
        assert one.version == 3
        one.reopen(FRIDAY, reason="再现", by="x", limits=(FRIDAY,))
        one.report_handled(
            FRIDAY, row_key="2", state=IncidentState.CLOSED, org="", measure=None, handled_on=FRIDAY.date()
        )
        assert (one.state, one.due_at) == (IncidentState.ACCEPTED, FRIDAY)  # what is decided here goes on here

    def test_an_older_row_that_comes_later_changes_nothing(self) -> None:
        one, day = reported(), FRIDAY.date()
        for key, state, on in (
            ("b", IncidentState.RESOLVED, day),
            ("a", IncidentState.HANDLING, day - timedelta(days=3)),
            ("c", IncidentState.CLOSED, day),
        ):
            one.report_handled(FRIDAY, row_key=key, state=state, org="", measure=None, handled_on=on)
        held = [e.holds for e in one.pending_events if isinstance(e, Incident.SourceHandled)]
        assert (held, one.state) == ([True, False, True], IncidentState.CLOSED)
        assert_replays(one)
