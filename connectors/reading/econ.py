"""What rows of the verification centre's answers say."""

from connectors.facts import EconAnswerFact
from connectors.reading.demand import Values, demand
from connectors.reading.rows import Kind, Reason, RowFault
from domain.codes import EconResult, EconSource
from domain.identity import CitizenId


def answer_fact(values: Values) -> EconAnswerFact:
    """One source's answer of one person, or of the household where the row names nobody."""
    result = EconResult(demand(values, "result"))
    amount = values.get("amount") or 0
    if amount < 0 or (amount and result is not EconResult.FOUND):
        raise RowFault(Reason.INCONSISTENT, "金额与核对结果不符；请核对。", ("amount", "result"))
    identity = values.get("citizen_id")
    if identity is None and values.get("name"):
        raise RowFault(Reason.MISSING, "有姓名而无公民身份号码，无法确定是谁；请填写号码。", ("citizen_id",))
    if identity is not None and not isinstance(identity, CitizenId):
        raise RowFault(Reason.UNREADABLE, "应为公民身份号码。", ("citizen_id",))
    return EconAnswerFact(
        on=values.get("on"),
        request_no=demand(values, "request_no").upper(),
        source=EconSource(demand(values, "econ_source")),
        result=result,
        citizen_id=identity.number18 if identity is not None else None,
        name=values.get("name"),
        value_fen=amount,
        detail=values.get("detail"),
    )


KINDS = {"answers": Kind(answer_fact)}
