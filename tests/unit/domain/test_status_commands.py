"""Termination by the street; households recognised on the margin of dibao or for their rigid expense."""

from datetime import date
from uuid import uuid4

import pytest

from domain.access import Actor, RoleCode
from domain.assistance import Case, Payment
from domain.assistance.commands import (
    AnnounceGrant,
    ApplyForAssistance,
    ConfirmCase,
    EndStatus,
    IssuePayment,
    RecogniseCase,
    RefuseCase,
    ReopenCase,
    TerminateCase,
    VerifyCase,
)
from domain.assistance.recalculation import Outcome, recalculate
from domain.assistance.recognition import above_margin, below_average, burdened, margin, rigid_expense
from domain.codes import CaseState, Cause, CloseReason, HouseholdKind, Opinion, Scheme, UrbanRural, VisitFinding
from domain.errors import RuleViolated
from domain.registry import Person
from tests.unit.domain.samples import (
    PARAMETERS,
    VILLAGE,
    accepted,
    applied,
    closed,
    household,
    on,
    paying,
    person,
    publicised,
    refused,
    verified,
)
from tests.unit.domain.specification import CLERK, NOW, STREET, given

SECOND = Actor("district-2", RoleCode.DISTRICT_CLERK, "440704")


class TestTermination:
    def command(self, case: Case, **fields: str) -> TerminateCase:
        told = {"reason": "三次约定入户均拒绝开门", "letter_no": "终止〔2015〕1号", **fields}
        return TerminateCase(case_id=case.id, **told)

    @pytest.mark.parametrize("case", [applied(), accepted(), verified(), publicised()], ids=lambda c: c.state.value)
    def test_the_street_ends_an_undecided_procedure(self, case: Case) -> None:
        given(case).when(self.command(case), by=STREET).then(Case.Terminated, by="street")
        assert case.state is CaseState.TERMINATED

    @pytest.mark.parametrize("case", [paying(), refused(), closed()], ids=lambda c: c.state.value)
    def test_what_is_decided_is_not_terminated(self, case: Case) -> None:
        given(case).when(self.command(case)).refused("不能终止办理")

    def test_reasons_are_given_in_a_letter(self) -> None:
        case = accepted()
        given(case).when(self.command(case, reason=" ")).refused("书面写明")
        given(case).when(self.command(case, letter_no="")).refused("通知书文号")

    def test_nothing_more_happens_until_an_order_reopens_it(self) -> None:
        case = verified()
        given(case).when(self.command(case), by=STREET).then(Case.Terminated)
        told = {"monthly_income_fen": 90_000, "property_within_limits": True, "conclusion": "属实"}
        again = VerifyCase(case_id=case.id, **told)  # type: ignore[arg-type]
        given(case).when(again).refused("已终止办理")
        given(case).when(ReopenCase(case_id=case.id, basis="江府行复〔2015〕3号")).then(Case.Reopened)
        given(case).when(again).then(Case.VerificationReported)

    def test_a_stopped_clock_is_stopped_no_longer(self) -> None:
        case = verified()
        case.request_supplement(NOW, missing="收入证明")
        given(case).when(self.command(case)).then(Case.Terminated)
        assert case.clock_stopped_on is None


class TestRules:
    @pytest.mark.parametrize(
        ("income", "why"),
        [
            (164_999, "低于低保标准合计 1650元"),
            (165_000, None),
            (247_499, None),
            (247_500, "不低于低保边缘收入上限 2475元"),
        ],
    )
    def test_the_margin_is_closed_below_and_open_above(self, income: int, why: str | None) -> None:
        told, computed = margin(
            PARAMETERS,
            date(2015, 6, 1),
            division_code=VILLAGE,
            urban_rural=UrbanRural.RURAL,
            persons=3,
            income_fen=income,
        )
        assert computed.amount_fen == 0
        assert computed.parameters[0].startswith("dibao.standard.rural")
        assert told is None if why is None else why in (told or "")

    @pytest.mark.parametrize(
        ("income", "expense", "why"),
        [
            (424_624, 300_000, None),  # 12 × 4,246.24 yuan is a fen's worth below 3 × 16,985
            (424_625, 300_000, "不低于上年度人均可支配收入合计 50955元"),
            (300_000, 180_000, "未超过家庭月收入的规定比例 1800元"),
            (300_000, 180_001, None),
            (0, 1, None),
            (0, 0, "未超过"),
        ],
    )
    def test_rigid_expense_needs_both(self, income: int, expense: int, why: str | None) -> None:
        told, _ = rigid_expense(
            PARAMETERS,
            date(2015, 6, 1),
            division_code=VILLAGE,
            urban_rural=UrbanRural.RURAL,
            persons=3,
            income_fen=income,
            expense_fen=expense,
        )
        assert told is None if why is None else why in (told or "")

    def test_shares_are_compared_exactly(self) -> None:
        assert above_margin(333, 15_000, 1, 500)
        assert not above_margin(333, 15_000, 1, 499)  # 1.5 × 3.33 yuan is 4.995
        assert below_average(1_000, 1, 83)
        assert not below_average(996, 1, 83)
        assert burdened(61, 101, 6_000)
        assert not burdened(60, 100, 6_000)


def margin_case(income_fen: int = 200_000, **fields: object) -> Case:
    """A household of three with 2,000 yuan a month, whose notice has run."""
    return publicised(Scheme.DIBAO_MARGIN, income_fen=income_fen, **fields)


def rigid_case(expense_fen: int) -> Case:
    """A household of three with 3,000 yuan a month, and what it can't do without."""
    case = accepted(Scheme.RIGID_EXPENSE)
    case.verify(
        on("2015-01-12"),
        monthly_income_fen=300_000,
        property_within_limits=True,
        conclusion="属实",
        necessary_expense_fen=expense_fen,
    )
    visited = on("2015-01-12")
    case.record_visit(
        visited, finding=VisitFinding.AS_STATED, report="属实", by="v", official=False, visited_on=visited.date()
    )
    case.review(on("2015-01-13"), opinion=Opinion.GRANT, note="", by="reviewing")
    days = {"from_on": date(2015, 1, 13), "to_on": date(2015, 1, 20), "decide_by": date(2015, 2, 3)}
    case.post_notice(on("2015-01-13"), notice_no="公示〔2015〕2号", **days)
    return case


def recheck(case: Case, income_fen: int = 200_000) -> VerifyCase:
    """What is found when the status is about to expire."""
    return VerifyCase(case_id=case.id, monthly_income_fen=income_fen, property_within_limits=True, conclusion="复核")


class TestRecognition:
    def test_a_margin_household_holds_its_status_for_a_year(self) -> None:
        case = margin_case()
        given(case).when(RecogniseCase(case_id=case.id)).then(
            Case.Recognised,
            from_on=date(2015, 12, 10),
            valid_to=date(2016, 12, 9),
            recheck_by=date(2016, 11, 9),
            announce_by=date(2015, 12, 15),
            by="district",
        )
        assert (case.state, case.monthly_fen, case.entitlement.steps) == (CaseState.RECOGNISED, 0, ())
        assert case.recognised_on(date(2016, 12, 9))
        assert not case.recognised_on(date(2016, 12, 10))
        given(case).when(AnnounceGrant(case_id=case.id, notice_no="长期公示1号")).then(Case.Announced)

    def test_nothing_is_ever_paid_for_it(self) -> None:
        case, head = margin_case(), person()
        given(case).when(RecogniseCase(case_id=case.id)).then(Case.Recognised)
        paid = IssuePayment(case_id=case.id, month="2015-12", batch_no="1", fund_source="区财政")
        given(case, head).when(paid).refused("不在该个案的保障期内")
        with pytest.raises(RuleViolated):
            Payment.issue_back_pay(
                uuid4(), NOW, case=case, month="2015-12", amount_fen=1, batch_no="1", fund_source="区财政"
            )
        assert recalculate(case, PARAMETERS, "2016-01", NOW) is Outcome.NOT_CONCERNED

    def test_the_trace_says_what_was_compared(self) -> None:
        case = margin_case()
        given(case).when(RecogniseCase(case_id=case.id)).then(Case.Recognised)
        why, computed = case.recognition(PARAMETERS, NOW.date())
        assert why is None
        assert [(step.name[:4], step.value) for step in computed.steps[2:]] == [
            ("家庭人数", 3),
            ("家庭可计", 200_000),
            ("低保标准", 165_000),
            ("低保边缘", 247_500),
        ]

    @pytest.mark.parametrize(
        ("case", "text"),
        [
            (margin_case(income_fen=90_000), "应申请低保"),
            (margin_case(income_fen=300_000), "不低于低保边缘收入上限"),
            (margin_case(property_ok=False), "财产超过"),
            (verified(Scheme.DIBAO_MARGIN, income_fen=200_000), "不能确认"),
            (publicised(), "按金额确认"),
            (rigid_case(100_000), "未超过家庭月收入的规定比例"),
        ],
    )
    def test_refusals(self, case: Case, text: str) -> None:
        given(case).when(RecogniseCase(case_id=case.id)).refused(text)

    def test_a_household_with_rigid_expense(self) -> None:
        case = rigid_case(200_000)
        given(case).when(RecogniseCase(case_id=case.id)).then(Case.Recognised)
        assert case.necessary_expense_fen == 200_000

    def test_rigid_expense_has_to_be_verified(self) -> None:
        case = accepted(Scheme.RIGID_EXPENSE)
        given(case).when(recheck(case)).refused("登记必需支出")
        negative = VerifyCase(
            case_id=case.id,
            monthly_income_fen=1,
            property_within_limits=True,
            conclusion="",
            necessary_expense_fen=-1,
        )
        given(case).when(negative).refused("不能为负")

    def test_it_is_not_confirmed_with_an_amount(self) -> None:
        case = margin_case()
        given(case).when(ConfirmCase(case_id=case.id)).refused("请办理认定")

    def test_the_hands_are_three(self) -> None:
        case = accepted(Scheme.DIBAO_MARGIN)
        given(case).when(recheck(case), by=CLERK).then(Case.VerificationReported)
        visited = {"finding": VisitFinding.AS_STATED, "report": "属实", "by": "v", "official": False}
        case.record_visit(NOW, visited_on=NOW.date(), **visited)  # type: ignore[arg-type]
        case.review(NOW, opinion=Opinion.GRANT, note="", by="reviewing")
        days = {"from_on": date(2015, 12, 1), "to_on": date(2015, 12, 8), "decide_by": date(2015, 12, 20)}
        case.post_notice(NOW, notice_no="1", **days)
        given(case).when(RecogniseCase(case_id=case.id)).refused("您已为此个案登记核对结果")
        given(case).when(RecogniseCase(case_id=case.id), by=SECOND).then(Case.Recognised)

    def test_who_is_in_dibao_needs_no_margin(self) -> None:
        dibao = paying()
        case = margin_case(members=dibao.member_ids)
        given(case, dibao).when(RecogniseCase(case_id=case.id)).refused("已在个案")

    def test_only_co_living_households_apply(self) -> None:
        head = person()
        for kind, text in ((HouseholdKind.REGISTERED, "以共同生活家庭为单位"), (HouseholdKind.CO_LIVING, None)):
            home = household(head, kind=kind)
            asked = ApplyForAssistance(
                scheme=Scheme.DIBAO_MARGIN,
                household_id=home.id,
                applicant_id=head.id,
                member_ids=(head.id,),
                cause=Cause.ILLNESS,
            )
            outcome = given(head, home).when(asked)
            if text:
                outcome.refused(text)
            else:
                outcome.then(Case.Created, scheme=Scheme.DIBAO_MARGIN)


def recognised() -> Case:
    """A margin household, recognised until 9 December 2016."""
    case = margin_case()
    given(case).when(RecogniseCase(case_id=case.id)).then(Case.Recognised)
    return case


class TestAfterRecognition:
    def test_it_is_renewed_after_a_recheck_by_another_hand(self) -> None:
        case = recognised()
        later = on("2016-11-20")
        renew = RecogniseCase(case_id=case.id)
        given(case).when(renew, now=later).refused("须先登记复核结果")
        given(case).when(recheck(case), by=STREET, now=later).then(
            Case.VerificationReported, renew_by=date(2016, 12, 9), review_by=None, recheck_by=None
        )
        assert case.state is CaseState.RECOGNISED
        given(case).when(renew, now=later).then(Case.Recognised, valid_to=date(2017, 11, 19))
        given(case).when(renew, now=later).refused("须先登记复核结果")

    def test_it_ends_when_the_recheck_finds_otherwise(self) -> None:
        case = recognised()
        later = on("2016-11-20")
        given(case).when(recheck(case, 400_000), by=CLERK, now=later).then(Case.VerificationReported)
        given(case).when(RecogniseCase(case_id=case.id), by=SECOND, now=later).refused("不低于低保边缘收入上限")
        end = EndStatus(case_id=case.id, reason=CloseReason.INCOME_ABOVE)
        given(case).when(end, by=CLERK, now=later).refused("您已为此个案登记核对结果")
        given(case).when(end, by=SECOND, now=later).then(Case.Closed, end_month="", from_on=date(2016, 11, 21))
        given(case).when(end, by=SECOND, now=later).refused("不能终止认定")

    def test_dibao_for_everybody_takes_its_place(self) -> None:
        status = recognised()
        dibao = publicised(members=status.member_ids)
        assert [type(e) for e in given(dibao, status).when(ConfirmCase(case_id=dibao.id)).events] == [
            Case.Confirmed,
            Case.Closed,
        ]
        assert (status.state, dibao.state) == (CaseState.CLOSED, CaseState.PAYING)

    def test_dibao_for_one_of_them_leaves_it(self) -> None:
        status = recognised()
        dibao = publicised(members=status.member_ids[:1], income_fen=10_000)
        given(dibao, status).when(ConfirmCase(case_id=dibao.id)).then(Case.Confirmed)
        assert status.state is CaseState.RECOGNISED


class TestWhatElse:
    def refuse(self, case: Case) -> RefuseCase:
        return RefuseCase(case_id=case.id, reason="不符合条件")

    @pytest.mark.parametrize(
        ("income", "property_ok", "suggests"),
        [(200_000, True, Scheme.DIBAO_MARGIN), (300_000, True, None), (200_000, False, None)],
    )
    def test_who_is_refused_dibao_learns_of_its_margin(
        self, income: int, property_ok: bool, suggests: Scheme | None
    ) -> None:
        case = verified(income_fen=income, property_ok=property_ok)
        outcome = given(case).when(self.refuse(case))
        outcome.then(Case.Refused, suggests=suggests)
        assert ("可申请低保边缘" in outcome.events[0].gist()) is (suggests is not None)

    def test_who_is_too_poor_for_the_margin_learns_of_dibao(self) -> None:
        case = margin_case(income_fen=90_000)
        outcome = given(case).when(self.refuse(case))
        outcome.then(Case.Refused, suggests=Scheme.DIBAO)
        assert outcome.events[0].computed.formula.startswith("低保标准 ≤")

    def test_whom_the_rule_recognises_can_not_be_refused(self) -> None:
        for case in (margin_case(), rigid_case(200_000)):
            given(case).when(self.refuse(case)).refused("不能不予确认")

    def test_a_refusal_without_a_verification_suggests_nothing(self) -> None:
        case = accepted(Scheme.DIBAO_MARGIN)
        given(case).when(self.refuse(case)).then(Case.Refused, suggests=None, computed=None)


def test_persons_who_are_dead_are_not_recognised() -> None:
    dead: Person = person()
    dead.report_death(on("2015-05-01"), died_on=date(2015, 5, 1), evidence="", confirmed_by="公安机关")
    case = margin_case(members=(dead.id, uuid4(), uuid4()))
    given(case, dead).when(RecogniseCase(case_id=case.id)).refused("死亡")
