"""What a purchase of services is made of: whose money, with whom, what is delivered, what is paid for it."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from domain.codes import FundSource, InstalmentState, MilestoneState
from domain.errors import RuleViolated
from domain.formulas import BP
from domain.kernel import NO_ID


class Party(NamedTuple):
    """The organisation that a contract is with, as the register had it then."""

    organisation_id: UUID
    credit_code: str
    local: bool
    social_work: bool


class Funding(NamedTuple):
    """What a budget gives to this purchase, in fen."""

    budget_id: UUID
    source: FundSource
    reserved_fen: int
    spent_fen: int = 0


class Term(NamedTuple):
    """One thing the contract asks for: what, for how much, by when."""

    no: int
    title: str
    amount_fen: int
    due_on: date


class Milestone(NamedTuple):
    """A term on its way: who delivered it, what of it was accepted and paid, and what is on its way to be paid."""

    term: Term
    state: MilestoneState = MilestoneState.DUE
    organisation_id: UUID = NO_ID
    delivered_by: str = ""
    accepted_fen: int = 0
    paid_fen: int = 0
    pending_fen: int = 0


class Instalment(NamedTuple):
    """One payment of a contract. `budget_id` and `source` say whose money it is."""

    no: int
    milestone_no: int
    amount_fen: int
    budget_id: UUID
    source: FundSource
    prepared_by: str
    state: InstalmentState = InstalmentState.PREPARED


class Dimensions(NamedTuple):
    """A value for each of the four dimensions of performance, in basis points of the full mark."""

    savings_bp: int
    effectiveness_bp: int
    transparency_bp: int
    professionalism_bp: int


def performance_score(marks: Dimensions, weights: Dimensions) -> int:
    """The weighted score in basis points, halves rounded up; raises RuleViolated where marks or weights are off."""
    if any(not 0 <= mark <= BP for mark in marks):
        raise RuleViolated("四个维度的得分均应在 0 至 10000（万分之）之间。")
    if sum(weights) != BP or min(weights) < 0:
        raise RuleViolated("四个维度的权重合计应为 100%，请核对参数。")
    total = sum(mark * weight for mark, weight in zip(marks, weights, strict=True))
    return (2 * total + BP) // (2 * BP)


def demand_terms(terms: Sequence[Term], starts_on: date, ends_on: date) -> None:
    """Raise RuleViolated where milestones are not numbered, named, dated and ordered as a contract wants them."""
    if ends_on < starts_on:
        raise RuleViolated("合同终止日期不能早于起始日期。")
    if [term.no for term in terms] != list(range(1, len(terms) + 1)):
        raise RuleViolated("服务节点应从 1 起连续编号。")
    for term in terms:
        if not term.title.strip() or term.amount_fen < 0:
            raise RuleViolated(f"第 {term.no} 节点须有名称，金额不能为负数。")
        if not starts_on <= term.due_on <= ends_on:
            raise RuleViolated(f"第 {term.no} 节点的交付日期应在合同期内（{starts_on} 至 {ends_on}）。")
    if any(later.due_on < earlier.due_on for earlier, later in pairwise(terms)):
        raise RuleViolated("服务节点应按交付日期先后排列。")
