"""Benefits: who applies, approves and grants; what is due when; how it is held, ended, taken up again, handed over."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.access import Actor, RoleCode
from domain.care import Benefit, BenefitPayment, DisabilityCertificate
from domain.care.benefits.amounts import Known
from domain.care.benefits.basis import NOTHING, Basis
from domain.care.commands import (
    AdjustBenefit,
    ApplyForBenefit,
    ApproveBenefit,
    EndBenefit,
    FindBenefitOverpayment,
    GrantBenefit,
    HoldBenefit,
    RecordLifeProof,
    RefuseBenefit,
    ReinstateBenefit,
    ReleaseBenefit,
    ResumeBenefit,
    SuspendBenefit,
    TransferBenefit,
    WithdrawBenefit,
)
from domain.clock import at, first_day, next_month
from domain.codes import (
    BenefitEnd,
    BenefitHold,
    BenefitKind,
    BenefitState,
    CareLevel,
    DisabilityCategory,
    DisabilityGrade,
    Guarantee,
    LifeProof,
    PaymentKind,
    PopulationKind,
    Scheme,
)
from domain.kernel import tags_of
from domain.registry import Person
from tests.unit.domain.samples import OTHER_VILLAGE, PARAMETERS, VILLAGE, on, paying, person
from tests.unit.domain.specification import assert_replays, given, history

WORKER = Actor("村甲", RoleCode.COMMUNITY_WORKER, VILLAGE)
OFFICER = Actor("街乙", RoleCode.STREET_OFFICER, "440704004")
CLERK = Actor("区丙", RoleCode.DISTRICT_CLERK, "440704")
TODAY = date(2016, 5, 10)
NOW = at(TODAY, 9)
AGE = BenefitKind.OLD_AGE_ALLOWANCE


def elder(birth_on: date = date(1930, 1, 1), **fields: Any) -> Person:
    return person(citizen_id=None, birth_on=birth_on, **fields)


def applied(who: Person, kind: BenefitKind = AGE, basis: Basis = NOTHING, applied_on: date = TODAY) -> Benefit:
    return Benefit.apply_for(
        uuid4(),
        at(applied_on, 9),
        person_id=who.id,
        kind=kind,
        basis=basis,
        applied_on=applied_on,
        division_code=VILLAGE,
        by=WORKER.name,
        review_by=date(2016, 5, 24),
    )


def approved(who: Person, kind: BenefitKind = AGE, basis: Basis = NOTHING, applied_on: date = TODAY) -> Benefit:
    benefit = applied(who, kind, basis, applied_on)
    benefit.approve(at(applied_on, 10), by=OFFICER.name, decide_by=date(2016, 5, 24))
    return benefit


def granted(
    who: Person, kind: BenefitKind = AGE, basis: Basis = NOTHING, applied_on: date = date(2016, 1, 8)
) -> Benefit:
    benefit = approved(who, kind, basis, applied_on)
    known = Known(VILLAGE, who.birth_on, True, basis)
    benefit.grant(at(applied_on, 11), by=CLERK.name, known=known, parameters=PARAMETERS, lines={})
    return benefit


def certificate(
    who: Person, category: str = "4", grade: str = "1", valid_to_on: date | None = None
) -> DisabilityCertificate:
    return DisabilityCertificate.certify(
        on("2015-06-01"),
        person_id=who.id,
        category=DisabilityCategory(category),
        grade=DisabilityGrade(grade),
        from_on=date(2015, 6, 1),
        valid_to_on=valid_to_on,
        division_code=VILLAGE,
    )


def paid(benefit: Benefit, month: str, amount_fen: int = 3_000) -> BenefitPayment:
    return BenefitPayment.report_issued(
        BenefitPayment.id_for(benefit.id, month),
        at(first_day(month)),
        benefit_id=benefit.id,
        person_id=benefit.person_id,
        benefit=benefit.kind,
        kind=PaymentKind.REGULAR,
        month=month,
        amount_fen=amount_fen,
        division_code=VILLAGE,
        account="6222",
        batch_no="B",
        fund_source="区财政",
        effective_on=first_day(month),
    )


def dues(benefit: Benefit, *months: str) -> list[int | None]:
    return [benefit.amount_for(month) for month in months]


class TestApplying:
    def test_an_application_waits_for_the_street(self) -> None:
        who = elder()
        benefit = (
            given(who)
            .when(ApplyForBenefit(person_id=who.id, kind=AGE), WORKER, NOW)
            .then(Benefit.Created, kind=AGE, by="村甲", review_by=date(2016, 5, 24), division_code=VILLAGE)
        )
        assert benefit.state is BenefitState.APPLIED
        (first,) = history(benefit)
        assert set(tags_of(benefit, first)) >= {f"person:{who.id}", f"benefit:{benefit.id}", f"division:{VILLAGE}"}

    def test_not_long_before_the_age(self) -> None:
        who = elder(date(1936, 8, 31))
        world = given(who)
        world.when(ApplyForBenefit(person_id=who.id, kind=AGE), WORKER, NOW).then(Benefit.Created)
        later = elder(date(1936, 9, 1))
        given(later).when(ApplyForBenefit(person_id=later.id, kind=AGE), WORKER, NOW).refused("2016-09 才到龄")

    def test_only_for_the_registered(self) -> None:
        who = elder(kind=PopulationKind.FLOATING)
        given(who).when(ApplyForBenefit(person_id=who.id, kind=AGE), WORKER, NOW).refused("不是本地户籍")

    def test_once_only(self) -> None:
        who = elder()
        given(who, granted(who)).when(ApplyForBenefit(person_id=who.id, kind=AGE), WORKER, NOW).refused("不能重复申请")
        home = BenefitKind.NURSING_HOME
        given(who, granted(who)).when(ApplyForBenefit(person_id=who.id, kind=home), WORKER, NOW).then(Benefit.Created)

    def test_not_for_the_dead(self) -> None:
        who = elder()
        who.confirm_death(on("2016-02-01"), died_on=date(2016, 1, 30), confirmed_by="公安")
        given(who).when(ApplyForBenefit(person_id=who.id, kind=AGE), WORKER, NOW).refused("已死亡")

    def test_not_in_the_future(self) -> None:
        who = elder()
        command = ApplyForBenefit(person_id=who.id, kind=AGE, applied_on=date(2016, 5, 11))
        given(who).when(command, WORKER, NOW).refused("不能晚于今天")


class TestThreeHands:
    def test_approved_then_granted_with_the_amount_of_every_month(self) -> None:
        who = elder(date(1926, 4, 9))
        benefit = applied(who, applied_on=date(2016, 2, 3))
        benefit = given(who, benefit).when(ApproveBenefit(benefit_id=benefit.id), OFFICER, NOW).then(Benefit.Approved)
        done = given(who, benefit).when(GrantBenefit(benefit_id=benefit.id), CLERK, NOW)
        done.then(Benefit.Granted, Benefit.AmountChanged, old_fen=3_000, new_fen=10_000, from_on=date(2016, 4, 1))
        assert dues(benefit, "2016-01", "2016-02", "2016-03", "2016-04", "2020-01") == [
            None,
            3_000,
            3_000,
            10_000,
            10_000,
        ]
        assert benefit.start_month == "2016-02"

    @pytest.mark.parametrize("by", ["村甲", "街乙"])
    def test_nobody_takes_two_steps(self, by: str) -> None:
        who = elder()
        benefit = approved(who)
        same = Actor(by, RoleCode.DISTRICT_CLERK, "440704")
        given(who, benefit).when(GrantBenefit(benefit_id=benefit.id), same, NOW).refused("请由其他经办人")
        fresh = applied(who)
        again = Actor("村甲", RoleCode.STREET_OFFICER, "440704004")
        given(who, fresh).when(ApproveBenefit(benefit_id=fresh.id), again, NOW).refused("请由其他经办人")

    def test_not_before_the_street_approved(self) -> None:
        who = elder()
        benefit = applied(who)
        given(who, benefit).when(GrantBenefit(benefit_id=benefit.id), CLERK, NOW).refused("须为：已审核")

    def test_who_is_entitled_cannot_be_refused(self) -> None:
        who = elder()
        benefit = applied(who)
        command = RefuseBenefit(benefit_id=benefit.id, reason="材料不符")
        given(who, benefit).when(command, OFFICER, NOW).refused("应发放高龄津贴每月 30元")

    def test_who_is_not_is_refused_with_a_reason(self) -> None:
        who = elder(date(1950, 1, 1))
        benefit = applied(who, BenefitKind.NURSING_HOME)
        given(who, benefit).when(RefuseBenefit(benefit_id=benefit.id, reason=" "), OFFICER, NOW).refused("写明理由")
        given(who, benefit).when(GrantBenefit(benefit_id=benefit.id), CLERK, NOW).refused("须为")
        done = given(who, benefit).when(RefuseBenefit(benefit_id=benefit.id, reason="非困难老年人"), OFFICER, NOW)
        assert done.then(Benefit.Refused).state is BenefitState.REFUSED

    def test_withdrawn(self) -> None:
        who = elder()
        benefit = applied(who)
        done = given(who, benefit).when(WithdrawBenefit(benefit_id=benefit.id, reason="本人放弃"), WORKER, NOW)
        assert not done.then(Benefit.Withdrawn).open


def _in_dibao(**basis: Any) -> Basis:
    return Basis(guarantee=Guarantee.DIBAO, **basis)


class TestLookingUp:
    """What the platform knows of a person is not asked for."""

    def test_dibao_and_certificate_of_a_disabled_person(self) -> None:
        who = elder(date(1980, 1, 1))
        case = paying(members=(who.id,), income_fen=0)
        living = approved(who, BenefitKind.DIS_LIVING, applied_on=date(2016, 2, 29))
        world = given(who, case, certificate(who), living)
        done = world.when(GrantBenefit(benefit_id=living.id), CLERK, NOW)
        done.then(Benefit.Granted, Benefit.BasisChanged)
        assert (living.monthly_fen, living.start_month) == (15_000, "2016-02")

    def test_without_a_certificate(self) -> None:
        who = elder(date(1980, 1, 1))
        benefit = approved(who, BenefitKind.DIS_NURSING)
        given(who, benefit).when(GrantBenefit(benefit_id=benefit.id), CLERK, NOW).refused("没有残疾人证")

    def test_who_is_on_tekun_gets_neither(self) -> None:
        who = elder(date(1980, 1, 1))
        case = paying(Scheme.TEKUN, members=(who.id,), income_fen=0)
        benefit = approved(who, BenefitKind.DIS_NURSING)
        world = given(who, case, certificate(who), benefit)
        world.when(GrantBenefit(benefit_id=benefit.id), CLERK, NOW).refused("纳入特困供养的残疾人不享受")
        reason = RefuseBenefit(benefit_id=benefit.id, reason="已纳入特困供养")
        world.when(reason, Actor("街丁", RoleCode.STREET_OFFICER, "440704004"), NOW).then(
            Benefit.Refused, reason="已纳入特困供养"
        )

    def test_of_one_class_the_lower_has_to_end_first(self) -> None:
        who = elder(date(1930, 1, 1))
        nursing = granted(
            who, BenefitKind.DIS_NURSING, Basis(category=DisabilityCategory.LIMB, grade=DisabilityGrade.ONE)
        )
        case = paying(members=(who.id,), income_fen=0)
        home = approved(who, BenefitKind.NURSING_HOME, Basis(level=CareLevel.COMPLETE))
        world = given(who, case, certificate(who), nursing, home)
        world.when(GrantBenefit(benefit_id=home.id), CLERK, NOW).refused("请先终止原待遇")

    def test_what_was_granted_by_the_rule_stands_sealed_beside_the_amount(self) -> None:
        benefit = granted(elder())
        event = next(e for e in history(benefit) if isinstance(e, Benefit.Granted))
        assert '"benefits.old_age.80@4407/2012-01-01"' in event.trace
        assert "trace" not in event.gist()


class TestChanges:
    def test_a_birthday(self) -> None:
        who = elder(date(1926, 6, 9))
        benefit = granted(who)
        command = AdjustBenefit(benefit_id=benefit.id, from_month="2016-06", cause="满90周岁")
        given(who, benefit).when(command, CLERK, NOW).then(Benefit.AmountChanged, old_fen=3_000, new_fen=10_000)
        assert dues(benefit, "2016-05", "2016-06") == [3_000, 10_000]
        given(who, benefit).when(command, CLERK, NOW).then()

    def test_another_level(self) -> None:
        who = elder(date(1930, 1, 1))
        case = paying(members=(who.id,), income_fen=0)
        benefit = granted(who, BenefitKind.NURSING_HOME, _in_dibao(level=CareLevel.MODERATE))
        command = AdjustBenefit(benefit_id=benefit.id, from_month="2016-06", cause="复评", level=CareLevel.COMPLETE)
        done = given(who, case, benefit).when(command, CLERK, NOW)
        done.then(Benefit.AmountChanged, Benefit.BasisChanged)
        assert dues(benefit, "2016-05", "2016-06") == [15_000, 45_000]

    def test_who_no_longer_is_entitled_is_not_adjusted_to_nothing(self) -> None:
        who = elder(date(1930, 1, 1))
        benefit = granted(who, BenefitKind.NURSING_HOME, _in_dibao(level=CareLevel.MODERATE))
        command = AdjustBenefit(benefit_id=benefit.id, from_month="2016-06", cause="退出低保")
        given(who, benefit).when(command, CLERK, NOW).refused("请办理终止")

    def test_a_suspended_one_waits_with_its_new_amount(self) -> None:
        benefit = granted(elder(date(1926, 6, 9)))
        benefit.suspend(NOW, reason="联系不上", from_month="2016-05", by="区丙")
        known = Known(VILLAGE, date(1926, 6, 9))
        benefit.adjust(NOW, known=known, parameters=PARAMETERS, from_month="2016-06", cause="满90周岁", by="")
        benefit.resume(NOW, reason="已联系", from_month="2016-05", by="区丙")
        assert dues(benefit, "2016-04", "2016-05", "2016-06") == [3_000, 3_000, 10_000]


class TestHolding:
    def test_a_held_line_stays_due(self) -> None:
        who = elder()
        benefit = granted(who)
        command = HoldBenefit(benefit_id=benefit.id, reason=BenefitHold.DEATH_REPORTED, from_month="2016-06")
        given(who, benefit).when(command, OFFICER, NOW).then(Benefit.Held, decide_by=date(2016, 5, 13))
        assert dues(benefit, "2016-06") == [3_000]
        assert (benefit.held_in("2016-05"), benefit.held_in("2016-06")) == (False, True)
        given(who, benefit).when(command, OFFICER, NOW).then()
        done = given(who, benefit).when(ReleaseBenefit(benefit_id=benefit.id, reason="误报"), OFFICER, NOW)
        assert not done.then(Benefit.Released).held_in("2016-06")
        given(who, benefit).when(ReleaseBenefit(benefit_id=benefit.id, reason="误报"), OFFICER, NOW).refused("无需解除")

    def test_an_earlier_month_widens_it(self) -> None:
        benefit = granted(elder())
        for month in ("2016-06", "2016-04", "2016-05"):
            benefit.hold_line(NOW, reason=BenefitHold.SUSPECTED, from_month=month)
        assert benefit.held_from == "2016-04"
        assert sum(isinstance(e, Benefit.Held) for e in history(benefit)) == 2

    def test_a_proof_of_life_ends_a_hold_for_want_of_it(self) -> None:
        who = elder()
        benefit = granted(who)
        benefit.hold_line(NOW, reason=BenefitHold.NO_LIFE_PROOF, from_month="2016-05")
        command = RecordLifeProof(benefit_id=benefit.id, method=LifeProof.AT_HOME, proved_on=date(2016, 5, 9))
        given(who, benefit).when(command, WORKER, NOW).then(Benefit.LifeProved, Benefit.Released)
        assert benefit.proof_valid_to == date(2017, 5, 9)

    def test_the_dead_prove_nothing(self) -> None:
        who = elder()
        benefit = granted(who)
        who.confirm_death(on("2016-02-01"), died_on=date(2016, 1, 30), confirmed_by="公安")
        command = RecordLifeProof(benefit_id=benefit.id, method=LifeProof.DATA)
        given(who, benefit).when(command, WORKER, NOW).refused("已确认死亡")


class TestEnding:
    def test_months_paid_after_the_end_are_to_be_recovered(self) -> None:
        who = elder()
        benefit = granted(who)
        payments = [paid(benefit, month) for month in ("2016-01", "2016-02", "2016-03", "2016-04")]
        payments[3].report_returned(NOW, reason="账户注销", effective_on=NOW.date())
        command = EndBenefit(benefit_id=benefit.id, reason=BenefitEnd.DECEASED, end_month="2016-01")
        done = given(who, benefit, *payments).when(command, CLERK, NOW)
        done.then(
            Benefit.Stopped,
            Benefit.OverpaymentFound,
            from_month="2016-02",
            to_month="2016-03",
            month_count=2,
            amount_fen=6_000,
        )
        assert dues(benefit, "2016-01", "2016-02") == [3_000, None]
        given(who, benefit, *payments).when(FindBenefitOverpayment(benefit_id=benefit.id), CLERK, NOW).then()
        given(who, benefit).when(command, CLERK, NOW).refused("不能再终止")

    def test_given_again_it_records_nothing_and_the_earlier_end_stands(self) -> None:
        benefit = granted(elder())
        benefit.end(NOW, reason=BenefitEnd.MOVED_OUT, end_month="2016-06")
        benefit.end(NOW, reason=BenefitEnd.MOVED_OUT, end_month="2016-06")
        benefit.end(NOW, reason=BenefitEnd.DECEASED, end_month="2016-08")
        assert (benefit.end_month, benefit.end_reason) == ("2016-06", BenefitEnd.MOVED_OUT)
        benefit.end(NOW, reason=BenefitEnd.DECEASED, end_month="2016-04")
        assert (benefit.end_month, benefit.end_reason) == ("2016-04", BenefitEnd.DECEASED)
        assert sum(isinstance(e, Benefit.Stopped) for e in history(benefit)) == 2
        assert dues(benefit, "2016-04", "2016-05") == [3_000, None]

    def test_an_end_before_the_beginning_leaves_nothing_due(self) -> None:
        benefit = granted(elder())
        benefit.end(NOW, reason=BenefitEnd.DECEASED, end_month="2015-06")
        assert benefit.end_month == "2015-12"
        assert dues(benefit, "2015-12", "2016-01") == [None, None]

    def test_an_application_ends_without_a_month(self) -> None:
        benefit = applied(elder())
        benefit.end(NOW, reason=BenefitEnd.DECEASED, end_month="2016-05")
        benefit.end(NOW, reason=BenefitEnd.DECEASED, end_month="2016-05")
        assert (benefit.state, benefit.end_month) == (BenefitState.ENDED, "")
        assert sum(isinstance(e, Benefit.Stopped) for e in history(benefit)) == 1

    def test_a_false_death_costs_no_month(self) -> None:
        who = elder()
        benefit = granted(who)
        benefit.end(NOW, reason=BenefitEnd.DECEASED, end_month="2016-03")
        done = given(who, benefit).when(ReinstateBenefit(benefit_id=benefit.id, reason="误报死亡"), CLERK, NOW)
        assert done.then(Benefit.Reinstated, from_on=date(2016, 4, 1), corrects_version=4).state is BenefitState.PAYING
        assert dues(benefit, "2016-03", "2016-04", "2018-01") == [3_000, 3_000, 3_000]

    def test_what_was_suspended_comes_back_suspended(self) -> None:
        benefit = granted(elder())
        benefit.suspend(NOW, reason="联系不上", from_month="2016-03", by="区丙")
        benefit.end(NOW, reason=BenefitEnd.DECEASED, end_month="2016-05")
        benefit.reinstate(NOW, reason="误报死亡")
        benefit.reinstate(NOW, reason="误报死亡")
        assert benefit.state is BenefitState.SUSPENDED
        assert dues(benefit, "2016-02", "2016-03", "2016-08") == [3_000, None, None]

    def test_the_dead_are_not_taken_up_again(self) -> None:
        who = elder()
        benefit = granted(who)
        benefit.end(NOW, reason=BenefitEnd.DECEASED, end_month="2016-01")
        who.confirm_death(on("2016-02-01"), died_on=date(2016, 1, 30), confirmed_by="公安")
        given(who, benefit).when(ReinstateBenefit(benefit_id=benefit.id, reason="误报"), CLERK, NOW).refused("已死亡")

    @drawn(st.lists(st.integers(-3, 24), min_size=1, max_size=6))
    def test_in_whatever_order_ends_come_the_earliest_stands(self, offsets: list[int]) -> None:
        benefit = granted(elder())
        months = [next_month("2016-01", n) for n in offsets]
        for month in months:
            benefit.end(NOW, reason=BenefitEnd.OTHER, end_month=month)
        assert benefit.end_month == max(min(months), "2015-12")
        for n in range(30):
            month = next_month("2015-10", n)
            inside = "2016-01" <= month <= benefit.end_month
            assert benefit.amount_for(month) == (3_000 if inside else None)


class TestSuspending:
    def test_and_resuming_with_the_months_between(self) -> None:
        who = elder()
        benefit = granted(who)
        stop = SuspendBenefit(benefit_id=benefit.id, reason="联系不上", from_month="2016-03")
        given(who, benefit).when(stop, CLERK, NOW).then(Benefit.Suspended)
        assert dues(benefit, "2016-02", "2016-03") == [3_000, None]
        again = ResumeBenefit(benefit_id=benefit.id, reason="已联系", from_month="2016-04")
        given(who, benefit).when(again, CLERK, NOW).then(Benefit.Resumed)
        assert dues(benefit, "2016-03", "2016-04") == [None, 3_000]
        given(who, benefit).when(again, CLERK, NOW).refused("须为：已停发")


class TestMoving:
    def test_handed_over_without_a_gap(self) -> None:
        who = elder()
        benefit = granted(who)
        command = TransferBenefit(benefit_id=benefit.id, to_division_code=OTHER_VILLAGE, moved_on=date(2016, 5, 1))
        done = given(who, benefit).when(command, CLERK, NOW)
        assert done.then(Benefit.Transferred).division_code == OTHER_VILLAGE
        assert dues(benefit, "2016-04", "2016-05") == [3_000, 3_000]
        given(who, benefit).when(command, CLERK, NOW).refused("无需移交")
        benefit.transfer(NOW, to_division_code=OTHER_VILLAGE, moved_on=date(2016, 5, 1))
        assert benefit.version == 4


class TestFacts:
    """Sources are never refused, and nothing is recorded where nothing changes."""

    def reported(self, start: str = "2014-01", monthly_fen: int = 3_000, id: UUID | None = None) -> Benefit:
        benefit = Benefit.apply_for(
            id or uuid4(),
            at(first_day(start)),
            person_id=uuid4(),
            kind=AGE,
            basis=NOTHING,
            applied_on=first_day(start),
            division_code=VILLAGE,
        )
        benefit.report_paid(at(first_day(start)), monthly_fen=monthly_fen, start_month=start)
        return benefit

    def test_enrolled_and_paid(self) -> None:
        benefit = self.reported()
        benefit.report_paid(NOW, monthly_fen=3_000, start_month="2014-01")
        assert [type(e) for e in history(benefit)] == [Benefit.Created, Benefit.Granted]
        assert dues(benefit, "2013-12", "2014-01") == [None, 3_000]

    def test_another_amount_from_a_month_on(self) -> None:
        benefit = self.reported()
        benefit.report_paid(NOW, monthly_fen=10_000, start_month="2016-02")
        benefit.report_paid(NOW, monthly_fen=3_000, start_month="2015-01")
        assert dues(benefit, "2015-12", "2016-02") == [3_000, 10_000]

    def test_struck_off_and_enrolled_again(self) -> None:
        benefit = self.reported()
        for _ in range(2):
            benefit.report_ended(NOW, reason=BenefitEnd.MOVED_OUT, end_month="2015-06")
        benefit.report_paid(NOW, monthly_fen=3_000, start_month="2015-10")
        assert dues(benefit, "2015-06", "2015-07", "2015-10") == [3_000, None, 3_000]
        assert benefit.state is BenefitState.PAYING
        assert_replays(benefit)
