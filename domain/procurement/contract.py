"""What a purchase of services is made of: whose money, with whom, what is delivered, what is paid for it."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from domain.codes import FundSource, InstalmentState, MilestoneState
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
