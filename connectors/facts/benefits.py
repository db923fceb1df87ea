"""What the eldercare and disability systems say of benefits: rosters, payments, certificates, wide rows."""

from datetime import date

from connectors.facts.assistance import PaymentState
from connectors.facts.base import Fact
from domain.codes import Code, DisabilityCategory, DisabilityGrade


class RosterState(Code):
    """名册状态"""

    NORMAL = "normal", "正常"
    STRUCK_OFF = "struck_off", "已注销"


class RosterExit(Code):
    """注销原因"""

    MOVED_OUT = "moved_out", "迁出"
    DEAD = "dead", "死亡"
    OTHER = "other", "其他"


class AllowanceFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """Somebody on the roster of the old-age allowance from `start_month` on, until struck off.

    `monthly_fen` is None where the roster has no amounts. `cancelled_on` is set with `exit`.
    """

    name: str
    citizen_id: str
    division_code: str
    start_month: str
    monthly_fen: int | None = None
    account: str | None = None
    account_name: str | None = None
    bank: str | None = None
    exit: RosterExit | None = None
    cancelled_on: date | None = None


class AllowancePaymentFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """The allowance paid for each month of a period, each the same amount; back pay for the months before it."""

    name: str
    citizen_id: str
    months: tuple[str, ...]
    monthly_fen: int
    back_months: tuple[str, ...] = ()
    back_fen: int = 0
    paid_on: date | None = None
    account: str | None = None
    batch_no: str = ""
    fund_source: str = ""
    state: PaymentState | None = None
    return_reason: str | None = None


class CertificateFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A disability certificate; `cancelled_on` where it is no longer valid."""

    name: str
    citizen_id: str
    division_code: str
    category: DisabilityCategory
    grade: DisabilityGrade
    from_on: date | None = None
    valid_to_on: date | None = None
    cancelled_on: date | None = None
    cancel_reason: str = ""


class SubsidiesFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """Everything one person draws in a month, a column for each benefit; None or 0 where nothing is.

    `month` is empty where the file does not say: the month of its export then.
    """

    name: str
    citizen_id: str
    division_code: str
    month: str = ""
    living_fen: int | None = None
    nursing_fen: int | None = None
    old_age_fen: int | None = None
    dibao_fen: int | None = None
    tekun_fen: int | None = None
