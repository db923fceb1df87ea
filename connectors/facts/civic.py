"""What the disclosure platform says."""

from datetime import date

from connectors.facts.base import Fact
from domain.codes import DisclosureTopic


class DisclosureFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """One posting of a village or community."""

    division_code: str
    topic: DisclosureTopic
    period: str
    posted_on: date
    place: str
    content_hash: str
