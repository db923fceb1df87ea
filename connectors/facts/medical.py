"""What the settlement systems say: visits, and settlements with the rows by which they undo them."""

from datetime import date

from connectors.facts.base import Fact
from domain.codes import Code, InsuranceType, MedType


class EntryState(Code):
    """结算记录状态"""

    NORMAL = "00", "正常"
    REVERSED = "01", "已被冲正"
    REVERSAL = "02", "冲正记录"
    OTHER_VALID = "03", "其他有效"


class AdmissionFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A visit: inpatients from admission to discharge, outpatients on one day."""

    hospital_code: str
    visit_no: str
    name: str
    citizen_id: str
    insurance: InsuranceType
    med_type: MedType
    admitted_on: date
    discharged_on: date | None = None
    diagnosis: str | None = None


class SettlementFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A settlement, or (REVERSAL) the row that undoes the one called `original_no`. Amounts in fen, not negative.

    `admitted_on` is there where the source's row tells of the visit as well.
    """

    hospital_code: str
    settlement_no: str
    visit_no: str
    name: str
    citizen_id: str
    insurance: InsuranceType
    med_type: MedType
    settled_on: date
    state: EntryState = EntryState.NORMAL
    original_no: str = ""
    admitted_on: date | None = None
    discharged_on: date | None = None
    diagnosis: str | None = None
    total_fen: int = 0
    in_scope_fen: int = 0
    basic_fen: int = 0
    si_fen: int = 0
    supplement_fen: int = 0
    assistance_fen: int = 0
    hospital_fen: int = 0
    account_fen: int = 0
    family_account_fen: int = 0
    cash_fen: int = 0
