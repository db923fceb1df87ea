"""What rows of a bank's files say."""

from connectors.facts import BankAnswerFact, PaymentState
from connectors.reading.demand import Values, demand
from connectors.reading.rows import Kind, Reason, RowFault


def bank_answer_fact(values: Values) -> BankAnswerFact:
    """What the bank says became of one line of a payroll."""
    state = PaymentState(demand(values, "state"))
    amount = demand(values, "amount")
    if amount < 0:
        raise RowFault(Reason.INCONSISTENT, "金额不能为负；冲正请按退回填写。", ("amount",))
    return BankAnswerFact(
        on=values.get("on"),
        batch_no=demand(values, "batch_no"),
        number=demand(values, "number"),
        amount_fen=amount,
        state=state,
        account=values.get("account"),
        reason=values.get("return_reason"),
    )


KINDS = {"returns": Kind(bank_answer_fact)}
