"""Clues to needs and reported changes of the population in the read models."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.codes import ChangeKind, ChangeState, ClueNeed, ClueSource, ClueState, GridLevel
from domain.grid import MoveReport, NeedClue
from domain.kernel import Event
from domain.registry import Person
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, division_of, handles
from projections.kernel.tables import Doc, Many, Masked, One, Relations, view


@view(
    "clue",
    area=Area.GRID,
    scope_from="division_code",
    order=("found_on", "id"),
    indexes=(("found_by", "found_on", "id"), ("person_id",)),
)
@dataclass
class ClueRow:
    """需求线索"""

    id: Annotated[UUID, Doc("线索标识")]
    person_id: Annotated[UUID, Doc("需要帮助的人")]
    need: Annotated[ClueNeed, Doc("需要何种帮助")]
    source: Annotated[ClueSource, Doc("线索来源")]
    state: Annotated[ClueState, Doc("状态")]
    open: Annotated[bool, Doc("是否未办结")]
    level: Annotated[GridLevel, Doc("办理层级；逾期升级后为街道或区")]
    division_code: Annotated[str, Doc("区划代码")]
    grid_code: Annotated[str, Doc("网格代码；空为未定")]
    text: Annotated[str, Doc("发现的困难和需要"), Masked(PersonalClass.CIRCUMSTANCES)]
    found_by: Annotated[str, Doc("上报账号")]
    found_on: Annotated[date, Doc("上报日期")]
    due_on: Annotated[date | None, Doc("所办环节的期限")]
    accepted_on: Annotated[date | None, Doc("受理日期")]
    accepted_by: Annotated[str | None, Doc("受理账号")]
    case_id: Annotated[UUID | None, Doc("转为哪个救助个案")]
    answer: Annotated[str | None, Doc("办理结果或不予受理的理由"), Masked(PersonalClass.CIRCUMSTANCES)]
    answered_on: Annotated[date | None, Doc("答复日期")]
    answered_by: Annotated[str | None, Doc("答复账号")]
    note: Annotated[str | None, Doc("反馈上报人或终止的情况")]
    closed_on: Annotated[date | None, Doc("办结日期")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "person": One("person", local="person_id"),
        "case": One("case", local="case_id"),
        "timeline": Many("timeline", on="subject", prefix="clue:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        *("open", "state", "need", "source", "level", "found_by", "found_on", "due_on"),
        *("person_id", "case_id", "grid_code", "division_code"),
    )


@view(
    "resident_change",
    area=Area.GRID,
    scope_from="division_code",
    order=("reported_on", "id"),
    indexes=(("person_id",),),
)
@dataclass
class ResidentChangeRow:
    """待确认的死亡、搬迁上报"""

    id: Annotated[UUID, Doc("搬迁上报标识；死亡上报的为人员标识")]
    kind: Annotated[ChangeKind, Doc("种类")]
    person_id: Annotated[UUID, Doc("人员标识")]
    division_code: Annotated[str, Doc("上报时的居住地区划代码")]
    state: Annotated[ChangeState, Doc("状态")]
    open: Annotated[bool, Doc("是否待确认")]
    reported_on: Annotated[date, Doc("上报日期")]
    reported_by: Annotated[str, Doc("上报账号或来源")]
    happened_on: Annotated[date, Doc("死亡或搬迁日期")]
    to_division_code: Annotated[str | None, Doc("迁入地区划代码")]
    to_place: Annotated[str | None, Doc("迁出本区的迁往地")]
    evidence: Annotated[str, Doc("线索来源")]
    confirm_by: Annotated[date | None, Doc("确认期限")]
    settled_on: Annotated[date | None, Doc("确认或认定不属实的日期")]
    note: Annotated[str | None, Doc("核实情况")]

    RELATIONS: ClassVar[Relations] = {"person": One("person", local="person_id")}
    FILTERS: ClassVar[tuple[str, ...]] = (
        *("open", "kind", "state", "person_id", "reported_by", "reported_on", "confirm_by", "division_code"),
    )


class Clues(Projection):
    """What happens to clues and to reported deaths and moves. A part of the projection `GridViews`."""

    @handles(NeedClue.Created)
    def clue_found(self, event: NeedClue.Created, at: LogEvent, to: Changes) -> None:
        """Waits to be taken on."""
        on = event.timestamp.date()
        to.insert(
            ClueRow,
            event.originator_id,
            on=on,
            person_id=event.person_id,
            need=event.need,
            source=event.source,
            state=ClueState.REPORTED,
            open=True,
            level=GridLevel.COMMUNITY,
            division_code=event.division_code,
            grid_code=event.grid_code,
            text=event.text,
            found_by=event.by,
            found_on=on,
            due_on=event.accept_by,
        )

    @handles(NeedClue.Accepted)
    def clue_accepted(self, event: NeedClue.Accepted, at: LogEvent, to: Changes) -> None:
        """Whoever found it sees so."""
        said: dict[str, Any] = {"accepted_on": event.timestamp.date(), "accepted_by": event.by}
        _change(to, event, state=ClueState.ACCEPTED, due_on=event.answer_by, **said)

    @handles(NeedClue.CaseLinked)
    def clue_linked(self, event: NeedClue.CaseLinked, at: LogEvent, to: Changes) -> None:
        """A case came of it."""
        _change(to, event, case_id=event.case_id)

    @handles(NeedClue.Answered)
    def clue_answered(self, event: NeedClue.Answered, at: LogEvent, to: Changes) -> None:
        """Whoever found it is to be told."""
        self._answered(event, to, ClueState.ANSWERED, event.answer)

    @handles(NeedClue.Declined)
    def clue_declined(self, event: NeedClue.Declined, at: LogEvent, to: Changes) -> None:
        """So is that nothing is to be done."""
        self._answered(event, to, ClueState.DECLINED, event.reason)

    @handles(NeedClue.FedBack)
    def clue_fed_back(self, event: NeedClue.FedBack, at: LogEvent, to: Changes) -> None:
        """Told."""
        on = event.timestamp.date()
        _change(to, event, state=ClueState.CLOSED, open=False, note=event.note, closed_on=on, due_on=None)

    @handles(NeedClue.Escalated)
    def clue_escalated(self, event: NeedClue.Escalated, at: LogEvent, to: Changes) -> None:
        """The next level's; without one above it stays as late as it is."""
        due: dict[str, Any] = {} if event.due_on is None else {"due_on": event.due_on}
        _change(to, event, level=event.to_level, **due)

    @handles(NeedClue.Transferred)
    def clue_moved(self, event: NeedClue.Transferred, at: LogEvent, to: Changes) -> None:
        """Another community's."""
        _change(to, event, division_code=event.to_division_code, grid_code="")

    @handles(NeedClue.Cancelled)
    def clue_cancelled(self, event: NeedClue.Cancelled, at: LogEvent, to: Changes) -> None:
        """Over without an answer."""
        on = event.timestamp.date()
        _change(to, event, state=ClueState.CANCELLED, open=False, note=event.reason, closed_on=on, due_on=None)

    @handles(MoveReport.Created)
    def move_reported(self, event: MoveReport.Created, at: LogEvent, to: Changes) -> None:
        """Waits to be confirmed."""
        on = event.timestamp.date()
        to.insert(
            ResidentChangeRow,
            event.originator_id,
            on=on,
            kind=ChangeKind.MOVE,
            person_id=event.person_id,
            division_code=event.division_code,
            state=ChangeState.REPORTED,
            open=True,
            reported_on=on,
            reported_by=event.by,
            happened_on=event.moved_on,
            to_division_code=event.to_division_code,
            to_place=event.to_place or None,
            evidence=event.evidence,
            confirm_by=event.confirm_by,
        )

    @handles(MoveReport.Confirmed)
    def move_confirmed(self, event: MoveReport.Confirmed, at: LogEvent, to: Changes) -> None:
        """It is so."""
        self._settled(event, to, ChangeState.CONFIRMED)

    @handles(MoveReport.Rejected)
    def move_rejected(self, event: MoveReport.Rejected, at: LogEvent, to: Changes) -> None:
        """It is not so."""
        self._settled(event, to, ChangeState.REJECTED, event.reason)

    @handles(Person.DeathReported)
    def death_reported(self, event: Person.DeathReported, at: LogEvent, to: Changes) -> None:
        """Waits to be confirmed; who reported it stands in the envelope."""
        on = event.timestamp.date()
        to.put(
            ResidentChangeRow,
            event.originator_id,
            on=on,
            kind=ChangeKind.DEATH,
            person_id=event.originator_id,
            division_code=division_of(at),
            state=ChangeState.REPORTED,
            open=True,
            reported_on=on,
            reported_by=at.actor,
            happened_on=event.died_on,
            evidence=event.evidence,
        )

    @handles(Person.DeathConfirmed)
    def death_confirmed(self, event: Person.DeathConfirmed, at: LogEvent, to: Changes) -> None:
        """It is so."""
        self._settled(event, to, ChangeState.CONFIRMED, event.confirmed_by)

    @handles(Person.DeathReversed)
    def death_reversed(self, event: Person.DeathReversed, at: LogEvent, to: Changes) -> None:
        """It is not so."""
        self._settled(event, to, ChangeState.REJECTED, event.reason)

    def _answered(self, event: NeedClue.Answered | NeedClue.Declined, to: Changes, state: ClueState, text: str) -> None:
        said: dict[str, Any] = {"answered_on": event.timestamp.date(), "answered_by": event.by}
        _change(to, event, state=state, answer=text, due_on=event.feedback_by, **said)

    def _settled(self, event: Event, to: Changes, state: ChangeState, note: str = "") -> None:
        """A death that was confirmed without a report has no row."""
        on = event.timestamp.date()
        said: dict[str, Any] = {"state": state, "open": False, "settled_on": on, "note": note or None}
        to.patch_known(ResidentChangeRow, event.originator_id, on=on, **said)


def _change(to: Changes, event: Event, **columns: Any) -> None:
    to.patch(ClueRow, event.originator_id, on=event.timestamp.date(), decided=True, **columns)
