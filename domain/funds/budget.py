"""Budgets: what a source of funds gives for a scheme in a year, what of it is promised and what is spent.

预算法 (2018 amendment) article 13: nothing is spent that no budget provides for. So a payroll commits its total when
it is approved, and is refused where the budget has less left; what the bank confirms is spent, what it returns is
released.
"""

from datetime import datetime
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import FundSource, Scheme
from domain.errors import RuleViolated
from domain.formulas import yuan

_BUDGETS = UUID("6a0f3a5e-9d1c-5b6e-8a44-1f2f6f0f7b51")
"""Namespace of budget ids: one for each year, source, scheme and division."""


class Use(NamedTuple):
    """What one payroll or purchase has taken of a budget, in fen: promised, and of that spent and given back."""

    payroll_id: UUID
    committed_fen: int = 0
    spent_fen: int = 0
    released_fen: int = 0

    @property
    def open_fen(self) -> int:
        """Promised and neither spent nor given back."""
        return self.committed_fen - self.spent_fen - self.released_fen


class Budget(kernel.Aggregate):
    """One source's money for one scheme in one year, of a division."""

    TOPIC: ClassVar[str] = "funds.Budget"
    SUBJECT: ClassVar[str] = "budget"
    division_code: str = ""
    year: int = 0
    source: FundSource = FundSource.DISTRICT
    scheme: Scheme = Scheme.DIBAO
    amount_fen: int = 0
    uses: tuple[Use, ...] = ()

    class Created(kernel.Created):
        """The money for a year was approved."""

        TOPIC = "funds.BudgetApproved"
        TITLE = "下达预算"
        year: int
        source: FundSource
        scheme: Scheme
        division_code: str
        amount_fen: int
        legal_basis: str
        by: str

        def gist(self) -> str:
            return f"{self.year} 年{self.source.label}{self.scheme.label} {yuan(self.amount_fen)}"

    class Adjusted(kernel.Event):
        """More or less of it (预算调整)."""

        TOPIC = "funds.BudgetAdjusted"
        TITLE = "调整预算"
        delta_fen: int
        legal_basis: str
        by: str

        def apply(self, aggregate: "Budget") -> None:
            aggregate.amount_fen += self.delta_fen

        def gist(self) -> str:
            return f"{'调增' if self.delta_fen > 0 else '调减'} {yuan(abs(self.delta_fen))}"

    class Committed(kernel.Event):
        """An approved payroll's total is promised."""

        TOPIC = "funds.FundsCommitted"
        TITLE = "占用预算"
        payroll_id: UUID
        amount_fen: int

        def apply(self, aggregate: "Budget") -> None:
            aggregate.uses += (Use(self.payroll_id, committed_fen=self.amount_fen),)

        def gist(self) -> str:
            return yuan(self.amount_fen)

    class Settled(kernel.Event):
        """What has become of a payroll's money since the last time: spent, or given back."""

        TOPIC = "funds.FundsSettled"
        TITLE = "核销预算"
        payroll_id: UUID
        spent_fen: int
        released_fen: int

        def apply(self, aggregate: "Budget") -> None:
            aggregate.uses = tuple(self._settled(use) for use in aggregate.uses)

        def _settled(self, use: Use) -> Use:
            if use.payroll_id != self.payroll_id:
                return use
            return use._replace(
                spent_fen=use.spent_fen + self.spent_fen, released_fen=use.released_fen + self.released_fen
            )

        def gist(self) -> str:
            return f"支出 {yuan(self.spent_fen)}，退回预算 {yuan(self.released_fen)}"

    class Reserved(kernel.Event):
        """A purchase of services may cost this much of it."""

        TOPIC = "funds.FundsReserved"
        TITLE = "为购买服务预留预算"
        purchase_id: UUID
        amount_fen: int

        def apply(self, aggregate: "Budget") -> None:
            aggregate.uses += (Use(self.purchase_id, committed_fen=self.amount_fen),)

        def gist(self) -> str:
            return yuan(self.amount_fen)

    class Drawn(kernel.Event):
        """A purchase paid out of what was reserved (negative: the bank sent it back), or gave the rest of it back."""

        TOPIC = "funds.FundsDrawn"
        TITLE = "购买服务支出预算"
        purchase_id: UUID
        spent_fen: int
        released_fen: int

        def apply(self, aggregate: "Budget") -> None:
            aggregate.uses = tuple(
                use._replace(
                    spent_fen=use.spent_fen + self.spent_fen, released_fen=use.released_fen + self.released_fen
                )
                if use.payroll_id == self.purchase_id
                else use
                for use in aggregate.uses
            )

        def gist(self) -> str:
            return f"支出 {yuan(self.spent_fen)}，退回预算 {yuan(self.released_fen)}"

    @staticmethod
    def id_for(year: int, source: FundSource, scheme: Scheme, division_code: str) -> UUID:
        """The id of that year's budget: one and the same, so that it can't be given out twice."""
        return uuid5(_BUDGETS, f"{year} {source.value} {scheme.value} {division_code}")

    @classmethod
    def approve(
        cls,
        at: datetime,
        *,
        year: int,
        source: FundSource,
        scheme: Scheme,
        division_code: str,
        amount_fen: int,
        legal_basis: str,
        by: str,
    ) -> Self:
        """A year's money; raises RuleViolated where it is none or rests on nothing."""
        if not 2000 <= year <= at.year + 1:
            raise RuleViolated(f"预算年度应在 2000 至 {at.year + 1} 之间。")
        if amount_fen <= 0:
            raise RuleViolated("预算金额应大于 0。")
        if not legal_basis.strip():
            raise RuleViolated("下达预算须写明预算文件及文号。")
        return cls.create(
            cls.Created,
            id=cls.id_for(year, source, scheme, division_code),
            at=at,
            year=year,
            source=source,
            scheme=scheme,
            division_code=division_code,
            amount_fen=amount_fen,
            legal_basis=legal_basis.strip(),
            by=by,
        )

    def adjust(self, at: datetime, *, delta_fen: int, legal_basis: str, by: str) -> None:
        """Add to it (or, negative, take from it); never below what is promised or spent."""
        if delta_fen == 0:
            raise RuleViolated("调整金额不能为 0。")
        if not legal_basis.strip():
            raise RuleViolated("调整预算须写明预算文件及文号。")
        if self.free_fen + delta_fen < 0:
            raise RuleViolated(f"预算可用余额只有 {yuan(self.free_fen)}，不能调减 {yuan(-delta_fen)}。")
        self.record(self.Adjusted, at=at, delta_fen=delta_fen, legal_basis=legal_basis.strip(), by=by)

    def commit(self, at: datetime, *, payroll_id: UUID, scheme: Scheme, month: str, amount_fen: int) -> None:
        """Promise a payroll's total; raises RuleViolated as `demand_free` does."""
        self.demand_free(payroll_id=payroll_id, scheme=scheme, month=month, amount_fen=amount_fen)
        self.record(self.Committed, at=at, payroll_id=payroll_id, amount_fen=amount_fen)

    def demand_free(self, *, payroll_id: UUID, scheme: Scheme, month: str, amount_fen: int) -> None:
        """Raise RuleViolated where this budget is not for such a payroll or has too little left."""
        if scheme is not self.scheme or int(month[:4]) != self.year:
            raise RuleViolated(
                f"此预算用于 {self.year} 年{self.scheme.label}，不能支出 {month} {scheme.label}；请选择对应的预算。"
            )
        if self._use(payroll_id) is not None:
            raise RuleViolated("此批次已占用该预算，不能重复占用。")
        if amount_fen > self.free_fen:
            raise RuleViolated(
                f"预算可用余额 {yuan(self.free_fen)}，不足批次合计 {yuan(amount_fen)}；请先办理预算调整。"
            )

    def settle(self, at: datetime, *, payroll_id: UUID, spent_fen: int, released_fen: int) -> None:
        """Bring a payroll's part up to date: `spent_fen` and `released_fen` in all; nothing is recorded where nothing
        changed. Money that was spent and then came back lowers what is spent, and is free again."""
        use = self._use(payroll_id)
        if use is None:
            raise RuleViolated("此批次没有占用该预算，请核对预算。")
        spent, released = spent_fen - use.spent_fen, released_fen - use.released_fen
        if spent or released:
            self.record(self.Settled, at=at, payroll_id=payroll_id, spent_fen=spent, released_fen=released)

    def reserve(self, at: datetime, *, purchase_id: UUID, amount_fen: int) -> None:
        """Promise money to a purchase of services; raises RuleViolated as `demand_reservable` does."""
        self.demand_reservable(purchase_id=purchase_id, amount_fen=amount_fen)
        self.record(self.Reserved, at=at, purchase_id=purchase_id, amount_fen=amount_fen)

    def demand_reservable(self, *, purchase_id: UUID, amount_fen: int) -> None:
        """Raise RuleViolated where this budget is not for services or has too little left."""
        if self.scheme is not Scheme.PURCHASE:
            raise RuleViolated(f"此预算用于{self.scheme.label}，不能购买服务；请选择政府购买服务的预算。")
        if self._use(purchase_id) is not None:
            raise RuleViolated("此项目已占用该预算，不能重复占用。")
        if amount_fen > self.free_fen:
            raise RuleViolated(f"预算可用余额 {yuan(self.free_fen)}，不足 {yuan(amount_fen)}；请先办理预算调整。")

    def draw(self, at: datetime, *, purchase_id: UUID, spent_fen: int = 0, released_fen: int = 0) -> None:
        """Spend what a purchase reserved, or give it back; raises RuleViolated where it would be more than that."""
        use = self._use(purchase_id)
        if use is None:
            raise RuleViolated("此项目没有占用该预算，请核对预算。")
        if spent_fen + released_fen > use.open_fen or use.spent_fen + spent_fen < 0:
            raise RuleViolated(f"此项目在该预算中只余 {yuan(use.open_fen)}，不能再支出或退回。")
        if spent_fen or released_fen:
            fields = {"spent_fen": spent_fen, "released_fen": released_fen}
            self.record(self.Drawn, at=at, purchase_id=purchase_id, **fields)

    @property
    def committed_fen(self) -> int:
        """Promised and still open."""
        return sum(use.open_fen for use in self.uses)

    @property
    def spent_fen(self) -> int:
        """Confirmed by the bank."""
        return sum(use.spent_fen for use in self.uses)

    @property
    def free_fen(self) -> int:
        """What may still be promised."""
        return self.amount_fen - self.committed_fen - self.spent_fen

    def _use(self, payroll_id: UUID) -> Use | None:
        return next((use for use in self.uses if use.payroll_id == payroll_id), None)
