"""Cases that end without money: recognised as a dibao-margin or rigid-expense household, or not carried on.

A status is no grant of 0 yuan: nothing is entitled to be paid, it holds until a day, and it is renewed after a
recheck. So it has an event and a state of its own, and whoever asks what is paid never sees it.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

from domain import kernel
from domain.assistance.case_facts import CaseFacts
from domain.assistance.dibao import eligible, standard_code
from domain.assistance.recognition import STATUS_SCHEMES, margin, rigid_expense
from domain.clock import first_day, month_of, next_month
from domain.codes import CaseState, CloseReason, Scheme
from domain.errors import ParameterNotInForce, RuleViolated
from domain.formulas import Computed
from domain.parameters import Parameters
from domain.wording import written

DECIDABLE = (CaseState.ACCEPTED, CaseState.VERIFIED, CaseState.REVIEWED, CaseState.PUBLICISED)
"""States in which an application may be refused; an objection is to be answered first."""
UNDECIDED = (CaseState.APPLIED, CaseState.RETURNED, *DECIDABLE, CaseState.OBJECTED)
"""States before a decision: the applicant may still withdraw, the street may still end the procedure."""


class CaseStatus(CaseFacts):
    """Recognition and termination; always used as `Case`."""

    class Recognised(kernel.Event):
        """The household is of the scheme's kind from `from_on` to `valid_to`, both counted; nothing is paid for it."""

        TOPIC = "assistance.StatusConfirmed"
        TITLE = "认定困难家庭"
        from_on: date
        valid_to: date
        computed: Computed
        by: str = ""
        announce_by: date | None = None
        recheck_by: date | None = None

        def apply(self, aggregate: "CaseStatus") -> None:
            aggregate.state = CaseState.RECOGNISED
            aggregate.recognised_from = self.from_on
            aggregate.valid_to = self.valid_to
            aggregate.rechecked = False
            aggregate.acted_by(self.by)

        def gist(self) -> str:
            return f"{self.from_on} 至 {self.valid_to}"

    class Terminated(kernel.Event):
        """The street ends the procedure: the applicant refuses to co-operate (拒绝配合核查、逾期不补正)."""

        TOPIC = "assistance.CaseTerminated"
        TITLE = "终止办理"
        reason: str
        letter_no: str
        by: str

        def apply(self, aggregate: "CaseStatus") -> None:
            aggregate.state = CaseState.TERMINATED
            aggregate.clock_stopped_on = None
            aggregate.acted_by(self.by)

        def gist(self) -> str:
            return self.reason

    def terminate(self, at: datetime, *, reason: str, letter_no: str, by: str) -> None:
        """End an undecided procedure, with reasons in a letter; it can be reopened like a refused one."""
        self._demand("终止办理", *UNDECIDED)
        self.record(
            self.Terminated,
            at=at,
            reason=written(reason, "终止办理须书面写明申请人不予配合的情形和理由。"),
            letter_no=written(letter_no, "终止办理须出具书面通知，请填写通知书文号。"),
            by=by,
        )

    def recognise(self, at: datetime, *, parameters: Parameters, by: str, announce_by: date | None = None) -> None:
        """Recognise the household by the scheme's rule for the time that the parameter says, after its notice has run.

        In a case that is recognised already this renews it, after its recheck and by another hand than the recheck's.
        """
        if self.scheme not in STATUS_SCHEMES:
            raise RuleViolated(f"{self.scheme.label}按金额确认，不办理认定。")
        on = at.date()
        if self.state is not CaseState.RECOGNISED:
            self.demand_publicised(on)
        elif not self.rechecked:
            raise RuleViolated("延续认定前须先登记复核结果。")
        self.demand_decidable(by)
        if not self.property_within_limits:
            raise RuleViolated("不符合条件，不能认定：家庭财产超过规定限额。")
        why, computed = self.recognition(parameters, on)
        if why is not None:
            raise RuleViolated(f"不符合条件，不能认定：{why}")
        months = parameters.value("status.validity", self.division_code, on)
        lead = parameters.value("status.recheck_lead", self.division_code, on)
        valid_to = _same_day(on, months) - timedelta(days=1)
        self.record(
            self.Recognised,
            at=at,
            from_on=on,
            valid_to=valid_to,
            computed=computed,
            by=by,
            announce_by=announce_by,
            recheck_by=_same_day(valid_to, -lead),
        )

    def end_status(self, at: datetime, *, reason: CloseReason, by: str) -> None:
        """The household is no longer recognised, from tomorrow on; by another hand than the one that rechecked it."""
        self._demand("终止认定", CaseState.RECOGNISED)
        self.hands.demand_other(by, "终止认定")
        self.record(self.Closed, at=at, reason=reason, end_month="", from_on=at.date() + timedelta(days=1))

    def supersede(self, at: datetime, *, by_scheme: Scheme, covered: frozenset[UUID]) -> bool:
        """End the recognition of a household whose every member is granted dibao or tekun instead; whether it did."""
        if self.state is not CaseState.RECOGNISED or not covered.issuperset(self.member_ids):
            return False
        reason = CloseReason.TO_TEKUN if by_scheme is Scheme.TEKUN else CloseReason.TO_DIBAO
        self.record(self.Closed, at=at, reason=reason, end_month="", from_on=at.date() + timedelta(days=1))
        return True

    def recognised_on(self, day: date) -> bool:
        """Whether the last recognition holds on a day."""
        if self.recognised_from is None or self.valid_to is None or self.state is not CaseState.RECOGNISED:
            return False
        return self.recognised_from <= day <= self.valid_to

    def recognition(
        self, parameters: Parameters, on: date, scheme: Scheme | None = None
    ) -> tuple[str | None, Computed]:
        """Why the household is not of the kind that the scheme recognises (None where it is), and what was compared.

        Another `scheme` than the case's own asks what a household that applied for dibao may apply for instead.
        Property is tested apart. Raises RuleViolated while income or expense are not known, ParameterNotInForce.
        """
        wanted = scheme or self.scheme
        if self.monthly_income_fen is None:
            raise RuleViolated("家庭收入尚未核对，不能认定。")
        place, persons = self.division_code, len(self.member_ids)
        known, income = self.urban_rural, self.monthly_income_fen
        if wanted is Scheme.DIBAO_MARGIN:
            return margin(parameters, on, division_code=place, urban_rural=known, persons=persons, income_fen=income)
        if self.necessary_expense_fen is None:
            raise RuleViolated("必需支出尚未核对，不能认定。")
        return rigid_expense(
            parameters,
            on,
            division_code=place,
            urban_rural=known,
            persons=persons,
            income_fen=income,
            expense_fen=self.necessary_expense_fen,
        )

    def open_instead(self, parameters: Parameters, on: date) -> Scheme | None:
        """Whether the household may apply for dibao instead of its margin, or the other way round, by what is known."""
        if self.monthly_income_fen is None or not self.property_within_limits:
            return None
        if self.scheme is Scheme.DIBAO_MARGIN:
            return Scheme.DIBAO if self.below_standard(parameters, on) else None
        if self.scheme is not Scheme.DIBAO:
            return None
        try:
            why, _ = self.recognition(parameters, on, Scheme.DIBAO_MARGIN)
        except ParameterNotInForce:
            return None  # a hint; where the district has no such rule, dibao is refused without it
        return Scheme.DIBAO_MARGIN if why is None else None

    def below_standard(self, parameters: Parameters, on: date) -> bool:
        """Whether the household's known income per person is below the dibao standard. Raises ParameterNotInForce."""
        standard = parameters.value(standard_code(self.urban_rural), self.division_code, on)
        return eligible(standard, len(self.member_ids), self.monthly_income_fen or 0)


def _same_day(day: date, months: int) -> date:
    """The same day of the month so many months later, or that month's last where it has no such day."""
    month = next_month(month_of(day), months)
    last = first_day(next_month(month)) - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))
