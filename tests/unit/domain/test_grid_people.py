"""Residents, visits to them, clues to their needs, and moves that are only reported."""

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from domain.access import Actor, RoleCode
from domain.clock import at, completed_years
from domain.codes import (
    ClueNeed,
    ClueState,
    GridLevel,
    GridVisitResult,
    Living,
    ResidentEnd,
    Tenure,
    VisitPurpose,
)
from domain.errors import BadInput, NotFound
from domain.grid import Grid, MoveReport, NeedClue, Resident
from domain.grid.alone import AloneUnvisited, born_by
from domain.grid.commands import (
    AcceptNeedClue,
    AllocateGridVisits,
    AllocateMonthlyVisits,
    AnswerNeedClue,
    CancelNeedClue,
    ConfirmMove,
    DeclineNeedClue,
    EndResident,
    FeedBackNeedClue,
    LinkNeedClue,
    LogGridVisit,
    RejectMove,
    ReportMove,
    ReportNeedClue,
    ResumeResident,
    SurveyResident,
)
from domain.grid.limits import end_of
from domain.grid.resident import resident_id
from domain.kernel import tags_of
from domain.registry import Person
from domain.registry.commands import ReportDeath
from tests.unit.domain.samples import OTHER_VILLAGE, VILLAGE, applied, person
from tests.unit.domain.specification import CLERK, NOW, STREET, assert_replays, given, history
from tests.unit.domain.test_grid_map import CODE, NEXT, grid

WALKER = Actor("网格员甲", RoleCode.GRID_WORKER, VILLAGE)
OTHER = Actor("网格员乙", RoleCode.GRID_WORKER, VILLAGE)
WORKER = Actor("村干部丁", RoleCode.COMMUNITY_WORKER, VILLAGE)
TODAY = NOW.date()


def walked() -> Grid:
    """The first grid, answered for by the grid worker."""
    one = grid()
    one.assign(NOW, worker=WALKER.name, deputy=False, from_on=TODAY, to_on=None)
    return one


def survey(who: Person, **fields: object) -> SurveyResident:
    said: dict[str, object] = {"living": Living.ALONE, "surveyed_on": TODAY, "grid_code": CODE, **fields}
    return SurveyResident(person_id=who.id, **said)  # type: ignore[arg-type]


def listed(who: Person) -> Resident:
    """Lives alone in the first grid."""
    return given(who, walked()).when(survey(who), by=WALKER).then(Resident.Created, Resident.Surveyed)


def visit(who: Person, result: GridVisitResult = GridVisitResult.WELL, **fields: object) -> LogGridVisit:
    return LogGridVisit(person_id=who.id, result=result, visited_on=TODAY, **fields)  # type: ignore[arg-type]


def asked(*who: Person, **fields: object) -> AllocateGridVisits:
    said: dict[str, object] = {"purpose": VisitPurpose.ALONE_80, "due_on": date(2015, 12, 31), **fields}
    return AllocateGridVisits(person_ids=tuple(p.id for p in who), **said)  # type: ignore[arg-type]


class TestSurveys:
    def test_list_somebody_once_by_their_own_id(self) -> None:
        who = person()
        one = listed(who)
        assert (one.id, one.grid_code, one.living) == (resident_id(who.id), CODE, Living.ALONE)
        again = survey(who, living=Living.WITH_FAMILY, grid_code="", tenure=Tenure.OWNED)
        one = given(who, one, grid()).when(again, by=WALKER).then(Resident.Surveyed)
        assert (one.living, one.grid_code) == (Living.WITH_FAMILY, CODE)
        created, *_ = history(one)
        assert f"person:{who.id}" in tags_of(one, created)

    def test_follow_them_to_another_grid(self) -> None:
        who = person()
        one = listed(who)
        moved = given(who, one, grid(), grid(NEXT)).when(survey(who, grid_code=NEXT), by=WALKER)
        assert moved.then(Resident.Moved, Resident.Surveyed).grid_code == NEXT

    def test_are_of_the_living_and_of_the_past(self) -> None:
        who = person()
        given(who, grid()).when(survey(who, surveyed_on=date(2016, 1, 1)), by=WALKER).refused("不能晚于今天")
        who.report_moved_out(NOW, to_place="外地", moved_on=TODAY)
        given(who, grid()).when(survey(who), by=WALKER).refused("迁出")

    def test_copy_nothing_of_the_person(self) -> None:
        one = listed(person(name="拟某甲", phone="13800000000", address="一巷1号"))
        for event in history(one):
            assert not any(text in repr(event) for text in ("拟某甲", "13800000000", "一巷"))


class TestVisits:
    def test_are_given_to_the_grids_worker_of_the_day(self) -> None:
        first, second = person(), person(citizen_id=None)
        one, two = listed(first), listed(second)
        done = given(one, two, walked()).when(asked(first, second), by=WORKER)
        done.then(Resident.VisitAllocated, Resident.VisitAllocated, worker=WALKER.name)
        ids = {each.allocated[0].visit_id for each in (one, two)}
        assert len(ids) == 2

    def test_go_to_nobody_where_the_grid_has_none(self) -> None:
        who = person()
        given(listed(who), grid()).when(asked(who), by=WORKER).refused("无网格员")
        given(listed(who), grid()).when(asked(who, worker="志愿者"), by=WORKER).then(Resident.VisitAllocated)

    def test_of_one_purpose_are_open_once(self) -> None:
        who = person()
        one, world = listed(who), walked()
        one = given(one, world).when(asked(who), by=WORKER).then(Resident.VisitAllocated)
        given(one, world).when(asked(who), by=WORKER).refused("无需重复")
        known = one.allocated[0].visit_id
        one = given(one, world).when(asked(who, worker=OTHER.name), by=WORKER).then(Resident.VisitAllocated)
        assert [(each.visit_id, each.worker) for each in one.allocated] == [(known, OTHER.name)]

    def test_of_whom_the_grid_does_not_know_are_not_given_out(self) -> None:
        who = person()
        given(who).when(asked(who), by=WORKER).refused("先采集居民信息", NotFound)
        given().when(asked(), by=WORKER).refused("1 至 100 人", BadInput)
        elsewhere = Actor("别村", RoleCode.COMMUNITY_WORKER, OTHER_VILLAGE)
        given(listed(who), walked()).when(asked(who), by=elsewhere).refused("管辖范围", NotFound)

    def test_made_when_somebody_was_met(self) -> None:
        who = person()
        one = given(listed(who), walked()).when(asked(who), by=WORKER).then(Resident.VisitAllocated)
        owed = one.allocated[0].visit_id
        missed = given(who, one).when(visit(who, GridVisitResult.NOT_MET, note="无人应门"), by=WALKER)
        one = missed.then(Resident.VisitLogged, done=())
        assert (one.visited_on, len(one.allocated)) == (None, 1)
        one = given(who, one).when(visit(who), by=OTHER).then(Resident.VisitLogged, done=())  # not theirs to make
        assert one.visited_on == TODAY
        deputy = Actor(OTHER.name, RoleCode.GRID_WORKER, VILLAGE, acts_for=WALKER.name)
        one = given(who, one).when(visit(who), by=deputy).then(Resident.VisitLogged, done=(owed,), by=OTHER.name)
        assert one.allocated == ()

    @pytest.mark.parametrize("result", [r for r in GridVisitResult if r is not GridVisitResult.WELL])
    def test_that_found_something_say_what(self, result: GridVisitResult) -> None:
        who = person()
        given(who).when(visit(who, result), by=WALKER).refused("写明情况")
        given(who).when(visit(who, result, note="x"), by=WALKER).then(Resident.Created, Resident.VisitLogged)

    def test_are_nobodys_once_the_resident_left(self) -> None:
        who = person()
        one = given(listed(who), walked()).when(asked(who), by=WORKER).then(Resident.VisitAllocated)
        end = EndResident(person_id=who.id, reason=ResidentEnd.MISTAKE, from_on=TODAY)
        one = given(one).when(end, by=WORKER).then(Resident.VisitCancelled, Resident.Ended)
        given(one).when(end, by=WORKER).refused("无需重复")
        given(who, one).when(visit(who), by=WALKER).refused("不再列入网格")
        given(one).when(ResumeResident(person_id=who.id, from_on=TODAY), by=WORKER).then(Resident.Resumed)


class TestMonthlyVisits:
    def test_are_given_out_to_the_end_of_the_month_once(self) -> None:
        first, second, third = person(), person(citizen_id=None), person(citizen_id=None)
        one, two = listed(first), listed(second)
        homeless = Resident.enter(NOW, person_id=third.id, grid_code="", division_code=VILLAGE, from_on=TODAY)
        command = AllocateMonthlyVisits(division_code=VILLAGE)
        alone = tuple(p.id for p in (first, second, third))
        world = given(one, two, homeless, walked()).reading(AloneUnvisited, alone)
        done = world.when(command, by=WORKER)
        done.then(Resident.VisitAllocated, Resident.VisitAllocated, due_on=date(2015, 12, 31), worker=WALKER.name)
        world.when(command, by=WORKER).refused("没有可以分派的")

    @pytest.mark.parametrize(
        ("day", "latest"),
        [("2016-02-29", "1936-02-29"), ("2017-02-28", "1937-02-28"), ("2016-03-01", "1936-03-01")],
    )
    def test_of_those_who_are_old_enough_that_day(self, day: str, latest: str) -> None:
        on = date.fromisoformat(day)
        assert born_by(on, 80) == date.fromisoformat(latest)
        assert completed_years(born_by(on, 80), on) == 80
        assert completed_years(born_by(on, 80) + timedelta(days=1), on) == 79


class TestWhatHappensElsewhere:
    def test_a_move_takes_a_resident_along_once(self) -> None:
        who = person()
        one = given(listed(who), walked()).when(asked(who), by=WORKER).then(Resident.VisitAllocated)
        for _ in range(2):
            one.transfer(NOW, to_division_code=OTHER_VILLAGE, moved_on=TODAY)
        assert (one.division_code, one.grid_code, one.allocated) == (OTHER_VILLAGE, "", ())
        assert [type(e).__name__ for e in one.pending_events] == ["VisitCancelled", "Moved"]
        for _ in range(2):
            one.end(NOW, reason=ResidentEnd.DECEASED, from_on=TODAY)
        for _ in range(2):
            one.resume(NOW, from_on=TODAY)
        assert [type(e).__name__ for e in one.pending_events[2:]] == ["Ended", "Resumed"]
        assert_replays(one)

    def test_a_clue_is_moved_linked_and_cancelled_once(self) -> None:
        one = found()
        for _ in range(2):
            one.transfer(NOW, to_division_code=OTHER_VILLAGE, moved_on=TODAY)
        one.accept(NOW, by="x", limits=(TODAY,))
        case = uuid4()
        for _ in range(2):
            one.link_case(NOW, case_id=case, by="x")
        for _ in range(2):
            one.cancel(NOW, reason="死亡", by="minzheng")
        names = [type(e).__name__ for e in one.pending_events]
        assert names == ["Transferred", "Accepted", "CaseLinked", "Cancelled"]
        assert one.due_on is None
        assert_replays(one)

    def test_visits_of_a_source_are_taken_once(self) -> None:
        one = listed(person())
        for _ in range(2):
            one.report_visit(
                NOW,
                record="a",
                row_key="7",
                result=GridVisitResult.WELL,
                note=None,
                by="来源",
                visited_on=date(2014, 5, 1),
            )
            one.report_living(NOW, living=Living.ALONE, tenure=Tenure.UNKNOWN, on=TODAY)
        assert [type(e).__name__ for e in one.pending_events] == ["VisitLogged"]
        assert one.visited_on == date(2014, 5, 1)


def clue(who: Person, need: ClueNeed = ClueNeed.TEMP) -> ReportNeedClue:
    return ReportNeedClue(person_id=who.id, need=need, text="近日住院，无力支付")


def found(who: Person | None = None) -> NeedClue:
    who = who or person()
    return given(who).when(clue(who), by=WALKER).then(NeedClue.Created, accept_by=date(2015, 12, 14))


class TestClues:
    def test_are_taken_on_answered_and_told(self) -> None:
        one = found()
        given(one).when(AnswerNeedClue(clue_id=one.id, answer="x"), by=WORKER).refused("不能答复")
        one = (
            given(one)
            .when(AcceptNeedClue(clue_id=one.id), by=WORKER)
            .then(NeedClue.Accepted, found_by=WALKER.name, answer_by=date(2015, 12, 24))
        )
        given(one).when(AcceptNeedClue(clue_id=one.id), by=WORKER).refused("不能受理")
        one = (
            given(one)
            .when(AnswerNeedClue(clue_id=one.id, answer="已给予临时救助"), by=STREET)
            .then(NeedClue.Answered, feedback_by=date(2015, 12, 14), found_by=WALKER.name)
        )
        one = given(one).when(FeedBackNeedClue(clue_id=one.id, note="当面告知"), by=WORKER).then(NeedClue.FedBack)
        assert one.state is ClueState.CLOSED
        given(one).when(CancelNeedClue(clue_id=one.id, reason="x"), by=WORKER).refused("无需终止")

    def test_are_declined_with_a_reason(self) -> None:
        one = found()
        given(one).when(DeclineNeedClue(clue_id=one.id, reason=" "), by=WORKER).refused("写明理由")
        one = given(one).when(DeclineNeedClue(clue_id=one.id, reason="已享受"), by=WORKER).then(NeedClue.Declined)
        given(one).when(FeedBackNeedClue(clue_id=one.id, note="x"), by=WORKER).then(NeedClue.FedBack)

    def test_of_one_kind_are_open_once_a_person(self) -> None:
        who = person()
        one = found(who)
        given(who, one).when(clue(who), by=OTHER).refused("不重复上报")
        given(who, one).when(clue(who, ClueNeed.HOUSING), by=OTHER).then(NeedClue.Created)
        one.cancel(NOW, reason="误报", by="x")
        given(who, one).when(clue(who), by=OTHER).then(NeedClue.Created)

    def test_of_the_dead_are_none(self) -> None:
        who = person()
        who.report_death(NOW, died_on=TODAY, evidence="x", confirmed_by="公安")
        given(who).when(clue(who), by=WALKER).refused("已死亡")

    def test_become_cases_of_the_same_person(self) -> None:
        who, stranger = person(), applied()
        one = found(who)
        case = applied(members=(who.id,))
        given(one, case).when(LinkNeedClue(clue_id=one.id, case_id=case.id), by=WORKER).refused("不能转为个案")
        one = given(one).when(AcceptNeedClue(clue_id=one.id), by=WORKER).then(NeedClue.Accepted)
        given(one, stranger).when(LinkNeedClue(clue_id=one.id, case_id=stranger.id), by=WORKER).refused("不是该个案")
        one = given(one, case).when(LinkNeedClue(clue_id=one.id, case_id=case.id), by=WORKER).then(NeedClue.CaseLinked)
        assert f"case:{case.id}" in set(one.subjects())
        given(one).when(DeclineNeedClue(clue_id=one.id, reason="x"), by=WORKER).refused("按个案结果答复")

    def test_go_up_when_their_day_has_passed(self) -> None:
        one = found()
        one.lapse(end_of(date(2015, 12, 14)))
        assert one.level is GridLevel.COMMUNITY
        one.lapse(at(date(2015, 12, 15)))
        assert (one.level, one.due_on) == (GridLevel.STREET, date(2015, 12, 16))
        given(one).when(AcceptNeedClue(clue_id=one.id), by=WORKER).refused("请由街道办理")
        one.lapse(at(date(2015, 12, 18)))
        one.lapse(at(date(2015, 12, 25)))
        one.lapse(at(date(2016, 1, 25)))
        assert (one.level, one.due_on, one.version) == (GridLevel.DISTRICT, None, 4)
        given(one).when(AcceptNeedClue(clue_id=one.id), by=CLERK).then(NeedClue.Accepted, level=GridLevel.DISTRICT)
        assert_replays(one)


class TestChanges:
    def test_a_grid_workers_death_is_a_report_only(self) -> None:
        who = person()
        command = ReportDeath(person_id=who.id, died_on=TODAY, evidence="入户走访")
        who = given(who).when(command, by=WALKER).then(Person.DeathReported)
        assert not who.death_confirmed

    def test_a_reported_move_moves_nobody_until_confirmed(self) -> None:
        who = person()
        command = ReportMove(person_id=who.id, moved_on=TODAY, evidence="入户走访", to_division_code=OTHER_VILLAGE)
        report = given(who).when(command, by=WALKER).then(MoveReport.Created, confirm_by=date(2015, 12, 15))
        assert who.division_code == VILLAGE
        given(who, report).when(command, by=WALKER).refused("无需重复上报")
        given(who, report).when(ConfirmMove(report_id=report.id), by=WORKER).then(MoveReport.Confirmed, Person.Moved)
        assert who.division_code == OTHER_VILLAGE
        given(who, report).when(ConfirmMove(report_id=report.id), by=WORKER).refused("已确认")

    def test_out_of_the_district_too(self) -> None:
        who = person()
        command = ReportMove(person_id=who.id, moved_on=TODAY, evidence="邻居反映", to_place="广州市")
        report = given(who).when(command, by=WALKER).then(MoveReport.Created)
        given(who, report).when(ConfirmMove(report_id=report.id), by=WORKER).then(MoveReport.Confirmed, Person.MovedOut)

    def test_what_is_not_so_changes_nothing(self) -> None:
        who = person()
        command = ReportMove(person_id=who.id, moved_on=TODAY, evidence="x", to_place="广州市")
        report = given(who).when(command, by=WALKER).then(MoveReport.Created)
        given(report).when(RejectMove(report_id=report.id, reason="暂住子女家"), by=WORKER).then(MoveReport.Rejected)
        assert not who.moved_out

    @pytest.mark.parametrize(
        ("to", "wrong"),
        [
            ({}, "填写迁入的区划代码"),
            ({"to_place": "x", "to_division_code": OTHER_VILLAGE}, "填写迁入的区划代码"),
            ({"to_division_code": VILLAGE}, "相同"),
            ({"to_place": "x", "moved_on": TODAY + timedelta(days=1)}, "不能晚于今天"),
        ],
    )
    def test_says_where_to_and_when(self, to: dict[str, object], wrong: str) -> None:
        who = person()
        said: dict[str, object] = {"person_id": who.id, "moved_on": TODAY, "evidence": "x", **to}
        given(who).when(ReportMove(**said), by=WALKER).refused(wrong)  # type: ignore[arg-type]


def test_a_resident_has_one_id() -> None:
    assert resident_id(UUID(int=1)) == resident_id(UUID(int=1)) != resident_id(UUID(int=2))
