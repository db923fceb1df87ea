"""What the register of social organisations and the purchase ledger say."""

from datetime import date

from connectors.facts.base import Fact
from domain.codes import Code, OrgInspectionResult, OrgKind, OrgState


class ContractState(Code):
    """合同状态"""

    RUNNING = "running", "履行中"
    FINISHED = "finished", "已完成"


class OrganisationFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """One social organisation as the register has it."""

    credit_code: str
    name: str
    kind: OrgKind
    registered_on: date
    division_code: str
    sponsor: str = ""
    representative: str | None = None
    state: OrgState = OrgState.REGISTERED
    local: bool = True
    social_work: bool = False
    certified_count: int = 0
    inspected_year: int | None = None
    inspection: OrgInspectionResult | None = None


class ContractFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """One contract of the purchase ledger; fen."""

    contract_no: str
    title: str
    item: str
    credit_code: str
    amount_fen: int
    starts_on: date
    ends_on: date
    division_code: str
    paid_fen: int = 0
    finished: bool = False
