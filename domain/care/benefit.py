"""A benefit of one person (个人待遇): old-age allowance, elder nursing subsidy, the two disability subsidies.

APPLIED → APPROVED → PAYING ↔ SUSPENDED → ENDED, or REFUSED, WITHDRAWN. Three hands: who applied for the person, who
approves and who grants are different accounts. What is due in which month is `Entitlement`'s; a held line stays due.

`hold_line`, `adjust`, `end`, `transfer` and their like are called by processes across systems too: given again, they
record nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.care.benefit_facts import BenefitFacts
from domain.care.benefit_record import BenefitRecord
from domain.care.benefits.amounts import (
    Known,
    MonthAmount,
    Overpaid,
    Refusal,
    compute,
    next_turn,
    overpaid,
    schedule,
    start_month,
)
from domain.care.benefits.basis import Basis
from domain.care.benefits.exclusion import Line, judge, of_kind
from domain.clock import at as start_of
from domain.clock import demand_month, first_day, month_of, months_after, next_month
from domain.codes import BenefitEnd, BenefitHold, BenefitKind, BenefitState, LifeProof
from domain.errors import ParameterNotInForce, RuleViolated
from domain.formulas import Computed, yuan
from domain.parameters import Parameters
from domain.wording import written


class Benefit(BenefitFacts):
    """One benefit of one person."""

    TOPIC: ClassVar[str] = "care.Benefit"

    class Created(BenefitRecord.Created):
        """Someone applied. Named again, since the library would make up another first event for a subclass."""

    @staticmethod
    def id_for(person_id: UUID, kind: BenefitKind) -> UUID:
        """The id of a person's first benefit of a kind: what sources report and what is applied for here meet in it."""
        return uuid5(person_id, f"benefit {kind.value}")

    @classmethod
    def apply_for(
        cls,
        id: UUID,
        at: datetime,
        *,
        person_id: UUID,
        kind: BenefitKind,
        basis: Basis,
        applied_on: date,
        division_code: str,
        by: str = "",
        review_by: date | None = None,
        start: str = "",
    ) -> Self:
        """An application, received on `applied_on`; whether the person is entitled is for the decision.

        Where the rule lets it begin in a month before that, `start` names it: the benefit is true from there on.
        Without `by` a source reports it: nobody is waited for.
        """
        if applied_on > at.date():
            raise RuleViolated("申请日期不能晚于今天。")
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            person_id=person_id,
            kind=kind,
            basis=basis.sealed(),
            applied_on=applied_on,
            from_on=min(applied_on, first_day(start)) if start else applied_on,
            by=by,
            review_by=review_by,
            division_code=division_code,
        )

    # Decisions: each refuses with RuleViolated where state or rule forbids it.

    def approve(self, at: datetime, *, by: str, decide_by: date, note: str = "") -> None:
        """The street's hand: the application is complete and right."""
        self._demand("审核", BenefitState.APPLIED)
        self._demand_other(by, "审核")
        self.record(self.Approved, at=at, note=note.strip(), by=by, decide_by=decide_by)

    def grant(
        self, at: datetime, *, by: str, known: Known, parameters: Parameters, lines: Mapping[str, tuple[Line, ...]]
    ) -> None:
        """The district's hand: grant by the rule, from the month that the scheme's rule says, with every step since.

        `lines` are the person's other lines in each month from the start on: what they exclude is refused. Raises
        ParameterNotInForce.
        """
        self._demand("审定", BenefitState.APPROVED)
        self._demand_other(by, "审定")
        start = self.starts(known, parameters, at.date())
        steps = schedule(self.kind, known, parameters, start, month_of(at.date()))
        if isinstance(steps, Refusal):
            raise RuleViolated(f"不符合条件，不能发放{self.kind.label}：{steps.reason}")
        self.demand_compatible(steps[0].computed.amount_fen, start, lines)
        turn = next_turn(self.kind, known, parameters, max(start, month_of(at.date())))
        first, *later = steps
        self.record(
            self.Granted,
            at=at,
            person_id=self.person_id,
            kind=self.kind,
            monthly_fen=first.computed.amount_fen,
            start_month=start,
            end_month="",
            trace=traced(first.computed),
            turn_month=turn,
            from_on=first_day(start),
            by=by,
        )
        for step in later:
            self._change(at, step, cause="按规则逐月计算", by=by, turn=turn)

    def starts(self, known: Known, parameters: Parameters, decided_on: date) -> str:
        """The first month due if it is decided that day. Raises ParameterNotInForce."""
        return start_month(self.kind, known, parameters, self.applied_on or decided_on, decided_on)

    def demand_compatible(self, amount_fen: int, start: str, lines: Mapping[str, tuple[Line, ...]]) -> None:
        """Refuse where another line of the person stays instead of this one in any month from the start on."""
        mine = Line(of_kind(self.kind), amount_fen, str(self.id))
        for month, others in sorted(lines.items()):
            if month < start:
                continue
            for each in judge((mine, *others), month).dropped:
                if each.line == mine:
                    raise RuleViolated(f"{month} 已享受{each.stays.kind.label}：{each.said}。")
                raise RuleViolated(
                    f"{month} 已享受{each.line.kind.label} {yuan(each.line.amount_fen)}，本项较高：{each.said}；"
                    "请先终止原待遇。"
                )

    def refuse(
        self,
        at: datetime,
        *,
        reason: str,
        by: str,
        known: Known,
        parameters: Parameters,
        lines: Mapping[str, tuple[Line, ...]],
    ) -> None:
        """Refuse in writing; who is entitled by the rule can't be refused, but for what other benefits exclude."""
        self._demand("作出不予发放决定", BenefitState.APPLIED, BenefitState.APPROVED)
        self._demand_other(by, "决定")
        why = written(reason, "不予发放须书面写明理由。")
        if (due := self._grantable(known, parameters, at.date(), lines)) is not None:
            raise RuleViolated(
                f"按规则应发放{self.kind.label}每月 {yuan(due)}，不能不予发放；如情况有变，请先变更计算依据。"
            )
        self.record(self.Refused, at=at, reason=why, by=by)

    def withdraw(self, at: datetime, *, reason: str, by: str) -> None:
        """The applicant takes it back before it is decided."""
        self._demand("撤回", BenefitState.APPLIED, BenefitState.APPROVED)
        self.record(self.Withdrawn, at=at, reason=written(reason, "撤回申请须写明原因。"), by=by)

    def change_basis(self, at: datetime, *, basis: Basis, cause: str) -> None:
        """Another level, certificate or hardship is known; nothing is recorded where it is the same.

        What it means for the amount is `adjust`'s, which may refuse and therefore comes first.
        """
        if self.open and basis.sealed() != self.basis_text:
            self.record(
                self.BasisChanged,
                at=at,
                person_id=self.person_id,
                basis=basis.sealed(),
                cause=written(cause, "须写明原因。"),
            )

    def adjust(
        self, at: datetime, *, known: Known, parameters: Parameters, from_month: str, cause: str, by: str
    ) -> None:
        """Compute the amount anew from a month by the rule: a birthday, another level, another standard.

        Where the amount stays, it is recorded only that somebody was asked and looked. Who is no longer entitled is
        refused here: that is `end`'s. Raises ParameterNotInForce.
        """
        self._demand("调整金额", BenefitState.PAYING, BenefitState.SUSPENDED)
        if demand_month(from_month) < self.start_month:
            raise RuleViolated(f"不能自起发月份 {self.start_month} 以前调整。")
        computed = compute(self.kind, known, parameters, from_month)
        if isinstance(computed, Refusal):
            raise RuleViolated(f"{from_month} 起不再符合条件，请办理终止：{computed.reason}")
        turn = next_turn(self.kind, known, parameters, from_month)
        if self._amount_or_planned(from_month) != computed.amount_fen:
            step = MonthAmount(from_month, computed)
            self._change(at, step, cause=written(cause, "调整金额须写明原因。"), by=by, turn=turn)
        elif (self.turn_month, self.turn_asked) != (turn, ""):
            why = written(cause, "须写明核定的原因。")
            self.record(self.TurnSettled, at=at, person_id=self.person_id, turn_month=turn, cause=why, by=by)

    def outcome(self, known: Known, parameters: Parameters, month: str) -> int | None:
        """What the rule gives for a month now, in fen; None where the person is not entitled, or nothing is in force.

        For processes and checks that have to choose between `adjust` and `end`.
        """
        try:
            computed = compute(self.kind, known, parameters, month)
        except ParameterNotInForce:
            return None
        return None if isinstance(computed, Refusal) else computed.amount_fen

    def hold_line(self, at: datetime, *, reason: BenefitHold, from_month: str, decide_by: date | None = None) -> None:
        """Pay nothing from a month on until somebody decides (X2, X9); what is due stays due.

        Nothing is recorded where it is held already from that month or an earlier one, or is not paid anyway.
        """
        if not self.in_force or (self.held is not None and self.held_from <= from_month):
            return
        self.record(self.Held, at=at, reason=reason, from_on=first_day(from_month), decide_by=decide_by)

    def release_line(self, at: datetime, *, reason: str, by: str = "") -> None:
        """It goes on: the months held back are paid with the next payroll. Nothing is recorded where none is held."""
        if self.held is not None:
            self.record(self.Released, at=at, reason=written(reason, "解除暂缓须写明核实情况。"), by=by)

    def suspend(self, at: datetime, *, reason: str, from_month: str, by: str) -> None:
        """Nothing is due from a month on, with written reasons, until it is resumed."""
        self._demand("停发", BenefitState.PAYING)
        why = written(reason, "停发须书面写明理由。")
        self.record(self.Suspended, at=at, reason=why, from_on=first_day(from_month), by=by)

    def resume(self, at: datetime, *, reason: str, from_month: str, by: str) -> None:
        """Due again from a month on: with an earlier one the months between are made up for."""
        self._demand("恢复", BenefitState.SUSPENDED)
        if from_month < self.start_month:
            raise RuleViolated(f"不能自起发月份 {self.start_month} 以前恢复。")
        self.record(self.Resumed, at=at, reason=written(reason, "须写明原因。"), from_on=first_day(from_month), by=by)

    def end(self, at: datetime, *, reason: BenefitEnd, end_month: str, by: str = "", note: str = "") -> None:
        """End it with `end_month`, the last one due; an application not granted yet ends without any month.

        Nothing is recorded where it ended with that month or an earlier one: the earlier end stands. Months that an end
        took are given back by `reinstate` alone.
        """
        if self.state in (BenefitState.REFUSED, BenefitState.WITHDRAWN):
            return
        last = max(demand_month(end_month), next_month(self.start_month, -1)) if self.start_month else ""
        if self.state is BenefitState.ENDED and last >= self.end_month:
            return
        from_on = first_day(next_month(last)) if last else at.date()
        self.record(self.Stopped, at=at, reason=reason, end_month=last, from_on=from_on, note=note.strip(), by=by)

    def reinstate(self, at: datetime, *, reason: str, by: str = "") -> None:
        """The end was mistaken: a false death, a move out that did not happen. No month is lost.

        Nothing is recorded where it has not ended.
        """
        if self.state is not BenefitState.ENDED:
            return
        if not self.end_month:
            raise RuleViolated("此待遇终止前没有发放过，请重新申请。")
        self.record(
            self.Reinstated,
            at=at,
            corrects_version=self.ended_by,
            reason=written(reason, "恢复已终止的待遇须写明原因。"),
            state=self.before_end,
            from_on=first_day(max(next_month(self.end_month), self.start_month)),
            by=by,
        )

    def find_overpaid(self, at: datetime, *, paid: Mapping[str, int]) -> Overpaid | None:
        """Hold what was paid and not returned, by month, against what is due by now; the excess is to be recovered.

        `paid` are all of the benefit's months. Recorded once for each result.
        """
        due = {month: self.amount_for(month) or 0 for month in paid}
        found = overpaid(due, paid)
        if found is not None and (found.amount_fen, found.from_month, found.to_month) != (
            self.overpaid_fen,
            self.overpaid_from,
            self.overpaid_to,
        ):
            self.record(
                self.OverpaymentFound,
                at=at,
                person_id=self.person_id,
                from_month=found.from_month,
                to_month=found.to_month,
                month_count=len(found.months),
                amount_fen=found.amount_fen,
            )
        return found

    def prove_life(
        self, at: datetime, *, method: LifeProof, proved_on: date, validity_months: int, by: str = ""
    ) -> None:
        """The person was seen alive on a day; a line held for want of it goes on."""
        self._demand("登记生存认证", BenefitState.PAYING, BenefitState.SUSPENDED)
        if proved_on > at.date():
            raise RuleViolated("认证日期不能晚于今天。")
        valid_to = months_after(proved_on, validity_months)
        if self.proof_valid_to is None or valid_to > self.proof_valid_to:
            self.record(self.LifeProved, at=at, method=method, proved_on=proved_on, valid_to=valid_to, by=by)
        if self.held is BenefitHold.NO_LIFE_PROOF:
            self.release_line(at, reason=f"已于 {proved_on} 办理生存认证", by=by)

    def transfer(self, at: datetime, *, to_division_code: str, moved_on: date) -> None:
        """Another street or community looks after it (X8); nothing is recorded where it does already, or it ended."""
        if self.open and to_division_code != self.division_code:
            self.report_transferred(at, to_division_code=to_division_code, moved_on=moved_on)

    def _grantable(
        self, known: Known, parameters: Parameters, on: date, lines: Mapping[str, tuple[Line, ...]]
    ) -> int | None:
        """What a grant on that day would come to a month, in fen; None where it would be refused."""
        try:
            start = self.starts(known, parameters, on)
            computed = compute(self.kind, known, parameters, start)
            if isinstance(computed, Refusal):
                return None
            self.demand_compatible(computed.amount_fen, start, lines)
        except RuleViolated:  # excluded, or no amount in force
            return None
        return computed.amount_fen

    def _amount_or_planned(self, month: str) -> int | None:
        """The amount that holds for a month, paid or suspended."""
        found = None
        for amount in self.entitlement.amounts:
            if amount.month <= month:
                found = amount.amount_fen
        return found

    @property
    def lapses_at(self) -> datetime | None:
        """The first of the month before the one in which the rule gives something else: time to decide on it."""
        if not self.turn_month or not self.in_force:
            return None
        return start_of(first_day(next_month(self.turn_month, -1)))

    def lapse(self, at: datetime, owner: kernel.Aggregate | None = None) -> None:
        """Somebody is to look at what the rule will give (X10, X11); nothing changes by itself."""
        if self.lapses_at is not None and self.lapses_at <= at:
            from_on = first_day(self.turn_month)
            self.record(self.TurnDue, at=at, person_id=self.person_id, kind=self.kind, from_on=from_on)

    def _change(self, at: datetime, step: MonthAmount, *, cause: str, by: str, turn: str) -> None:
        self.record(
            self.AmountChanged,
            at=at,
            person_id=self.person_id,
            old_fen=self._amount_or_planned(step.month) or 0,
            new_fen=step.computed.amount_fen,
            cause=cause,
            trace=traced(step.computed),
            turn_month=turn,
            from_on=first_day(step.month),
            by=by,
        )

    def _demand(self, what: str, *states: BenefitState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"{self.kind.label}现为“{self.state.label}”，不能{what}；须为：{allowed}。")

    def _demand_other(self, account: str, what: str) -> None:
        if account in self.hands:
            raise RuleViolated(f"您已办理过此待遇的申请或审核，不能再{what}；请由其他经办人办理。")


def demand_of_age(kind: BenefitKind, known: Known, parameters: Parameters, start: str, on: date) -> None:
    """Refuse an application for an age-bound benefit long before its age; shortly before it may be taken in.

    `start` is the first month due by the rule. Raises RuleViolated.
    """
    if kind is not BenefitKind.OLD_AGE_ALLOWANCE:
        return
    refusal = compute(kind, known, parameters, start)
    if isinstance(refusal, Refusal):
        raise RuleViolated(f"不能申请{kind.label}：{refusal.reason}")
    ahead = parameters.value("benefits.old_age.timely_months", known.division_code, on)
    if start > next_month(month_of(on), ahead):
        raise RuleViolated(f"{start} 才到龄，请在到龄前 {ahead} 个月内申请{kind.label}。")


def traced(computed: Computed) -> str:
    """A computation as JSON, to be sealed: its parameters name the person's level."""
    return json.dumps(asdict(computed), ensure_ascii=False, sort_keys=True)
