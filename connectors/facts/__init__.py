"""The facts of every source; a new source's module is imported here once."""

from typing import TYPE_CHECKING, Union

from connectors.facts.assistance import CaseFact, GrantFact, MemberFact, MemberState, PaymentFact, PaymentState
from connectors.facts.bank import BankAnswerFact
from connectors.facts.base import Fact
from connectors.facts.benefits import (
    AllowanceFact,
    AllowancePaymentFact,
    CertificateFact,
    RosterExit,
    RosterState,
    SubsidiesFact,
)
from connectors.facts.civic import DisclosureFact
from connectors.facts.econ import EconAnswerFact
from connectors.facts.eldercare import AbilityResult, AssessmentFact, FacilityFact, ServiceFact, StayFact
from connectors.facts.grid import GridFact, GridVisitFact, HandlingFact, IncidentFact, ResidentFact
from connectors.facts.medical import AdmissionFact, EntryState, SettlementFact
from connectors.facts.platforms import PlatformAnswerFact
from connectors.facts.population import DeathFact, HouseholdFact, MoveFact, MoveKind, PersonFact
from connectors.facts.procurement import ContractFact, ContractState, OrganisationFact
from connectors.facts.relief import DisasterReportFact, StockDirection, StockSlipFact, WinterAidFact

if TYPE_CHECKING:
    AnyFact = Fact
else:
    AnyFact = Union[tuple(Fact.__subclasses__())]  # noqa: UP007 - the members are known at run time only
    """What may pass from the reading process to the deciding one."""

__all__ = [
    "AbilityResult",
    "AdmissionFact",
    "AllowanceFact",
    "AllowancePaymentFact",
    "AnyFact",
    "AssessmentFact",
    "BankAnswerFact",
    "CaseFact",
    "CertificateFact",
    "ContractFact",
    "ContractState",
    "DeathFact",
    "DisasterReportFact",
    "DisclosureFact",
    "EconAnswerFact",
    "EntryState",
    "FacilityFact",
    "Fact",
    "GrantFact",
    "GridFact",
    "GridVisitFact",
    "HandlingFact",
    "HouseholdFact",
    "IncidentFact",
    "MemberFact",
    "MemberState",
    "MoveFact",
    "MoveKind",
    "OrganisationFact",
    "PaymentFact",
    "PaymentState",
    "PersonFact",
    "PlatformAnswerFact",
    "ResidentFact",
    "RosterExit",
    "RosterState",
    "ServiceFact",
    "SettlementFact",
    "StayFact",
    "StockDirection",
    "StockSlipFact",
    "SubsidiesFact",
    "WinterAidFact",
]
