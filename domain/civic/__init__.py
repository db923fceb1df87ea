"""Community governance: what villages disclose and decide, their committees, and the people who help."""

from domain.civic.committee import CadreAllowance, Election
from domain.civic.decision import VillageDecision
from domain.civic.disclosure import Disclosure
from domain.civic.people import SocialWorker, Volunteer
from domain.civic.record import CommunityRecord

__all__ = [
    "CadreAllowance",
    "CommunityRecord",
    "Disclosure",
    "Election",
    "SocialWorker",
    "VillageDecision",
    "Volunteer",
]
