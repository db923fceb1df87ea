"""What a bank says."""

from connectors.facts.assistance import PaymentState
from connectors.facts.base import Fact


class BankAnswerFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """What a bank says became of line `number` of a payroll."""

    batch_no: str
    number: int
    amount_fen: int
    state: PaymentState
    account: str | None = None
    reason: str | None = None
