"""What municipal and provincial platforms say about messages they had."""

from uuid import UUID

from connectors.facts.base import Fact
from domain.codes import PlatformOutcome, PlatformReason


class PlatformAnswerFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """One answer. `stream` and `version` name the event the message told of."""

    platform: str
    stream: UUID
    version: int
    outcome: PlatformOutcome
    reason: PlatformReason
