"""Decisions about payments, standards and findings: one success each, and every refusal."""

from datetime import date
from uuid import uuid4

import pytest

from domain.assistance import Case, Payment, Standard
from domain.assistance.commands import (
    AdoptStandard,
    CorrectPayment,
    IssueBackPayment,
    IssuePayment,
    ReturnPayment,
    RevokeStandard,
)
from domain.assistance.standards import with_standards
from domain.codes import FindingRule, PaymentKind, Scheme
from domain.errors import BadInput
from domain.findings import Finding, ResolveFinding
from domain.parameters import Unit
from tests.unit.domain.samples import PARAMETERS, VILLAGE, on, paying, payment, person, verified
from tests.unit.domain.specification import NOW, given


def issue(case: Case, month: str = "2015-11") -> IssuePayment:
    return IssuePayment(case_id=case.id, month=month, batch_no="B1", fund_source="区财政")


def back_pay(case: Case, month: str = "2015-11", amount_fen: int = 5_000) -> IssueBackPayment:
    return IssueBackPayment(case_id=case.id, month=month, amount_fen=amount_fen, batch_no="B1", fund_source="区财政")


class TestIssue:
    def test_what_is_due(self) -> None:
        case = paying()
        paid = (
            given(case)
            .when(issue(case))
            .then(
                Payment.Created,
                amount_fen=75_000,
                kind=PaymentKind.REGULAR,
                month="2015-11",
                payee_id=case.applicant_id,
            )
        )
        assert paid.id == Payment.id_for(case.id, "2015-11")

    def test_temporary_assistance_is_paid_once(self) -> None:
        case = verified(Scheme.TEMP, members=(uuid4(),))
        case.confirm_temporary(on("2015-12-01"), months=1, parameters=PARAMETERS, by_street=False)
        given(case).when(issue(case, "2015-12")).then(Payment.Created, kind=PaymentKind.ONE_OFF)

    def test_refusals(self) -> None:
        case = paying()
        paid = Payment.issue(NOW, case=case, month="2015-11", batch_no="B1", fund_source="区财政")
        world = given(case, paid)
        world.when(issue(case)).refused("2015-11 已发放")
        world.when(issue(case, "2015-01")).refused("不在该个案的保障期内")
        world.when(issue(case, "2016-01")).refused("尚未开始")
        world.when(issue(case, "2015-13")).refused("YYYY-MM", BadInput)

    def test_the_dead_are_not_paid_after_their_month(self) -> None:
        who = person()
        who.confirm_death(on("2015-11-10"), died_on=date(2015, 11, 3), confirmed_by="证明")
        case = paying(members=(who.id,), income_fen=0)
        given(case, who).when(issue(case, "2015-12")).refused("死亡")
        given(case, who).when(back_pay(case, "2015-12")).refused("死亡")
        given(case, who).when(issue(case, "2015-11")).then(Payment.Created)

    def test_a_death_only_reported_stops_nothing(self) -> None:
        who = person()
        who.report_death(on("2015-11-10"), died_on=date(2015, 11, 3), evidence="走访")
        case = paying(members=(who.id,), income_fen=0)
        given(case, who).when(issue(case, "2015-12")).then(Payment.Created)

    def test_back_pay(self) -> None:
        case = paying()
        given(case).when(back_pay(case)).then(Payment.Created, kind=PaymentKind.BACK_PAY, amount_fen=5_000)

    def test_back_pay_is_refused(self) -> None:
        case = paying()
        world = given(case)
        world.when(back_pay(case, "2015-01")).refused("不在该个案的保障期内")
        world.when(back_pay(case, amount_fen=0)).refused("大于 0")
        world.when(back_pay(case, amount_fen=75_001)).refused("不超过该月核定金额 750元")


class TestAfterwards:
    def test_the_bank_sends_it_back_once(self) -> None:
        paid = payment(paying())
        command = ReturnPayment(payment_id=paid.id, reason="账户注销", effective_on=date(2015, 3, 15))
        given(paid).when(command).then(Payment.Returned, case_id=paid.case_id)
        given(paid).when(command).refused("已登记退回")

    def test_a_mistaken_amount_is_corrected(self) -> None:
        paid = payment(paying())
        command = CorrectPayment(payment_id=paid.id, amount_fen=70_000, reason="录入差错")
        given(paid).when(command).then(Payment.Corrected, corrects_version=1, amount_fen=70_000)
        again = CorrectPayment(payment_id=paid.id, amount_fen=72_000, reason="录入差错")
        given(paid).when(again).then(Payment.Corrected, corrects_version=2)

    def test_correcting_is_refused(self) -> None:
        paid, sent_back = payment(paying()), payment(paying())
        sent_back.mark_returned(on("2015-03-15"), reason="x", effective_on=date(2015, 3, 15))
        world = given(paid, sent_back)
        world.when(CorrectPayment(payment_id=paid.id, amount_fen=75_000, reason="x")).refused("不同于原金额")
        world.when(CorrectPayment(payment_id=paid.id, amount_fen=-1, reason="x")).refused("不为负")
        world.when(CorrectPayment(payment_id=paid.id, amount_fen=1, reason=" ")).refused("写明原因")
        world.when(CorrectPayment(payment_id=sent_back.id, amount_fen=1, reason="x")).refused("已退回")


class TestStandards:
    def command(self, **fields: object) -> AdoptStandard:
        given = {
            "param_code": "dibao.standard.rural",
            "value": 60_000,
            "from_on": date(2016, 1, 1),
            "basis": "江府办〔2015〕40号",
            **fields,
        }
        return AdoptStandard(**given)

    def test_adopting(self) -> None:
        adopted = given().when(self.command()).then(Standard.Created, unit=Unit.FEN, division_code="440704")
        after = with_standards(PARAMETERS, [adopted])
        assert after.value("dibao.standard.rural", VILLAGE, date(2015, 12, 31)) == 55_000
        assert after.value("dibao.standard.rural", VILLAGE, date(2016, 1, 1)) == 60_000
        assert after.find("dibao.standard.rural", VILLAGE, date(2016, 1, 1)).legal_basis == "江府办〔2015〕40号"

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"value": 55_000}, "与现行数值相同"),
            ({"basis": " "}, "依据文件"),
            ({"to_on": date(2015, 12, 31)}, "末日早于首日"),
        ],
    )
    def test_refusals(self, fields: dict[str, object], text: str) -> None:
        given().when(self.command(**fields)).refused(text)

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({"param_code": "dibao.standard"}, "没有名为 dibao.standard 的参数"),
            ({"value": -1}, "不能为负"),
            ({"division_code": "4407"}, "不是江海区"),
        ],
    )
    def test_what_cannot_be_understood_is_refused(self, fields: dict[str, object], text: str) -> None:
        given().when(self.command(**fields)).refused(text, BadInput)

    def test_a_parameter_not_in_force_before_may_be_adopted(self) -> None:
        command = self.command(from_on=date(2009, 1, 1), to_on=date(2010, 12, 31))
        adopted = given().when(command).then(Standard.Created)
        after = with_standards(PARAMETERS, [adopted])
        assert after.value("dibao.standard.rural", VILLAGE, date(2010, 6, 1)) == 60_000

    def test_a_mistake_is_taken_back_once(self) -> None:
        adopted = given().when(self.command()).then(Standard.Created)
        command = RevokeStandard(standard_id=adopted.id, reason="误录")
        given(adopted).when(command).then(Standard.Revoked, corrects_version=1)
        assert with_standards(PARAMETERS, [adopted]).value("dibao.standard.rural", VILLAGE, NOW.date()) == 55_000
        given(adopted).when(command).refused("已撤销")


class TestFindings:
    def finding(self) -> Finding:
        return Finding.raise_for(
            uuid4(),
            NOW,
            rule=FindingRule.PAID_TWICE,
            subject=f"case:{uuid4()}",
            division_code=VILLAGE,
            effective_on=NOW.date(),
            detail="x",
            evidence=(),
        )

    def test_resolving_once_with_an_outcome(self) -> None:
        found = self.finding()
        given(found).when(ResolveFinding(finding_id=found.id, outcome=" ")).refused("写明核查结果")
        command = ResolveFinding(finding_id=found.id, outcome="属补发，无误")
        given(found).when(command).then(Finding.Resolved, outcome="属补发，无误")
        given(found).when(command).refused("已办结")
