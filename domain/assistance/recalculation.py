"""A changed standard recalculates everyone concerned: the decision on one case of a bulk run."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.assistance.amounts import compute
from domain.assistance.case import Case
from domain.clock import first_day
from domain.codes import CaseState, Code, Scheme
from domain.formulas import Computed
from domain.parameters import Parameters, ParameterVersion

CAUSE = "标准调整"

_TOPICS = {Scheme.DIBAO: ("dibao.",), Scheme.TEKUN: ("tekun.",)}
"""Beginnings of the parameters a scheme's monthly amount depends on; the other schemes are not paid monthly."""


class Outcome(Code):
    """重算结果"""

    RECALCULATED = "recalculated", "已按新标准调整"
    UNCHANGED = "unchanged", "金额不变"
    LOWER = "lower", "金额降低，待人工决定"
    NOT_ELIGIBLE = "not_eligible", "不再符合条件，待人工决定"
    NO_BASIS = "no_basis", "缺少计算依据，待补充核对"
    NOT_CONCERNED = "not_concerned", "不涉及"


def concerns(version: ParameterVersion, case: Case) -> bool:
    """Whether a parameter version may change what a case is paid."""
    return case.division_code.startswith(version.division_code) and version.code.startswith(
        _TOPICS.get(case.scheme, ())
    )


def verdict(due_fen: int, computed_fen: int) -> Outcome:
    """What a recalculated amount means for a case to which `due_fen` is due.

    Only a higher amount is taken over without anyone looking at the case (个人信息保护法 article 24): a lower one and
    a lost entitlement are handed to people.
    """
    if computed_fen == 0:
        return Outcome.NOT_ELIGIBLE
    if computed_fen == due_fen:
        return Outcome.UNCHANGED
    return Outcome.LOWER if computed_fen < due_fen else Outcome.RECALCULATED


def recalculate(case: Case, parameters: Parameters, from_month: str, at: datetime, cause: str = CAUSE) -> Outcome:
    """Recalculate one case from `from_month`, and say what came of it; the event, if any, is recorded on the case.

    A suspended or ended case is not concerned. Raises ParameterNotInForce.
    """
    due = case.amount_for(from_month)
    if case.state is not CaseState.PAYING or due is None or case.scheme is Scheme.TEMP:
        return Outcome.NOT_CONCERNED
    basis = case.basis()
    if basis is None:
        return Outcome.NO_BASIS
    computed = compute(basis, parameters, first_day(from_month))
    outcome = verdict(due, computed.amount_fen)
    if outcome is Outcome.RECALCULATED:
        case.adjust_to(at, computed, from_month=from_month, cause=cause)
    return outcome


def raised(
    id: UUID, version: int, at: datetime, *, due_fen: int, computed: Computed, from_month: str, cause: str = CAUSE
) -> Case.Recalculated:
    """The event of `recalculate` for a case that is known without its stream: its next one, after `version`.

    For a whole district at once: whoever appends it relies on the log to refuse it where the case has moved on.
    """
    fields: dict[str, Any] = {
        "originator_id": id,
        "originator_version": version + 1,
        "timestamp": at,
        "old_fen": due_fen,
        "new_fen": computed.amount_fen,
        "cause": cause,
        "computed": computed,
        "from_on": first_day(from_month),
    }
    return Case.Recalculated(**fields)
