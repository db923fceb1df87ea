"""What stands beside benefits: certificates, premiums, cards, payments, and what contradicts the rules."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from domain.assistance.commands import ApplyForAssistance
from domain.care import Benefit, BenefitPayment, DisabilityCertificate, ElderCard, Premium
from domain.care.benefits.amounts import Known
from domain.care.benefits.contradictions import of_bank_answer, of_benefit, of_lines, of_payment
from domain.care.benefits.exclusion import Line, of_kind
from domain.care.certificate import parse_certificate_number
from domain.care.commands import (
    CancelDisabilityCertificate,
    CancelElderCard,
    CancelPremium,
    CertifyDisability,
    EnrolPremiums,
    IssueElderCard,
)
from domain.care.commands.premiums import MOST
from domain.care.premium import Candidate, Candidates, PremiumCandidates
from domain.clock import at
from domain.codes import (
    BenefitKind,
    Cause,
    DisabilityCategory,
    DisabilityGrade,
    ElderCardKind,
    FindingRule,
    FundSource,
    HeldLine,
    HoldReason,
    PaymentKind,
    PremiumKind,
    Scheme,
)
from domain.errors import BadInput, RuleViolated
from domain.funds import Payroll
from domain.funds.due import UNKNOWN, DueRow, DueTable, amounts_by_rule, plan, still_due
from domain.kernel import ERASED
from domain.registry import Person
from tests.unit.domain.samples import CITIZEN_ID, PARAMETERS, VILLAGE, on, person
from tests.unit.domain.specification import assert_replays, given
from tests.unit.domain.test_benefit_commands import CLERK, NOW, OFFICER, WORKER, elder, granted, paid

AGE = BenefitKind.OLD_AGE_ALLOWANCE


class TestCertificateNumbers:
    def test_citizen_id_category_and_grade(self) -> None:
        found = parse_certificate_number(f" {CITIZEN_ID.lower()}42 ")
        assert (found.citizen.number18, found.category, found.grade) == (
            CITIZEN_ID,
            DisabilityCategory.LIMB,
            DisabilityGrade.TWO,
        )
        assert parse_certificate_number(f"{CITIZEN_ID}42B1") == found

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            (CITIZEN_ID, "现为 18 位"),
            (f"{CITIZEN_ID}82", "类别 1 至 7"),
            (f"{CITIZEN_ID}45", "等级 1 至 4"),
            (f"{CITIZEN_ID[:17]}142", "校验码"),
        ],
    )
    def test_what_is_wrong_is_said_without_the_number(self, text: str, says: str) -> None:
        with pytest.raises(BadInput, match=says) as refused:
            parse_certificate_number(text)
        assert CITIZEN_ID[:14] not in str(refused.value)


class TestCertificates:
    def certify(self, who: Person, **fields: Any) -> CertifyDisability:
        whole: dict[str, Any] = {
            "person_id": who.id,
            "category": DisabilityCategory.LIMB,
            "grade": DisabilityGrade.TWO,
            "from_on": date(2016, 5, 1),
            **fields,
        }
        return CertifyDisability(**whole)

    def test_issued_renewed_cancelled(self) -> None:
        who = person()
        first = given(who).when(self.certify(who, valid_to_on=date(2016, 12, 31)), OFFICER, NOW)
        held = first.then(DisabilityCertificate.Created, evaluate_by=date(2016, 5, 24), division_code=VILLAGE)
        assert held.ends_on == date(2016, 12, 31)
        given(who, held).when(self.certify(who, valid_to_on=date(2016, 12, 31)), OFFICER, NOW).refused("没有变化")
        given(who, held).when(self.certify(who, grade=DisabilityGrade.ONE), OFFICER, NOW).then(
            DisabilityCertificate.Renewed
        )
        assert (held.grade, held.ends_on) == (DisabilityGrade.ONE, None)
        cancel = CancelDisabilityCertificate(person_id=who.id, reason="交回", from_on=date(2016, 6, 1))
        given(who, held).when(cancel, OFFICER, NOW).then(DisabilityCertificate.Cancelled)
        assert held.ends_on == date(2016, 5, 31)
        given(who, held).when(cancel, OFFICER, NOW).then()
        assert_replays(held)

    def test_it_runs_out_once_and_only_where_it_was_entered_here(self) -> None:
        who = person()
        held = given(who).when(self.certify(who, valid_to_on=date(2016, 12, 31)), OFFICER, NOW).aggregates[0]
        assert isinstance(held, DisabilityCertificate)
        for day in (date(2016, 12, 31), date(2017, 1, 1), date(2017, 2, 1)):
            held.lapse(at(day))
        assert held.version == 2
        assert (held.watched, held.lapses_at, held.ends_on) == (False, None, date(2016, 12, 31))
        reported = DisabilityCertificate.certify(
            NOW,
            person_id=who.id,
            category=DisabilityCategory.LIMB,
            grade=DisabilityGrade.ONE,
            from_on=date(2014, 1, 1),
            valid_to_on=date(2015, 1, 1),
            division_code=VILLAGE,
        )
        assert reported.lapses_at is None

    def test_the_number_must_agree_with_person_category_and_grade(self) -> None:
        who = person()
        given(who).when(self.certify(who, certificate_no=f"{CITIZEN_ID}42"), OFFICER, NOW).then(
            DisabilityCertificate.Created
        )
        given(who).when(self.certify(who, certificate_no=f"{CITIZEN_ID}41"), OFFICER, NOW).refused("末两位")
        stranger = person(citizen_id="990000193003070014")
        given(stranger).when(self.certify(stranger, certificate_no=f"{CITIZEN_ID}42"), OFFICER, NOW).refused("前 18 位")

    def test_days_in_order(self) -> None:
        who = person()
        given(who).when(self.certify(who, valid_to_on=date(2016, 4, 30)), OFFICER, NOW).refused("早于发证日期")
        given(who).when(self.certify(who, from_on=date(2016, 5, 11)), OFFICER, NOW).refused("不能晚于今天")

    def test_erased_it_says_nothing(self) -> None:
        held = DisabilityCertificate.certify(
            NOW,
            person_id=uuid4(),
            category=DisabilityCategory.LIMB,
            grade=DisabilityGrade.ONE,
            from_on=date(2016, 1, 1),
            valid_to_on=None,
            division_code=VILLAGE,
        )
        held.category_code = held.grade_code = ERASED
        assert (held.category, held.grade) == (None, None)


def candidate(**fields: Any) -> Candidate:
    whole: dict[str, Any] = {
        "person_id": uuid4(),
        "division_code": VILLAGE,
        "birth_on": date(1930, 1, 1),
        "registered": True,
        "guarantee": "",
        "category": "",
        "grade": "",
        "valid_to": None,
        **fields,
    }
    return Candidate(**whole)


class TestPremiums:
    enrol = EnrolPremiums(kind=PremiumKind.ELDER_ACCIDENT, year=2016, fund_source=FundSource.LOTTERY)

    def test_everybody_entitled_and_nobody_else(self) -> None:
        poor = candidate(birth_on=date(1955, 1, 1), guarantee="dibao")
        young = candidate(birth_on=date(1955, 1, 1), category="4", grade=ERASED)
        world = given().reading(PremiumCandidates, Candidates(7, [candidate(), young, poor]))
        done = world.when(self.enrol, CLERK, NOW)
        done.then(
            Premium.Created, Premium.Created, person_id=poor.person_id, amount_fen=5_000, to_on=date(2016, 12, 31)
        )
        assert done.aggregates[1].id == Premium.id_for(poor.person_id, PremiumKind.ELDER_ACCIDENT, 2016)

    def test_nobody_left(self) -> None:
        world = given().reading(PremiumCandidates, Candidates(7, [candidate(birth_on=None)]))
        world.when(self.enrol, CLERK, NOW).refused("没有尚未列入")

    def test_one_decision_takes_so_many(self) -> None:
        world = given().reading(PremiumCandidates, Candidates(7, [candidate() for _ in range(MOST + 1)]))
        assert len(world.when(self.enrol, CLERK, NOW).aggregates) == MOST

    def test_a_year_that_is_not_near(self) -> None:
        far = EnrolPremiums(kind=PremiumKind.MEDICAL, year=2018, fund_source=FundSource.CITY)
        given().when(far, CLERK, NOW).refused("当年或次年", kind=BadInput)

    def test_taken_back_once(self) -> None:
        world = given().reading(PremiumCandidates, Candidates(7, [candidate()]))
        (made,) = world.when(self.enrol, CLERK, NOW).aggregates
        cancel = CancelPremium(premium_id=made.id, reason="错保")
        given(made).when(cancel, CLERK, NOW).then(Premium.Cancelled)
        given(made).when(cancel, CLERK, NOW).refused("不能重复撤销")


class TestElderCards:
    def test_issued_replaced_cancelled(self) -> None:
        who = elder()
        issue = IssueElderCard(person_id=who.id, kind=ElderCardKind.COURTESY, card_no="Y1")
        card = given(who).when(issue, WORKER, NOW).then(ElderCard.Created)
        given(who, card).when(issue, WORKER, NOW).refused("与原证相同")
        again = IssueElderCard(person_id=who.id, kind=ElderCardKind.COURTESY, card_no="Y2")
        given(who, card).when(again, WORKER, NOW).then(ElderCard.Replaced)
        cancel = CancelElderCard(card_id=card.id, reason="死亡")
        given(who, card).when(cancel, OFFICER, NOW).then(ElderCard.Cancelled)
        card.cancel(NOW, reason="死亡")
        assert card.version == 3
        given(who, card).when(cancel, OFFICER, NOW).refused("已注销")

    def test_from_sixty_on(self) -> None:
        young = elder(date(1956, 5, 11))
        command = IssueElderCard(person_id=young.id, kind=ElderCardKind.COURTESY, card_no="Y1")
        given(young).when(command, WORKER, NOW).refused("未满 60 周岁")


def due(benefit: Benefit, month: str = "2016-02", **fields: Any) -> DueRow:
    """What is due to a benefit for a month, as the read models tell it."""
    whole: dict[str, Any] = {
        "owner_id": benefit.id,
        "household_id": None,
        "payee_id": benefit.person_id,
        "division_code": VILLAGE,
        "month": month,
        "due_fen": 3_000,
        "paid_fen": 0,
        "payments": 0,
        "pending": False,
        "dead": False,
        "account": "6222",
        "urban_rural": "",
        "persons": 1,
        "income_fen": None,
        "supplements": "",
        "member_ids": (),
        "settled": True,
        "birth_on": date(1930, 1, 1),
        **fields,
    }
    return DueRow(**whole)


class TestPayroll:
    scheme = Scheme.OLD_AGE_ALLOWANCE

    def drawn(self, *rows: DueRow) -> Payroll:
        return Payroll.prepare(
            NOW,
            batch_no="B1",
            scheme=self.scheme,
            month="2016-02",
            since="2016-02",
            division_code="440704",
            budget_id=uuid4(),
            fund_source=FundSource.DISTRICT,
            plan=plan(DueTable(7, rows), self.scheme, PARAMETERS),
            by="甲",
        )

    def test_lines_and_holds(self) -> None:
        one, two = granted(elder()), granted(elder())
        rows = (
            due(one),
            due(two, waits=True),
            due(two, "2016-03", twice=True),
            due(two, "2016-04", dead=True, waits=True),
            due(two, "2016-05", account=None),
        )
        made = plan(DueTable(7, rows), self.scheme, PARAMETERS)
        assert [(line.owner_id, line.household_id, line.amount_fen) for line in made.lines] == [(one.id, None, 3_000)]
        assert [held.reason for held in made.held] == [
            HoldReason.UNDECIDED,
            HoldReason.TWICE,
            HoldReason.DEAD,
            HoldReason.NO_ACCOUNT,
        ]

    def test_beside_each_amount_stands_what_the_age_gives(self) -> None:
        one = granted(elder())
        rows = (
            due(one),
            due(one, birth_on=date(1926, 2, 28)),
            due(one, birth_on=date(1936, 3, 1)),
            due(one, birth_on=None),
            due(one, "2011-12"),
        )
        assert amounts_by_rule(rows, self.scheme, PARAMETERS).tolist() == [3_000, 10_000, 0, UNKNOWN, UNKNOWN]
        assert amounts_by_rule(rows, Scheme.DIS_NURSING, PARAMETERS).tolist() == [UNKNOWN] * 5

    def test_a_line_becomes_a_payment_of_the_person(self) -> None:
        benefit = granted(elder())
        payroll = self.drawn(due(benefit))
        ((_, line),) = payroll.issued_lines()
        event = payroll.payment(line, "6222", NOW)
        assert isinstance(event, BenefitPayment.Created)
        assert (event.person_id, event.benefit_id, event.benefit) == (benefit.person_id, benefit.id, AGE)
        assert event.originator_id == payroll.payment_id(line) == BenefitPayment.id_for(benefit.id, "2016-02")
        assert payroll.payments_are is BenefitPayment
        payment = event.mutate(None)
        assert isinstance(payment, BenefitPayment)
        payment.report_cleared(NOW, amount_fen=3_000, effective_on=NOW.date())
        assert payroll._answers({payment.id: payment}).cleared_fen == 3_000

    def test_what_was_held_after_it_was_drawn_up_is_not_paid(self) -> None:
        benefit = granted(elder())
        payroll = self.drawn(due(benefit))
        payable, held = still_due(payroll.issued_lines(), DueTable(8, (due(benefit, waits=True),)))
        assert (payable, [each.reason for each in held]) == ([], [HoldReason.UNDECIDED])

    def test_back_pay_has_an_id_of_its_own(self) -> None:
        benefit = granted(elder())
        payroll = self.drawn(due(benefit, due_fen=10_000, paid_fen=3_000, payments=1))
        ((_, line),) = payroll.issued_lines()
        assert (line.kind, line.amount_fen) == (PaymentKind.BACK_PAY, 7_000)
        assert payroll.payment_id(line) != BenefitPayment.id_for(benefit.id, "2016-02")


class TestContradictions:
    def rules(self, found: Any) -> list[tuple[FindingRule, int]]:
        return [(draft.rule, draft.amount_fen) for draft in found]

    def test_outside_the_age_and_off_the_rule(self) -> None:
        benefit = granted(elder())
        young = Known(VILLAGE, date(1936, 2, 1))
        found = [*of_benefit(benefit, young, PARAMETERS, "2016-01")]
        assert self.rules(found) == [(FindingRule.OUTSIDE_AGE, 3_000)]
        assert "未满 80 周岁" in found[0].detail
        old = Known(VILLAGE, date(1926, 1, 1))
        assert self.rules(of_benefit(benefit, old, PARAMETERS, "2016-01")) == [(FindingRule.BENEFIT_OFF_RULE, -7_000)]
        right = Known(VILLAGE, date(1930, 1, 1))
        assert self.rules(of_benefit(benefit, right, PARAMETERS, "2016-01")) == []

    def test_exclusive_lines_are_one_finding_whichever_benefit_is_looked_at(self) -> None:
        nursing = granted(elder())
        mine = Line(of_kind(nursing.kind), 3_000, str(nursing.id))
        assert [*of_lines(nursing, (mine, Line(HeldLine.TEKUN, 92_000, "t")), "2016-01")] == []
        again = Line(of_kind(nursing.kind), 2_000, "x")
        (draft,) = of_lines(nursing, (again, mine), "2016-01")
        assert (draft.rule, draft.amount_fen) == (FindingRule.EXCLUSIVE_BENEFITS, 2_000)

    def test_paid_after_death_beyond_and_twice(self) -> None:
        who = elder()
        benefit = granted(who)
        assert [*of_payment(paid(benefit, "2016-02"), benefit, who)] == []
        early, other = paid(benefit, "2015-12"), paid(benefit, "2016-02", 10_000)
        assert self.rules(of_payment(early, benefit, who)) == [(FindingRule.PAID_NOT_ENTITLED, 3_000)]
        assert self.rules(of_payment(other, benefit, who)) == [(FindingRule.AMOUNT_DIFFERS, 7_000)]
        who.confirm_death(on("2016-02-01"), died_on=date(2016, 1, 30), confirmed_by="公安")
        assert self.rules(of_payment(other, benefit, who)) == [(FindingRule.PAID_AFTER_DEATH, 10_000)]
        assert [*of_payment(paid(benefit, "2016-01"), benefit, who)] == []
        back = paid(benefit, "2016-02")
        back.report_returned(NOW, reason="销户", effective_on=NOW.date())
        assert [*of_payment(back, benefit, who)] == []

    def test_the_bank_answers_otherwise(self) -> None:
        payment = paid(granted(elder()), "2016-02")
        assert of_bank_answer(payment, 3_000, "6222", cleared=True) == ()
        (draft,) = of_bank_answer(payment, 3_100, "6333", cleared=True)
        assert (draft.rule, draft.amount_fen, draft.case_id) == (FindingRule.BANK_DIFFERS, 100, None)
        assert "6333" not in draft.detail


def test_a_case_is_not_applied_for_under_a_benefits_scheme() -> None:
    command = ApplyForAssistance(
        scheme=Scheme.DIS_LIVING, household_id=uuid4(), applicant_id=uuid4(), member_ids=(uuid4(),), cause=Cause.ILLNESS
    )
    given().when(command, WORKER, NOW).refused("是个人待遇", kind=RuleViolated)
