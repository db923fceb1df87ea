"""Decisions about payrolls: prepared, checked, approved, sent to the bank, reconciled."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID, uuid5

from domain.access import FINANCE, PAYROLL
from domain.assistance.payment import Payment
from domain.codes import FindingRule, Scheme
from domain.errors import RuleViolated
from domain.findings import Finding
from domain.formulas import yuan
from domain.funds.budget import Budget
from domain.funds.due import DueCases, DueTable, plan
from domain.funds.payroll import Answers, Payroll, months_of
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, Wish

PayrollId = Annotated[UUID, Doc("发放批次标识")]


@dataclass(frozen=True, kw_only=True)
class PreparePayroll(Command):
    """编制发放批次：列出某月应发未发的个案或个人待遇；金额取自核定金额，死亡、无账户等不列入并注明原因。"""

    ROLES: ClassVar = PAYROLL
    scheme: Annotated[Scheme, Doc("救助类别")]
    month: Annotated[str, Doc("所属月份 YYYY-MM")]
    budget_id: Annotated[UUID, Doc("支出的预算")]
    since: Annotated[str, Doc("自何月起一并补发少发、退回的金额 YYYY-MM；不填为不补发以前月份")] = ""
    division_code: Annotated[str, Doc("区划代码；不填为本人辖区")] = ""
    batch_no: Annotated[str, Doc("批次编号；不填时自动编号")] = ""

    def decide(self, by: Decision) -> Decided:
        division = self.division_code or by.actor.division_code
        months = months_of(self.month, self.since, by.now)
        budget: Budget | None = (yield LoadMany(Budget, (self.budget_id,))).get(self.budget_id)
        if budget is None:
            raise RuleViolated("没有此预算，请先下达预算。")
        number = self.batch_no.strip() or _number(self.month, self.scheme, division, by.new_id)
        if (yield LoadMany(Payroll, (Payroll.id_for(number),))):
            raise RuleViolated(f"批次编号 {number} 已使用，请换一个编号。")
        table: DueTable = yield DueCases(scheme=self.scheme, months=months, division_code=division)
        payroll = Payroll.prepare(
            by.now,
            batch_no=number,
            scheme=self.scheme,
            month=self.month,
            since=months[0],
            division_code=division,
            budget_id=budget.id,
            fund_source=budget.source,
            plan=plan(table, self.scheme, by.parameters),
            by=by.actor.name,
        )
        return (payroll,)


@dataclass(frozen=True, kw_only=True)
class CheckPayroll(Command):
    """复核发放批次：须由编制人以外的人办理。"""

    ROLES: ClassVar = FINANCE
    payroll_id: PayrollId
    note: Annotated[str, Doc("复核意见")] = ""

    def decide(self, by: Decision) -> Decided:
        payroll: Payroll = yield Load(Payroll, self.payroll_id)
        payroll.check(by.now, by=by.actor.name, note=self.note)
        return (payroll,)


@dataclass(frozen=True, kw_only=True)
class ApprovePayroll(Command):
    """审批发放批次：须由编制人、复核人以外的人办理，合计不得超过预算可用余额；审批后自动逐户发放。"""

    ROLES: ClassVar = FINANCE
    payroll_id: PayrollId

    def decide(self, by: Decision) -> Decided:
        payroll: Payroll = yield Load(Payroll, self.payroll_id)
        budget = yield from _budget(payroll)
        needed: dict[str, Any] = {
            "payroll_id": payroll.id,
            "scheme": payroll.scheme,
            "month": payroll.month,
            "amount_fen": payroll.total_fen,
        }
        budget.demand_free(**needed)
        payroll.approve(by.now, by=by.actor.name)
        budget.commit(by.now, **needed)
        return (payroll, budget)


@dataclass(frozen=True, kw_only=True)
class CancelPayroll(Command):
    """作废尚未审批的发放批次。"""

    ROLES: ClassVar = PAYROLL
    payroll_id: PayrollId
    reason: Annotated[str, Doc("作废原因")]

    def decide(self, by: Decision) -> Decided:
        payroll: Payroll = yield Load(Payroll, self.payroll_id)
        payroll.cancel(by.now, by=by.actor.name, reason=self.reason)
        return (payroll,)


@dataclass(frozen=True, kw_only=True)
class SendPayroll(Command):
    """登记送银行的代发文件；通常由平台在导出文件时自动登记。"""

    ROLES: ClassVar = FINANCE
    payroll_id: PayrollId
    file_sha256: Annotated[str, Doc("文件的 SHA-256 摘要")]
    line_count: Annotated[int, Doc("笔数")]
    total_fen: Annotated[int, Doc("合计金额（分）")]

    def decide(self, by: Decision) -> Decided:
        payroll: Payroll = yield Load(Payroll, self.payroll_id)
        payroll.send(
            by.now,
            by=by.actor.name,
            file_sha256=self.file_sha256,
            line_count=self.line_count,
            total_fen=self.total_fen,
        )
        return (payroll,)


@dataclass(frozen=True, kw_only=True)
class ReconcilePayroll(Command):
    """批次对账：银行回盘与批次、发放逐笔核对，核销预算；合计不符的形成疑点。可随回盘多次办理。"""

    ROLES: ClassVar = FINANCE
    payroll_id: PayrollId

    def decide(self, by: Decision) -> Decided:
        payroll: Payroll = yield Load(Payroll, self.payroll_id)
        budget = yield from _budget(payroll)
        ids = tuple(payroll.payment_id(line) for _, line in payroll.issued_lines())
        payments: dict[UUID, Payment] = yield LoadMany(payroll.payments_are, ids)
        answers = payroll.reconcile(by.now, by=by.actor.name, payments=payments)
        withheld = payroll.total_fen - payroll.issued_fen
        budget.settle(
            by.now,
            payroll_id=payroll.id,
            spent_fen=answers.cleared_fen + answers.difference_fen,
            released_fen=answers.returned_fen + withheld - answers.difference_fen,
        )
        finding_id = uuid5(payroll.id, f"totals {answers.difference_fen}")
        known = yield LoadMany(Finding, (finding_id,))
        found = () if known or not answers.difference_fen else (_totals_differ(finding_id, payroll, answers, by),)
        return (payroll, budget, *found)


def _budget(payroll: Payroll) -> Generator[Wish, Any, Budget]:
    """The payroll's budget."""
    found: Budget | None = (yield LoadMany(Budget, (payroll.budget_id,))).get(payroll.budget_id)
    if found is None:
        raise RuleViolated("没有此批次所列的预算，请作废后重新编制。")
    return found


def _number(month: str, scheme: Scheme, division: str, id: UUID) -> str:
    return f"{month.replace('-', '')}-{scheme.value}-{division}-{id.hex[:4].upper()}"


def _totals_differ(id: UUID, payroll: Payroll, answers: Answers, by: Decision) -> Finding:
    return Finding.raise_for(
        id,
        by.now,
        rule=FindingRule.BATCH_TOTALS,
        subject=f"payroll:{payroll.id}",
        division_code=payroll.division_code,
        effective_on=by.today,
        month=payroll.month,
        amount_fen=answers.difference_fen,
        detail=(
            f"批次 {payroll.batch_no} 银行入账 {answers.cleared_count} 笔，"
            f"应为 {yuan(answers.cleared_fen)}，银行报告 {yuan(answers.cleared_fen + answers.difference_fen)}。"
        ),
        evidence=(f"payroll:{payroll.id}@{payroll.version}",),
    )
