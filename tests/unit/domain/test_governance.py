"""Decisions by four meetings and two postings, elections, light records, and the people who help."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given as with_any
from hypothesis import strategies as st

from domain.access import Actor, RoleCode
from domain.civic import CadreAllowance, CommunityRecord, Election, SocialWorker, VillageDecision, Volunteer
from domain.civic.commands import (
    CertifySocialWorker,
    ChangeSocialWorker,
    CorrectCommunityRecord,
    CorrectDecisionStep,
    CorrectElection,
    CorrectVolunteerService,
    EndCommunityRecord,
    EndSocialWorker,
    EnrolVolunteer,
    HoldElection,
    LeaveVolunteer,
    LogVolunteerService,
    MakeCommunityRecord,
    ProposeDecision,
    SetCadreAllowance,
    TakeDecisionStep,
)
from domain.civic.committee import Seats
from domain.civic.decision import Vote
from domain.codes import CommunityRecordKind, DecisionStep, RecordResult, WorkerGrade
from domain.errors import RuleViolated
from domain.kernel import personal_fields, tags_of
from tests.unit.domain.samples import OTHER_VILLAGE, VILLAGE, on, person
from tests.unit.domain.specification import CLERK, NOW, STREET, given, history

WORKER = Actor("worker", RoleCode.COMMUNITY_WORKER, VILLAGE)
COMMUNITY = "440704004001"
VOTE = {"eligible_count": 60, "present_count": 50, "for_count": 26, "against_count": 20}


class TestVillageDecision:
    def proposed(self) -> VillageDecision:
        return VillageDecision.propose(
            uuid4(),
            on("2015-11-02"),
            matter="修建文化室",
            held_on=date(2015, 11, 1),
            division_code=VILLAGE,
            by="worker",
        )

    def step(self, made: VillageDecision, step: DecisionStep, day: int, **vote: int) -> TakeDecisionStep:
        return TakeDecisionStep(decision_id=made.id, step=step, held_on=date(2015, 11, day), **vote)

    def test_all_steps_in_their_order(self) -> None:
        given().when(ProposeDecision(matter="修建文化室", held_on=date(2015, 11, 1)), by=WORKER).then(
            VillageDecision.Created, division_code=VILLAGE
        )
        made = self.proposed()
        world = given(made)
        for day, step in enumerate(tuple(DecisionStep)[1:], start=5):
            vote = VOTE if step in (DecisionStep.REVIEWED, DecisionStep.RESOLVED) else {}
            world.when(self.step(made, step, day, **vote), by=WORKER).then(VillageDecision.StepTaken, agreed=True)
        assert made.ended
        world.when(self.step(made, DecisionStep.RESULT_PUBLISHED, 20), by=WORKER).refused("结束，不能继续")

    def test_none_is_left_out_or_before_the_last(self) -> None:
        made = self.proposed()
        world = given(made)
        world.when(self.step(made, DecisionStep.REVIEWED, 5, **VOTE), by=WORKER).refused("下一步是“村“两委”会商议”")
        world.when(self.step(made, DecisionStep.CONSULTED, 5, **VOTE), by=WORKER).refused("不登记表决人数")
        world.when(self.step(made, DecisionStep.CONSULTED, 5), by=WORKER).then(VillageDecision.StepTaken)
        world.when(self.step(made, DecisionStep.REVIEWED, 4, **VOTE), by=WORKER).refused("不能早于上一步")
        world.when(self.step(made, DecisionStep.REVIEWED, 6), by=WORKER).refused("须登记表决人数")
        world.when(self.step(made, DecisionStep.REVIEWED, 6, for_count=3), by=WORKER).refused("同时填写")
        few = {**VOTE, "present_count": 40}
        world.when(self.step(made, DecisionStep.REVIEWED, 6, **few), by=WORKER).refused("表决人数有误")

    def test_half_is_not_more_than_half_and_a_slip_is_put_right_by_name(self) -> None:
        made = self.proposed()
        made.take(NOW, step=DecisionStep.CONSULTED, vote=None, note="", held_on=date(2015, 11, 2), by="worker")
        half = {**VOTE, "for_count": 25}
        given(made).when(self.step(made, DecisionStep.REVIEWED, 6, **half), by=WORKER).then(
            VillageDecision.StepTaken, agreed=False
        )
        assert made.ended
        told: dict[str, Any] = {"decision_id": made.id, "held_on": date(2015, 11, 6), **VOTE}
        given(made).when(CorrectDecisionStep(note="", **told), by=WORKER).refused("更正须写明原因")
        given(made).when(CorrectDecisionStep(note="漏计 1 票", **told), by=WORKER).then(
            VillageDecision.StepTaken, agreed=True, corrects_version=3
        )
        assert not made.ended
        assert made.step is DecisionStep.REVIEWED


class TestCommittees:
    def command(self, **fields: Any) -> HoldElection:
        told = {"division_code": VILLAGE, "year": 2014, "held_on": date(2014, 3, 20), "committee_count": 5}
        return HoldElection(**{**told, "cross_count": 5, "one_person": True, **fields})

    def test_an_election_once_a_term_and_corrected_by_name(self) -> None:
        made = given().when(self.command(), by=STREET).then(Election.Created, seats=Seats(5, 5, True, 0, 0))
        given(made).when(self.command(), by=STREET).refused("已登记")
        fixed = {"election_id": made.id, "committee_count": 5, "one_person": True, "reason": "误填"}
        given(made).when(CorrectElection(cross_count=5, **fixed), by=STREET).refused("无须更正")
        given(made).when(CorrectElection(cross_count=4, **fixed), by=STREET).then(
            Election.Corrected, corrects_version=1
        )
        assert made.seats.cross_count == 4

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"cross_count": 6}, "不能多于成员人数"),
            ({"committee_count": 0, "cross_count": 0}, "至少一人"),
            ({"division_code": "440704004"}, "12 位"),
            ({"held_on": date(2016, 3, 20)}, "不能晚于今天"),
            ({"voted_count": 3}, "不能多于登记"),
        ],
    )
    def test_refusals(self, fields: dict[str, Any], said: str) -> None:
        given().when(self.command(**fields), by=STREET).refused(said)

    def test_allowances_by_year_and_corrected_by_name(self) -> None:
        told: dict[str, Any] = {"division_code": VILLAGE, "year": 2015, "person_months": 60}
        made = (
            given()
            .when(SetCadreAllowance(total_fen=15_000_000, **told), by=STREET)
            .then(CadreAllowance.Created, CadreAllowance.YearSet, corrects_version=None)
        )
        given(made).when(SetCadreAllowance(total_fen=15_000_000, **told), by=STREET).refused("无须更正")
        given(made).when(SetCadreAllowance(total_fen=15_600_000, **told), by=STREET).then(
            CadreAllowance.YearSet, corrects_version=2
        )
        assert [each.total_fen for each in made.years] == [15_600_000]
        none = SetCadreAllowance(division_code=VILLAGE, year=2015, person_months=0, total_fen=0)
        given().when(none, by=STREET).refused("人月数应大于 0")


class TestCommunityRecords:
    def command(self, kind: CommunityRecordKind, result: RecordResult, **fields: Any) -> MakeCommunityRecord:
        return MakeCommunityRecord(kind=kind, result=result, held_on=date(2014, 6, 1), **fields)

    def test_each_kind_has_its_division_and_results(self) -> None:
        kinds, results = CommunityRecordKind, RecordResult
        given().when(self.command(kinds.SUPERVISION_COMMITTEE, results.DONE), by=WORKER).then(CommunityRecord.Created)
        given().when(
            self.command(kinds.SUPERVISION_COMMITTEE, results.DONE, division_code=COMMUNITY), by=STREET
        ).refused("社区不登记")
        given().when(self.command(kinds.FAMILY_CENTRE, results.DONE), by=STREET).then(
            CommunityRecord.Created, division_code="440704004"
        )
        given().when(self.command(kinds.FAMILY_CENTRE, results.DONE), by=WORKER).refused("按街道登记")
        given().when(self.command(kinds.PUBLIC_STATION, results.TITLED), by=WORKER).refused("结果应为：已建立")
        given().when(self.command(kinds.MODEL_UNIT, results.TITLED), by=WORKER).refused("由街道或区登记")
        given().when(self.command(kinds.CONSULTATION, results.AGREED, participants=-1), by=WORKER).refused("负数")

    def test_completed_then_titled_then_ended(self) -> None:
        kind = CommunityRecordKind.MODEL_COMMUNITY
        made = (
            given()
            .when(self.command(kind, RecordResult.DONE, division_code=VILLAGE), by=CLERK)
            .then(CommunityRecord.Created)
        )
        told = {"record_id": made.id, "held_on": date(2015, 1, 8), "reason": "获国家命名"}
        given(made).when(CorrectCommunityRecord(result=RecordResult.TITLED, **told), by=WORKER).refused("街道或区")
        given(made).when(CorrectCommunityRecord(result=RecordResult.TITLED, **told), by=CLERK).then(
            CommunityRecord.Corrected, corrects_version=1
        )
        end = EndCommunityRecord(record_id=made.id, ended_on=date(2015, 12, 1), reason="复核取消")
        given(made).when(end, by=CLERK).then(CommunityRecord.Ended)
        given(made).when(end, by=CLERK).refused("不能重复终止")

    def test_a_consultation_was_held_and_does_not_end(self) -> None:
        made = (
            given()
            .when(self.command(CommunityRecordKind.CONSULTATION, RecordResult.AGREED, participants=23), by=WORKER)
            .then(CommunityRecord.Created)
        )
        given(made).when(
            EndCommunityRecord(record_id=made.id, ended_on=date(2015, 12, 1), reason="x"), by=CLERK
        ).refused("不能终止")


class TestPeople:
    def test_a_social_worker_is_a_person_of_the_registry_once(self) -> None:
        who = person()
        command = CertifySocialWorker(
            person_id=who.id, grade=WorkerGrade.ASSISTANT, certificate="粤 0123", certified_on=date(2014, 6, 1)
        )
        made = given(who).when(command).then(SocialWorker.Created, division_code=VILLAGE)
        first = history(made)[0]
        assert personal_fields(SocialWorker.Created) == ("certificate",)
        assert f"person:{who.id}" in tags_of(made, first)
        assert "0123" not in first.gist()
        given(who, made).when(command).refused("已登记为持证社工")
        change = {"social_worker_id": made.id, "changed_on": date(2015, 6, 1)}
        given(made).when(ChangeSocialWorker(grade=WorkerGrade.ASSISTANT, **change)).refused("无须变更")
        given(made).when(ChangeSocialWorker(grade=WorkerGrade.SOCIAL_WORKER, **change)).then(SocialWorker.Changed)
        end = EndSocialWorker(social_worker_id=made.id, reason="迁出", ended_on=date(2015, 12, 1))
        given(made).when(end).then(SocialWorker.Ended)
        given(made).when(end).refused("已注销")
        given(who, made).when(command).then(SocialWorker.Restored, grade=WorkerGrade.ASSISTANT)
        assert made.active
        made.go_along(NOW, to_division_code=OTHER_VILLAGE, moved_on=NOW.date())
        made.go_along(NOW, to_division_code=OTHER_VILLAGE, moved_on=NOW.date())
        assert [type(event) for event in history(made)][-2:] == [SocialWorker.Restored, SocialWorker.Moved]

    def volunteer(self, who: UUID | None = None) -> Volunteer:
        return Volunteer.enrol(on("2015-11-01"), person_id=who or uuid4(), division_code=VILLAGE, by="worker")

    def test_a_volunteer_logs_time_that_is_corrected_by_name(self) -> None:
        who = person()
        made = given(who).when(EnrolVolunteer(person_id=who.id), by=WORKER).then(Volunteer.Created)
        given(who, made).when(EnrolVolunteer(person_id=who.id), by=WORKER).refused("不重复登记")
        helper = self.volunteer()
        log = {"volunteer_id": helper.id, "activity": "探访独居老人", "served_on": date(2015, 11, 20)}
        given(helper).when(LogVolunteerService(minutes=120, **log), by=WORKER).then(Volunteer.Served, no=1)
        given(helper).when(LogVolunteerService(minutes=1_321, **log), by=WORKER).refused("当日已登记 120 分钟")
        given(helper).when(LogVolunteerService(minutes=0, **log), by=WORKER).refused("服务时间有误")
        early = {**log, "served_on": date(2015, 10, 31)}
        given(helper).when(LogVolunteerService(minutes=10, **early), by=WORKER).refused("服务日期应在")
        fix = {"volunteer_id": helper.id, "no": 1, "activity": "记错"}
        given(helper).when(CorrectVolunteerService(minutes=90, **fix), by=WORKER).then(
            Volunteer.Served, corrects_version=2, former_minutes=120
        )
        given(helper).when(CorrectVolunteerService(minutes=90, **fix), by=WORKER).refused("没有变化")
        assert helper.minutes == 90
        leave = LeaveVolunteer(volunteer_id=helper.id, reason="迁出")
        given(helper).when(leave, by=WORKER).then(Volunteer.Left)
        given(helper).when(leave, by=WORKER).refused("不能重复注销")
        given(helper).when(LogVolunteerService(minutes=10, **log), by=WORKER).refused("已注销")
        helper.rejoin(NOW, by="worker")
        helper.go_along(NOW, to_division_code=OTHER_VILLAGE, moved_on=NOW.date())
        assert (helper.minutes, helper.active, helper.division_code) == (90, True, OTHER_VILLAGE)

    @with_any(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1_500), st.booleans()), max_size=30))
    def test_time_served_is_what_the_events_add_up_to(self, tries: list[tuple[int, int, bool]]) -> None:
        helper = self.volunteer()
        for no, minutes, fix in tries:
            try:
                if fix:
                    helper.correct_service(NOW, no=no, minutes=minutes, activity="x", by="worker")
                else:
                    helper.serve(NOW, activity="x", minutes=minutes, served_on=date(2015, 11, 2 + no), by="worker")
            except RuleViolated:
                continue
        served = [event for event in history(helper) if isinstance(event, Volunteer.Served)]
        assert sum(event.minutes - event.former_minutes for event in served) == helper.minutes
        days = {each.served_on for each in helper.services}
        for day in days:
            assert sum(each.minutes for each in helper.services if each.served_on == day) <= 24 * 60


@with_any(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100))
def test_only_more_than_half_of_those_present_agree(present: int, for_count: int, against: int) -> None:
    made = VillageDecision.propose(
        uuid4(), on("2015-11-02"), matter="x", held_on=date(2015, 11, 1), division_code=VILLAGE, by="worker"
    )
    made.take(NOW, step=DecisionStep.CONSULTED, vote=None, note="", held_on=date(2015, 11, 2), by="worker")
    vote = Vote(100, present, for_count, against)
    if for_count + against > present:
        with pytest.raises(RuleViolated):
            made.take(NOW, step=DecisionStep.REVIEWED, vote=vote, note="", held_on=date(2015, 11, 3), by="worker")
        return
    made.take(NOW, step=DecisionStep.REVIEWED, vote=vote, note="", held_on=date(2015, 11, 3), by="worker")
    assert made.ended == (for_count <= present - for_count)
