"""Incidents of a grid (案事件): reported, accepted, sent to those who handle it, resolved, verified by others, closed.

REPORTED → ACCEPTED → DISPATCHED → HANDLING → RESOLVED → VERIFIED → CLOSED, with RETURNED (to be sent on again) and
DUPLICATE beside it. Escalation is no state of its own: whoever has it still has to do it, and the next level has to see
to it as well, so `level` and the events say it.
"""

from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain.codes import GridLevel, IncidentState, IncidentType, ReporterKind, Urgency
from domain.errors import RuleViolated
from domain.grid.geometry import Point
from domain.grid.incident_record import IncidentRecord
from domain.grid.limits import SECOND, above, written
from domain.kernel import Aggregate

SENT = (IncidentState.DISPATCHED, IncidentState.HANDLING)
"""With those who handle it."""
WAITING = (IncidentState.ACCEPTED, *SENT, IncidentState.RETURNED)
"""Accepted and not resolved: the limit of resolution runs."""


class Incident(IncidentRecord):
    """One incident."""

    TOPIC: ClassVar[str] = "grid.Incident"

    class Created(IncidentRecord.Created):
        """Somebody reported it. Named again, since the library would make up another first event for a subclass."""

    @classmethod
    def report(
        cls,
        id: UUID,
        at: datetime,
        *,
        type: IncidentType,
        urgency: Urgency,
        division_code: str,
        grid_code: str,
        point: Point | None,
        place: str,
        text: str,
        reporter_kind: ReporterKind,
        reporter: str | None,
        phone: str | None,
        by: str,
        limits: tuple[datetime, ...],
        incident_no: str = "",
        effective_on: date | None = None,
    ) -> Self:
        """An incident that somebody reports, to be accepted by the first of `limits`; a source's history has none."""
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            incident_no=incident_no,
            type=type,
            urgency=urgency,
            division_code=division_code,
            grid_code=grid_code,
            lng=None if point is None else point.lng,
            lat=None if point is None else point.lat,
            place=place.strip(),
            text=text.strip(),
            reporter_kind=reporter_kind,
            reporter=reporter,
            phone=phone,
            by=by,
            accept_by=limits[0] if limits else None,
            then_by=limits[1:],
            effective_on=effective_on or at.date(),
        )

    def accept(self, at: datetime, *, by: str, limits: tuple[datetime, ...]) -> None:
        """Take it on. Taken on in time or late, its resolution has the whole limit from now."""
        self._demand("受理", IncidentState.REPORTED)
        due, *then = limits
        self.record(self.Accepted, at=at, by=by, level=self.level, resolve_by=due, then_by=tuple(then))

    def dispatch(self, at: datetime, *, org: str, handler: str, by: str) -> None:
        """Send it to an account, or to an organisation whose answer is entered here; again where it came back.

        The limit is the incident's and not the handler's: it runs on from one to the next.
        """
        self._demand("派遣", *WAITING)
        if not (org.strip() or handler.strip()):
            raise RuleViolated("请填写承办单位或处置人账号。")
        if (org.strip(), handler.strip()) == (self.org, self.handler) and self.state in SENT:
            raise RuleViolated("此事件已派给该承办单位和处置人，无需重复派遣。")
        self.record(self.Dispatched, at=at, org=org.strip(), handler=handler.strip(), by=by, due_at=self.due_at)

    def start(self, at: datetime, *, by: str, acts_for: str = "") -> None:
        """Begin to handle it."""
        self._demand("开始处置", IncidentState.DISPATCHED)
        self._demand_handler(by, acts_for)
        self.record(self.HandlingStarted, at=at, by=by)

    def send_back(self, at: datetime, *, reason: str, by: str, acts_for: str = "") -> None:
        """It is not for those it was sent to."""
        self._demand("退回", *SENT)
        self._demand_handler(by, acts_for)
        why = written(reason, "退回须写明理由。")
        left = {"due_at": self.due_at, "then_by": self.then_by}
        self.record(self.Returned, at=at, reason=why, by=by, level=self.level, **left)

    def resolve(self, at: datetime, *, measure: str, by: str, verify_by: date, acts_for: str = "") -> None:
        """Say what was done; a handler without an account here has it entered by whoever sent it."""
        self._demand("登记处置结果", *SENT)
        self._demand_handler(by, acts_for)
        late = self.overdue or (self.due_at is not None and at > self.due_at)
        said = written(measure, "请写明处置措施和结果。")
        self.record(self.Resolved, at=at, measure=said, by=by, late=late, verify_by=verify_by)

    def verify(
        self, at: datetime, *, passed: bool, reason: str, by: str, limits: tuple[datetime, ...], acts_for: str = ""
    ) -> None:
        """Look whether it is resolved, by somebody else than who resolved it; where it is not it goes back.

        `limits` are until when it is resolved then: as much time as it had at first.
        """
        self._demand("核查", IncidentState.RESOLVED)
        if {by, acts_for} & {*self.resolved_by, self.handler} - {""}:
            raise RuleViolated("核查须由处置人以外的人进行。")
        if passed:
            self.record(self.Verified, at=at, by=by)
        else:
            why = written(reason, "核查不通过须写明原因。")
            due, *then = limits
            again = {"due_at": due, "then_by": tuple(then)}
            self.record(self.Returned, at=at, reason=why, by=by, level=self.level, **again)

    def close(self, at: datetime, *, note: str, by: str) -> None:
        """It is over, and the reporter knows."""
        self._demand("结案", IncidentState.VERIFIED)
        said = written(note, "请写明如何回复上报人；无须回复的写明原因。")
        self.record(self.Closed, at=at, note=said, by=by)

    def reopen(self, at: datetime, *, reason: str, by: str, limits: tuple[datetime, ...]) -> None:
        """It was not over, or it was no duplicate."""
        self._demand("重新办理", IncidentState.VERIFIED, IncidentState.CLOSED, IncidentState.DUPLICATE)
        why = written(reason, "重新办理须写明原因。")
        due, *then = limits
        level = self.level
        self.record(self.Reopened, at=at, reason=why, by=by, level=level, resolve_by=due, then_by=tuple(then))

    def reclassify(
        self, at: datetime, *, type: IncidentType, urgency: Urgency, reason: str, by: str, limits: tuple[datetime, ...]
    ) -> None:
        """Set type and urgency right. What has been escalated keeps its limit: it was late by the old one."""
        self._demand("更正类型或紧急程度", IncidentState.REPORTED, *WAITING)
        if (type, urgency) == (self.type, self.urgency):
            raise RuleViolated("类型和紧急程度与现有登记相同，无需更正。")
        unaccepted = self.state is IncidentState.REPORTED and self.level is not GridLevel.COMMUNITY
        keep = self.overdue or unaccepted or urgency is self.urgency
        why = written(reason, "更正须写明原因。")
        due, *then = (self.due_at, *self.then_by) if keep else limits
        said = {"type": type, "urgency": urgency, "reason": why, "by": by}
        self.record(self.Reclassified, at=at, **said, due_at=due, then_by=tuple(then))

    def mark_duplicate(self, at: datetime, *, original: "Incident", by: str) -> None:
        """It is the same as another one, which is none itself."""
        self._demand("认定重复", IncidentState.REPORTED, *WAITING)
        if original.id == self.id:
            raise RuleViolated("不能把事件认定为它自己的重复。")
        if original.state is IncidentState.DUPLICATE:
            raise RuleViolated("所指的原事件本身是重复上报，请改为指向它的原事件。")
        self.record(self.Duplicated, at=at, original_id=original.id, by=by)

    def transfer(self, at: datetime, *, to_division_code: str, grid_code: str, reason: str, by: str) -> None:
        """Hand it to the community it lies in, to be accepted there, or sent on where it was accepted already."""
        self._demand("移交", IncidentState.REPORTED, *WAITING)
        if to_division_code == self.division_code:
            raise RuleViolated("此事件已属该村（社区），无需移交。")
        why = written(reason, "移交须写明理由。")
        state = IncidentState.REPORTED if self.state is IncidentState.REPORTED else IncidentState.RETURNED
        there = {"from_division_code": self.division_code, "to_division_code": to_division_code}
        self.record(self.Transferred, at=at, **there, grid_code=grid_code, state=state, reason=why, by=by)

    @property
    def lapses_at(self) -> datetime | None:
        """The second after its last one."""
        return None if self.due_at is None else self.due_at + SECOND

    def lapse(self, at: datetime, owner: Aggregate | None = None) -> None:
        """Escalate, level by level, where the moment it was due has passed; nothing where nobody waits.

        The district has no level above it, so the last of these events says that it is late there too.
        """
        while self.due_at is not None and at > self.due_at:
            higher = above(self.level)
            self.record(
                self.Escalated,
                at=at,
                state=self.state,
                overdue_at=self.due_at,
                from_level=self.level,
                to_level=higher or self.level,
                due_at=self.then_by[0] if higher is not None and self.then_by else None,
            )

    # Facts of source systems: never refused, and nothing is recorded where nothing changes.

    def report_handled(
        self,
        at: datetime,
        *,
        row_key: str,
        state: IncidentState,
        org: str,
        measure: str | None,
        handled_on: date,
    ) -> None:
        """A row of the source's trail, or a state it overwrote (`row_key` empty).

        What somebody decided on here goes on here: what the source says of it is told and changes nothing.
        """
        if (row_key and row_key in self.source_trail) or (not row_key and state is self.source_state):
            return
        said = {"row_key": row_key, "state": state, "org": org, "measure": measure}
        holds = not self.taken_on and (self.source_on is None or handled_on >= self.source_on)
        self.record(self.SourceHandled, at=at, **said, holds=holds, effective_on=handled_on)

    def _demand(self, what: str, *states: IncidentState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"事件现为“{self.state.label}”，不能{what}；须为：{allowed}。")

    def _demand_handler(self, by: str, acts_for: str) -> None:
        if self.handler and self.handler not in (by, acts_for):
            raise RuleViolated(f"此事件已派给 {self.handler} 处置，请由其办理或改派。")


__all__ = ["SENT", "WAITING", "Incident"]
