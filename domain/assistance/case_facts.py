"""What source systems report of a case. None of these refuse, and none records anything where nothing changes."""

from datetime import date, datetime
from uuid import UUID

from domain.assistance.amounts import Basis, compute
from domain.assistance.case_process import CaseProcess
from domain.clock import first_day, next_month
from domain.codes import CaseState, CloseReason, Scheme, SelfCare, Supplement
from domain.errors import ParameterNotInForce
from domain.formulas import Computed
from domain.parameters import Parameters

_MONTHLY = frozenset({Scheme.DIBAO, Scheme.TEKUN})
IN_FORCE = frozenset({CaseState.PAYING, CaseState.SUSPENDED})
"""States in which a grant exists that an amount can change."""


class CaseFacts(CaseProcess):
    """The facts of a case; always used as `Case`."""

    def report_verification(
        self,
        at: datetime,
        *,
        monthly_income_fen: int,
        property_within_limits: bool = True,
        conclusion: str = "",
        supplements: tuple[Supplement, ...] = (),
        self_care: SelfCare | None = None,
    ) -> None:
        """A source gives the household's countable monthly income, and what else the amount is computed from."""
        given = (monthly_income_fen, property_within_limits, tuple(sorted(supplements)), self_care)
        known = (self.monthly_income_fen, self.property_within_limits, tuple(sorted(self.supplements)), self.self_care)
        if given != known:
            self.record(
                self.VerificationReported,
                at=at,
                monthly_income_fen=monthly_income_fen,
                property_within_limits=property_within_limits,
                conclusion=conclusion,
                supplements=supplements,
                self_care=self_care,
            )

    def report_granted(
        self,
        at: datetime,
        *,
        monthly_fen: int,
        start_month: str,
        end_month: str = "",
        monthly_income_fen: int | None = None,
        supplements: tuple[Supplement, ...] | None = None,
        self_care: SelfCare | None = None,
        parameters: Parameters | None = None,
    ) -> None:
        """A source pays `monthly_fen` a month from `start_month` (to `end_month`, both counted).

        The first grant, and one after the case was closed, confirms the case. Another amount in a case in force, or
        for a period that later amounts follow, recalculates it from `start_month`. With `parameters`, and income
        known, the rule's own result is kept beside the reported amount, whether or not the two agree.
        """
        if monthly_income_fen is not None:
            self.report_verification(
                at,
                monthly_income_fen=monthly_income_fen,
                property_within_limits=self.property_within_limits,
                supplements=self.supplements if supplements is None else supplements,
                self_care=self_care or self.self_care,
            )
        if self.state in IN_FORCE or self.entitlement.followed(start_month):
            due = self._due_or_suspended(start_month)
            if due != monthly_fen:
                trace = self._computed(first_day(start_month), parameters)
                self._recalculate(at, monthly_fen, trace, start_month, due or 0, "来源系统报告金额变化")
        elif not self.entitlement.covers(start_month, end_month or self.end_month, monthly_fen):
            self.record(
                self.Confirmed,
                at=at,
                monthly_fen=monthly_fen,
                start_month=start_month,
                end_month=end_month,
                computed=self._computed(first_day(start_month), parameters),
                from_on=first_day(start_month),
            )

    def report_temp_granted(self, at: datetime, *, amount_fen: int, month: str) -> None:
        """A source paid temporary assistance once, in `month`: the case is confirmed and, with that, complete."""
        if self.amount_for(month) == amount_fen:
            return
        self.record(
            self.Confirmed,
            at=at,
            monthly_fen=amount_fen,
            start_month=month,
            end_month=month,
            computed=None,
            from_on=first_day(month),
        )
        self.report_closed(at, reason=CloseReason.EXPIRED, end_month=month)

    def report_members(self, at: datetime, *, member_ids: tuple[UUID, ...], from_on: date, reason: str = "") -> None:
        """A source covers these persons; their order does not matter."""
        if set(member_ids) != set(self.member_ids):
            self._change_members(at, member_ids, reason, from_on)

    def report_account(self, at: datetime, *, account: str, bank: str) -> None:
        """A source pays to this account."""
        if (account, bank) != (self.account, self.bank):
            self.record(self.AccountChanged, at=at, household_id=self.household_id, account=account, bank=bank)

    def report_suspended(self, at: datetime, *, reason: str, from_on: date) -> None:
        """A source stopped paying for the time being."""
        if self.state is not CaseState.SUSPENDED:
            self.record(self.Suspended, at=at, reason=reason, from_on=from_on)

    def report_resumed(self, at: datetime, *, reason: str, from_on: date) -> None:
        """A source pays again."""
        if self.state is CaseState.SUSPENDED:
            self.record(self.Resumed, at=at, reason=reason, from_on=from_on)

    def report_closed(self, at: datetime, *, reason: CloseReason, end_month: str) -> None:
        """A source ended the case with `end_month`, the last one paid."""
        if self.state is CaseState.CLOSED and self.end_month == end_month:
            return
        from_on = first_day(next_month(end_month)) if end_month else at.date()
        self.record(self.Closed, at=at, reason=reason, end_month=end_month, from_on=from_on)

    def report_moved(self, at: datetime, *, to_division_code: str, moved_on: date) -> None:
        """A source has the case with another street or community."""
        if to_division_code != self.division_code:
            self._transfer(at, to_division_code, moved_on)

    def basis(self) -> Basis | None:
        """What the amount is computed from; None while that is not known."""
        if self.scheme not in _MONTHLY or (self.scheme is Scheme.DIBAO and self.monthly_income_fen is None):
            return None
        return Basis(
            scheme=self.scheme,
            division_code=self.division_code,
            urban_rural=self.urban_rural,
            persons=len(self.member_ids),
            monthly_income_fen=self.monthly_income_fen or 0,
            supplements=self.supplements,
            self_care=self.self_care,
        )

    def _recalculate(
        self, at: datetime, new_fen: int, computed: Computed | None, month: str, old_fen: int, cause: str
    ) -> None:
        self.record(
            self.Recalculated,
            at=at,
            old_fen=old_fen,
            new_fen=new_fen,
            cause=cause,
            computed=computed,
            from_on=first_day(month),
        )

    def _change_members(self, at: datetime, member_ids: tuple[UUID, ...], reason: str, from_on: date) -> None:
        self.record(
            self.MembersChanged,
            at=at,
            member_ids=member_ids,
            reason=reason,
            from_on=from_on,
            left_ids=tuple(known for known in self.member_ids if known not in member_ids),
        )

    def _transfer(self, at: datetime, to_division_code: str, moved_on: date) -> None:
        self.record(
            self.Transferred,
            at=at,
            from_division_code=self.division_code,
            to_division_code=to_division_code,
            moved_on=moved_on,
        )

    def _due_or_suspended(self, month: str) -> int | None:
        due = self.amount_for(month)
        return self.monthly_fen if due is None and self.state is CaseState.SUSPENDED else due

    def _computed(self, on: date, parameters: Parameters | None) -> Computed | None:
        basis = self.basis()
        if parameters is None or basis is None:
            return None
        try:
            return compute(basis, parameters, on)
        except ParameterNotInForce:
            return None  # a fact older than the parameters we have is a fact all the same
