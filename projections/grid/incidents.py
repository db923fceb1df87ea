"""Incidents in the read models: how each stands, by when, and how long everything took."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.codes import GridLevel, IncidentState, IncidentType, ReporterKind, Urgency
from domain.grid import Incident
from domain.grid.geometry import Point, geojson_point
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import JSON, Doc, Many, Masked, One, Relations, view

_OVER = (IncidentState.CLOSED, IncidentState.DUPLICATE)


@view(
    "incident",
    area=Area.GRID,
    scope_from="division_code",
    order=("reported_at", "id"),
    indexes=(("handler", "reported_at", "id"), ("open", "reported_at", "id", "scope")),
)
@dataclass
class IncidentRow:
    """网格事件"""

    id: Annotated[UUID, Doc("事件标识")]
    incident_no: Annotated[str, Doc("来源系统的事件编号；本平台上报的为空")]
    type: Annotated[IncidentType, Doc("事件类型")]
    urgency: Annotated[Urgency, Doc("紧急程度")]
    state: Annotated[IncidentState, Doc("状态")]
    open: Annotated[bool, Doc("是否未结案")]
    level: Annotated[GridLevel, Doc("办理层级；逾期升级后为街道或区")]
    division_code: Annotated[str, Doc("发生地区划代码")]
    grid_code: Annotated[str, Doc("网格代码；空为未定")]
    location: Annotated[str | None, Doc("事件地点（GeoJSON Point）"), JSON]
    place: Annotated[str, Doc("发生地点"), Masked(PersonalClass.CONTACT)]
    text: Annotated[str, Doc("情况"), Masked(PersonalClass.CIRCUMSTANCES)]
    reporter_kind: Annotated[ReporterKind, Doc("上报来源")]
    reporter: Annotated[str | None, Doc("反映人"), Masked(PersonalClass.CONTACT)]
    phone: Annotated[str | None, Doc("反映人电话"), Masked(PersonalClass.CONTACT)]
    reported_by: Annotated[str, Doc("上报账号")]
    reported_at: Annotated[datetime, Doc("上报时间")]
    reported_on: Annotated[date, Doc("上报日期")]
    due_at: Annotated[datetime | None, Doc("所办环节（受理或处置）的期限；历史事件为空")]
    accepted_at: Annotated[datetime | None, Doc("受理时间")]
    accepted_by: Annotated[str | None, Doc("受理账号")]
    org: Annotated[str | None, Doc("承办单位")]
    handler: Annotated[str | None, Doc("处置人账号")]
    dispatched_at: Annotated[datetime | None, Doc("最近一次派遣时间")]
    return_reason: Annotated[str | None, Doc("最近一次退回的理由")]
    escalated_at: Annotated[datetime | None, Doc("最近一次逾期升级的时间")]
    resolved_at: Annotated[datetime | None, Doc("处置完毕时间")]
    resolved_by: Annotated[str | None, Doc("登记处置结果的账号")]
    measure: Annotated[str | None, Doc("处置措施和结果"), Masked(PersonalClass.CIRCUMSTANCES)]
    late: Annotated[bool | None, Doc("处置是否逾期；未处置或历史事件为空")]
    verified_at: Annotated[datetime | None, Doc("核查通过时间")]
    verified_by: Annotated[str | None, Doc("核查账号")]
    closed_on: Annotated[date | None, Doc("结案日期")]
    note: Annotated[str | None, Doc("回复上报人的情况")]
    original_id: Annotated[UUID | None, Doc("重复上报的，原事件标识")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "grid": One("grid", local="grid_code", on="code"),
        "original": One("incident", local="original_id"),
        "timeline": Many("timeline", on="subject", prefix="incident:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "open",
        "state",
        "type",
        "urgency",
        "level",
        "handler",
        "late",
        "grid_code",
        "division_code",
        "reporter_kind",
        "reported_by",
        "reported_on",
        "due_at",
        "original_id",
        "incident_no",
    )


class Incidents(Projection):
    """What happens to incidents. A part of the projection `GridViews`."""

    @handles(Incident.Created)
    def reported(self, event: Incident.Created, at: LogEvent, to: Changes) -> None:
        """Waits to be accepted."""
        point = None if event.lng is None or event.lat is None else Point(event.lng, event.lat)
        to.insert(
            IncidentRow,
            event.originator_id,
            on=event.effective_on,
            incident_no=event.incident_no,
            type=event.type,
            urgency=event.urgency,
            state=IncidentState.REPORTED,
            open=True,
            level=GridLevel.COMMUNITY,
            division_code=event.division_code,
            grid_code=event.grid_code,
            location=None if point is None else geojson_point(point),
            place=event.place,
            text=event.text,
            reporter_kind=event.reporter_kind,
            reporter=event.reporter,
            phone=event.phone,
            reported_by=event.by,
            reported_at=event.timestamp,
            reported_on=event.effective_on,
            due_at=event.accept_by,
        )

    @handles(Incident.Accepted)
    def accepted(self, event: Incident.Accepted, at: LogEvent, to: Changes) -> None:
        """To be sent to those who handle it."""
        said: dict[str, Any] = {"accepted_at": event.timestamp, "accepted_by": event.by, "due_at": event.resolve_by}
        _change(to, event, state=IncidentState.ACCEPTED, **said)

    @handles(Incident.Dispatched)
    def dispatched(self, event: Incident.Dispatched, at: LogEvent, to: Changes) -> None:
        """With those who handle it."""
        said: dict[str, Any] = {"org": event.org or None, "handler": event.handler or None}
        _change(to, event, state=IncidentState.DISPATCHED, dispatched_at=event.timestamp, **said)

    @handles(Incident.HandlingStarted)
    def started(self, event: Incident.HandlingStarted, at: LogEvent, to: Changes) -> None:
        """Being handled."""
        _change(to, event, state=IncidentState.HANDLING)

    @handles(Incident.Returned)
    def returned(self, event: Incident.Returned, at: LogEvent, to: Changes) -> None:
        """To be sent to somebody again; what was said to be done was not."""
        none = dict.fromkeys(("org", "handler", "resolved_at", "resolved_by", "measure", "late"))
        said = {"return_reason": event.reason, "due_at": event.due_at}
        _change(to, event, state=IncidentState.RETURNED, **said, **none)

    @handles(Incident.Resolved)
    def resolved(self, event: Incident.Resolved, at: LogEvent, to: Changes) -> None:
        """Somebody else is to look."""
        said: dict[str, Any] = {"resolved_at": event.timestamp, "resolved_by": event.by, "measure": event.measure}
        _change(to, event, state=IncidentState.RESOLVED, late=event.late, due_at=None, **said)

    @handles(Incident.Verified)
    def verified(self, event: Incident.Verified, at: LogEvent, to: Changes) -> None:
        """Seen to be resolved."""
        _change(to, event, state=IncidentState.VERIFIED, verified_at=event.timestamp, verified_by=event.by)

    @handles(Incident.Closed)
    def closed(self, event: Incident.Closed, at: LogEvent, to: Changes) -> None:
        """Over."""
        on = event.timestamp.date()
        _change(to, event, state=IncidentState.CLOSED, open=False, closed_on=on, note=event.note)

    @handles(Incident.Reopened)
    def reopened(self, event: Incident.Reopened, at: LogEvent, to: Changes) -> None:
        """Not over after all."""
        none = dict.fromkeys(("resolved_at", "resolved_by", "measure", "late", "verified_at", "verified_by"))
        none |= dict.fromkeys(("closed_on", "note", "original_id", "org", "handler"))
        said: dict[str, Any] = {"return_reason": event.reason, "due_at": event.resolve_by}
        _change(to, event, state=IncidentState.ACCEPTED, open=True, **said, **none)

    @handles(Incident.Reclassified)
    def reclassified(self, event: Incident.Reclassified, at: LogEvent, to: Changes) -> None:
        """Of another kind, with another limit."""
        _change(to, event, type=event.type, urgency=event.urgency, due_at=event.due_at)

    @handles(Incident.Escalated)
    def escalated(self, event: Incident.Escalated, at: LogEvent, to: Changes) -> None:
        """The next level's too; without one above it stays late by what it was due."""
        due: dict[str, Any] = {} if event.due_at is None else {"due_at": event.due_at}
        _change(to, event, level=event.to_level, escalated_at=event.timestamp, **due)

    @handles(Incident.Duplicated)
    def duplicated(self, event: Incident.Duplicated, at: LogEvent, to: Changes) -> None:
        """Another one goes on."""
        said: dict[str, Any] = {"original_id": event.original_id, "due_at": None, "open": False}
        _change(to, event, state=IncidentState.DUPLICATE, **said)

    @handles(Incident.Transferred)
    def transferred(self, event: Incident.Transferred, at: LogEvent, to: Changes) -> None:
        """Another community's."""
        said: dict[str, Any] = {"division_code": event.to_division_code, "grid_code": event.grid_code}
        _change(to, event, state=event.state, org=None, handler=None, return_reason=event.reason, **said)

    @handles(Incident.SourceHandled)
    def source_handled(self, event: Incident.SourceHandled, at: LogEvent, to: Changes) -> None:
        """As a source has it, unless somebody decided on it here."""
        if not event.holds:
            return
        said: dict[str, Any] = {"state": event.state, "open": event.state not in _OVER, "due_at": None}
        if event.org:
            said["org"] = event.org
        if event.measure is not None:
            said["measure"] = event.measure
        if event.state in _OVER:
            said["closed_on"] = event.effective_on
        to.patch(IncidentRow, event.originator_id, on=event.effective_on, **said)


def _change(to: Changes, event: Event, **columns: Any) -> None:
    to.patch(IncidentRow, event.originator_id, on=event.timestamp.date(), decided=True, **columns)
