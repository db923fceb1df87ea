"""Decisions about payments."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import FINANCE
from domain.assistance.case import Case
from domain.assistance.payment import Payment
from domain.clock import month_of
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany
from domain.registry.person import Person

CaseId = Annotated[UUID, Doc("个案标识")]
PaymentId = Annotated[UUID, Doc("发放标识")]
Month = Annotated[str, Doc("所属月份 YYYY-MM")]


@dataclass(frozen=True, kw_only=True)
class IssuePayment(Command):
    """发放：按核定金额发放一个月；同一个案同一月份只能发放一次。"""

    ROLES: ClassVar = FINANCE
    case_id: CaseId
    month: Month
    batch_no: Annotated[str, Doc("发放批次")]
    fund_source: Annotated[str, Doc("资金来源")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        persons: dict[UUID, Person] = yield LoadMany(Person, (*case.members_for(self.month), case.applicant_id))
        _demand_nobody_dead(persons, self.month)
        id = Payment.id_for(case.id, self.month)
        if (yield LoadMany(Payment, (id,))):
            raise RuleViolated(f"该个案 {self.month} 已发放；被退回的请办理补发。")
        payment = Payment.issue(
            by.now, case=case, month=self.month, batch_no=self.batch_no, fund_source=self.fund_source
        )
        return (payment,)


@dataclass(frozen=True, kw_only=True)
class IssueBackPayment(Command):
    """补发：补足以前月份少发或被退回的金额。"""

    ROLES: ClassVar = FINANCE
    case_id: CaseId
    month: Month
    amount_fen: Annotated[int, Doc("补发金额（分）")]
    batch_no: Annotated[str, Doc("发放批次")]
    fund_source: Annotated[str, Doc("资金来源")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        persons: dict[UUID, Person] = yield LoadMany(Person, (*case.members_for(self.month), case.applicant_id))
        _demand_nobody_dead(persons, self.month)
        payment = Payment.issue_back_pay(
            by.new_id,
            by.now,
            case=case,
            month=self.month,
            amount_fen=self.amount_fen,
            batch_no=self.batch_no,
            fund_source=self.fund_source,
        )
        return (payment,)


@dataclass(frozen=True, kw_only=True)
class ReturnPayment(Command):
    """登记银行退回。"""

    ROLES: ClassVar = FINANCE
    payment_id: PaymentId
    reason: Annotated[str, Doc("退回原因")]
    effective_on: Annotated[date, Doc("退回日期")]

    def decide(self, by: Decision) -> Decided:
        payment: Payment = yield Load(Payment, self.payment_id)
        payment.mark_returned(by.now, reason=self.reason, effective_on=self.effective_on)
        return (payment,)


@dataclass(frozen=True, kw_only=True)
class CorrectPayment(Command):
    """更正发放记录的金额差错，原记录保留可查。"""

    ROLES: ClassVar = FINANCE
    payment_id: PaymentId
    amount_fen: Annotated[int, Doc("更正后的金额（分）")]
    reason: Annotated[str, Doc("更正原因")]

    def decide(self, by: Decision) -> Decided:
        payment: Payment = yield Load(Payment, self.payment_id)
        payment.correct(by.now, amount_fen=self.amount_fen, reason=self.reason)
        return (payment,)


def _demand_nobody_dead(persons: dict[UUID, Person], month: str) -> None:
    """A confirmed death stops payment from the next month; one only reported stops nothing."""
    for person in persons.values():
        if person.death_confirmed and person.died_on is not None and month_of(person.died_on) < month:
            raise RuleViolated(
                f"保障对象或领取人中有人已于 {month_of(person.died_on)} 死亡，请先变更保障对象或领取人。"
            )
