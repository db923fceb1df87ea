"""Medical assistance: hospitals, categories, visits, settlements, and how money is cleared with hospitals."""

from domain.medical import MedicalCategory
from projections.medical.clearing import (
    ClearingAndClaims,
    ClearingRow,
    ManualClaimRow,
    ReconciliationDifferenceRow,
    ReconciliationRow,
)
from projections.medical.hospitals import (
    HospitalDeskRow,
    HospitalMonthRow,
    HospitalRow,
    Hospitals,
    MedicalPersonRow,
)
from projections.medical.settlements import SettlementRow, Settlements
from projections.medical.visits import AccumulatorRow, MedicalCategoryRow, MedicalVisitRow, Visits


class Medical(Hospitals, Visits, Settlements, ClearingAndClaims):
    """Everything about medical assistance. A row about a person goes along when the person moves."""

    name = "medical"
    version = 1
    views = (
        *(MedicalPersonRow, HospitalRow, HospitalDeskRow, HospitalMonthRow),
        *(MedicalCategoryRow, MedicalVisitRow, AccumulatorRow, SettlementRow),
        *(ReconciliationRow, ReconciliationDifferenceRow, ClearingRow, ManualClaimRow),
    )
    contexts = ("medical",)
    ignores = (MedicalCategory.Created,)  # its spans are the rows


__all__ = ["Medical"]
