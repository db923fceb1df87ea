"""The rules that only a platform which sees everything can keep (X1 to X20), and what they ask of people."""

from domain.processes.care import AgeReached, CareAdmitted, DisabilityChanged, GradeChanged
from domain.processes.categories import CategoryEnds, CategoryOpens, PremiumIsPaid
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
from domain.processes.process import Process, Trigger

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
    GradeChanged(),
    MemberChanged(),
    PersonMerged(),
)
"""Every rule, in the order in which they look at one trigger."""

__all__ = ["PROCESSES", "CompleteDuty", "Duty", "Process", "Trigger"]
