"""Benefits in the read models: what each is, what it comes to in which month, what was paid for it.

A benefit's row is read as of a month's last day: what begins with a month begins on its first day, and an application
holds for the whole month it was made in.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.care import Benefit, BenefitPayment
from domain.clock import first_day, month_of, next_month
from domain.codes import BenefitEnd, BenefitHold, BenefitKind, BenefitState, LifeProof, PaymentKind
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import FEN, JSON, Doc, Figures, Limit, Many, Masked, One, Owner, Relations, view


@view(
    "benefit",
    area=Area.CARE,
    scope_from="division_code",
    order=("kind", "applied_on", "id"),
    indexes=(("person_id",), ("kind", "state", "scope", "id"), ("waiting", "due_on", "id", "scope")),
)
@dataclass
class BenefitRow:
    """个人待遇"""

    id: Annotated[UUID, Doc("个人待遇标识")]
    person_id: Annotated[UUID, Doc("享受待遇的人")]
    kind: Annotated[BenefitKind, Doc("待遇类别")]
    state: Annotated[BenefitState, Doc("待遇状态")]
    division_code: Annotated[str, Doc("区划代码")]
    applied_on: Annotated[date, Doc("申请日期；来源系统登记的为享受待遇之日")]
    applied_by: Annotated[str | None, Doc("代为申请的经办账号；空为来源系统登记")]
    approved_by: Annotated[str | None, Doc("审核的账号")]
    decided_by: Annotated[str | None, Doc("作出最近一次决定的账号")]
    decided_on: Annotated[date | None, Doc("审定或不予发放的日期")]
    waiting: Annotated[bool, Doc("是否有待办：待审核、待审定，或暂缓待处理")]
    due_on: Annotated[date, Doc("待办的期限；没有待办的为最近一次期限或申请日期"), Limit("waiting")]
    monthly_fen: Annotated[int, Doc("每月金额"), FEN]
    amount_from: Annotated[date | None, Doc("金额自何日起")]
    start_month: Annotated[str | None, Doc("起发月份")]
    end_month: Annotated[str | None, Doc("最后发放月份")]
    end_reason: Annotated[BenefitEnd | None, Doc("终止原因")]
    turns_on: Annotated[date | None, Doc("自何日起按规则应变化（到龄、证件到期），待核定；空为没有")]
    held: Annotated[BenefitHold | None, Doc("暂缓发放原因；空为未暂缓")]
    held_from: Annotated[str | None, Doc("自何月起暂缓")]
    reason: Annotated[str | None, Doc("最近一次变更的理由或说明")]
    basis: Annotated[
        str | None, Doc("计算依据：失能等级、残疾类别等级、困难身份（JSON）"), JSON, Masked(PersonalClass.HEALTH)
    ]
    computed: Annotated[str | None, Doc("金额的计算过程（JSON）"), JSON, Masked(PersonalClass.HEALTH)]
    proved_on: Annotated[date | None, Doc("最近一次生存认证日期")]
    proof_method: Annotated[LifeProof | None, Doc("生存认证方式")]
    proof_valid_to: Annotated[date | None, Doc("生存认证有效期")]
    overpaid_fen: Annotated[int, Doc("查明多发金额（应追缴）"), FEN]
    overpaid_from: Annotated[str | None, Doc("追缴起始月份")]
    overpaid_to: Annotated[str | None, Doc("追缴截止月份")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "person": One("person", local="person_id"),
        "payments": Many("benefit_payment", on="benefit_id", order=("month", "id")),
        "timeline": Many("timeline", on="subject", local="person_id", prefix="person:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "person_id",
        "kind",
        "state",
        "division_code",
        "waiting",
        "due_on",
        "applied_on",
        "start_month",
        "end_month",
        "end_reason",
        "held",
        "proof_valid_to",
        "overpaid_from",
    )


@view(
    "benefit_payment",
    area=Area.CARE,
    scope_from="division_code",
    owner=Owner("benefit", "benefit_id"),
    order=("month", "id"),
    indexes=(("month", "benefit_id"), ("batch_no",), ("person_id",)),
    temporal=False,
    figures=Figures(("benefit_id", "benefit_kind", "amount_fen", "paid_on", "returned", "returned_on")),
)
@dataclass
class BenefitPaymentRow:
    """个人待遇发放记录"""

    id: Annotated[UUID, Doc("发放标识")]
    benefit_id: Annotated[UUID, Doc("个人待遇标识")]
    person_id: Annotated[UUID, Doc("收款人标识")]
    benefit_kind: Annotated[BenefitKind, Doc("待遇类别")]
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
    reason: Annotated[str | None, Doc("最近一次退回或更正的理由")]

    RELATIONS: ClassVar[Relations] = {
        "benefit": One("benefit", local="benefit_id"),
        "person": One("person", local="person_id"),
        "payroll": One("payroll", local="batch_no", on="batch_no"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "benefit_id",
        "person_id",
        "benefit_kind",
        "month",
        "kind",
        "division_code",
        "paid_on",
        "returned",
        "batch_no",
    )


class Benefits(Projection):
    """What happens to benefits. A part of the projection `Care`, never run by itself."""

    @handles(Benefit.Created)
    def applied(self, event: Benefit.Created, at: LogEvent, to: Changes) -> None:
        """A new benefit; the street's turn where somebody applied here."""
        to.insert(
            BenefitRow,
            event.originator_id,
            on=event.from_on,
            person_id=event.person_id,
            kind=event.kind,
            state=BenefitState.APPLIED,
            division_code=event.division_code,
            applied_on=event.applied_on,
            applied_by=event.by or None,
            waiting=event.review_by is not None,
            due_on=event.review_by or event.applied_on,
            basis=event.basis,
        )

    @handles(Benefit.Approved)
    def approved(self, event: Benefit.Approved, at: LogEvent, to: Changes) -> None:
        """The district's turn."""
        said: dict[str, Any] = {"approved_by": event.by, "due_on": event.decide_by, "reason": event.note or None}
        _decided(to, event, event.timestamp.date(), state=BenefitState.APPROVED, **said)

    @handles(Benefit.Granted)
    def granted(self, event: Benefit.Granted, at: LogEvent, to: Changes) -> None:
        """Due from a month on, whatever was recorded for later ones; decided on the day it was recorded."""
        on = event.from_on
        to.patch(
            BenefitRow,
            event.originator_id,
            on=on,
            decided=True,
            state=BenefitState.PAYING,
            monthly_fen=event.monthly_fen,
            amount_from=on,
            start_month=event.start_month,
            end_month=event.end_month or None,
            end_reason=None,
            computed=event.trace or None,
            waiting=False,
        )
        if event.by:
            today = event.timestamp.date()
            _decided(to, event, min(on, today), decided_by=event.by, decided_on=today)
        if event.end_month:
            after = first_day(next_month(event.end_month))
            to.patch(BenefitRow, event.originator_id, on=after, decided=True, state=BenefitState.ENDED)

    @handles(Benefit.Refused)
    def refused(self, event: Benefit.Refused, at: LogEvent, to: Changes) -> None:
        """Not granted."""
        on = event.timestamp.date()
        said: dict[str, Any] = {"decided_by": event.by, "decided_on": on, "reason": event.reason}
        _decided(to, event, on, state=BenefitState.REFUSED, waiting=False, **said)

    @handles(Benefit.Withdrawn)
    def withdrawn(self, event: Benefit.Withdrawn, at: LogEvent, to: Changes) -> None:
        """Taken back."""
        said: dict[str, Any] = {"waiting": False, "reason": event.reason}
        _decided(to, event, event.timestamp.date(), state=BenefitState.WITHDRAWN, **said)

    @handles(Benefit.BasisChanged)
    def basis_changed(self, event: Benefit.BasisChanged, at: LogEvent, to: Changes) -> None:
        """What it is computed from."""
        _decided(to, event, event.timestamp.date(), basis=event.basis)

    @handles(Benefit.AmountChanged)
    def amount_changed(self, event: Benefit.AmountChanged, at: LogEvent, to: Changes) -> None:
        """Another amount until a later month's own."""
        to.patch(
            BenefitRow,
            event.originator_id,
            on=event.from_on,
            monthly_fen=event.new_fen,
            amount_from=event.from_on,
            computed=event.trace or None,
            reason=event.cause,
        )
        self._turn_settled(event, to)

    @handles(Benefit.TurnSettled)
    def turn_settled(self, event: Benefit.TurnSettled, at: LogEvent, to: Changes) -> None:
        """The amount stays."""
        self._turn_settled(event, to)

    def _turn_settled(self, event: Benefit.AmountChanged | Benefit.TurnSettled, to: Changes) -> None:
        """Nobody is waited for any more, unless the line is held."""
        on, free = event.timestamp.date(), {"state": BenefitState.PAYING, "held": None}
        to.patch(BenefitRow, event.originator_id, on=on, where=free, decided=True, waiting=False)
        _decided(to, event, on, turns_on=None)

    @handles(Benefit.TurnDue)
    def turn_due(self, event: Benefit.TurnDue, at: LogEvent, to: Changes) -> None:
        """Somebody is to look at it by the month from which the rule gives something else."""
        said: dict[str, Any] = {"waiting": True, "due_on": event.from_on, "turns_on": event.from_on}
        _decided(to, event, event.timestamp.date(), **said)

    @handles(Benefit.Held)
    def line_held(self, event: Benefit.Held, at: LogEvent, to: Changes) -> None:
        """Somebody has to decide."""
        said: dict[str, Any] = {"held": event.reason, "held_from": month_of(event.from_on)}
        if event.decide_by is not None:
            said |= {"waiting": True, "due_on": event.decide_by}
        _decided(to, event, event.timestamp.date(), **said)

    @handles(Benefit.Released)
    def line_released(self, event: Benefit.Released, at: LogEvent, to: Changes) -> None:
        """It goes on."""
        said: dict[str, Any] = {"held": None, "held_from": None, "waiting": False}
        _decided(to, event, event.timestamp.date(), reason=event.reason, **said)

    @handles(Benefit.Suspended)
    def suspended(self, event: Benefit.Suspended, at: LogEvent, to: Changes) -> None:
        """Nothing is due from a month on."""
        said: dict[str, Any] = {"reason": event.reason, "decided_by": event.by or None}
        _decided(to, event, event.from_on, state=BenefitState.SUSPENDED, **said)

    @handles(Benefit.Resumed)
    def resumed(self, event: Benefit.Resumed, at: LogEvent, to: Changes) -> None:
        """Due again."""
        said: dict[str, Any] = {"reason": event.reason, "decided_by": event.by or None}
        _decided(to, event, event.from_on, state=BenefitState.PAYING, **said)

    @handles(Benefit.Stopped)
    def stopped(self, event: Benefit.Stopped, at: LogEvent, to: Changes) -> None:
        """It ends."""
        said: dict[str, Any] = {"end_month": event.end_month or None, "end_reason": event.reason, "turns_on": None}
        said |= {"held": None, "held_from": None, "waiting": False, "reason": event.note or None}
        if event.by:
            said["decided_by"] = event.by
        _decided(to, event, event.from_on, state=BenefitState.ENDED, **said)

    @handles(Benefit.Reinstated)
    def benefit_reinstated(self, event: Benefit.Reinstated, at: LogEvent, to: Changes) -> None:
        """The end was mistaken."""
        said: dict[str, Any] = {"end_month": None, "end_reason": None, "reason": event.reason}
        said |= {"overpaid_fen": 0, "overpaid_from": None, "overpaid_to": None}
        _decided(to, event, event.from_on, state=event.state, **said)

    @handles(Benefit.OverpaymentFound)
    def overpaid(self, event: Benefit.OverpaymentFound, at: LogEvent, to: Changes) -> None:
        """Months to be recovered."""
        said: dict[str, Any] = {"overpaid_from": event.from_month, "overpaid_to": event.to_month}
        _decided(to, event, event.timestamp.date(), overpaid_fen=event.amount_fen, **said)

    @handles(Benefit.LifeProved)
    def life_proved(self, event: Benefit.LifeProved, at: LogEvent, to: Changes) -> None:
        """Seen alive."""
        said: dict[str, Any] = {"proof_method": event.method, "proof_valid_to": event.valid_to}
        _decided(to, event, event.proved_on, proved_on=event.proved_on, **said)

    @handles(Benefit.Transferred)
    def transferred(self, event: Benefit.Transferred, at: LogEvent, to: Changes) -> None:
        """Another street or community looks after it, and all that hangs on it."""
        to.patch(
            BenefitRow,
            event.originator_id,
            on=event.moved_on,
            decided=at.decided,
            division_code=event.to_division_code,
        )

    @handles(BenefitPayment.Created)
    def paid(self, event: BenefitPayment.Created, at: LogEvent, to: Changes) -> None:
        """Money was paid out."""
        to.insert(
            BenefitPaymentRow,
            event.originator_id,
            on=event.effective_on,
            benefit_id=event.benefit_id,
            person_id=event.person_id,
            benefit_kind=event.benefit,
            kind=event.kind,
            month=event.month,
            amount_fen=event.amount_fen,
            division_code=event.division_code,
            account=event.account,
            batch_no=event.batch_no,
            fund_source=event.fund_source,
            paid_on=event.effective_on,
        )

    @handles(BenefitPayment.Returned)
    def benefit_sent_back(self, event: BenefitPayment.Returned, at: LogEvent, to: Changes) -> None:
        """The bank sent it back."""
        on, key = event.effective_on, event.originator_id
        to.patch(BenefitPaymentRow, key, on=on, returned=True, returned_on=on, reason=event.reason)

    @handles(BenefitPayment.Cleared)
    def reached(self, event: BenefitPayment.Cleared, at: LogEvent, to: Changes) -> None:
        """The bank says it has reached the account."""
        on, key = event.effective_on, event.originator_id
        to.patch(BenefitPaymentRow, key, on=on, cleared_on=on, cleared_fen=event.amount_fen)

    @handles(BenefitPayment.Corrected)
    def corrected(self, event: BenefitPayment.Corrected, at: LogEvent, to: Changes) -> None:
        """The recorded amount was mistaken."""
        key, on = event.originator_id, event.true_from()
        to.patch(BenefitPaymentRow, key, on=on, amount_fen=event.amount_fen, reason=event.reason)


def _decided(to: Changes, event: Any, on: date, **columns: Any) -> None:
    """A change that holds from a day on, over what was recorded for later ones."""
    to.patch(BenefitRow, event.originator_id, on=on, decided=True, **columns)
