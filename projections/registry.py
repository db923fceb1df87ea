"""Registry: persons, households, who belongs to which, and the divisions."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.codes import HouseholdKind, PopulationKind, Relation, Sex
from domain.registry.person import PersonState
from projections.kernel.tables import Doc, Many, Masked, One, Owner, Relations, view


@view(
    "person",
    area=Area.REGISTRY,
    scope_from="division_code",
    order=("id",),
    indexes=(("citizen_id",), ("name", "scope"), ("household_id",)),
)
@dataclass
class PersonRow:
    """人员"""

    id: Annotated[UUID, Doc("人员标识")]
    name: Annotated[str, Doc("姓名")]
    citizen_id: Annotated[str | None, Doc("公民身份号码"), Masked(PersonalClass.IDENTITY)]
    sex: Annotated[Sex, Doc("性别")]
    birth_on: Annotated[date | None, Doc("出生日期")]
    kind: Annotated[PopulationKind, Doc("人口类型")]
    state: Annotated[PersonState, Doc("人员状态")]
    state_before: Annotated[PersonState, Doc("此前状态（撤销迁出、死亡或合并时恢复）")]
    division_code: Annotated[str, Doc("居住地区划代码")]
    phone: Annotated[str | None, Doc("联系电话"), Masked(PersonalClass.CONTACT)]
    address: Annotated[str | None, Doc("住址"), Masked(PersonalClass.CONTACT)]
    match_source: Annotated[str | None, Doc("身份核实来源")]
    moved_out_to: Annotated[str | None, Doc("迁往地")]
    died_on: Annotated[date | None, Doc("死亡日期（未确认时为上报日期）")]
    death_confirmed: Annotated[bool, Doc("死亡是否已确认")]
    death_evidence: Annotated[str | None, Doc("死亡上报依据或确认机关")]
    merged_into: Annotated[UUID | None, Doc("合并后的人员标识")]
    household_id: Annotated[UUID | None, Doc("最近加入且未退出的家庭；各类家庭见 memberships")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "household": One("household", local="household_id"),
        "merged_person": One("person", local="merged_into"),
        "memberships": Many("member", on="person_id", order=("joined_on",)),
        "cases": Many("case_member", on="person_id", order=("case_id",)),
        "applications": Many("case", on="applicant_id", order=("case_no",)),
        "payments": Many("payment", on="payee_id", order=("month",)),
        "findings": Many("finding", on="person_id", order=("raised_on",)),
        "timeline": Many("timeline", on="subject", prefix="person:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "citizen_id",
        "name",
        "state",
        "kind",
        "sex",
        "division_code",
        "birth_on",
        "death_confirmed",
    )


@view(
    "household",
    area=Area.REGISTRY,
    scope_from="division_code",
    order=("household_no", "id"),
    indexes=(("household_no",),),
)
@dataclass
class HouseholdRow:
    """家庭"""

    id: Annotated[UUID, Doc("家庭标识")]
    household_no: Annotated[str, Doc("户号")]
    kind: Annotated[HouseholdKind, Doc("家庭类别")]
    division_code: Annotated[str, Doc("区划代码")]
    address: Annotated[str | None, Doc("地址"), Masked(PersonalClass.CONTACT)]
    head_id: Annotated[UUID | None, Doc("户主人员标识")]
    formed_on: Annotated[date, Doc("成立日期")]
    dissolved_on: Annotated[date | None, Doc("解散日期")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "head": One("person", local="head_id"),
        "members": Many("member", on="household_id", order=("relation", "joined_on")),
        "cases": Many("case", on="household_id", order=("case_no",)),
        "timeline": Many("timeline", on="subject", prefix="household:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("household_no", "kind", "division_code")


@view(
    "member",
    area=Area.REGISTRY,
    key=("household_id", "person_id"),
    owner=Owner("household", "household_id"),
    listed=False,
)
@dataclass
class MemberRow:
    """家庭成员"""

    household_id: Annotated[UUID, Doc("家庭标识")]
    person_id: Annotated[UUID, Doc("人员标识")]
    relation: Annotated[Relation, Doc("与户主关系")]
    joined_on: Annotated[date, Doc("加入日期")]
    left_on: Annotated[date | None, Doc("退出日期；空为现有成员")]
    left_reason: Annotated[str | None, Doc("退出原因")]

    RELATIONS: ClassVar[Relations] = {
        "household": One("household", local="household_id"),
        "person": One("person", local="person_id"),
    }


@view("division", area=Area.REGISTRY, scope_from="code", order=("code",), public=True)
@dataclass
class DivisionRow:
    """行政区划"""

    code: Annotated[str, Doc("区划代码")]
    id: Annotated[UUID, Doc("区划标识")]
    name: Annotated[str, Doc("名称")]
    kind: Annotated[str, Doc("级别")]
    parent_code: Annotated[str, Doc("上级区划代码")]
    opened_on: Annotated[date, Doc("设立日期")]
    closed_on: Annotated[date | None, Doc("撤销日期")]

    RELATIONS: ClassVar[Relations] = {
        "parent": One("division", local="parent_code"),
        "children": Many("division", on="parent_code", order=("code",)),
        "timeline": Many("timeline", on="subject", prefix="division:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("code", "parent_code", "kind", "name")
