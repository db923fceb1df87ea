"""What the verification centre says."""

from connectors.facts.base import Fact
from domain.codes import EconResult, EconSource


class EconAnswerFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """What one source answered to a verification's request, of one person or (no number) of the household; fen."""

    request_no: str
    source: EconSource
    result: EconResult
    citizen_id: str | None = None
    name: str | None = None
    value_fen: int = 0
    detail: str | None = None
