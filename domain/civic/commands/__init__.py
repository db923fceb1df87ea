"""What may be decided about disclosure, committees, governance and the people who help."""

from domain.civic.commands.disclosures import (
    AnswerDisclosureQuestion,
    CorrectDisclosure,
    OpenDisclosures,
    OpenMajorMatter,
    PostDisclosure,
    QuestionDisclosure,
    WaiveDisclosure,
)
from domain.civic.commands.governance import (
    CorrectCommunityRecord,
    CorrectDecisionStep,
    CorrectElection,
    EndCommunityRecord,
    HoldElection,
    MakeCommunityRecord,
    ProposeDecision,
    SetCadreAllowance,
    TakeDecisionStep,
)
from domain.civic.commands.people import (
    CertifySocialWorker,
    ChangeSocialWorker,
    CorrectVolunteerService,
    EndSocialWorker,
    EnrolVolunteer,
    LeaveVolunteer,
    LogVolunteerService,
)

__all__ = [
    "AnswerDisclosureQuestion",
    "CertifySocialWorker",
    "ChangeSocialWorker",
    "CorrectCommunityRecord",
    "CorrectDecisionStep",
    "CorrectDisclosure",
    "CorrectElection",
    "CorrectVolunteerService",
    "EndCommunityRecord",
    "EndSocialWorker",
    "EnrolVolunteer",
    "HoldElection",
    "LeaveVolunteer",
    "LogVolunteerService",
    "MakeCommunityRecord",
    "OpenDisclosures",
    "OpenMajorMatter",
    "PostDisclosure",
    "ProposeDecision",
    "QuestionDisclosure",
    "SetCadreAllowance",
    "TakeDecisionStep",
    "WaiveDisclosure",
]
