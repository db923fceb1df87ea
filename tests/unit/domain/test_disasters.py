"""Disasters and what is reported of them: every step once, every refusal, and what comes late."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.access import Actor, RoleCode
from domain.codes import CasualtyKind, CasualtyState, DisasterKind, DisasterState, ReportStage, ResponseLevel
from domain.errors import BadInput, NotFound, RuleViolated
from domain.relief import Affected, Casualty, Disaster, DisasterReports
from domain.relief.commands import (
    BeginDisasterRecovery,
    ChangeCasualty,
    ChangeDisasterArea,
    CloseDisaster,
    CorrectDisasterReport,
    EvacuatePersons,
    FileDisasterReport,
    FileZeroReport,
    LaunchDisasterResponse,
    OpenDisasterReporting,
    RecordCasualty,
    RecordDisasterOccurrence,
    RegisterDisaster,
    ResumeDisaster,
    StabiliseDisaster,
)
from domain.relief.figures import Figures, disagreements, impossible, total
from tests.unit.domain.reliefs import STREET_CODE, STRUCK, moment, reporting, struck, warned
from tests.unit.domain.samples import VILLAGE, person
from tests.unit.domain.specification import NOW, STREET, given, history, rebuilt

WORKER = Actor("community", RoleCode.COMMUNITY_WORKER, VILLAGE)
SOME = Figures(affected_count=120, evacuated_count=40, injured_count=2, collapsed_rooms=3, loss_fen=5_000_000)
FOUR_DAYS = timedelta(days=4)


class TestRegistering:
    def command(self, **fields: object) -> RegisterDisaster:
        told = {"kind": DisasterKind.FLOOD, "title": "外海洪涝", "affected_codes": (VILLAGE,), "occurred_at": STRUCK}
        return RegisterDisaster(**{**told, **fields})  # type: ignore[arg-type]  # as named

    def test_what_struck_starts_the_clock_and_opens_the_reports_of_district_and_street(self) -> None:
        outcome = given().when(self.command())
        outcome.then(
            Disaster.Created,
            Disaster.Occurred,
            DisasterReports.Created,
            DisasterReports.Created,
            division_code=STREET_CODE,
            due_at=STRUCK + timedelta(hours=1),
        )
        occurred, district = outcome.events[1], outcome.events[2]
        assert isinstance(occurred, Disaster.Occurred)
        assert occurred.relief_by == STRUCK + timedelta(hours=12)
        assert occurred.alarm_at == STRUCK + timedelta(hours=8)
        assert occurred.list_by == NOW + timedelta(hours=1)
        assert isinstance(district, DisasterReports.Created)
        assert (district.division_code, district.due_at) == ("440704", STRUCK + timedelta(hours=2))

    def test_the_whole_district_means_every_street(self) -> None:
        outcome = given().when(self.command(affected_codes=("440704",)))
        units = [e.division_code for e in outcome.events if isinstance(e, DisasterReports.Created)]
        assert units == ["440704", "440704001", "440704004", "440704005"]

    def test_a_street_records_its_own_and_reports_alone(self) -> None:
        outcome = given().when(self.command(), by=STREET)
        outcome.then(Disaster.Created, Disaster.Occurred, DisasterReports.Created, division_code=STREET_CODE)

    def test_a_warning_starts_nothing(self) -> None:
        warning = self.command(occurred_at=None, warning="区气象台 暴雨橙色预警")
        disaster = given().when(warning).then(Disaster.Created)
        assert disaster.state is DisasterState.WARNED

    def test_a_polygon_is_kept_in_whole_numbers(self) -> None:
        ring = ([1_131_000_000, 225_000_000], [1_132_000_000, 225_000_000], [1_132_000_000, 226_000_000])
        disaster = given().when(self.command(area=ring)).aggregates[0]
        assert isinstance(disaster, Disaster)
        assert disaster.area[1] == (1_132_000_000, 225_000_000)

    def test_refusals(self) -> None:
        world = given()
        world.when(self.command(occurred_at=None)).refused("尚未发生的请填写预警")
        world.when(self.command(title=" ")).refused("写明灾害名称")
        world.when(self.command(affected_codes=())).refused("至少填写一个")
        world.when(self.command(affected_codes=("440704999",))).refused("440704999", BadInput)
        world.when(self.command(affected_codes=("440704005",)), by=STREET).refused("不在登记单位")
        world.when(self.command(occurred_at=NOW + timedelta(minutes=1))).refused("发生时间不能晚于现在")
        world.when(self.command(area=((1, 2), (3, 4)))).refused("三个不同的点")
        world.when(self.command(area=((1, 2, 3),))).refused("两个整数")
        world.when(self.command(area=((1, 2), (3, 4), (1_900_000_000, 5)))).refused("乘以一千万")


class TestCourse:
    def test_from_warning_to_end(self) -> None:
        disaster = warned()
        world = given(disaster)
        struck_now = RecordDisasterOccurrence(disaster_id=disaster.id, occurred_at=STRUCK)
        outcome = world.when(struck_now)
        outcome.then(Disaster.Occurred, *[DisasterReports.Created] * 4)
        units = [each for each in outcome.aggregates if isinstance(each, DisasterReports)]
        world = given(disaster, *units)
        launch = LaunchDisasterResponse(disaster_id=disaster.id, level=ResponseLevel.IV, grounds="预案 5.1")
        world.when(launch).then(Disaster.Responded, former_level=None)
        world.when(launch).refused("不重复启动")
        higher = LaunchDisasterResponse(disaster_id=disaster.id, level=ResponseLevel.III, grounds="指挥部令")
        world.when(higher).then(Disaster.Responded, former_level=ResponseLevel.IV)
        world.when(StabiliseDisaster(disaster_id=disaster.id)).then(
            Disaster.Stabilised, *[DisasterReports.Stabilised] * 4, due_at=moment("2015-12-15 23:59")
        )
        flared = ResumeDisaster(disaster_id=disaster.id, reason="上游再涨水")
        world.when(flared).then(Disaster.FlaredUp, *[DisasterReports.Resumed] * 4, due_at=moment("2015-12-11 09:00"))
        assert disaster.state is DisasterState.RESPONDING
        world.when(BeginDisasterRecovery(disaster_id=disaster.id)).refused("须为：已核报")
        disaster.stabilise(NOW, stable_at=NOW, by="x")
        disaster.verify(NOW, report_no=3, by="x")
        world.when(BeginDisasterRecovery(disaster_id=disaster.id)).then(Disaster.RecoveryBegun)
        world.when(CloseDisaster(disaster_id=disaster.id, note=" ")).refused("写明结束的情况")
        world.when(CloseDisaster(disaster_id=disaster.id, note="重建完成")).then(Disaster.Closed)
        world.when(flared).refused("已结束")

    def test_a_warning_that_did_not_come_true_is_closed(self) -> None:
        disaster = warned()
        given(disaster).when(CloseDisaster(disaster_id=disaster.id, note="预警解除")).then(Disaster.Closed)

    def test_it_reaches_another_street_which_has_to_report_too(self) -> None:
        disaster = struck()
        reports = reporting(disaster)
        wider = ChangeDisasterArea(disaster_id=disaster.id, affected_codes=("440704004", "440704005"))
        outcome = given(disaster, reports).when(wider)
        outcome.then(Disaster.AreaChanged, DisasterReports.Created, DisasterReports.Created, division_code="440704005")

    def test_the_district_takes_part_in_what_a_street_recorded(self) -> None:
        disaster = struck(division_code=STREET_CODE)
        own = reporting(disaster, STREET_CODE)
        world = given(disaster, own)
        world.when(OpenDisasterReporting(disaster_id=disaster.id)).then(DisasterReports.Created, division_code="440704")
        again = OpenDisasterReporting(disaster_id=disaster.id, division_code=STREET_CODE)
        world.when(again).refused("已是报灾单位")
        elsewhere = OpenDisasterReporting(disaster_id=disaster.id, division_code="440704005")
        world.when(elsewhere).refused("不在“台风试验”的受灾范围内")

    def test_a_street_does_not_end_what_the_district_reports_and_does_not_verify_its_own(self) -> None:
        disaster = struck(division_code=STREET_CODE)
        own, district = reporting(disaster, STREET_CODE), reporting(disaster)
        stable = StabiliseDisaster(disaster_id=disaster.id)
        given(disaster, own, district).when(stable, by=STREET).refused("请由区级登记灾情稳定")
        given(disaster, own).when(stable, by=STREET).then(Disaster.Stabilised, DisasterReports.Stabilised)
        late = OpenDisasterReporting(disaster_id=disaster.id)
        given(disaster, own).when(late).refused("灾情已稳定，不再增加报灾单位")
        own.file(NOW, stage=ReportStage.INITIAL, figures=SOME, as_of=NOW, by="x")
        verified = FileDisasterReport(disaster_id=disaster.id, stage=ReportStage.VERIFIED, division_code=STREET_CODE)
        history(own)
        given(disaster, own).when(verified, by=STREET).refused("核报由区级办理")
        given(disaster, own).when(verified).then(DisasterReports.Filed, Disaster.Verified)

    def test_stable_is_not_before_it_struck(self) -> None:
        disaster = struck()
        before = StabiliseDisaster(disaster_id=disaster.id, stable_at=STRUCK - timedelta(minutes=1))
        given(disaster).when(before).refused("不能早于灾害发生")

    def test_people_evacuated_on_the_warning_have_their_clock_from_when_it_strikes(self) -> None:
        disaster, who = warned(), person()
        shelter = uuid4()
        world = given(disaster, who)
        early = EvacuatePersons(disaster_id=disaster.id, person_ids=(who.id,), facility_id=shelter)
        outcome = world.when(early, by=WORKER, now=STRUCK - timedelta(hours=2))
        affected = outcome.then(Affected.Created, Affected.Evacuated, facility_id=shelter)
        assert (affected.relief_by, affected.waiting_count) == (None, 1)
        world = given(disaster, who, affected)
        outcome = world.when(RecordDisasterOccurrence(disaster_id=disaster.id, occurred_at=STRUCK))
        outcome.then(Disaster.Occurred, *[DisasterReports.Created] * 4, Affected.ClockStarted)
        assert affected.relief_by == STRUCK + timedelta(hours=12)


class TestVulnerable:
    def test_listed_once_and_added_to(self) -> None:
        disaster, ids = struck(), tuple(uuid4() for _ in range(3))
        assert disaster.list_vulnerable(NOW, ids) == ids
        assert disaster.list_vulnerable(NOW, ids) == ()
        later = uuid4()
        assert disaster.list_vulnerable(NOW, (*ids, later)) == (later,)
        listed = [e for e in history(disaster) if isinstance(e, Disaster.VulnerableListed)]
        assert [e.listed_ids for e in listed] == [ids, (later,)]
        assert rebuilt(history(disaster)) == disaster

    def test_a_long_list_comes_in_parts_and_an_empty_one_says_that_somebody_looked(self) -> None:
        many, none = struck(), struck()
        many.list_vulnerable(NOW, [uuid4() for _ in range(2001)])
        parts = [e for e in history(many) if isinstance(e, Disaster.VulnerableListed)]
        assert [(len(e.listed_ids), e.complete) for e in parts] == [(1000, False), (1000, False), (1, True)]
        none.list_vulnerable(NOW, ())
        none.list_vulnerable(NOW, ())
        assert [e.complete for e in history(none) if isinstance(e, Disaster.VulnerableListed)] == [True]

    def test_only_of_what_struck(self) -> None:
        with pytest.raises(RuleViolated, match="预警”，不能列出重点人员"):
            warned().list_vulnerable(NOW, ())

    def test_the_alarm_goes_off_once_from_its_hour_on_where_people_wait(self) -> None:
        disaster = struck()
        eight = STRUCK + timedelta(hours=8)
        disaster.alarm(eight - timedelta(minutes=1), waiting_count=5)
        disaster.alarm(eight, waiting_count=0)
        assert not [e for e in history(disaster) if isinstance(e, Disaster.AlarmRaised)]
        for _ in range(2):
            disaster.alarm(eight, waiting_count=5)
        (alarm,) = [e for e in history(disaster) if isinstance(e, Disaster.AlarmRaised)]
        assert (alarm.waiting_count, alarm.relief_by) == (5, STRUCK + timedelta(hours=12))


class TestReports:
    def command(
        self, disaster: Disaster, stage: ReportStage = ReportStage.INITIAL, **fields: object
    ) -> FileDisasterReport:
        told = {"affected_count": 120, "evacuated_count": 40, "loss_fen": 5_000_000, **fields}
        return FileDisasterReport(disaster_id=disaster.id, stage=stage, **told)  # type: ignore[arg-type]  # as named

    def test_in_time_and_late(self) -> None:
        disaster = struck()
        reports = reporting(disaster)
        world = given(disaster, reports)
        in_time = world.when(self.command(disaster), now=STRUCK + timedelta(hours=2))
        in_time.then(
            DisasterReports.Filed,
            report_no=1,
            late=False,
            due_at=STRUCK + timedelta(hours=2),
            next_due_at=moment("2015-12-11 09:00"),
        )
        late = reporting(disaster, STREET_CODE, 1)
        outcome = given(disaster, late).when(self.command(disaster), by=STREET, now=STRUCK + timedelta(hours=3))
        outcome.then(DisasterReports.Missed, DisasterReports.Filed, late=True, due_at=STRUCK + timedelta(hours=1))

    def test_every_day_until_it_is_stable(self) -> None:
        disaster = struck()
        reports = reporting(disaster)
        world = given(disaster, reports)
        world.when(FileZeroReport(disaster_id=disaster.id)).refused("尚未初报")
        world.when(self.command(disaster), now=STRUCK + timedelta(hours=1)).then(DisasterReports.Filed)
        world.when(self.command(disaster)).refused("已经初报")
        zero = FileZeroReport(disaster_id=disaster.id)
        evening = moment("2015-12-10 20:00")
        world.when(zero, now=evening).then(  # of the first day still: the morning's stays due
            DisasterReports.Filed, due_at=None, late=False, next_due_at=moment("2015-12-11 09:00")
        )
        world.when(zero, now=moment("2015-12-11 08:30")).then(
            DisasterReports.Filed, stage=ReportStage.ZERO, late=False, next_due_at=moment("2015-12-12 09:00")
        )
        follow_up = self.command(disaster, ReportStage.FOLLOW_UP, injured_count=1)
        world.when(follow_up, now=moment("2015-12-12 10:00")).then(
            DisasterReports.Missed,
            DisasterReports.Filed,
            late=True,
            due_at=moment("2015-12-12 09:00"),
            next_due_at=moment("2015-12-13 09:00"),
        )
        assert reports.latest is not None
        assert reports.latest.figures.injured_count == 1

    def test_missed_days_are_recorded_once_each_by_whoever_looks(self) -> None:
        reports = reporting(struck())
        for _ in range(2):
            reports.lapse(moment("2015-12-12 10:00"))
        missed = [e for e in history(reports) if isinstance(e, DisasterReports.Missed)]
        assert [e.due_at for e in missed] == [
            *(moment("2015-12-10 08:00"), moment("2015-12-11 09:00"), moment("2015-12-12 09:00"))
        ]
        reports.lapse(moment("2015-12-13 09:00"))
        assert reports.due_at == moment("2015-12-13 09:00")
        assert rebuilt(history(reports)) == reports

    def test_verified_by_the_owner_within_five_days(self) -> None:
        disaster = struck()
        reports = reporting(disaster)
        world = given(disaster, reports)
        verified = self.command(disaster, ReportStage.VERIFIED)
        world.when(self.command(disaster)).then(DisasterReports.Missed, DisasterReports.Filed)
        world.when(verified).refused("灾情尚未稳定")
        world.when(StabiliseDisaster(disaster_id=disaster.id)).then(Disaster.Stabilised, DisasterReports.Stabilised)
        world.when(FileZeroReport(disaster_id=disaster.id)).refused("灾情已稳定，请报核报")
        world.when(verified, now=NOW + FOUR_DAYS).then(DisasterReports.Filed, Disaster.Verified, report_no=2)
        assert (reports.due_at, disaster.state) == (None, DisasterState.VERIFIED)
        world.when(self.command(disaster, ReportStage.FOLLOW_UP), now=NOW + FOUR_DAYS).refused("已核报")

    def test_a_verified_report_after_the_fifth_day_is_late(self) -> None:
        disaster = struck()
        reports = reporting(disaster)
        reports.file(NOW, stage=ReportStage.INITIAL, figures=SOME, as_of=NOW, by="x")
        disaster.stabilise(NOW, stable_at=NOW, by="x")
        reports.stabilise(NOW, due_at=moment("2015-12-15 23:59"))
        late = NOW + timedelta(days=6)
        outcome = given(disaster, reports).when(self.command(disaster, ReportStage.VERIFIED), now=late)
        outcome.then(DisasterReports.Missed, DisasterReports.Filed, Disaster.Verified)
        filed = outcome.events[1]
        assert isinstance(filed, DisasterReports.Filed)
        assert filed.late

    def test_a_verified_report_counts_whom_the_list_names(self) -> None:
        disaster = struck()
        reports = reporting(disaster)
        reports.file(NOW, stage=ReportStage.INITIAL, figures=SOME, as_of=NOW, by="x")
        disaster.stabilise(NOW, stable_at=NOW, by="x")
        reports.stabilise(NOW, due_at=None)
        world = given(disaster, reports)
        dead = self.command(disaster, ReportStage.VERIFIED, dead_count=1)
        world.when(dead).refused("核报因灾死亡 1 人，名单上 0 人")
        entry = RecordCasualty(
            disaster_id=disaster.id, kind=CasualtyKind.DEAD, name="拟某甲", happened_at=STRUCK, division_code=VILLAGE
        )
        casualty = world.when(entry).then(Casualty.Created)
        given(disaster, reports, casualty).when(dead).then(DisasterReports.Filed, Disaster.Verified)

    def test_a_correction_names_what_it_corrects_and_both_stay(self) -> None:
        disaster = struck()
        reports = reporting(disaster)
        reports.file(NOW, stage=ReportStage.INITIAL, figures=SOME, as_of=NOW, by="x")
        world = given(disaster, reports)
        right = CorrectDisasterReport(disaster_id=disaster.id, report_no=1, note="录入错误", affected_count=12)
        world.when(right).then(DisasterReports.Filed, corrects=1, report_no=2, stage=ReportStage.INITIAL, late=False)
        assert reports.latest is not None
        assert reports.latest.figures.affected_count == 12
        assert reports.reports[1].figures == SOME
        assert reports.reports[1].corrected_by == 2
        assert reports.due_at == moment("2015-12-11 09:00")
        world.when(right).refused("已由第 2 号更正")
        again = CorrectDisasterReport(disaster_id=disaster.id, report_no=2, note="", affected_count=13)
        world.when(again).refused("须写明原因")
        same = CorrectDisasterReport(disaster_id=disaster.id, report_no=2, note="x", affected_count=12)
        world.when(same).refused("与原报告相同")
        unknown = CorrectDisasterReport(disaster_id=disaster.id, report_no=7, note="x", affected_count=12)
        world.when(unknown).refused("没有第 7 号")

    def test_the_district_sums_up_its_streets(self) -> None:
        disaster = struck(affected_codes=("440704004", "440704005"))
        own, one, two = (reporting(disaster, unit) for unit in ("440704", "440704004", "440704005"))
        world = given(disaster, own, one, two)
        summed = self.command(disaster, affected_count=0, evacuated_count=0, loss_fen=0, sum_units=True)
        one.file(NOW, stage=ReportStage.INITIAL, figures=SOME, as_of=NOW, by="x")
        history(one)
        world.when(summed).refused("440704005 尚未初报")
        two.file(NOW, stage=ReportStage.INITIAL, figures=SOME, as_of=NOW, by="x")
        history(two)
        world.when(summed).then(DisasterReports.Missed, DisasterReports.Filed, figures=total((SOME, SOME)))
        lonely = given(struck(division_code=STREET_CODE))
        lonely_disaster = next(iter(lonely.aggregates.values()))
        assert isinstance(lonely_disaster, Disaster)
        unit = reporting(lonely_disaster, STREET_CODE)
        alone = given(lonely_disaster, unit)
        alone.when(self.command(lonely_disaster, sum_units=True), by=STREET).refused("没有下级报灾单位")

    def test_refusals(self) -> None:
        disaster = struck()
        reports = reporting(disaster)
        world = given(disaster, reports)
        world.when(self.command(disaster, affected_count=-1)).refused("受灾人口不能为负数")
        world.when(self.command(disaster, evacuated_count=121)).refused("紧急转移安置人口不能多于受灾人口")
        world.when(self.command(disaster, injured_count=121)).refused("合计不能多于受灾人口")
        early = self.command(disaster, as_of=STRUCK - timedelta(minutes=1))
        world.when(early).refused("不能早于灾害发生")
        world.when(self.command(disaster, as_of=NOW + timedelta(minutes=1))).refused("不能晚于现在")
        world.when(self.command(disaster, ReportStage.ZERO)).refused("请用“零报告”")
        world.when(self.command(disaster), by=STREET).refused("nothing", NotFound)
        warning = warned()
        given(warning).when(self.command(warning)).refused("尚未登记发生")
        reports.file(NOW, stage=ReportStage.INITIAL, figures=Figures(9, dead_count=1), as_of=NOW, by="x")
        history(reports)
        world.when(self.command(disaster, ReportStage.FOLLOW_UP)).refused("死亡人数比上一次报告减少")
        explained = self.command(disaster, ReportStage.FOLLOW_UP, note="经法医认定非因灾死亡")
        world.when(explained).then(DisasterReports.Filed)
        before = self.command(disaster, ReportStage.FOLLOW_UP, as_of=STRUCK)
        world.when(before).refused("早于上一次报告")

    def test_history_from_a_source_makes_nothing_due(self) -> None:
        disaster = warned()
        disaster.report_occurred(NOW, occurred_at=STRUCK)
        assert (disaster.alarm_at, disaster.relief_by) == (None, None)
        reports = DisasterReports.open(
            NOW, disaster_id=disaster.id, division_code=VILLAGE, occurred_at=STRUCK, daily_hour=9, due_at=None
        )
        odd = Figures(affected_count=1, evacuated_count=5)
        reports.report_filed(NOW, stage=ReportStage.INITIAL, figures=odd, as_of=NOW)
        reports.report_filed(NOW, stage=ReportStage.VERIFIED, figures=odd, as_of=NOW)
        reports.lapse(NOW + timedelta(days=99))
        assert not [e for e in history(reports) if isinstance(e, DisasterReports.Missed)]
        assert list(impossible(odd)) == ["紧急转移安置人口不能多于受灾人口"]


class TestCasualties:
    def entry(self, disaster: Disaster, person_id: UUID | None = None, **fields: object) -> RecordCasualty:
        told = {
            "kind": CasualtyKind.MISSING,
            "name": "拟某甲",
            "happened_at": STRUCK,
            "division_code": VILLAGE,
            **fields,
        }
        return RecordCasualty(disaster_id=disaster.id, person_id=person_id, **told)  # type: ignore[arg-type]

    def test_a_registered_person_is_sealed_under_their_own_key_a_stranger_under_the_entrys(self) -> None:
        disaster, who = struck(), person()
        world = given(disaster, who)
        known = world.when(self.entry(disaster, who.id)).then(Casualty.Created, holder_id=who.id)
        stranger = world.when(self.entry(disaster)).then(Casualty.Created)
        assert stranger.holder_id == stranger.id
        again = given(disaster, who, known).when(self.entry(disaster, who.id))
        again.refused("已登记为“失踪”")

    def test_missing_people_are_found_or_dead_and_wrong_entries_withdrawn(self) -> None:
        disaster = struck()
        casualty = given(disaster).when(self.entry(disaster)).then(Casualty.Created)
        world = given(disaster, casualty)

        def change(state: CasualtyState, grounds: str = "派出所证明") -> ChangeCasualty:
            return ChangeCasualty(casualty_id=casualty.id, state=state, grounds=grounds)

        world.when(change(CasualtyState.DEAD, " ")).refused("写明依据")
        world.when(change(CasualtyState.DEAD)).then(Casualty.Changed, state=CasualtyState.DEAD)
        world.when(change(CasualtyState.FOUND)).refused("已登记死亡")
        world.when(change(CasualtyState.WITHDRAWN)).then(Casualty.Changed)
        world.when(change(CasualtyState.DEAD)).refused("此登记已撤销")

    def test_refusals(self) -> None:
        disaster = struck()
        world = given(disaster)
        world.when(self.entry(disaster, name=" ")).refused("填写姓名")
        world.when(self.entry(disaster, division_code="440704005211")).refused("不在“台风试验”的受灾范围内")
        world.when(self.entry(disaster, uuid4())).refused("nothing", NotFound)


counted = st.builds(Figures, *(st.integers(0, 10**6) for _ in range(11)))


@drawn(st.lists(counted, max_size=5))
def test_sums_agree_with_themselves_and_name_what_does_not(parts: list[Figures]) -> None:
    whole = total(parts)
    assert disagreements(whole, total(reversed(parts))) == ()
    assert [d.figure for d in disagreements(whole + Figures(dead_count=1), whole)] == ["dead_count"]


@drawn(st.lists(st.integers(0, 72), min_size=1, max_size=12))
def test_whatever_comes_when_each_due_report_is_filed_in_time_late_or_missed(hours: list[int]) -> None:
    """Nothing due passes unseen: each due moment before the end is answered or recorded as missed, once."""
    reports = reporting(struck())
    for number, hour in enumerate(sorted(hours)):
        at = STRUCK + timedelta(hours=hour, minutes=1)
        stage = ReportStage.FOLLOW_UP if number else ReportStage.INITIAL
        reports.file(at, stage=stage, figures=SOME, as_of=at, by="x")
    end = STRUCK + timedelta(days=5)
    reports.lapse(end)
    events = history(reports)
    missed = [e.due_at for e in events if isinstance(e, DisasterReports.Missed)]
    filed = [e for e in events if isinstance(e, DisasterReports.Filed)]
    assert len(set(missed)) == len(missed)
    assert all(e.late == (e.due_at is not None and e.timestamp > e.due_at) for e in filed)
    assert all(e.due_at in missed for e in filed if e.late)
    days = {due.date() for due in missed} | {e.due_at.date() for e in filed if e.due_at} | {STRUCK.date()}
    filed_days = {e.timestamp.date() for e in filed}
    assert all((STRUCK + timedelta(days=n)).date() in days | filed_days for n in range(1, 5))
