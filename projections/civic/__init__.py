"""Community governance: disclosures, decisions, elections, light records, and the people who help."""

from domain.civic import CadreAllowance
from projections.civic.disclosures import DisclosureRow, Disclosures
from projections.civic.governance import (
    CadreAllowanceRow,
    CommunityRecordRow,
    ElectionRow,
    Governance,
    VillageDecisionRow,
    VillageDecisionStepRow,
)
from projections.civic.people import Helpers, SocialWorkerRow, VolunteerRow, VolunteerServiceRow


class Civic(Disclosures, Governance, Helpers):
    """What villages disclose, decide and have, and who helps."""

    name = "civic"
    version = 1
    views = (
        DisclosureRow,
        *(VillageDecisionRow, VillageDecisionStepRow, ElectionRow, CadreAllowanceRow, CommunityRecordRow),
        *(SocialWorkerRow, VolunteerRow, VolunteerServiceRow),
    )
    contexts = ("civic",)
    ignores = (CadreAllowance.Created,)  # its years are rows


__all__ = ["Civic", "CommunityRecordRow", "DisclosureRow", "ElectionRow", "SocialWorkerRow", "VolunteerRow"]
