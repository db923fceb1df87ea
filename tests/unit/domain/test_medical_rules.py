"""Hospitals, categories and visits: who may be admitted, by which category, and whose window it is."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from domain.access import Actor, RoleCode
from domain.codes import HospitalLevel, HospitalState, InsuranceType, MaCategory, MedType, VisitState, Ward
from domain.errors import NotFound, RuleViolated
from domain.kernel import Aggregate
from domain.medical import Hospital, MedicalCategory, MedicalVisit
from domain.medical.category import better
from domain.medical.commands import (
    AdmitPatient,
    AdmitWard,
    BindDesk,
    DesignateHospital,
    DischargePatient,
    EndAgreement,
    EndMedicalCategory,
    HoldMedicalCategory,
    OpenMedicalCategory,
    ReleaseDesk,
    ReleaseMedicalCategory,
    RenewAgreement,
    ResumeHospital,
    SuspendHospital,
    UploadExpenses,
    VoidAdmission,
)
from domain.medical.visit import Expenses
from domain.rights import Account
from tests.unit.domain.medical_samples import (
    DESK,
    OTHER_DESK,
    admitted,
    categories,
    discharged,
    events_of,
    hospital,
    settled,
    year_of,
)
from tests.unit.domain.samples import CITIZEN_ID, VILLAGE, on, person
from tests.unit.domain.specification import CLERK, NOW, STREET, Given, assert_replays, given

PLACE = hospital()


class TestHospitals:
    def test_an_agreement_is_signed_once_and_then_renewed(self) -> None:
        command = DesignateHospital(
            code="H9",
            title="某医院",
            level=HospitalLevel.THIRD,
            agreement_no="协1",
            from_on=date(2016, 1, 1),
            to_on=date(2016, 12, 31),
        )
        made = given().when(command).then(Hospital.Created, division_code="440704", level=HospitalLevel.THIRD)
        assert made.id == Hospital.id_for("H9")
        given(made).when(command).refused("请办理续签")
        after = {"from_on": date(2017, 1, 1), "to_on": date(2017, 12, 31)}
        renew = RenewAgreement(hospital_id=made.id, level=HospitalLevel.SECOND, agreement_no="协2", **after)
        given(made).when(renew).then(Hospital.Renewed)
        assert (made.level, made.from_on, made.to_on) == (HospitalLevel.SECOND, date(2016, 1, 1), date(2017, 12, 31))

    def test_admits_only_within_its_term_unsuspended_and_to_wards_that_take_part(self) -> None:
        place = hospital()
        assert place.admits(date(2015, 12, 1))
        for day, ward, text in (
            (date(2013, 12, 31), None, "不在有效期内"),
            (date(2021, 1, 1), None, "不在有效期内"),
            (date(2015, 12, 1), Ward.HOME_BED, "家庭病床未纳入结算"),
        ):
            with pytest.raises(RuleViolated, match=text):
                place.demand_admitting(day, ward)
        ward = AdmitWard(hospital_id=place.id, ward=Ward.HOME_BED, from_on=date(2015, 1, 1), basis="江人社〔2015〕1号")
        given(place).when(ward).then(Hospital.WardAdmitted)
        given(place).when(ward).refused("已纳入结算")
        assert place.admits(date(2015, 12, 1), Ward.HOME_BED)
        stop = SuspendHospital(hospital_id=place.id, from_on=date(2015, 12, 5), reason="违规")
        given(place).when(stop).then(Hospital.Suspended)
        assert (place.admits(date(2015, 12, 4)), place.admits(date(2015, 12, 5))) == (True, False)
        given(place).when(stop).refused("不能暂停")
        go_on = ResumeHospital(hospital_id=place.id, from_on=date(2015, 12, 9), reason="整改完毕")
        given(place).when(go_on).then(Hospital.Resumed)
        given(place).when(go_on).refused("无需恢复")
        end = EndAgreement(hospital_id=place.id, last_on=date(2015, 12, 31), reason="协议期满")
        given(place).when(end).then(Hospital.Ended)
        assert (place.state, place.admits(date(2016, 1, 1))) == (HospitalState.ENDED, False)

    def test_a_window_needs_the_right_and_the_hospital(self) -> None:
        place, until = hospital(desk="另一账号"), date(2016, 12, 31)
        bind = BindDesk(hospital_id=place.id, account="窗口甲", from_on=NOW.date(), to_on=until)
        given(place).when(bind).refused("没有医院结算窗口权限")
        account = Account.open(NOW, account="窗口甲", division_code="440704")
        account.grant(
            NOW,
            right_id=uuid4(),
            role=RoleCode.HOSPITAL_DESK,
            division_code="440704",
            department="civil_affairs",
            from_on=NOW.date(),
            to_on=until,
            basis="协议",
            visitor_until=until,
        )
        given(place, account).when(bind).then(Hospital.DeskBound)
        assert place.has_desk("窗口甲", until)
        assert not place.has_desk("窗口甲", date(2017, 1, 1))
        release = ReleaseDesk(hospital_id=place.id, account="窗口甲", reason="离岗")
        given(place, account).when(release).then(Hospital.DeskReleased)
        given(place, account).when(release).refused("不是该医院的结算窗口账号")
        assert_replays(place)


class TestCategories:
    def test_the_best_of_a_day_counts(self) -> None:
        id = uuid4()
        mine = categories(id, MaCategory.MARGIN, to_on=date(2015, 12, 31))
        mine.open(on("2015-06-01"), category=MaCategory.DIBAO, from_on=date(2015, 7, 1), basis="个案", case_id=uuid4())
        days = [date(2014, 12, 31), date(2015, 6, 30), date(2015, 7, 1), date(2016, 1, 1)]
        found = [mine.category_on(day) for day in days]
        assert found == [MaCategory.NONE, MaCategory.MARGIN, MaCategory.DIBAO, MaCategory.DIBAO]
        assert better(MaCategory.NONE, MaCategory.ILLNESS_POOR) is MaCategory.ILLNESS_POOR
        assert_replays(mine)

    def test_what_a_case_gives_is_opened_and_ended_once(self) -> None:
        mine, case = categories(uuid4()), uuid4()
        mine.collect_events()
        for _ in range(2):
            mine.open(NOW, category=MaCategory.TEKUN, from_on=date(2015, 9, 1), basis="个案", case_id=case)
        for _ in range(2):
            mine.end(NOW, case_id=case, last_on=date(2015, 11, 30), reason="个案终止")
        assert events_of(mine) == ["Opened", "Ended"]
        assert mine.category_on(date(2015, 11, 30)) is MaCategory.TEKUN
        assert mine.category_on(date(2015, 12, 1)) is MaCategory.DIBAO
        mine.end_all(NOW, last_on=date(2015, 12, 1), reason="死亡")
        mine.end_all(NOW, last_on=date(2015, 12, 1), reason="死亡")
        assert events_of(mine) == ["Opened", "Ended", "Ended"]
        assert mine.category_on(date(2015, 12, 2)) is MaCategory.NONE
        mine.open(NOW, category=MaCategory.TEKUN, from_on=date(2016, 1, 1), basis="重新确认", case_id=case)
        assert mine.category_on(date(2016, 1, 1)) is MaCategory.TEKUN

    def test_by_hand(self) -> None:
        someone = person()
        opens: dict[str, Any] = {"person_id": someone.id, "from_on": date(2015, 12, 1)}
        command = OpenMedicalCategory(category=MaCategory.ILLNESS_POOR, basis="江民〔2015〕1号", **opens)
        mine = given(someone).when(command).then(MedicalCategory.Created, MedicalCategory.Opened, case_id=None)
        world = given(someone, mine)
        assert world.when(command).events == ()
        none = OpenMedicalCategory(category=MaCategory.NONE, basis="x", **opens)
        world.when(none).refused("不能作为救助身份登记")
        early = OpenMedicalCategory(category=MaCategory.TEKUN, basis="x", to_on=date(2015, 1, 1), **opens)
        world.when(early).refused("末日早于首日")
        world.when(OpenMedicalCategory(category=MaCategory.TEKUN, basis=" ", **opens)).refused("须写明依据")
        hold = HoldMedicalCategory(person_id=someone.id, reason="复核")
        world.when(hold, by=STREET).then(MedicalCategory.Held)
        assert world.when(hold, by=STREET).events == ()
        world.when(ReleaseMedicalCategory(person_id=someone.id, reason="无误")).then(MedicalCategory.Released)
        end = EndMedicalCategory(person_id=someone.id, last_on=date(2015, 12, 31), reason="期满")
        world.when(end).then(MedicalCategory.Ended)
        for nobody in (EndMedicalCategory, HoldMedicalCategory, ReleaseMedicalCategory):
            fields = {"last_on": date(2015, 1, 1)} if nobody is EndMedicalCategory else {}
            given(someone).when(nobody(person_id=someone.id, reason="x", **fields)).refused(
                "没有医疗救助身份", NotFound
            )


class TestAdmission:
    def command(self, **fields: Any) -> AdmitPatient:
        told = {
            "hospital_id": PLACE.id,
            "citizen_id": CITIZEN_ID.lower(),
            "visit_no": "J1",
            "med_type": MedType.INPATIENT,
            "insurance": InsuranceType.RESIDENT,
            "admitted_on": date(2015, 12, 1),
            "diagnosis": "肺炎",
            **fields,
        }
        return AdmitPatient(**told)

    def world(self, *more: Aggregate) -> Given:
        return given(PLACE, *more)

    def test_says_category_and_what_is_left(self) -> None:
        someone = person()
        mine, year = categories(someone.id, MaCategory.MARGIN), year_of(someone.id)
        settled(discharged(PLACE, someone.id, "J0", category=MaCategory.MARGIN), year=year)
        outcome = self.world(someone, mine, year).when(self.command(), by=DESK)
        visit = outcome.then(MedicalVisit.Created, MedicalVisit.CategoryResolved, category=MaCategory.MARGIN)
        standing = outcome.events[-1].standing  # type: ignore[attr-defined]
        assert tuple(standing) == (2015, 200_000, 200_000, 5_000_000, year.used.assistance_fen)
        assert visit.division_code == VILLAGE
        assert MedicalVisit.Created.KEY_HOLDER == MedicalVisit.Discharged.KEY_HOLDER == "person_id"

    def test_the_same_again_does_nothing_and_another_under_the_same_number_is_refused(self) -> None:
        someone = person()
        visit = admitted(PLACE, someone.id)
        assert self.world(someone, visit).when(self.command(), by=DESK).events == ()
        other = self.command(admitted_on=date(2015, 12, 2))
        self.world(someone, visit).when(other, by=DESK).refused("已用于另一次就诊")

    def test_refusals(self) -> None:
        someone = person()
        world = self.world(someone)
        world.when(self.command(citizen_id="x"), by=DESK).refused("没有登记此公民身份号码", NotFound)
        world.when(self.command(), by=OTHER_DESK).refused("不属于您所在的医院", NotFound)
        world.when(self.command(admitted_on=date(2013, 1, 1)), by=DESK).refused("不在有效期内")
        world.when(self.command(ward=Ward.GERIATRIC), by=DESK).refused("未纳入结算")
        world.when(self.command(admitted_on=date(2015, 12, 11)), by=DESK).refused("不能晚于今天")
        world.when(self.command(visit_no=" "), by=DESK).refused("就诊ID")
        dead = person()
        dead.report_death(on("2015-11-01"), died_on=date(2015, 11, 1), evidence="", confirmed_by="公安")
        self.world(dead).when(self.command(), by=DESK).refused("晚于该人员的死亡日期")

    def test_outpatients_need_no_ward(self) -> None:
        someone = person()
        place = hospital()
        place.admit_ward(on("2015-01-01"), ward=Ward.HOME_BED, from_on=date(2015, 1, 1), basis="文件")
        command = self.command(ward=Ward.HOME_BED, med_type=MedType.OUTPATIENT)
        given(place, someone).when(command, by=DESK).refused("按住院结算")
        given(place, someone).when(self.command(ward=Ward.HOME_BED), by=DESK).then(
            MedicalVisit.Created, MedicalVisit.CategoryResolved
        )

    def test_the_better_of_admission_and_discharge_counts(self) -> None:
        someone = person()
        mine = categories(someone.id, MaCategory.DIBAO, to_on=date(2015, 12, 5))
        mine.open(NOW, category=MaCategory.MARGIN, from_on=date(2015, 12, 6), basis="个案", case_id=uuid4())
        visit = self.world(someone, mine).when(self.command(), by=DESK).aggregates[0]
        assert isinstance(visit, MedicalVisit)
        leave = DischargePatient(visit_id=visit.id, discharged_on=date(2015, 12, 9), diagnosis="痊愈")
        self.world(someone, mine, visit).when(leave, by=DESK).then(
            MedicalVisit.Discharged,
            MedicalVisit.CategoryResolved,
            on_that_day=MaCategory.MARGIN,
            category=MaCategory.DIBAO,
        )
        later = person(citizen_id="110105194912310038")
        gains = categories(later.id, MaCategory.TEKUN, from_on=date(2015, 12, 5))
        second = admitted(PLACE, later.id, "J2")
        leave = DischargePatient(visit_id=second.id, discharged_on=date(2015, 12, 9))
        self.world(later, gains, second).when(leave, by=DESK).then(
            MedicalVisit.Discharged, MedicalVisit.CategoryResolved, category=MaCategory.TEKUN
        )

    def test_whoever_is_in_hospital_when_the_case_ends_or_dies_keeps_it(self) -> None:
        someone = person()
        mine = categories(someone.id)
        visit = self.world(someone, mine).when(self.command(), by=DESK).aggregates[0]
        assert isinstance(visit, MedicalVisit)
        mine.end_all(on("2015-12-03"), last_on=date(2015, 12, 3), reason="死亡")
        leave = DischargePatient(visit_id=visit.id, discharged_on=date(2015, 12, 4))
        self.world(someone, mine, visit).when(leave, by=DESK).then(
            MedicalVisit.Discharged, MedicalVisit.CategoryResolved, category=MaCategory.DIBAO
        )


class TestExpenses:
    def test_add_up(self) -> None:
        visit = admitted(PLACE, uuid4())
        world = given(PLACE, visit)
        fields = {"visit_id": visit.id, "total_fen": 1_000, "in_scope_fen": 700}
        parts = {"own_expense_fen": 100, "over_limit_fen": 150, "first_share_fen": 50}
        world.when(UploadExpenses(**fields, **parts), by=DESK).then(
            MedicalVisit.ExpensesUploaded, expenses=Expenses(1_000, 700, 100, 150, 50)
        )
        assert world.when(UploadExpenses(**fields, **parts), by=DESK).events == ()
        world.when(UploadExpenses(**fields), by=DESK).refused("相差 -300 分")
        wrong = {**parts, "own_expense_fen": -100}
        world.when(UploadExpenses(**fields, **wrong), by=DESK).refused("不能为负数")

    def test_of_a_settled_visit_stay_as_they_are(self) -> None:
        visit, year = discharged(PLACE, uuid4()), year_of(uuid4())
        bill = settled(visit, year=year)
        world = given(PLACE, visit, bill, year)
        more = UploadExpenses(visit_id=visit.id, total_fen=1, in_scope_fen=1)
        world.when(more, by=DESK).refused("已有结算 S1")
        world.when(VoidAdmission(visit_id=visit.id, reason="误登"), by=DESK).refused("已有结算 S1")

    def test_a_mistaken_registration_is_taken_back(self) -> None:
        visit = admitted(PLACE, uuid4())
        void = VoidAdmission(visit_id=visit.id, reason="误登")
        made = given(PLACE, visit).when(void, by=DESK).then(MedicalVisit.Voided)
        assert made.state is VisitState.VOIDED
        given(PLACE, visit).when(void, by=DESK).refused("已撤销")
        leave = DischargePatient(visit_id=visit.id, discharged_on=date(2015, 12, 9))
        given(PLACE, visit).when(leave, by=DESK).refused("不能办理出院")

    def test_nobody_leaves_before_coming(self) -> None:
        visit = admitted(PLACE, uuid4())
        for day in (date(2015, 11, 30), date(2015, 12, 11)):
            leave = DischargePatient(visit_id=visit.id, discharged_on=day)
            given(PLACE, visit).when(leave, by=CLERK).refused("出院日期不能早于")

    def test_stays_overlap_beyond_the_day_of_a_transfer(self) -> None:
        id = uuid4()
        first, second = discharged(PLACE, id, "J1"), admitted(PLACE, id, "J2", admitted_on=date(2015, 12, 1))
        third = admitted(PLACE, id, "J3", med_type=MedType.OUTPATIENT)
        assert first.overlaps(second)
        assert not first.overlaps(first)
        assert not first.overlaps(third)
        second.admitted_on = date(2015, 12, 9)
        assert not first.overlaps(second)
        assert Actor("x", RoleCode.HOSPITAL_DESK, "440704").areas == frozenset()
