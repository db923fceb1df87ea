"""Social assistance: cases, whom they cover, every payment, and what has been paid in total."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.codes import CaseState, Cause, CloseReason, PaymentKind, Scheme, UrbanRural
from projections.kernel.tables import COUNTED, FEN, JSON, Doc, Many, Masked, One, Owner, Relations, view


@view(
    "case",
    area=Area.ASSISTANCE,
    scope_from="division_code",
    order=("case_no", "id"),
    indexes=(("case_no",), ("state", "scope", "case_no", "id")),
)
@dataclass
class CaseRow:
    """救助个案"""

    id: Annotated[UUID, Doc("个案标识")]
    case_no: Annotated[str, Doc("个案编号")]
    scheme: Annotated[Scheme, Doc("救助类别")]
    state: Annotated[CaseState, Doc("个案状态")]
    cause: Annotated[Cause, Doc("致困原因")]
    urban_rural: Annotated[UrbanRural, Doc("城乡属性")]
    division_code: Annotated[str, Doc("区划代码")]
    household_id: Annotated[UUID, Doc("家庭标识")]
    applicant_id: Annotated[UUID, Doc("申请人标识")]
    member_ids: Annotated[tuple[UUID, ...], Doc("保障对象标识")]
    member_count: Annotated[int, Doc("保障人数")]
    applied_on: Annotated[date, Doc("申请日期")]
    due_on: Annotated[date | None, Doc("办结期限")]
    monthly_income_fen: Annotated[int | None, Doc("核定家庭月收入"), FEN]
    property_within_limits: Annotated[bool | None, Doc("财产是否符合规定")]
    conclusion: Annotated[str | None, Doc("核对结论")]
    monthly_fen: Annotated[int, Doc("月保障金额（临时救助为一次性金额）"), FEN]
    amount_from: Annotated[date | None, Doc("现行金额起始日")]
    amount_version: Annotated[int | None, Doc("确定现行金额的事件版本")]
    start_month: Annotated[str | None, Doc("起发月份")]
    end_month: Annotated[str | None, Doc("最后发放月份")]
    computed: Annotated[str | None, Doc("金额计算过程"), JSON]
    account: Annotated[str | None, Doc("发放账号"), Masked(PersonalClass.ACCOUNT)]
    bank: Annotated[str | None, Doc("开户银行")]
    reason: Annotated[str | None, Doc("最近一次退回、停发、恢复、变更、撤回、不予确认或重新办理的理由")]
    close_reason: Annotated[CloseReason | None, Doc("结案原因")]
    closed_on: Annotated[date | None, Doc("结案日期")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "household": One("household", local="household_id"),
        "applicant": One("person", local="applicant_id"),
        "members": Many("case_member", on="case_id", order=("person_id",)),
        "payments": Many("payment", on="case_id", order=("month",)),
        "totals": One("case_total", local="id"),
        "findings": Many("finding", on="case_id", order=("raised_on",)),
        "timeline": Many("timeline", on="subject", prefix="case:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "case_no",
        "scheme",
        "state",
        "cause",
        "urban_rural",
        "division_code",
        "household_id",
        "applicant_id",
        "applied_on",
        "due_on",
        "close_reason",
    )


@view("case_total", area=Area.ASSISTANCE, owner=Owner("case", "case_id"), listed=False)
@dataclass
class CaseTotalRow:
    """个案发放合计"""

    case_id: Annotated[UUID, Doc("个案标识")]
    paid_fen: Annotated[int, Doc("已发放合计（退回的除外）"), FEN, COUNTED]
    paid_count: Annotated[int, Doc("发放笔数（退回的除外）"), COUNTED]
    last_paid_month: Annotated[str | None, Doc("最近一次发放的月份")]

    RELATIONS: ClassVar[Relations] = {"case": One("case", local="case_id")}


@view(
    "case_member",
    area=Area.ASSISTANCE,
    key=("case_id", "person_id"),
    owner=Owner("case", "case_id"),
    listed=False,
)
@dataclass
class CaseMemberRow:
    """保障对象"""

    case_id: Annotated[UUID, Doc("个案标识")]
    person_id: Annotated[UUID, Doc("人员标识")]
    applicant: Annotated[bool, Doc("是否申请人")]
    covered: Annotated[bool, Doc("是否在保障范围内")]

    RELATIONS: ClassVar[Relations] = {
        "case": One("case", local="case_id"),
        "person": One("person", local="person_id"),
    }


@view(
    "payment",
    area=Area.ASSISTANCE,
    scope_from="division_code",
    owner=Owner("case", "case_id"),
    order=("month", "id"),
    temporal=False,
)
@dataclass
class PaymentRow:
    """发放记录"""

    id: Annotated[UUID, Doc("发放标识")]
    case_id: Annotated[UUID, Doc("个案标识")]
    household_id: Annotated[UUID, Doc("家庭标识")]
    payee_id: Annotated[UUID, Doc("收款人标识")]
    kind: Annotated[PaymentKind, Doc("发放类别")]
    month: Annotated[str, Doc("所属月份")]
    amount_fen: Annotated[int, Doc("金额"), FEN]
    division_code: Annotated[str, Doc("发放时的区划代码")]
    account: Annotated[str | None, Doc("收款账号"), Masked(PersonalClass.ACCOUNT)]
    batch_no: Annotated[str, Doc("发放批次")]
    fund_source: Annotated[str, Doc("资金来源")]
    paid_on: Annotated[date, Doc("发放日期")]
    returned: Annotated[bool, Doc("是否退回")]
    returned_on: Annotated[date | None, Doc("退回日期")]
    corrected: Annotated[bool, Doc("金额是否更正过")]
    reason: Annotated[str | None, Doc("最近一次退回或更正的理由")]

    RELATIONS: ClassVar[Relations] = {
        "case": One("case", local="case_id"),
        "household": One("household", local="household_id"),
        "payee": One("person", local="payee_id"),
        "timeline": Many("timeline", on="subject", prefix="payment:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "case_id",
        "household_id",
        "payee_id",
        "month",
        "kind",
        "division_code",
        "paid_on",
        "returned",
        "batch_no",
    )
