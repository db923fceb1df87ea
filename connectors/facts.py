"""What one row of a source's file says, typed: the outcome of reading, and all the deciders know of files.

Structs rather than dataclasses: they pass from the reading process to the deciding one at a million an hour and more,
and msgspec packs them twenty times as fast.
"""

from datetime import date
from typing import ClassVar

import msgspec

from domain.codes import (
    Cause,
    CloseReason,
    Code,
    EconResult,
    EconSource,
    PaymentKind,
    PopulationKind,
    Relation,
    Scheme,
    SelfCare,
    Sex,
    TempType,
    UrbanRural,
)


class MoveKind(Code):
    """变动类型"""

    WITHIN = "within", "区内迁移"
    OUT = "out", "迁出"
    BACK = "back", "迁回"


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


class Fact(msgspec.Struct, frozen=True, array_like=True, gc=False, kw_only=True, tag=True):
    """What a row says. `on` is its business date; None where the file gives none (the export date then)."""

    KIND: ClassVar[str] = ""
    on: date | None = None


class PersonFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A person of the register, and the household the person is registered in (if `household_no` is given)."""

    KIND = "persons"
    name: str
    division_code: str
    citizen_id: str | None = None
    provisional_no: str | None = None
    sex: Sex = Sex.UNKNOWN
    birth_on: date | None = None
    population: PopulationKind = PopulationKind.REGISTERED
    household_no: str | None = None
    relation: Relation | None = None
    address: str | None = None
    phone: str | None = None


class HouseholdFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A registered household by itself."""

    KIND = "households"
    household_no: str
    division_code: str
    head_id: str | None = None
    address: str | None = None


class MoveFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A person moved within the district (`to_division_code`), out of it (`to_place`) or back into it."""

    KIND = "moves"
    name: str | None
    citizen_id: str
    move: MoveKind
    to_division_code: str | None = None
    to_place: str | None = None
    reason: str | None = None


class DeathFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """A person died `died_on`; confirmed where the row names the cremation or says so."""

    KIND = "deaths"
    name: str | None
    citizen_id: str
    died_on: date
    confirmed: bool
    evidence: str | None = None


class CaseFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """One treatment period of a case: `monthly_fen` a month from `start_month` to `end_month` (empty: open)."""

    KIND = "cases"
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

    KIND = "members"
    case_no: str
    name: str
    citizen_id: str | None
    relation: Relation
    covered: bool = True
    state: MemberState = MemberState.NORMAL
    birth_on: date | None = None


class PaymentFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """Money paid for a case and month, to the payee's account."""

    KIND = "payments"
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

    KIND = "grants"
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


class BankAnswerFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """What a bank says became of line `number` of a payroll."""

    KIND = "returns"
    batch_no: str
    number: int
    amount_fen: int
    state: PaymentState
    account: str | None = None
    reason: str | None = None


class EconAnswerFact(Fact, frozen=True, array_like=True, gc=False, kw_only=True):
    """What one source answered to a verification's request, of one person or (no number) of the household; fen."""

    KIND = "answers"
    request_no: str
    source: EconSource
    result: EconResult
    citizen_id: str | None = None
    name: str | None = None
    value_fen: int = 0
    detail: str | None = None


AnyFact = (
    PersonFact
    | HouseholdFact
    | MoveFact
    | DeathFact
    | CaseFact
    | MemberFact
    | PaymentFact
    | GrantFact
    | BankAnswerFact
    | EconAnswerFact
)  # fmt: skip
