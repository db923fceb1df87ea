"""An assistance case from application to closing and reopening: what may be decided on it.

Its state and events stand in case_record.py, the steps between acceptance and decision in case_process.py, the facts
sources report of it in case_facts.py, recognition and termination in case_status.py.
"""

from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from domain.assistance import dibao
from domain.assistance.amounts import Basis, compute
from domain.assistance.case_facts import IN_FORCE
from domain.assistance.case_record import CaseRecord
from domain.assistance.case_status import DECIDABLE, UNDECIDED, CaseStatus
from domain.assistance.recognition import STATUS_SCHEMES
from domain.clock import first_day, month_of, next_month
from domain.codes import CaseState, Cause, CloseReason, Scheme, SelfCare, Supplement, UrbanRural
from domain.errors import RuleViolated
from domain.formulas import Computed, yuan
from domain.parameters import Parameters
from domain.wording import written


class Case(CaseStatus):
    """One household's case in one scheme."""

    TOPIC: ClassVar[str] = "assistance.Case"

    class Created(CaseRecord.Created):
        """Someone applied. Named again, since the library would make up another first event for a subclass."""

    @classmethod
    def apply_for(
        cls,
        id: UUID,
        at: datetime,
        *,
        scheme: Scheme,
        case_no: str,
        household_id: UUID,
        applicant_id: UUID,
        member_ids: tuple[UUID, ...],
        cause: Cause,
        urban_rural: UrbanRural,
        division_code: str,
        from_on: date,
        accept_by: date | None = None,
    ) -> Self:
        """A new case; eligibility is for the decision, not the application."""
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            scheme=scheme,
            case_no=case_no,
            household_id=household_id,
            applicant_id=applicant_id,
            member_ids=member_ids,
            cause=cause,
            urban_rural=urban_rural,
            division_code=division_code,
            from_on=from_on,
            accept_by=accept_by,
        )

    # Decisions: each refuses with RuleViolated where state or rule forbids it.

    def accept(self, at: datetime, *, due_on: date, investigate_by: date | None = None) -> None:
        """The street accepts the complete file."""
        self._demand("受理", CaseState.APPLIED, CaseState.RETURNED)
        if due_on <= at.date():
            raise RuleViolated("办结期限应晚于受理日期。")
        self.record(self.Accepted, at=at, due_on=due_on, investigate_by=investigate_by)

    def send_back(self, at: datetime, *, missing: str) -> None:
        """The file is incomplete: name what is missing, all at once."""
        self._demand("退回补正", CaseState.APPLIED)
        self.record(self.Returned, at=at, missing=written(missing, "退回补正须一次性写明所缺材料。"))

    def verify(
        self,
        at: datetime,
        *,
        monthly_income_fen: int,
        property_within_limits: bool,
        conclusion: str,
        supplements: tuple[Supplement, ...] = (),
        self_care: SelfCare | None = None,
        necessary_expense_fen: int | None = None,
        by: str = "",
    ) -> None:
        """Record what visit and economic verification gave, by account `by`; a case in force may be verified again.

        In a case in force this is its periodic recheck, and the next one is due as long after it as the grant says.
        """
        decided = (*IN_FORCE, CaseState.RECOGNISED)
        self._demand("登记核对结果", CaseState.ACCEPTED, CaseState.VERIFIED, *decided)
        if monthly_income_fen < 0:
            raise RuleViolated("家庭月收入不能为负。")
        if len(supplements) > len(self.member_ids):
            raise RuleViolated("分类施保人数超过保障人数，请核对。")
        if self.scheme is Scheme.TEKUN and self_care is None:
            raise RuleViolated("特困供养须登记生活自理能力评估结果。")
        if self.scheme is Scheme.RIGID_EXPENSE and necessary_expense_fen is None:
            raise RuleViolated("刚性支出困难家庭须登记必需支出（医疗、教育、残疾）。")
        if necessary_expense_fen is not None and necessary_expense_fen < 0:
            raise RuleViolated("必需支出不能为负。")
        self.record(
            self.VerificationReported,
            at=at,
            monthly_income_fen=monthly_income_fen,
            property_within_limits=property_within_limits,
            conclusion=conclusion,
            supplements=supplements,
            self_care=self_care,
            by=by,
            review_by=self.due_on if self.state not in decided else None,
            recheck_by=_months_later(at.date(), self.recheck_months) if self.state in IN_FORCE else None,
            necessary_expense_fen=necessary_expense_fen,
            renew_by=self.valid_to if self.state is CaseState.RECOGNISED else None,
        )

    def confirm(
        self,
        at: datetime,
        *,
        parameters: Parameters,
        by: str = "",
        start_month: str = "",
        recheck_months: int = 0,
        announce_by: date | None = None,
    ) -> None:
        """Grant dibao or tekun by the rule, from the month that the scheme's rule says, after its notice has run.

        Another `start_month` is for reopened cases only, as the review or judgment orders. `by` is the account that
        decides; `recheck_months` lie between the start and the first periodic recheck, and between any two.
        """
        if self.scheme is Scheme.TEMP:
            raise RuleViolated("临时救助请按计发月数办理，不按月确认。")
        if self.scheme in STATUS_SCHEMES:
            raise RuleViolated(f"{self.scheme.label}不发放保障金，请办理认定。")
        self.demand_publicised(at.date())
        self.demand_decidable(by)
        if start_month and not self.reopened_by:
            raise RuleViolated("起发月份由规则确定；只有依行政复议决定或判决重新办理的个案可以另行指定。")
        offset = parameters.value(f"{self.scheme.value.lower()}.start_offset", self.division_code, at.date())
        start = start_month or next_month(month_of(at.date()), offset)
        if (reason := self.ineligible(parameters, first_day(start))) is not None:
            raise RuleViolated(f"不符合条件，不能确认：{reason}")
        self._confirm(
            at,
            self._compute(parameters, first_day(start)),
            start,
            end_month="",
            by=by,
            announce_by=announce_by,
            recheck_months=recheck_months,
            recheck_by=_months_later(first_day(start), recheck_months),
        )

    def confirm_temporary(
        self,
        at: datetime,
        *,
        months: int,
        parameters: Parameters,
        by_street: bool,
        urgent: bool = False,
        by: str = "",
        papers_by: date | None = None,
    ) -> None:
        """Grant temporary assistance once, `months` of the standard.

        A street decides up to the small-amount threshold; `urgent` relief comes before the paperwork, which is then
        due `papers_by`.
        """
        if self.scheme is not Scheme.TEMP:
            raise RuleViolated("只有临时救助按计发月数办理。")
        before_papers = (CaseState.APPLIED, CaseState.ACCEPTED) if urgent else ()
        self._demand("确认", CaseState.VERIFIED, *before_papers)
        self.demand_decidable(by)
        on = at.date()
        basis = Basis(Scheme.TEMP, self.division_code, self.urban_rural, len(self.member_ids), months=months)
        computed = compute(basis, parameters, on)
        limit = parameters.value("temp.small_amount", self.division_code, on)
        if by_street and computed.amount_fen > limit:
            raise RuleViolated(
                f"救助金额 {yuan(computed.amount_fen)} 超过街道审批上限 {yuan(limit)}，请报区民政局审批。"
            )
        papers = papers_by if self.state in before_papers else None
        self._confirm(at, computed, month_of(on), end_month=month_of(on), by=by, papers_by=papers)

    def refuse(
        self, at: datetime, *, reason: str, parameters: Parameters, by: str = "", serve_by: date | None = None
    ) -> None:
        """Refuse in writing. A household that the rule finds eligible can't be refused (应保尽保).

        Who is refused dibao and is on its margin by the same verification is told so.
        """
        self._demand("作出不予确认决定", *DECIDABLE)
        self.demand_decidable(by)
        why = written(reason, "不予确认须书面写明理由。")
        on, verified = at.date(), self.state is not CaseState.ACCEPTED
        computed = None if self.basis() is None else self._compute(parameters, on)
        by_rule = verified and self.scheme in (Scheme.DIBAO, *STATUS_SCHEMES)
        if by_rule and self.ineligible(parameters, on) is None:
            due = f"（每月 {yuan(computed.amount_fen)}）" if computed is not None else ""
            raise RuleViolated(
                f"按核对结果该家庭符合{self.scheme.label}条件{due}，不能不予确认；如情况有变，请先重新登记核对结果。"
            )
        if verified and self.scheme in STATUS_SCHEMES:
            computed = self.recognition(parameters, on)[1]
        suggests = self.open_instead(parameters, on) if verified else None
        self.record(self.Refused, at=at, reason=why, computed=computed, by=by, serve_by=serve_by, suggests=suggests)

    def withdraw(self, at: datetime, *, reason: str) -> None:
        """The applicant withdraws before a decision."""
        self._demand("撤回", *UNDECIDED)
        self.record(self.Withdrawn, at=at, reason=reason)

    def adjust(self, at: datetime, *, parameters: Parameters, from_month: str, cause: str) -> None:
        """Recalculate a case in force from a month, by the parameters in force then."""
        self._demand("调整金额", CaseState.PAYING)
        on = first_day(from_month)
        if self.amount_for(from_month) is None:
            raise RuleViolated(f"{from_month} 不在保障期内，不能自该月起调整。")
        self.adjust_to(at, self._compute(parameters, on), from_month=from_month, cause=cause)

    def adjust_to(self, at: datetime, computed: Computed, *, from_month: str, cause: str) -> None:
        """Take over what the rule gave from a month in which something is due; it must be money, and another amount."""
        due = self.amount_for(from_month) or 0
        if computed.amount_fen == 0:
            raise RuleViolated("按核对结果已不符合条件，请办理结案，不能调整为 0 元。")
        if computed.amount_fen == due:
            raise RuleViolated(f"重新计算后金额仍为 {yuan(due)}，无需调整。")
        self._recalculate(at, computed.amount_fen, computed, from_month, due, cause)

    def suspend(self, at: datetime, *, reason: str, from_on: date) -> None:
        """Stop payment for the time being, with written reasons."""
        self._demand("停发", CaseState.PAYING)
        self.record(self.Suspended, at=at, reason=written(reason, "停发须书面写明理由。"), from_on=from_on)

    def resume(self, at: datetime, *, reason: str, from_on: date) -> None:
        """Go on paying."""
        self._demand("恢复发放", CaseState.SUSPENDED)
        self.record(self.Resumed, at=at, reason=reason, from_on=from_on)

    def close(self, at: datetime, *, reason: CloseReason, end_month: str) -> None:
        """End the case with `end_month`, the last one paid."""
        self._demand("结案", *IN_FORCE)
        if next_month(end_month) < self.start_month:
            raise RuleViolated(f"最后发放月份不能早于起发月份 {self.start_month} 的上月。")
        self.record(self.Closed, at=at, reason=reason, end_month=end_month, from_on=first_day(next_month(end_month)))

    def reopen(self, at: datetime, *, basis: str, due_on: date | None = None) -> None:
        """Back to verification after administrative review or judgment; to be decided anew by `due_on`."""
        self._demand("重新办理", CaseState.REFUSED, CaseState.TERMINATED, CaseState.CLOSED)
        order = written(basis, "重新办理须写明行政复议决定或判决文号。")
        self.record(self.Reopened, at=at, basis=order, due_on=due_on)

    def transfer(self, at: datetime, *, to_division_code: str, moved_on: date) -> None:
        """Hand the case to another street or community; nobody applies anew."""
        self._demand_open("移交")
        if to_division_code == self.division_code:
            raise RuleViolated("接收单位与现管辖单位相同，无需移交。")
        self._transfer(at, to_division_code, moved_on)

    def change_members(self, at: datetime, *, member_ids: tuple[UUID, ...], reason: str, from_on: date) -> None:
        """Cover other persons from a day on."""
        self._demand_open("变更保障对象")
        if not member_ids or len(set(member_ids)) != len(member_ids):
            raise RuleViolated("保障对象至少一人，且不能重复。")
        if set(member_ids) == set(self.member_ids):
            raise RuleViolated("保障对象没有变化，无需变更。")
        self._change_members(at, member_ids, written(reason, "变更保障对象须写明原因。"), from_on)

    def change_account(self, at: datetime, *, account: str, bank: str) -> None:
        """Pay to another account."""
        self._demand_open("变更账户")
        if (account, bank) == (self.account, self.bank):
            raise RuleViolated("账户没有变化，无需变更。")
        given = written(account, "请填写银行账号。")
        self.record(self.AccountChanged, at=at, household_id=self.household_id, account=given, bank=bank)

    def correct_amount(self, at: datetime, *, corrects_version: int, new_fen: int, reason: str) -> None:
        """Set right a mistaken amount, naming the version of the event that gave it; both stay visible."""
        due = self.entitlement.step_of(corrects_version)
        if due is None:
            raise RuleViolated(f"第 {corrects_version} 条记录没有核定金额，不能更正；请指明作出核定的那一条。")
        if new_fen < 0 or new_fen == due.amount_fen:
            raise RuleViolated(f"更正后的金额应不同于原金额 {yuan(due.amount_fen)}，且不为负。")
        self.record(
            self.AmountCorrected,
            at=at,
            corrects_version=corrects_version,
            old_fen=due.amount_fen,
            new_fen=new_fen,
            reason=written(reason, "更正金额须写明原因。"),
            from_on=first_day(due.month),
        )

    def ineligible(self, parameters: Parameters, on: date) -> str | None:
        """Why the household is not entitled by the rule, in Chinese; None where it is. Raises ParameterNotInForce.

        For tekun this tests income and property only: labour capacity and obligors are for people to judge.
        """
        persons = len(self.member_ids)
        if self.monthly_income_fen is None:
            return "家庭收入尚未核对。"
        if not self.property_within_limits:
            return "家庭财产超过规定限额。"
        if self.scheme is Scheme.TEMP:
            return None
        if self.scheme in STATUS_SCHEMES:
            return self.recognition(parameters, on)[0]
        if not self.below_standard(parameters, on):
            standard = parameters.value(dibao.standard_code(self.urban_rural), self.division_code, on)
            return f"家庭月收入 {yuan(self.monthly_income_fen)} 不低于保障标准合计 {yuan(standard * persons)}。"
        return None

    def _confirm(
        self, at: datetime, computed: Computed, start_month: str, end_month: str, by: str, **days: Any
    ) -> None:
        self.record(
            self.Confirmed,
            at=at,
            monthly_fen=computed.amount_fen,
            start_month=start_month,
            end_month=end_month,
            computed=computed,
            from_on=first_day(start_month),
            by=by,
            **days,
        )

    def _compute(self, parameters: Parameters, on: date) -> Computed:
        basis = self.basis()
        if basis is None:
            raise RuleViolated("家庭收入尚未核对，不能计算金额。")
        return compute(basis, parameters, on)


def _months_later(day: date, months: int) -> date | None:
    """The first day of the month so many months later; None where nothing recurs."""
    return first_day(next_month(month_of(day), months)) if months else None
