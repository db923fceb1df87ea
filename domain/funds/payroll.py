"""A payroll (发放批次): one month's money of a scheme, from its preparation to what the bank says.

Three hands: who prepared it, who checks it and who approves it are three people. Its lines stand in its own stream, a
thousand to an event; once it is approved each becomes a payment of its case or benefit. A line that no longer holds
when the money is issued (a death, a suspension, another account) is held with its reason.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.assistance.payment import Payment
from domain.care.benefit_payment import BenefitPayment
from domain.clock import demand_month, month_of, months_between, next_month
from domain.codes import BENEFIT_SCHEMES, BenefitKind, FundSource, PaymentKind, PayrollState, Scheme
from domain.errors import RuleViolated
from domain.formulas import yuan
from domain.funds.due import UNKNOWN, Held, Line, Plan
from domain.kernel import NO_ID

CHUNK = 1_000
"""Lines in one event."""
QUEUE = "payroll"
"""Tag of the events that begin and end the issuing of a payroll: `queue:payroll`."""
_MOST_MONTHS = 24
_PAYROLLS = UUID("0d1b7f7c-58a5-5c53-9c0e-5f0d1f3a7a10")
"""Namespace of payroll ids, which follow from batch numbers: a bank's file names nothing else."""


class Answers(NamedTuple):
    """What the bank has said of a payroll's payments, in counts and fen."""

    cleared_count: int = 0
    cleared_fen: int = 0
    returned_count: int = 0
    returned_fen: int = 0
    open_count: int = 0
    open_fen: int = 0
    difference_fen: int = 0
    """What the bank says it paid beyond (or, negative, short of) what it was told to pay."""


class BankLine(NamedTuple):
    """What a bank has to know of one payment, in clear."""

    number: int
    name: str
    account: str
    bank: str
    amount_fen: int
    month: str


class Payroll(kernel.Aggregate):
    """One batch of payments."""

    TOPIC: ClassVar[str] = "funds.Payroll"
    SUBJECT: ClassVar[str] = "payroll"
    division_code: str = ""
    batch_no: str = ""
    scheme: Scheme = Scheme.DIBAO
    month: str = ""
    since: str = ""
    budget_id: UUID = NO_ID
    fund_source: FundSource = FundSource.DISTRICT
    total_fen: int = 0
    state: PayrollState = PayrollState.PREPARED
    lines: tuple[Line, ...] = ()
    withheld: frozenset[int] = frozenset()
    prepared_by: str = ""
    checked_by: str = ""
    approved_by: str = ""
    issued_count: int = 0
    issued_fen: int = 0
    answers: Answers = Answers()

    class Created(kernel.Created):
        """The month's lines were drawn up from what stood in the log at `log_position`."""

        TOPIC = "funds.PayrollPrepared"
        TITLE = "编制发放批次"
        batch_no: str
        scheme: Scheme
        month: str
        since: str
        division_code: str
        budget_id: UUID
        fund_source: FundSource
        log_position: int
        line_count: int
        total_fen: int
        held_count: int
        off_rule_count: int
        by: str

        def apply(self, aggregate: "Payroll") -> None:
            aggregate.prepared_by = self.by

        def gist(self) -> str:
            held = f"，不列入 {self.held_count} 笔" if self.held_count else ""
            return f"{self.batch_no} {self.month} {self.line_count} 笔 {yuan(self.total_fen)}{held}"

    class Listed(kernel.Event):
        """Lines from number `first` on."""

        TOPIC = "funds.PayrollListed"
        TITLE = "批次明细"
        first: int
        lines: tuple[Line, ...]

        def apply(self, aggregate: "Payroll") -> None:
            aggregate.lines += self.lines

        def gist(self) -> str:
            return f"第 {self.first} 至 {self.first + len(self.lines) - 1} 笔"

    class Withheld(kernel.Event):
        """Lines that are not paid: never listed (number 0), or taken out when the money was issued."""

        TOPIC = "funds.PayrollHeld"
        TITLE = "不予列入"
        lines: tuple[Held, ...]

        def apply(self, aggregate: "Payroll") -> None:
            aggregate.withheld |= {line.number for line in self.lines if line.number}

        def gist(self) -> str:
            return f"{len(self.lines)} 笔 {yuan(sum(line.amount_fen for line in self.lines))}"

    class Checked(kernel.Event):
        """The second hand found it right."""

        TOPIC = "funds.PayrollChecked"
        TITLE = "复核批次"
        by: str
        note: str

        def apply(self, aggregate: "Payroll") -> None:
            aggregate.state = PayrollState.CHECKED
            aggregate.checked_by = self.by

        def gist(self) -> str:
            return self.note

    class Approved(kernel.Event):
        """The third hand: the money may be issued."""

        TOPIC = "funds.PayrollApproved"
        TITLE = "审批批次"
        by: str
        queue: str

        def apply(self, aggregate: "Payroll") -> None:
            aggregate.state = PayrollState.APPROVED
            aggregate.approved_by = self.by

    class Cancelled(kernel.Event):
        """Not to be paid, with the reason; its lines may stand in another payroll."""

        TOPIC = "funds.PayrollCancelled"
        TITLE = "作废批次"
        by: str
        reason: str

        def apply(self, aggregate: "Payroll") -> None:
            aggregate.state = PayrollState.CANCELLED

        def gist(self) -> str:
            return self.reason

    class Issued(kernel.Event):
        """Every line that still held has become a payment."""

        TOPIC = "funds.PaymentBatchIssued"
        TITLE = "批次发放"
        month: str
        payee_count: int
        total_fen: int
        held_count: int
        held_fen: int
        queue: str

        def apply(self, aggregate: "Payroll") -> None:
            aggregate.state = PayrollState.ISSUED
            aggregate.issued_count = self.payee_count
            aggregate.issued_fen = self.total_fen

        def gist(self) -> str:
            held = f"，扣下 {self.held_count} 笔 {yuan(self.held_fen)}" if self.held_count else ""
            return f"{self.payee_count} 笔 {yuan(self.total_fen)}{held}"

    class Sent(kernel.Event):
        """The bank's file was made: the same lines always make the same file, and this is its hash."""

        TOPIC = "funds.PayrollSent"
        TITLE = "生成银行代发文件"
        by: str
        file_sha256: str
        line_count: int
        total_fen: int

        def apply(self, aggregate: "Payroll") -> None:
            aggregate.state = PayrollState.SENT

        def gist(self) -> str:
            return f"{self.line_count} 笔 {yuan(self.total_fen)}，文件摘要 {self.file_sha256[:16]}"

    class Reconciled(kernel.Event):
        """What the bank has said by now, held against what was issued."""

        TOPIC = "funds.PayrollReconciled"
        TITLE = "批次对账"
        by: str
        cleared_count: int
        cleared_fen: int
        returned_count: int
        returned_fen: int
        open_count: int
        open_fen: int
        difference_fen: int

        def apply(self, aggregate: "Payroll") -> None:
            aggregate.answers = Answers(*(getattr(self, name) for name in Answers._fields))
            if not self.open_count:
                aggregate.state = PayrollState.RECONCILED

        def gist(self) -> str:
            parts = [f"入账 {self.cleared_count} 笔 {yuan(self.cleared_fen)}"]
            parts += [f"退回 {self.returned_count} 笔 {yuan(self.returned_fen)}"] if self.returned_count else []
            parts += [f"未回盘 {self.open_count} 笔 {yuan(self.open_fen)}"] if self.open_count else []
            parts += [f"差额 {yuan(self.difference_fen)}"] if self.difference_fen else []
            return "，".join(parts)

    @staticmethod
    def id_for(batch_no: str) -> UUID:
        """The id of the payroll with this number."""
        return uuid5(_PAYROLLS, batch_no)

    @classmethod
    def prepare(
        cls,
        at: datetime,
        *,
        batch_no: str,
        scheme: Scheme,
        month: str,
        since: str,
        division_code: str,
        budget_id: UUID,
        fund_source: FundSource,
        plan: Plan,
        by: str,
    ) -> Self:
        """Draw a payroll up from a plan; raises RuleViolated where there is nothing to pay."""
        if not plan.lines:
            held = f"（另有 {len(plan.held)} 笔因故不能列入）" if plan.held else ""
            raise RuleViolated(f"{month} 没有应发未发的{scheme.label}{held}，无需编制批次。")
        if not batch_no.strip():
            raise RuleViolated("请填写批次编号。")
        payroll = cls.create(
            cls.Created,
            id=cls.id_for(batch_no.strip()),
            at=at,
            batch_no=batch_no.strip(),
            scheme=scheme,
            month=month,
            since=since,
            division_code=division_code,
            budget_id=budget_id,
            fund_source=fund_source,
            log_position=plan.position,
            line_count=len(plan.lines),
            total_fen=plan.total_fen,
            held_count=len(plan.held),
            off_rule_count=sum(line.rule_fen not in (UNKNOWN, line.amount_fen) for line in regular(plan.lines)),
            by=by,
        )
        for start in range(0, len(plan.lines), CHUNK):
            payroll.record(cls.Listed, at=at, first=start + 1, lines=plan.lines[start : start + CHUNK])
        payroll._withhold(at, plan.held)
        return payroll

    def check(self, at: datetime, *, by: str, note: str) -> None:
        """The second hand finds the lines right."""
        self._demand("复核", PayrollState.PREPARED)
        self._demand_other(by, "复核")
        self.record(self.Checked, at=at, by=by, note=note.strip())

    def approve(self, at: datetime, *, by: str) -> None:
        """The third hand lets the money go."""
        self._demand("审批", PayrollState.CHECKED)
        self._demand_other(by, "审批")
        self.record(self.Approved, at=at, by=by, queue=QUEUE)

    def cancel(self, at: datetime, *, by: str, reason: str) -> None:
        """Give it up before anything is issued."""
        self._demand("作废", PayrollState.PREPARED, PayrollState.CHECKED)
        if not reason.strip():
            raise RuleViolated("作废批次须写明原因。")
        self.record(self.Cancelled, at=at, by=by, reason=reason.strip())

    def report_issued(self, at: datetime, held: Sequence[Held]) -> None:
        """Every line but the held ones has become a payment."""
        if self.state is not PayrollState.APPROVED:
            return
        self._withhold(at, held)
        held_fen = sum(line.amount_fen for line in held)
        self.record(
            self.Issued,
            at=at,
            month=self.month,
            payee_count=len(self.lines) - len(held),
            total_fen=self.total_fen - held_fen,
            held_count=len(held),
            held_fen=held_fen,
            queue=QUEUE,
        )

    def send(self, at: datetime, *, by: str, file_sha256: str, line_count: int, total_fen: int) -> None:
        """Hand the bank's file out. Making it again is allowed as long as nothing in it has changed."""
        self._demand("生成银行代发文件", PayrollState.ISSUED, PayrollState.SENT)
        if (line_count, total_fen) != (self.issued_count, self.issued_fen):
            raise RuleViolated(
                f"代发文件 {line_count} 笔 {yuan(total_fen)}，与批次发放 {self.issued_count} 笔 "
                f"{yuan(self.issued_fen)} 不符，不能送银行；请稍后重试，仍不符时查看疑点。"
            )
        self.record(self.Sent, at=at, by=by, file_sha256=file_sha256, line_count=line_count, total_fen=total_fen)

    def reconcile(
        self, at: datetime, *, by: str, payments: Mapping[UUID, Payment] | Mapping[UUID, BenefitPayment]
    ) -> Answers:
        """Hold what the bank has said of each payment against what was issued; may be done again as answers come."""
        self._demand("对账", PayrollState.ISSUED, PayrollState.SENT, PayrollState.RECONCILED)
        answers = self._answers(payments)
        if answers != self.answers:
            self.record(self.Reconciled, at=at, by=by, **answers._asdict())
        return answers

    def issued_lines(self) -> Iterator[tuple[int, Line]]:
        """Number and line of everything that was not withheld."""
        return ((n, line) for n, line in enumerate(self.lines, 1) if n not in self.withheld)

    def line(self, number: int) -> Line | None:
        """The line with this number, if it was issued."""
        inside = 0 < number <= len(self.lines) and number not in self.withheld
        return self.lines[number - 1] if inside and self.state in ISSUED else None

    @property
    def payments_are(self) -> type[Payment] | type[BenefitPayment]:
        """What its lines become: a case's payments, or a benefit's."""
        return BenefitPayment if self.scheme in BENEFIT_SCHEMES else Payment

    def payment_id(self, line: Line) -> UUID:
        """The payment that a line becomes: its owner's one payment of the month, or a further one of this batch."""
        if line.kind is PaymentKind.BACK_PAY:
            return uuid5(line.owner_id, f"back pay {line.month} {self.batch_no}")
        return self.payments_are.id_for(line.owner_id, line.month)

    def payment(self, line: Line, account: str, at: datetime) -> Payment.Created | BenefitPayment.Created:
        """The first event of the payment that a line becomes when it is issued to an account."""
        fields: dict[str, Any] = {
            "kind": line.kind,
            "month": line.month,
            "amount_fen": line.amount_fen,
            "division_code": line.division_code,
            "account": account,
            "batch_no": self.batch_no,
            "fund_source": self.fund_source.label,
            "effective_on": at.date(),
        }
        id = self.payment_id(line)
        if self.scheme in BENEFIT_SCHEMES:
            kind = BenefitKind(self.scheme.value)
            return BenefitPayment.issued(
                id, at, benefit_id=line.owner_id, person_id=line.payee_id, benefit=kind, **fields
            )
        return Payment.issued(
            id, at, case_id=line.owner_id, household_id=line.household_id, payee_id=line.payee_id, **fields
        )

    def _answers(self, payments: Mapping[UUID, Payment] | Mapping[UUID, BenefitPayment]) -> Answers:
        cleared = returned = waiting = 0
        cleared_fen = returned_fen = waiting_fen = difference = 0
        for _, line in self.issued_lines():
            payment = payments.get(self.payment_id(line))
            if payment is not None and payment.returned:
                returned, returned_fen = returned + 1, returned_fen + line.amount_fen
            elif payment is not None and payment.cleared_fen is not None:
                cleared, cleared_fen = cleared + 1, cleared_fen + line.amount_fen
                difference += payment.cleared_fen - line.amount_fen
            else:
                waiting, waiting_fen = waiting + 1, waiting_fen + line.amount_fen
        return Answers(cleared, cleared_fen, returned, returned_fen, waiting, waiting_fen, difference)

    def _withhold(self, at: datetime, held: Sequence[Held]) -> None:
        for start in range(0, len(held), CHUNK):
            self.record(self.Withheld, at=at, lines=tuple(held[start : start + CHUNK]))

    def _demand(self, what: str, *states: PayrollState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"批次现为“{self.state.label}”，不能{what}；须为：{allowed}。")

    def _demand_other(self, account: str, what: str) -> None:
        for earlier, label in ((self.prepared_by, "编制"), (self.checked_by, "复核")):
            if account == earlier:
                raise RuleViolated(f"您已{label}此批次，不能再{what}；请由其他经办人办理。")


ISSUED = frozenset({PayrollState.ISSUED, PayrollState.SENT, PayrollState.RECONCILED})
"""States in which its payments exist."""


def regular(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines that are a month's whole amount, which a formula can be held against."""
    return (line for line in lines if line.kind is PaymentKind.REGULAR)


def months_of(month: str, since: str, today: datetime) -> tuple[str, ...]:
    """The months a payroll of `month` covers when it makes up for those since `since` (empty: none).

    Raises BadInput on what is no month, RuleViolated where a month has not begun or lies too far back.
    """
    last, first = demand_month(month), demand_month(since or month)
    if last > month_of(today.date()):
        raise RuleViolated(f"{last} 尚未开始，不能提前编制。")
    count = months_between(first, last)
    if not 1 <= count <= _MOST_MONTHS:
        raise RuleViolated(f"补发起始月份应不晚于所属月份，且相距不超过 {_MOST_MONTHS} 个月。")
    return tuple(next_month(first, n) for n in range(count))
