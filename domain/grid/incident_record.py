"""What can happen to an incident (案事件), and what it remembers of it; decisions stand in incident.py.

What was reported, by whom, and where it is in words is sealed under the incident's own key. Its point on the map is
not: an incident's place is the community's business; the home of a person never stands in one as coordinates of theirs.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from domain import kernel
from domain.codes import GridLevel, IncidentState, IncidentType, ReporterKind, Urgency
from domain.grid.grid import grid_id
from domain.kernel import TIMERS, PersonalText


class IncidentRecord(kernel.Timed):
    """Events of an incident; always used as `Incident`.

    `due_at` is the last moment of the step that waits (acceptance or resolution), `then_by` those of the levels above:
    the timer escalates what has passed it. History that a source reports has none.
    """

    SUBJECT: ClassVar[str] = "incident"
    division_code: str = ""
    grid_code: str = ""
    type: IncidentType = IncidentType.OTHER
    urgency: Urgency = Urgency.III
    state: IncidentState = IncidentState.REPORTED
    level: GridLevel = GridLevel.COMMUNITY
    occurred_on: date | None = None
    due_at: datetime | None = None
    then_by: tuple[datetime, ...] = ()
    handler: str = ""
    """The account it was sent to; empty where an organisation without accounts here handles it."""
    org: str = ""
    overdue: bool = False
    """Whether the limit of its resolution has passed since it was accepted or opened again."""
    resolved_by: tuple[str, ...] = ()
    """The accounts that resolved it: none of them verifies."""
    original_id: UUID | None = None
    taken_on: bool = False
    """Whether somebody decided on it here: then a source's state is told and changes nothing."""
    source_state: IncidentState = IncidentState.REPORTED
    """As the source last had it, by `source_on`."""
    source_on: date | None = None
    source_trail: tuple[str, ...] = ()
    """Keys of handling rows a source has reported: none is taken twice."""

    class Created(kernel.Created):
        """Somebody reported it. It is accepted by `accept_by`."""

        TOPIC = "grid.IncidentReported"
        TITLE = "上报网格事件"
        incident_no: str
        type: IncidentType
        urgency: Urgency
        division_code: str
        grid_code: str
        lng: int | None
        lat: int | None
        place: PersonalText
        text: PersonalText
        reporter_kind: ReporterKind
        reporter: PersonalText | None
        phone: PersonalText | None
        by: str
        accept_by: datetime | None
        then_by: tuple[datetime, ...]
        effective_on: date

        def apply(self, aggregate: "IncidentRecord") -> None:
            aggregate.occurred_on = self.effective_on
            aggregate.due_at = self.accept_by

        def gist(self) -> str:
            return f"{self.type.label}，{self.urgency.label}"

    class Accepted(kernel.Event):
        """It is a matter for the grid, to be resolved by `resolve_by`."""

        TOPIC = "grid.IncidentAccepted"
        TITLE = "受理网格事件"
        by: str
        level: GridLevel
        resolve_by: datetime
        then_by: tuple[datetime, ...]

        def apply(self, aggregate: "IncidentRecord") -> None:
            aggregate.state = IncidentState.ACCEPTED
            aggregate.taken_on = True
            aggregate.due_at = self.resolve_by
            aggregate.then_by = self.then_by

    class Dispatched(kernel.Event):
        """Sent to those who handle it: an account here, or an organisation. The limit runs on: `due_at` says it."""

        TOPIC = "grid.IncidentDispatched"
        TITLE = "派遣网格事件"
        org: str
        handler: str
        by: str
        due_at: datetime | None

        def apply(self, aggregate: "IncidentRecord") -> None:
            aggregate.state = IncidentState.DISPATCHED
            aggregate.org = self.org
            aggregate.handler = self.handler

        def gist(self) -> str:
            return self.org or self.handler

    class HandlingStarted(kernel.Event):
        """Those it was sent to have begun."""

        TOPIC = "grid.IncidentHandlingStarted"
        TITLE = "开始处置"
        by: str

        def apply(self, aggregate: "IncidentRecord") -> None:
            aggregate.state = IncidentState.HANDLING

    class Returned(kernel.Event):
        """Not theirs, or not resolved after all: to be sent to somebody again, by `due_at`."""

        TOPIC = "grid.IncidentReturned"
        TITLE = "退回网格事件"
        reason: str
        by: str
        level: GridLevel
        due_at: datetime | None
        then_by: tuple[datetime, ...]

        def apply(self, aggregate: "IncidentRecord") -> None:
            aggregate.state = IncidentState.RETURNED
            aggregate.handler = aggregate.org = ""
            aggregate.due_at = self.due_at
            aggregate.then_by = self.then_by

        def gist(self) -> str:
            return self.reason

    class Resolved(kernel.Event):
        """What was done. Somebody else looks at it by `verify_by`; `late` says whether its limit had passed."""

        TOPIC = "grid.IncidentResolved"
        TITLE = "处置完毕"
        measure: PersonalText
        by: str
        late: bool
        verify_by: date

        def apply(self, aggregate: "IncidentRecord") -> None:
            aggregate.state = IncidentState.RESOLVED
            aggregate.resolved_by = (*aggregate.resolved_by, self.by)
            aggregate.due_at = None

        def gist(self) -> str:
            return "逾期处置" if self.late else "按期处置"

    class Verified(kernel.Event):
        """Somebody else has seen that it is resolved."""

        TOPIC = "grid.IncidentVerified"
        TITLE = "核查通过"
        by: str

        def apply(self, aggregate: "IncidentRecord") -> None:
            aggregate.state = IncidentState.VERIFIED

    class Closed(kernel.Event):
        """The reporter was told, or there is nobody to tell."""

        TOPIC = "grid.IncidentClosed"
        TITLE = "网格事件结案"
        note: str
        by: str

        def apply(self, aggregate: "IncidentRecord") -> None:
            aggregate.state = IncidentState.CLOSED

        def gist(self) -> str:
            return self.note

    class Reopened(kernel.Event):
        """It was not over, or not a duplicate: to be sent to somebody again, by `resolve_by`."""

        TOPIC = "grid.IncidentReopened"
        TITLE = "网格事件重新办理"
        reason: str
        by: str
        level: GridLevel
        resolve_by: datetime
        then_by: tuple[datetime, ...]

        def apply(self, aggregate: "IncidentRecord") -> None:
            aggregate.state = IncidentState.ACCEPTED
            aggregate.handler = aggregate.org = ""
            aggregate.taken_on = True
            aggregate.original_id = None
            aggregate.overdue = False
            aggregate.due_at = self.resolve_by
            aggregate.then_by = self.then_by

        def gist(self) -> str:
            return self.reason

    class Reclassified(kernel.Event):
        """Of another type, or more or less urgent than it was reported: the step that waits has another limit."""

        TOPIC = "grid.IncidentReclassified"
        TITLE = "更正类型或紧急程度"
        type: IncidentType
        urgency: Urgency
        reason: str
        by: str
        due_at: datetime | None
        then_by: tuple[datetime, ...]

        def apply(self, aggregate: "IncidentRecord") -> None:
            aggregate.then_by = self.then_by
            aggregate.type = self.type
            aggregate.urgency = self.urgency
            aggregate.due_at = self.due_at

        def gist(self) -> str:
            return f"{self.type.label}，{self.urgency.label}：{self.reason}"

    class Escalated(kernel.Event):
        """A limit has passed: the next level answers for it now, by `due_at`; None where no level is above."""

        TOPIC = "grid.IncidentEscalated"
        TITLE = "逾期升级"
        state: IncidentState
        overdue_at: datetime
        from_level: GridLevel
        to_level: GridLevel
        due_at: datetime | None

        def apply(self, aggregate: "IncidentRecord") -> None:
            aggregate.level = self.to_level
            aggregate.overdue = self.state is not IncidentState.REPORTED
            aggregate.due_at = self.due_at
            aggregate.then_by = aggregate.then_by[1:]

        def gist(self) -> str:
            what = "受理" if self.state is IncidentState.REPORTED else "处置"
            return f"逾期未{what}，由{self.to_level.label}督办"

    class Duplicated(kernel.Event):
        """The same as another one, which goes on."""

        TOPIC = "grid.IncidentDuplicated"
        TITLE = "认定重复上报"
        original_id: UUID
        by: str

        def apply(self, aggregate: "IncidentRecord") -> None:
            aggregate.state = IncidentState.DUPLICATE
            aggregate.taken_on = True
            aggregate.original_id = self.original_id
            aggregate.due_at = None

    class Transferred(kernel.Event):
        """It lies in another community, which takes it from here; the limit runs on."""

        TOPIC = "grid.IncidentTransferred"
        TITLE = "移交网格事件"
        from_division_code: str
        to_division_code: str
        grid_code: str
        state: IncidentState
        reason: str
        by: str

        def apply(self, aggregate: "IncidentRecord") -> None:
            aggregate.division_code = self.to_division_code
            aggregate.grid_code = self.grid_code
            aggregate.state = self.state
            aggregate.handler = aggregate.org = ""

        def gist(self) -> str:
            return f"{self.from_division_code} → {self.to_division_code}：{self.reason}"

    class SourceHandled(kernel.Event):
        """A row of a source's own trail: what it says was done and how the incident stands by it. History only.

        `holds`: the incident stands so; not where somebody decided on it here, nor where a later day was told before.
        """

        TOPIC = "grid.IncidentHandlingReported"
        TITLE = "来源系统处理记录"
        row_key: str
        state: IncidentState
        org: str
        measure: PersonalText | None
        holds: bool
        effective_on: date

        def apply(self, aggregate: "IncidentRecord") -> None:
            if self.holds:
                aggregate.state = self.state
                aggregate.org = self.org or aggregate.org
                aggregate.due_at = None
            if aggregate.source_on is None or self.effective_on >= aggregate.source_on:
                aggregate.source_state = self.state
                aggregate.source_on = self.effective_on
            if self.row_key:
                aggregate.source_trail = (*aggregate.source_trail, self.row_key)

        def gist(self) -> str:
            return self.state.label

    def subjects(self) -> Iterable[str]:
        """It stands on its grid's timeline, a duplicate on its original's too."""
        if self.lapses_at is not None:  # history never lapses: the timer need not look at it
            yield TIMERS
        if self.grid_code:
            yield f"grid:{grid_id(self.grid_code)}"
        if self.original_id is not None:
            yield f"incident:{self.original_id}"
