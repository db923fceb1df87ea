"""Decisions about incidents: who reports, accepts, sends, handles, verifies and closes; every limit is counted here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS
from domain.codes import IncidentState, IncidentType, ReporterKind, Urgency
from domain.errors import RuleViolated
from domain.grid.commands.grids import chosen_grid
from domain.grid.geometry import parse_point
from domain.grid.grid import Grid, grids_of
from domain.grid.incident import Incident
from domain.grid.limits import HANDS, demand_community, demand_level, limit_of, moments_by, written
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadTagged

IncidentId = Annotated[UUID, Doc("事件标识")]
Reason = Annotated[str, Doc("原因，不写个人信息")]


def limits(by: Decision, incident: Incident, step: str, urgency: Urgency | None = None) -> tuple[datetime, ...]:
    """The last moments of a step that starts now, for its level and those above."""
    return moments_by(by, limit_of(step, urgency or incident.urgency), incident.division_code)


@dataclass(frozen=True, kw_only=True)
class ReportIncident(Command):
    """上报网格事件：类型、紧急程度、地点和情况；受理时限由此起算。"""

    ROLES: ClassVar = HANDS
    type: Annotated[IncidentType, Doc("事件类型")]
    urgency: Annotated[Urgency, Doc("紧急程度")]
    division_code: Annotated[str, Doc("发生地村（社区）区划代码")]
    place: Annotated[str, Doc("发生地点，加密保存")]
    text: Annotated[str, Doc("情况，加密保存")]
    grid_code: Annotated[str, Doc("网格代码；不填则按坐标所在的网格")] = ""
    point: Annotated[str | None, Doc("坐标“经度,纬度”（十进制度）；只填事件地点，不填个人住处的坐标")] = None
    reporter_kind: Annotated[ReporterKind, Doc("上报来源")] = ReporterKind.GRID_WORKER
    reporter: Annotated[str | None, Doc("反映人姓名，加密保存")] = None
    phone: Annotated[str | None, Doc("反映人电话，加密保存")] = None

    def decide(self, by: Decision) -> Decided:
        demand_community(self.division_code)
        point = None if self.point is None else parse_point(self.point)
        grids: dict[UUID, Grid] = yield LoadTagged(Grid, (grids_of(self.division_code),))
        made = Incident.report(
            by.new_id,
            by.now,
            type=self.type,
            urgency=self.urgency,
            division_code=self.division_code,
            grid_code=chosen_grid(self.grid_code, self.division_code, grids, point, by),
            point=point,
            place=written(self.place, "请填写发生地点。"),
            text=written(self.text, "请写明事件情况。"),
            reporter_kind=self.reporter_kind,
            reporter=self.reporter,
            phone=self.phone,
            by=by.actor.name,
            limits=moments_by(by, limit_of("accept", self.urgency), self.division_code),
        )
        return (made,)


@dataclass(frozen=True, kw_only=True)
class AcceptIncident(Command):
    """受理网格事件；处置时限自受理起算。逾期未受理已升级的，由上一级受理。"""

    ROLES: ClassVar = CASEWORKERS
    incident_id: IncidentId

    def decide(self, by: Decision) -> Decided:
        incident: Incident = yield Load(Incident, self.incident_id)
        demand_level(by.actor.role, incident.level)
        incident.accept(by.now, by=by.actor.name, limits=limits(by, incident, "resolve"))
        return (incident,)


@dataclass(frozen=True, kw_only=True)
class DispatchIncident(Command):
    """派遣网格事件：派给处置人账号，或没有账号的承办单位；退回、改派的再次办理，处置时限不重新起算。"""

    ROLES: ClassVar = CASEWORKERS
    incident_id: IncidentId
    org: Annotated[str, Doc("承办单位")] = ""
    handler: Annotated[str, Doc("处置人账号；承办单位没有账号的不填，由派遣方代为登记结果")] = ""

    def decide(self, by: Decision) -> Decided:
        incident: Incident = yield Load(Incident, self.incident_id)
        demand_level(by.actor.role, incident.level)
        incident.dispatch(by.now, org=self.org, handler=self.handler, by=by.actor.name)
        return (incident,)


@dataclass(frozen=True, kw_only=True)
class StartIncident(Command):
    """开始处置网格事件。"""

    ROLES: ClassVar = HANDS
    incident_id: IncidentId

    def decide(self, by: Decision) -> Decided:
        incident: Incident = yield Load(Incident, self.incident_id)
        _demand_sent_by_caseworker(incident, by)
        incident.start(by.now, by=by.actor.name, acts_for=by.actor.acts_for)
        return (incident,)


@dataclass(frozen=True, kw_only=True)
class ReturnIncident(Command):
    """退回网格事件：不属于本单位、本人处置的，说明理由，由派遣方重新派遣。"""

    ROLES: ClassVar = HANDS
    incident_id: IncidentId
    reason: Reason

    def decide(self, by: Decision) -> Decided:
        incident: Incident = yield Load(Incident, self.incident_id)
        _demand_sent_by_caseworker(incident, by)
        incident.send_back(by.now, reason=self.reason, by=by.actor.name, acts_for=by.actor.acts_for)
        return (incident,)


@dataclass(frozen=True, kw_only=True)
class ResolveIncident(Command):
    """登记处置结果：由处置人登记；承办单位没有账号的，由村（社区）、街道或区代为登记。"""

    ROLES: ClassVar = HANDS
    incident_id: IncidentId
    measure: Annotated[str, Doc("处置措施和结果，加密保存")]

    def decide(self, by: Decision) -> Decided:
        incident: Incident = yield Load(Incident, self.incident_id)
        _demand_sent_by_caseworker(incident, by)
        verify_by = by.due("grid.incident_verify", incident.division_code)
        incident.resolve(
            by.now, measure=self.measure, by=by.actor.name, verify_by=verify_by, acts_for=by.actor.acts_for
        )
        return (incident,)


@dataclass(frozen=True, kw_only=True)
class VerifyIncident(Command):
    """核查处置结果：由处置人以外的人进行；不通过的退回重新派遣。"""

    ROLES: ClassVar = HANDS
    incident_id: IncidentId
    passed: Annotated[bool, Doc("是否已处置好")]
    reason: Annotated[str, Doc("不通过的原因，不写个人信息")] = ""

    def decide(self, by: Decision) -> Decided:
        incident: Incident = yield Load(Incident, self.incident_id)
        incident.verify(
            by.now,
            passed=self.passed,
            reason=self.reason,
            by=by.actor.name,
            limits=limits(by, incident, "resolve"),
            acts_for=by.actor.acts_for,
        )
        return (incident,)


@dataclass(frozen=True, kw_only=True)
class CloseIncident(Command):
    """结案：核查通过，已回复上报人。"""

    ROLES: ClassVar = CASEWORKERS
    incident_id: IncidentId
    note: Annotated[str, Doc("何时、以何种方式回复上报人；无须回复的写明原因；不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        incident: Incident = yield Load(Incident, self.incident_id)
        incident.close(by.now, note=self.note, by=by.actor.name)
        return (incident,)


@dataclass(frozen=True, kw_only=True)
class ReopenIncident(Command):
    """重新办理：已核查、已结案的事件问题再现，或误认为重复上报的。"""

    ROLES: ClassVar = CASEWORKERS
    incident_id: IncidentId
    reason: Reason

    def decide(self, by: Decision) -> Decided:
        incident: Incident = yield Load(Incident, self.incident_id)
        incident.reopen(by.now, reason=self.reason, by=by.actor.name, limits=limits(by, incident, "resolve"))
        return (incident,)


@dataclass(frozen=True, kw_only=True)
class ReclassifyIncident(Command):
    """更正事件类型或紧急程度：所办环节的时限自更正起按新的紧急程度计算；已逾期升级的时限不变。"""

    ROLES: ClassVar = CASEWORKERS
    incident_id: IncidentId
    type: Annotated[IncidentType, Doc("事件类型")]
    urgency: Annotated[Urgency, Doc("紧急程度")]
    reason: Reason

    def decide(self, by: Decision) -> Decided:
        incident: Incident = yield Load(Incident, self.incident_id)
        step = "accept" if incident.state is IncidentState.REPORTED else "resolve"
        incident.reclassify(
            by.now,
            type=self.type,
            urgency=self.urgency,
            reason=self.reason,
            by=by.actor.name,
            limits=limits(by, incident, step, self.urgency),
        )
        return (incident,)


@dataclass(frozen=True, kw_only=True)
class TransferIncident(Command):
    """移交网格事件：发生在其他村（社区）的，移交该村（社区）；时限不重新起算。"""

    ROLES: ClassVar = CASEWORKERS
    incident_id: IncidentId
    to_division_code: Annotated[str, Doc("移交到的村（社区）区划代码")]
    reason: Reason
    grid_code: Annotated[str, Doc("移交到的网格代码；不填则未定")] = ""

    def decide(self, by: Decision) -> Decided:
        incident: Incident = yield Load(Incident, self.incident_id)
        demand_community(self.to_division_code, "to_division_code")
        demand_level(by.actor.role, incident.level)
        grids: dict[UUID, Grid] = yield LoadTagged(Grid, (grids_of(self.to_division_code),))
        code = chosen_grid(self.grid_code, self.to_division_code, grids, None, by)
        incident.transfer(
            by.now, to_division_code=self.to_division_code, grid_code=code, reason=self.reason, by=by.actor.name
        )
        return (incident,)


@dataclass(frozen=True, kw_only=True)
class MarkIncidentDuplicate(Command):
    """认定重复上报：指明原事件，此后只办理原事件。"""

    ROLES: ClassVar = CASEWORKERS
    incident_id: IncidentId
    original_id: Annotated[UUID, Doc("原事件标识")]

    def decide(self, by: Decision) -> Decided:
        incident: Incident = yield Load(Incident, self.incident_id)
        original: Incident = yield Load(Incident, self.original_id)
        incident.mark_duplicate(by.now, original=original, by=by.actor.name)
        return (incident,)


def _demand_sent_by_caseworker(incident: Incident, by: Decision) -> None:
    """What an organisation without an account handles is entered by whoever may send it."""
    if not incident.handler and by.actor.role not in CASEWORKERS:
        raise RuleViolated("此事件派给了承办单位，由村（社区）、街道或区登记办理情况。")
