"""Payrolls in the read models: where each stands, and every line with what became of it."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area
from domain.codes import FundSource, HoldReason, PaymentKind, PayrollState, Scheme
from domain.funds import Payroll
from domain.funds.due import UNKNOWN
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import FEN, Doc, Many, One, Relations, view


@view(
    "payroll",
    area=Area.FUNDS,
    scope_from="division_code",
    order=("month", "batch_no", "id"),
    indexes=(("batch_no",), ("state", "scope", "month", "batch_no", "id")),
)
@dataclass
class PayrollRow:
    """发放批次"""

    id: Annotated[UUID, Doc("批次标识")]
    batch_no: Annotated[str, Doc("批次编号")]
    scheme: Annotated[Scheme, Doc("救助类别")]
    month: Annotated[str, Doc("所属月份")]
    since: Annotated[str, Doc("自何月起补发")]
    division_code: Annotated[str, Doc("区划代码")]
    state: Annotated[PayrollState, Doc("批次状态")]
    budget_id: Annotated[UUID, Doc("支出的预算")]
    fund_source: Annotated[FundSource, Doc("资金来源")]
    prepared_at_position: Annotated[int, Doc("编制时依据的日志位置")]
    line_count: Annotated[int, Doc("编制笔数")]
    total_fen: Annotated[int, Doc("编制合计"), FEN]
    held_count: Annotated[int, Doc("不列入的笔数")]
    off_rule_count: Annotated[int, Doc("核定金额与现行标准计算结果不符的笔数，供复核")]
    prepared_by: Annotated[str, Doc("编制人账号")]
    checked_by: Annotated[str | None, Doc("复核人账号")]
    approved_by: Annotated[str | None, Doc("审批人账号")]
    note: Annotated[str | None, Doc("复核意见或作废原因")]
    issued_on: Annotated[date | None, Doc("发放日期")]
    issued_count: Annotated[int, Doc("发放笔数")]
    issued_fen: Annotated[int, Doc("发放合计"), FEN]
    sent_on: Annotated[date | None, Doc("送银行日期")]
    file_sha256: Annotated[str | None, Doc("代发文件摘要")]
    reconciled_on: Annotated[date | None, Doc("最近一次对账日期")]
    cleared_count: Annotated[int, Doc("银行入账笔数")]
    cleared_fen: Annotated[int, Doc("银行入账合计（按发放金额）"), FEN]
    returned_count: Annotated[int, Doc("退回笔数")]
    returned_fen: Annotated[int, Doc("退回合计"), FEN]
    open_count: Annotated[int, Doc("未回盘笔数")]
    open_fen: Annotated[int, Doc("未回盘合计"), FEN]
    difference_fen: Annotated[int, Doc("银行金额与发放金额的差额"), FEN]

    RELATIONS: ClassVar[Relations] = {
        "budget": One("budget", local="budget_id"),
        "lines": Many("payroll_line", on="payroll_id", order=("number", "owner_id", "month")),
        "payments": Many("payment", on="batch_no", local="batch_no", order=("id",)),
        "benefit_payments": Many("benefit_payment", on="batch_no", local="batch_no", order=("id",)),
        "timeline": Many("timeline", on="subject", prefix="payroll:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("batch_no", "scheme", "month", "state", "division_code", "budget_id")


@view(
    "payroll_line",
    area=Area.FUNDS,
    key=("payroll_id", "owner_id", "month"),
    scope_from="division_code",
    order=("payroll_id", "number", "owner_id", "month"),
    indexes=(("owner_id", "month"),),
)
@dataclass
class PayrollLineRow:
    """发放批次明细"""

    payroll_id: Annotated[UUID, Doc("批次标识")]
    owner_id: Annotated[UUID, Doc("个案标识；发放个人待遇的为待遇标识")]
    month: Annotated[str, Doc("所属月份")]
    number: Annotated[int, Doc("序号；0 为未列入")]
    division_code: Annotated[str, Doc("区划代码")]
    kind: Annotated[PaymentKind | None, Doc("发放类别")]
    amount_fen: Annotated[int, Doc("金额"), FEN]
    rule_fen: Annotated[int | None, Doc("按现行标准计算的金额，供复核"), FEN]
    withheld_fen: Annotated[int, Doc("因上报死亡待核实而暂缓的份额"), FEN]
    held: Annotated[HoldReason | None, Doc("不发放的原因；空为照发")]

    RELATIONS: ClassVar[Relations] = {
        "payroll": One("payroll", local="payroll_id"),
        "case": One("case", local="owner_id"),
        "benefit": One("benefit", local="owner_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("payroll_id", "owner_id", "month", "held", "kind", "division_code")


class Payrolls(Projection):
    """What happens to payrolls. A part of the projection `Funds`, never run by itself."""

    @handles(Payroll.Created)
    def prepared(self, event: Payroll.Created, at: LogEvent, to: Changes) -> None:
        """A month's lines."""
        to.insert(
            PayrollRow,
            event.originator_id,
            on=event.true_from(),
            batch_no=event.batch_no,
            scheme=event.scheme,
            month=event.month,
            since=event.since,
            division_code=event.division_code,
            state=PayrollState.PREPARED,
            budget_id=event.budget_id,
            fund_source=event.fund_source,
            prepared_at_position=event.log_position,
            line_count=event.line_count,
            total_fen=event.total_fen,
            held_count=event.held_count,
            off_rule_count=event.off_rule_count,
            prepared_by=event.by,
        )

    @handles(Payroll.Listed)
    def listed(self, event: Payroll.Listed, at: LogEvent, to: Changes) -> None:
        """The lines themselves."""
        on = event.true_from()
        for number, line in enumerate(event.lines, event.first):
            to.put(
                PayrollLineRow,
                (event.originator_id, line.owner_id, line.month),
                on=on,
                number=number,
                division_code=line.division_code,
                kind=line.kind,
                amount_fen=line.amount_fen,
                rule_fen=None if line.rule_fen == UNKNOWN else line.rule_fen,
                withheld_fen=line.withheld_fen,
            )

    @handles(Payroll.Withheld)
    def withheld(self, event: Payroll.Withheld, at: LogEvent, to: Changes) -> None:
        """Lines that are not paid."""
        on = event.true_from()
        for line in event.lines:
            key = (event.originator_id, line.owner_id, line.month)
            if line.number:
                to.patch(PayrollLineRow, key, on=on, held=line.reason)
                continue
            to.put(
                PayrollLineRow,
                key,
                on=on,
                number=0,
                division_code=line.division_code,
                amount_fen=line.amount_fen,
                held=line.reason,
            )

    @handles(Payroll.Checked)
    def checked(self, event: Payroll.Checked, at: LogEvent, to: Changes) -> None:
        """The second hand."""
        _change(to, event, state=PayrollState.CHECKED, checked_by=event.by, note=event.note or None)

    @handles(Payroll.Approved)
    def approved(self, event: Payroll.Approved, at: LogEvent, to: Changes) -> None:
        """The third hand."""
        _change(to, event, state=PayrollState.APPROVED, approved_by=event.by)

    @handles(Payroll.Cancelled)
    def cancelled(self, event: Payroll.Cancelled, at: LogEvent, to: Changes) -> None:
        """Given up."""
        _change(to, event, state=PayrollState.CANCELLED, note=event.reason)

    @handles(Payroll.Issued)
    def issued(self, event: Payroll.Issued, at: LogEvent, to: Changes) -> None:
        """Paid out."""
        _change(
            to,
            event,
            state=PayrollState.ISSUED,
            issued_on=event.true_from(),
            issued_count=event.payee_count,
            issued_fen=event.total_fen,
            open_count=event.payee_count,
            open_fen=event.total_fen,
        )

    @handles(Payroll.Sent)
    def sent(self, event: Payroll.Sent, at: LogEvent, to: Changes) -> None:
        """The bank's file was made."""
        _change(to, event, state=PayrollState.SENT, sent_on=event.true_from(), file_sha256=event.file_sha256)

    @handles(Payroll.Reconciled)
    def reconciled(self, event: Payroll.Reconciled, at: LogEvent, to: Changes) -> None:
        """Held against what the bank said."""
        _change(
            to,
            event,
            **({} if event.open_count else {"state": PayrollState.RECONCILED}),
            reconciled_on=event.true_from(),
            cleared_count=event.cleared_count,
            cleared_fen=event.cleared_fen,
            returned_count=event.returned_count,
            returned_fen=event.returned_fen,
            open_count=event.open_count,
            open_fen=event.open_fen,
            difference_fen=event.difference_fen,
        )


def _change(to: Changes, event: Any, **columns: Any) -> None:
    to.patch(PayrollRow, event.originator_id, on=event.true_from(), **columns)
