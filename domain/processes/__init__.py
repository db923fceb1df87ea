"""The rules that only a platform which sees everything can keep (X1 to X20), what they ask of people, and what only
it can find (F1 to F6).
"""

from domain.processes.care import AgePrompted, AgeReached, CareAdmitted, DisabilityChanged, GradeChanged
from domain.processes.categories import CategoryEnds, CategoryOpens, PremiumIsPaid
from domain.processes.clues import LargeCashShare, NeedClueAnswered
from domain.processes.contradictions import (
    AfterDeath,
    BedsOverbooked,
    BenefitsTogether,
    RelativeUnvisited,
    SampledTwice,
    ServicesAway,
)
from domain.processes.deaths import DeathConfirmed, DeathReported
from domain.processes.deaths_elsewhere import (
    DeathElsewhere,
    DeathEndsBenefits,
    DeathEndsCare,
    DeathEndsCategory,
    ReportedDeathHoldsBenefits,
)
from domain.processes.duty import CompleteDuty, Duty
from domain.processes.households import MemberChanged
from domain.processes.merges import PersonMerged
from domain.processes.moves import MovedOut, MovedWithin
from domain.processes.moves_elsewhere import CareFollows, LeftCare, NeighboursFollow
from domain.processes.organisations import OrganisationInDoubt
from domain.processes.process import Process, Trigger
from domain.processes.relief import DisasterOccurred

PROCESSES: tuple[Process, ...] = (
    DeathConfirmed(),
    DeathEndsBenefits(),
    DeathEndsCare(),
    DeathEndsCategory(),
    DeathElsewhere(),
    DeathReported(),
    ReportedDeathHoldsBenefits(),
    CategoryOpens(),
    PremiumIsPaid(),
    CategoryEnds(),
    CareAdmitted(),
    MovedWithin(),
    CareFollows(),
    NeighboursFollow(),
    MovedOut(),
    LeftCare(),
    DisabilityChanged(),
    AgeReached(),
    AgePrompted(),
    GradeChanged(),
    MemberChanged(),
    PersonMerged(),
    LargeCashShare(),
    DisasterOccurred(),
    OrganisationInDoubt(),
    NeedClueAnswered(),
    ServicesAway(),
    RelativeUnvisited(),
    SampledTwice(),
    BedsOverbooked(),
    BenefitsTogether(),
    AfterDeath(),
)
"""Every rule, in the order in which they look at one trigger."""

__all__ = ["PROCESSES", "CompleteDuty", "Duty", "Process", "Trigger"]
