"""Decisions about grids, and about what stands in them: borders, workers, public facilities, property management."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, OFFICIALS
from domain.codes import PublicFacilityKind, PublicFacilityState
from domain.errors import BadInput, RuleViolated
from domain.grid.geometry import Point, parse_point
from domain.grid.grid import Grid, demand_grid_code, grid_at, grid_id, grids_of
from domain.grid.limits import HANDS, demand_community
from domain.grid.places import PropertyManagement, PublicFacility
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, LoadTagged

GridCode = Annotated[str, Doc("网格代码：村（社区）12 位代码加 3 位序号")]
GridCodeText = Annotated[str, Doc("网格代码；不填则按坐标所在的网格")]
Polygon = Annotated[
    str | None, Doc("边界：经纬度依次成对，以空格分隔各点，如“113.10,22.50 113.11,22.50 …”，末点与首点相同")
]
PointText = Annotated[str | None, Doc("坐标“经度,纬度”（十进制度）")]


def points_of(text: str | None) -> tuple[Point, ...] | None:
    """The points of a border as people write it; raises BadInput naming the point."""
    if text is None:
        return None
    return tuple(parse_point(part, "polygon") for part in text.split())


@dataclass(frozen=True, kw_only=True)
class DefineGrid(Command):
    """划定网格：代码、名称、边界和首日。"""

    ROLES: ClassVar = OFFICIALS
    code: GridCode
    name: Annotated[str, Doc("网格名称")]
    from_on: Annotated[date, Doc("首日")]
    polygon: Polygon = None

    def decide(self, by: Decision) -> Decided:
        known: dict[UUID, Grid] = yield LoadMany(Grid, (grid_id(self.code),))
        if known:
            raise RuleViolated(f"网格 {self.code} 已划定；改变名称或边界请办理调整，撤销的代码不再使用。")
        polygon = points_of(self.polygon)
        return (Grid.define(by.now, code=self.code, name=self.name, polygon=polygon, from_on=self.from_on),)


@dataclass(frozen=True, kw_only=True)
class RedefineGrid(Command):
    """调整网格：自某日起改变名称或边界，原边界留在历史中；未填写的不变。"""

    ROLES: ClassVar = OFFICIALS
    code: GridCode
    reason: Annotated[str, Doc("原因或依据文件")]
    from_on: Annotated[date, Doc("自何日起")]
    name: Annotated[str | None, Doc("新名称")] = None
    polygon: Polygon = None

    def decide(self, by: Decision) -> Decided:
        grid: Grid = yield Load(Grid, grid_id(self.code))
        polygon = points_of(self.polygon)
        grid.redefine(by.now, name=self.name, polygon=polygon, reason=self.reason, from_on=self.from_on)
        return (grid,)


@dataclass(frozen=True, kw_only=True)
class CloseGrid(Command):
    """撤销网格：自某日起不再使用，并解除网格员指派。"""

    ROLES: ClassVar = OFFICIALS
    code: GridCode
    reason: Annotated[str, Doc("原因，以及辖区并入哪个网格")]
    from_on: Annotated[date, Doc("自何日起")]

    def decide(self, by: Decision) -> Decided:
        grid: Grid = yield Load(Grid, grid_id(self.code))
        grid.close(by.now, reason=self.reason, from_on=self.from_on)
        return (grid,)


@dataclass(frozen=True, kw_only=True)
class AssignGridWorker(Command):
    """指派网格员：账号自何日起（至何日）负责网格；代管网格员须有末日。"""

    ROLES: ClassVar = OFFICIALS
    code: GridCode
    worker: Annotated[str, Doc("网格员账号")]
    from_on: Annotated[date, Doc("首日，不早于今天")]
    to_on: Annotated[date | None, Doc("末日；不填为长期")] = None
    deputy: Annotated[bool, Doc("是否代管（网格员请假、空缺期间）")] = False

    def decide(self, by: Decision) -> Decided:
        grid: Grid = yield Load(Grid, grid_id(self.code))
        grid.assign(by.now, worker=self.worker, deputy=self.deputy, from_on=self.from_on, to_on=self.to_on)
        return (grid,)


@dataclass(frozen=True, kw_only=True)
class ReleaseGridWorker(Command):
    """解除网格员指派：末日之后不再负责该网格。"""

    ROLES: ClassVar = OFFICIALS
    code: GridCode
    worker: Annotated[str, Doc("网格员账号")]
    last_on: Annotated[date, Doc("末日，不早于今天")]
    reason: Annotated[str, Doc("原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        grid: Grid = yield Load(Grid, grid_id(self.code))
        grid.release(by.now, worker=self.worker, last_on=self.last_on, reason=self.reason)
        return (grid,)


@dataclass(frozen=True, kw_only=True)
class ListPublicFacility(Command):
    """登记公共设施。"""

    ROLES: ClassVar = HANDS
    kind: Annotated[PublicFacilityKind, Doc("设施种类")]
    name: Annotated[str, Doc("设施名称")]
    place: Annotated[str, Doc("位置")]
    division_code: Annotated[str, Doc("所在村（社区）区划代码")]
    grid_code: GridCodeText = ""
    point: PointText = None

    def decide(self, by: Decision) -> Decided:
        demand_community(self.division_code)
        point = None if self.point is None else parse_point(self.point)
        grids: dict[UUID, Grid] = yield LoadTagged(Grid, (grids_of(self.division_code),))
        made = PublicFacility.enlist(
            by.new_id,
            by.now,
            kind=self.kind,
            name=self.name,
            place=self.place,
            division_code=self.division_code,
            grid_code=chosen_grid(self.grid_code, self.division_code, grids, point, by),
            point=point,
            by=by.actor.name,
        )
        return (made,)


@dataclass(frozen=True, kw_only=True)
class CheckPublicFacility(Command):
    """登记公共设施巡查情况。"""

    ROLES: ClassVar = HANDS
    facility_id: Annotated[UUID, Doc("设施标识")]
    state: Annotated[PublicFacilityState, Doc("状况")]
    checked_on: Annotated[date, Doc("巡查日期")]
    note: Annotated[str, Doc("情况；损坏、维修、拆除的必填")] = ""

    def decide(self, by: Decision) -> Decided:
        found: PublicFacility = yield Load(PublicFacility, self.facility_id)
        found.check(by.now, state=self.state, note=self.note, by=by.actor.name, checked_on=self.checked_on)
        return (found,)


@dataclass(frozen=True, kw_only=True)
class ListProperty(Command):
    """登记小区物业管理。"""

    ROLES: ClassVar = HANDS
    estate: Annotated[str, Doc("小区名称")]
    company: Annotated[str, Doc("物业服务企业")]
    household_count: Annotated[int, Doc("户数")]
    division_code: Annotated[str, Doc("所在村（社区）区划代码")]
    from_on: Annotated[date, Doc("自何日起管理")]
    grid_code: Annotated[str, Doc("网格代码；跨网格的不填")] = ""
    manager: Annotated[str | None, Doc("负责人姓名，加密保存")] = None
    phone: Annotated[str | None, Doc("联系电话，加密保存")] = None

    def decide(self, by: Decision) -> Decided:
        demand_community(self.division_code)
        grids: dict[UUID, Grid] = yield LoadTagged(Grid, (grids_of(self.division_code),))
        made = PropertyManagement.enlist(
            by.new_id,
            by.now,
            estate=self.estate,
            company=self.company,
            household_count=self.household_count,
            manager=self.manager,
            phone=self.phone,
            division_code=self.division_code,
            grid_code=chosen_grid(self.grid_code, self.division_code, grids, None, by),
            from_on=self.from_on,
        )
        return (made,)


@dataclass(frozen=True, kw_only=True)
class ChangeProperty(Command):
    """变更小区物业管理：重新填写企业、户数和负责人。"""

    ROLES: ClassVar = CASEWORKERS
    property_id: Annotated[UUID, Doc("物业管理记录标识")]
    company: Annotated[str, Doc("物业服务企业")]
    household_count: Annotated[int, Doc("户数")]
    from_on: Annotated[date, Doc("自何日起")]
    manager: Annotated[str | None, Doc("负责人姓名，加密保存")] = None
    phone: Annotated[str | None, Doc("联系电话，加密保存")] = None

    def decide(self, by: Decision) -> Decided:
        found: PropertyManagement = yield Load(PropertyManagement, self.property_id)
        found.change(
            by.now,
            company=self.company,
            household_count=self.household_count,
            manager=self.manager,
            phone=self.phone,
            from_on=self.from_on,
        )
        return (found,)


@dataclass(frozen=True, kw_only=True)
class EndProperty(Command):
    """登记小区物业管理终止。"""

    ROLES: ClassVar = CASEWORKERS
    property_id: Annotated[UUID, Doc("物业管理记录标识")]
    from_on: Annotated[date, Doc("自何日起")]
    reason: Annotated[str, Doc("原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        found: PropertyManagement = yield Load(PropertyManagement, self.property_id)
        found.end(by.now, reason=self.reason, from_on=self.from_on)
        return (found,)


def chosen_grid(code: str, division_code: str, grids: dict[UUID, Grid], point: Point | None, by: Decision) -> str:
    """The grid that was named, or that a place lies in; empty where neither says. Raises BadInput."""
    if not code:
        return grid_at(grids.values(), point, by.today) if point is not None else ""
    demand_grid_code(code)
    if not code.startswith(division_code):
        raise BadInput(f"网格 {code} 不在村（社区）{division_code}，请核对。", "grid_code")
    if grid_id(code) not in grids:
        raise BadInput(f"网格 {code} 尚未划定，请核对代码或先划定网格。", "grid_code")
    return code
