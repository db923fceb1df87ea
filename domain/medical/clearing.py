"""The monthly clearing (月度清算): what medical assistance owes a hospital for the files of a month, and its payment.

Two hands: who prepared it does not approve it. What it rests on has to be reconciled to the last line on both days.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.clock import month_of
from domain.codes import ClearingState, FundSource, SettlementState
from domain.errors import RuleViolated
from domain.formulas import yuan
from domain.kernel import NO_ID
from domain.medical.reconciliation import DailyReconciliation, Sums, lines_of
from domain.medical.settlement import BOOKED, Settlement

_NAMED = 5
"""How many days or numbers an error names."""


class Account(NamedTuple):
    """What a month comes to: lines counted as the files count them, in fen, and which settlements it pays."""

    lines: int
    total_fen: int
    assistance_fen: int
    settlement_ids: tuple[UUID, ...]


class Clearing(kernel.Aggregate):
    """One hospital's month."""

    TOPIC: ClassVar[str] = "medical.Clearing"
    SUBJECT: ClassVar[str] = "clearing"
    division_code: str = ""
    hospital_id: UUID = NO_ID
    month: str = ""
    state: ClearingState = ClearingState.PREPARED
    amount_fen: int = 0
    settlement_ids: tuple[UUID, ...] = ()
    prepared_by: str = ""

    class Created(kernel.Created):
        """Drawn up for the first time; to be approved and paid by `approve_by`."""

        TOPIC = "medical.ClearingPrepared"
        TITLE = "编制月度清算"
        hospital_id: UUID
        month: str
        count: int
        total_fen: int
        amount_fen: int
        settlement_ids: tuple[UUID, ...]
        by: str
        approve_by: date
        division_code: str

        def apply(self, aggregate: "Clearing") -> None:
            aggregate.prepared_by = self.by

        def gist(self) -> str:
            return f"{self.month} {self.count} 笔 {yuan(self.amount_fen)}"

    class Withdrawn(kernel.Event):
        """Taken back before it was paid, to be drawn up anew."""

        TOPIC = "medical.ClearingWithdrawn"
        TITLE = "撤回月度清算"
        reason: str
        by: str

        def apply(self, aggregate: "Clearing") -> None:
            aggregate.state = ClearingState.WITHDRAWN

        def gist(self) -> str:
            return self.reason

    class Redrawn(kernel.Event):
        """Drawn up anew."""

        TOPIC = "medical.ClearingRedrawn"
        TITLE = "重新编制月度清算"
        hospital_id: UUID
        month: str
        count: int
        total_fen: int
        amount_fen: int
        settlement_ids: tuple[UUID, ...]
        by: str
        approve_by: date

        def apply(self, aggregate: "Clearing") -> None:
            aggregate.state = ClearingState.PREPARED
            aggregate.amount_fen = self.amount_fen
            aggregate.settlement_ids = self.settlement_ids
            aggregate.prepared_by = self.by

        def gist(self) -> str:
            return f"{self.month} {self.count} 笔 {yuan(self.amount_fen)}"

    class Paid(kernel.Event):
        """The second hand approved it and the money went to the hospital."""

        TOPIC = "medical.ClearingPaid"
        TITLE = "拨付月度清算"
        hospital_id: UUID
        month: str
        amount_fen: int
        fund_source: FundSource
        voucher_no: str
        by: str

        def apply(self, aggregate: "Clearing") -> None:
            aggregate.state = ClearingState.PAID

        def gist(self) -> str:
            return f"{self.month} {yuan(self.amount_fen)}（{self.fund_source.label}）"

    def subjects(self) -> Iterable[str]:
        """It is found by its hospital."""
        yield f"hospital:{self.hospital_id}"

    @staticmethod
    def id_for(hospital_id: UUID, month: str) -> UUID:
        """The id of a hospital's month."""
        return uuid5(hospital_id, f"clearing {month}")

    @classmethod
    def prepare(
        cls,
        at: datetime,
        *,
        hospital_id: UUID,
        month: str,
        account: Account,
        by: str,
        approve_by: date,
        division_code: str,
    ) -> Self:
        """Draw a month up."""
        return cls.create(
            cls.Created,
            id=cls.id_for(hospital_id, month),
            at=at,
            hospital_id=hospital_id,
            month=month,
            count=account.lines,
            total_fen=account.total_fen,
            amount_fen=account.assistance_fen,
            settlement_ids=account.settlement_ids,
            by=by,
            approve_by=approve_by,
            division_code=division_code,
        )

    def redraw(self, at: datetime, *, account: Account, by: str, approve_by: date) -> None:
        """Draw it up anew after it was withdrawn."""
        self._demand("重新编制", ClearingState.WITHDRAWN)
        self.record(
            self.Redrawn,
            at=at,
            hospital_id=self.hospital_id,
            month=self.month,
            count=account.lines,
            total_fen=account.total_fen,
            amount_fen=account.assistance_fen,
            settlement_ids=account.settlement_ids,
            by=by,
            approve_by=approve_by,
        )

    def withdraw(self, at: datetime, *, reason: str, by: str) -> None:
        """Take it back before it is paid."""
        self._demand("撤回", ClearingState.PREPARED)
        if not reason.strip():
            raise RuleViolated("撤回清算须写明原因。")
        self.record(self.Withdrawn, at=at, reason=reason.strip(), by=by)

    def pay(self, at: datetime, *, account: Account, fund_source: FundSource, voucher_no: str, by: str) -> None:
        """The second hand approves and the money goes; raises RuleViolated where the month comes to another sum now."""
        self._demand("审批拨付", ClearingState.PREPARED)
        if by == self.prepared_by:
            raise RuleViolated("您已编制此清算，不能再审批拨付；请由其他经办人办理。")
        if (account.assistance_fen, account.settlement_ids) != (self.amount_fen, self.settlement_ids):
            raise RuleViolated(
                f"编制后结算有变，{self.month} 现应清算 {yuan(account.assistance_fen)}（编制时 "
                f"{yuan(self.amount_fen)}）；请撤回后重新编制。"
            )
        if not voucher_no.strip():
            raise RuleViolated("拨付清算款须填写拨款凭证号。")
        self.record(
            self.Paid,
            at=at,
            hospital_id=self.hospital_id,
            month=self.month,
            amount_fen=self.amount_fen,
            fund_source=fund_source,
            voucher_no=voucher_no.strip(),
            by=by,
        )

    def _demand(self, what: str, state: ClearingState) -> None:
        if self.state is not state:
            raise RuleViolated(f"清算现为“{self.state.label}”，不能{what}；须为：{state.label}。")


def days_of(settlements: Iterable[Settlement], month: str) -> tuple[date, ...]:
    """The days of a month in whose files these settlements stand."""
    days = {day for s in settlements for day in (s.booked_on, s.cancelled_on) if day and month_of(day) == month}
    return tuple(sorted(days))


def account_of(
    month: str, settlements: Sequence[Settlement], reconciled: Mapping[date, DailyReconciliation], today: date
) -> Account:
    """What a month comes to; raises RuleViolated where it is not over or not reconciled to the last line."""
    if month >= month_of(today):
        raise RuleViolated(f"{month} 尚未结束，不能清算。")
    pending = sorted(s.settlement_no for s in settlements if s.state is SettlementState.PENDING_REVERSAL)
    if pending:
        raise RuleViolated(f"有 {len(pending)} 笔结算结果不明（{_some(pending)}），须先冲正或确认，再清算。")
    days = days_of(settlements, month)
    sums = {day: Sums.of(lines_of(settlements, day)) for day in days}
    missing = [str(day) for day in days if not _compared(reconciled.get(day), sums[day])]
    if missing:
        raise RuleViolated(f"有 {len(missing)} 日未对账或对账后又有变动（{_some(missing)}），须先对账，再清算。")
    differing = [str(day) for day in days if reconciled[day].unresolved]
    if differing:
        raise RuleViolated(f"有 {len(differing)} 日的对账差异未核实（{_some(differing)}），须先核实，再清算。")
    if not days:
        raise RuleViolated(f"{month} 没有与该医院的结算，无需清算。")
    paid = [s for s in settlements if s.state in BOOKED and s.booked_on and month_of(s.booked_on) == month]
    return Account(
        lines=sum(each.lines for each in sums.values()),
        total_fen=sum(each.total_fen for each in sums.values()),
        assistance_fen=sum(each.assistance_fen for each in sums.values()),
        settlement_ids=tuple(sorted(settlement.id for settlement in paid)),
    )


def _compared(day: DailyReconciliation | None, sums: Sums) -> bool:
    """Whether it was compared, and nothing on our side has changed since."""
    return day is not None and day.compared and day.ours == sums


def _some(names: Sequence[str]) -> str:
    return "、".join(names[:_NAMED]) + (" 等" if len(names) > _NAMED else "")
