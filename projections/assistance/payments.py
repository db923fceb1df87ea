"""Payments in the read models: every one of them, and what each case has been paid in total."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.assistance import Payment
from domain.codes import PaymentKind
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, Row, handles
from projections.kernel.tables import COUNTED, FEN, Doc, Figures, Masked, One, Owner, Relations, view


@view(
    "payment",
    area=Area.ASSISTANCE,
    scope_from="division_code",
    owner=Owner("case", "case_id"),
    order=("month", "id"),
    indexes=(("month", "case_id"), ("batch_no",)),
    temporal=False,
    figures=Figures(("case_id", "month", "amount_fen", "paid_on", "returned", "returned_on"), of_owner=("scheme",)),
)
@dataclass
class PaymentRow:
    """发放记录"""

    id: Annotated[UUID, Doc("发放标识")]
    case_id: Annotated[UUID, Doc("个案标识")]
    household_id: Annotated[UUID, Doc("家庭标识")]
    payee_id: Annotated[UUID, Doc("收款人标识")]
    kind: Annotated[PaymentKind, Doc("发放类别")]
    month: Annotated[str, Doc("所属月份")]
    amount_fen: Annotated[int, Doc("金额"), FEN]
    division_code: Annotated[str, Doc("发放时的区划代码")]
    account: Annotated[str | None, Doc("收款账号"), Masked(PersonalClass.ACCOUNT)]
    batch_no: Annotated[str, Doc("发放批次")]
    fund_source: Annotated[str, Doc("资金来源")]
    paid_on: Annotated[date, Doc("发放日期")]
    cleared_on: Annotated[date | None, Doc("银行入账日期")]
    cleared_fen: Annotated[int | None, Doc("银行入账金额"), FEN]
    returned: Annotated[bool, Doc("是否退回")]
    returned_on: Annotated[date | None, Doc("退回日期")]
    corrected: Annotated[bool, Doc("金额是否更正过")]
    reason: Annotated[str | None, Doc("最近一次退回或更正的理由")]

    RELATIONS: ClassVar[Relations] = {
        "case": One("case", local="case_id"),
        "household": One("household", local="household_id"),
        "payee": One("person", local="payee_id"),
        "payroll": One("payroll", local="batch_no", on="batch_no"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "case_id",
        "household_id",
        "payee_id",
        "month",
        "kind",
        "division_code",
        "paid_on",
        "returned",
        "batch_no",
    )


@view("case_total", area=Area.ASSISTANCE, owner=Owner("case", "case_id"), listed=False)
@dataclass
class CaseTotalRow:
    """个案发放合计"""

    case_id: Annotated[UUID, Doc("个案标识")]
    paid_fen: Annotated[int, Doc("已发放合计（退回的除外）"), FEN, COUNTED]
    paid_count: Annotated[int, Doc("发放笔数（退回的除外）"), COUNTED]
    last_paid_month: Annotated[str | None, Doc("最近一次发放的月份")]

    RELATIONS: ClassVar[Relations] = {"case": One("case", local="case_id")}


class Payments(Projection):
    """What happens to payments. A part of the projection `Assistance`, never run by itself."""

    followers: ClassVar[dict[type, str]] = {PaymentRow: "total"}

    @handles(Payment.Created)
    def issued(self, event: Payment.Created, at: LogEvent, to: Changes) -> None:
        """Money was paid out."""
        on = event.effective_on
        to.insert(
            PaymentRow,
            event.originator_id,
            on=on,
            case_id=event.case_id,
            household_id=event.household_id,
            payee_id=event.payee_id,
            kind=event.kind,
            month=event.month,
            amount_fen=event.amount_fen,
            division_code=event.division_code,
            account=event.account,
            batch_no=event.batch_no,
            fund_source=event.fund_source,
            paid_on=on,
        )
        month = {"last_paid_month": event.month}
        to.add(CaseTotalRow, event.case_id, on=on, assign=month, paid_fen=event.amount_fen, paid_count=1)

    @handles(Payment.Returned)
    def sent_back(self, event: Payment.Returned, at: LogEvent, to: Changes) -> None:
        """The bank sent it back."""
        on = event.effective_on
        to.patch(PaymentRow, event.originator_id, on=on, returned=True, returned_on=on, reason=event.reason)

    @handles(Payment.Cleared)
    def reached(self, event: Payment.Cleared, at: LogEvent, to: Changes) -> None:
        """The bank says it has reached the account."""
        on = event.effective_on
        to.patch(PaymentRow, event.originator_id, on=on, cleared_on=on, cleared_fen=event.amount_fen)

    @handles(Payment.Corrected)
    def amount_corrected(self, event: Payment.Corrected, at: LogEvent, to: Changes) -> None:
        """The recorded amount was mistaken."""
        on = event.true_from()
        to.patch(
            PaymentRow,
            event.originator_id,
            on=on,
            amount_fen=event.amount_fen,
            corrected=True,
            reason=event.reason,
        )

    def total(self, before: Row, after: Row, on: date, to: Changes) -> None:
        """A patched payment changes its case's totals: a return from its own date, a correction from the payment's."""
        paid, was = _counts(after), _counts(before)
        if after["returned"] == before["returned"]:
            on = after["paid_on"]
        if paid != was:
            to.add(CaseTotalRow, after["case_id"], on=on, paid_fen=paid[0] - was[0], paid_count=paid[1] - was[1])


def _counts(payment: Row) -> tuple[int, int]:
    return (0, 0) if payment["returned"] else (payment["amount_fen"], 1)
