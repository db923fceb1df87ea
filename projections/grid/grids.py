"""Grids, who answers for them, and what stands in them, in the read models."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.codes import PublicFacilityKind, PublicFacilityState
from domain.grid import Grid, PropertyManagement, PublicFacility
from domain.grid.geometry import Point, geojson
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import JSON, Doc, Many, Masked, One, Owner, Relations, view


@view("grid", area=Area.GRID, scope_from="division_code", order=("code",), indexes=(("code",),))
@dataclass
class GridRow:
    """网格"""

    id: Annotated[UUID, Doc("网格标识")]
    code: Annotated[str, Doc("网格代码")]
    name: Annotated[str, Doc("网格名称")]
    division_code: Annotated[str, Doc("所在村（社区）区划代码")]
    polygon: Annotated[str | None, Doc("边界（GeoJSON Polygon，经纬度）"), JSON]
    opened_on: Annotated[date, Doc("首日")]
    closed_on: Annotated[date | None, Doc("撤销日期")]
    reason: Annotated[str | None, Doc("最近一次调整或撤销的原因")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "workers": Many("grid_worker", on="grid_id", order=("from_on", "worker")),
        "incidents": Many("incident", on="grid_code", local="code", order=("reported_at",)),
        "residents": Many("resident", on="grid_code", local="code", order=("id",)),
        "timeline": Many("timeline", on="subject", prefix="grid:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("code", "division_code", "closed_on")


@view(
    "grid_worker",
    area=Area.GRID,
    key=("grid_id", "worker", "from_on"),
    owner=Owner("grid", "grid_id"),
    order=("from_on", "grid_id", "worker"),
    indexes=(("worker", "from_on"),),
)
@dataclass
class GridWorkerRow:
    """网格员指派"""

    grid_id: Annotated[UUID, Doc("网格标识")]
    worker: Annotated[str, Doc("网格员账号")]
    from_on: Annotated[date, Doc("首日")]
    grid_code: Annotated[str, Doc("网格代码")]
    deputy: Annotated[bool, Doc("是否代管")]
    to_on: Annotated[date | None, Doc("末日；空为长期")]
    reason: Annotated[str | None, Doc("解除原因")]

    RELATIONS: ClassVar[Relations] = {"grid": One("grid", local="grid_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ("worker", "grid_code", "from_on", "to_on")


@view(
    "public_facility",
    area=Area.GRID,
    scope_from="division_code",
    order=("kind", "id"),
)
@dataclass
class PublicFacilityRow:
    """公共设施"""

    id: Annotated[UUID, Doc("设施标识")]
    kind: Annotated[PublicFacilityKind, Doc("设施种类")]
    name: Annotated[str, Doc("设施名称")]
    place: Annotated[str, Doc("位置")]
    division_code: Annotated[str, Doc("区划代码")]
    grid_code: Annotated[str, Doc("网格代码；空为未定")]
    lng: Annotated[int | None, Doc("经度，千万分之一度")]
    lat: Annotated[int | None, Doc("纬度，千万分之一度")]
    state: Annotated[PublicFacilityState, Doc("状况")]
    note: Annotated[str | None, Doc("最近一次巡查情况")]
    checked_on: Annotated[date | None, Doc("最近一次巡查日期")]
    checked_by: Annotated[str | None, Doc("巡查人账号")]

    RELATIONS: ClassVar[Relations] = {"division": One("division", local="division_code")}
    FILTERS: ClassVar[tuple[str, ...]] = ("kind", "state", "grid_code", "division_code", "checked_on")


@view("property_management", area=Area.GRID, scope_from="division_code", order=("estate", "id"))
@dataclass
class PropertyManagementRow:
    """物业管理"""

    id: Annotated[UUID, Doc("物业管理记录标识")]
    estate: Annotated[str, Doc("小区名称")]
    company: Annotated[str, Doc("物业服务企业")]
    household_count: Annotated[int, Doc("户数")]
    manager: Annotated[str | None, Doc("负责人"), Masked(PersonalClass.CONTACT)]
    phone: Annotated[str | None, Doc("联系电话"), Masked(PersonalClass.CONTACT)]
    division_code: Annotated[str, Doc("区划代码")]
    grid_code: Annotated[str, Doc("网格代码；空为跨网格或未定")]
    since: Annotated[date, Doc("现企业管理起始日期")]
    ended_on: Annotated[date | None, Doc("终止日期")]
    reason: Annotated[str | None, Doc("终止原因")]

    RELATIONS: ClassVar[Relations] = {"division": One("division", local="division_code")}
    FILTERS: ClassVar[tuple[str, ...]] = ("estate", "grid_code", "division_code", "ended_on")


class Grids(Projection):
    """What happens to grids and what stands in them. A part of the projection `GridViews`."""

    @handles(Grid.Created)
    def grid_defined(self, event: Grid.Created, at: LogEvent, to: Changes) -> None:
        """It exists."""
        to.insert(
            GridRow,
            event.originator_id,
            on=event.from_on,
            code=event.code,
            name=event.name,
            division_code=event.division_code,
            polygon=_drawn(event.polygon),
            opened_on=event.from_on,
        )

    @handles(Grid.Redefined)
    def grid_redefined(self, event: Grid.Redefined, at: LogEvent, to: Changes) -> None:
        """Another name or border from a day on."""
        said = {"name": event.name, "polygon": _drawn(event.polygon)}
        given: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
        to.patch(GridRow, event.originator_id, on=event.from_on, reason=event.reason, **given)

    @handles(Grid.Closed)
    def grid_closed(self, event: Grid.Closed, at: LogEvent, to: Changes) -> None:
        """It no longer exists."""
        to.patch(GridRow, event.originator_id, on=event.from_on, closed_on=event.from_on, reason=event.reason)

    @handles(Grid.WorkerAssigned)
    def worker_assigned(self, event: Grid.WorkerAssigned, at: LogEvent, to: Changes) -> None:
        """Somebody answers for it. The row tells its own days, so it is true from when it was decided."""
        key = (event.originator_id, event.worker, event.from_on)
        to.put(
            GridWorkerRow,
            key,
            on=event.timestamp.date(),
            grid_code=event.code,
            deputy=event.deputy,
            to_on=event.to_on,
        )

    @handles(Grid.WorkerReleased)
    def worker_released(self, event: Grid.WorkerReleased, at: LogEvent, to: Changes) -> None:
        """Until a day; one that had not begun ends before it would have."""
        key = (event.originator_id, event.worker, event.from_on)
        to.patch(GridWorkerRow, key, on=event.timestamp.date(), to_on=event.last_on, reason=event.reason)

    @handles(PublicFacility.Created)
    def facility_listed(self, event: PublicFacility.Created, at: LogEvent, to: Changes) -> None:
        """It is there, and in order as far as anybody said."""
        to.insert(
            PublicFacilityRow,
            event.originator_id,
            on=event.timestamp.date(),
            kind=event.kind,
            name=event.name,
            place=event.place,
            division_code=event.division_code,
            grid_code=event.grid_code,
            lng=event.lng,
            lat=event.lat,
            state=PublicFacilityState.GOOD,
        )

    @handles(PublicFacility.Checked)
    def facility_checked(self, event: PublicFacility.Checked, at: LogEvent, to: Changes) -> None:
        """How it was found."""
        on = event.effective_on
        said: dict[str, Any] = {
            "state": event.state,
            "note": event.note or None,
            "checked_on": on,
            "checked_by": event.by,
        }
        to.patch(PublicFacilityRow, event.originator_id, on=on, **said)

    @handles(PropertyManagement.Created)
    def property_listed(self, event: PropertyManagement.Created, at: LogEvent, to: Changes) -> None:
        """Managed by a company."""
        to.insert(
            PropertyManagementRow,
            event.originator_id,
            on=event.from_on,
            estate=event.estate,
            company=event.company,
            household_count=event.household_count,
            manager=event.manager,
            phone=event.phone,
            division_code=event.division_code,
            grid_code=event.grid_code,
            since=event.from_on,
        )

    @handles(PropertyManagement.Changed)
    def property_changed(self, event: PropertyManagement.Changed, at: LogEvent, to: Changes) -> None:
        """By another one, or with another manager."""
        to.patch(
            PropertyManagementRow,
            event.originator_id,
            on=event.from_on,
            company=event.company,
            household_count=event.household_count,
            manager=event.manager,
            phone=event.phone,
            since=event.from_on,
        )

    @handles(PropertyManagement.Ended)
    def property_ended(self, event: PropertyManagement.Ended, at: LogEvent, to: Changes) -> None:
        """By nobody."""
        on = event.from_on
        to.patch(PropertyManagementRow, event.originator_id, on=on, ended_on=on, reason=event.reason)


def _drawn(polygon: tuple[Point, ...] | None) -> str | None:
    return None if polygon is None else geojson(polygon)
