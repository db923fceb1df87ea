"""What the assistance system says: cases, members, payments, grants."""

from datetime import date

from connectors.facts.base import Fact
from domain.codes import Cause, CloseReason, Code, PaymentKind, Relation, Scheme, SelfCare, TempType, UrbanRural


class MemberState(Code):
    """人员状态"""

    NORMAL = "01", "正常"
    MISSING = "02", "失踪"
    DEAD = "03", "死亡"
    MARRIED = "04", "嫁娶"
    IN_PRISON = "05", "服刑"
    SPLIT = "06", "分户迁出"
    OTHER = "99", "其他"


class PaymentState(Code):
    """发放状态"""

    PAID = "paid", "成功"
    RETURNED = "returned", "退回"


class CaseFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """One treatment period of a case: `monthly_fen` a month from `start_month` to `end_month` (empty: open)."""

    case_no: str
    scheme: Scheme
    urban_rural: UrbanRural
    division_code: str
    head_name: str
    head_id: str
    monthly_fen: int
    start_month: str
    end_month: str = ""
    cause: Cause = Cause.OTHER
    household_size: int | None = None
    covered_count: int | None = None
    monthly_income_fen: int | None = None
    supplement_fen: int = 0
    stop_reason: CloseReason | None = None
    self_care: SelfCare | None = None
    bank: str | None = None
    account: str | None = None


class MemberFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A member of a case's co-living household; `covered` where the assistance is for this person too."""

    case_no: str
    name: str
    citizen_id: str | None
    relation: Relation
    covered: bool = True
    state: MemberState = MemberState.NORMAL
    birth_on: date | None = None


class PaymentFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """Money paid for a case and month, to the payee's account."""

    case_no: str
    month: str
    amount_fen: int
    name: str
    citizen_id: str | None
    kind: PaymentKind = PaymentKind.REGULAR
    covered_count: int | None = None
    bank: str | None = None
    account: str | None = None
    batch_no: str = ""
    fund_source: str = ""
    state: PaymentState | None = None
    return_reason: str | None = None


class GrantFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """Temporary assistance, paid once."""

    grant_no: str
    name: str
    citizen_id: str
    division_code: str
    kind: TempType
    amount_fen: int
    paid_on: date
    cause: Cause = Cause.OTHER
    fund_source: str = ""
    reason: str | None = None
