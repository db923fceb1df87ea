"""Medical assistance settled with hospitals: categories, agreements, visits, settlements, clearing, claims after."""

from domain.medical.accumulator import Accumulator
from domain.medical.category import MedicalCategory
from domain.medical.claim import ManualClaim
from domain.medical.clearing import Clearing
from domain.medical.hospital import Hospital
from domain.medical.reconciliation import DailyReconciliation
from domain.medical.settlement import Settlement
from domain.medical.visit import MedicalVisit

__all__ = [
    "Accumulator",
    "Clearing",
    "DailyReconciliation",
    "Hospital",
    "ManualClaim",
    "MedicalCategory",
    "MedicalVisit",
    "Settlement",
]
