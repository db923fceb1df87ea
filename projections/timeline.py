"""Timeline: every system's events of a person, household, case, facility, grid or division, in the order of the log."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import Area
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.changes import Changes
from projections.kernel.tables import POSITION, Doc, Owner, Relations, view
from projections.subjects import Subjects


@view(
    "timeline",
    area=None,
    key=("subject", "position"),
    order=("position",),
    owner=Owner("timeline_subject", "subject"),
    scope_from="division_code",
    appended=True,
    listed=False,
)
@dataclass
class TimelineRow:
    """时间线条目"""

    subject: Annotated[str, Doc("主体（如 person:标识、case:标识、division:代码）")]
    position: Annotated[int, Doc("日志位置"), POSITION]
    topic: Annotated[str, Doc("事件类型")]
    title: Annotated[str, Doc("事件名称")]
    detail: Annotated[str, Doc("要点")]
    area: Annotated[Area, Doc("数据领域")]
    true_from: Annotated[date, Doc("业务生效日期")]
    occurred_at: Annotated[datetime, Doc("发生时间")]
    recorded_at: Annotated[datetime, Doc("记录时间")]
    actor: Annotated[str, Doc("经办人")]
    role: Annotated[str, Doc("角色")]
    org: Annotated[str, Doc("机构")]
    division_code: Annotated[str, Doc("事件所属区划代码")]
    basis: Annotated[str, Doc("依据")]
    source: Annotated[str, Doc("来源系统；空为本平台")]
    stream_id: Annotated[UUID, Doc("事件流标识")]
    version: Annotated[int, Doc("事件版本")]

    RELATIONS: ClassVar[Relations] = {}
    FILTERS: ClassVar[tuple[str, ...]] = ("subject", "topic", "area", "true_from")


@view("timeline_subject", area=None, scope_from="division_code", internal=True, listed=False)
@dataclass
class TimelineSubjectRow:
    """时间线主体的现属区划"""

    subject: Annotated[str, Doc("主体")]
    division_code: Annotated[str, Doc("区划代码")]


_KINDS = frozenset({"pers", "hous", "case", "faci", "grid", "inci", "clue", "orga", "purc"})
"""First letters of the tags of what has a timeline of its own; a division's, whose diary stands apart, are `divi`."""


class Timeline(Subjects):
    """One row for each subject an event is tagged with.

    A division's rows carry no gist: what it says of a case is for whoever is responsible for the case now, and the
    division's own diary stays with the division.
    """

    name = "timeline"
    version = 2
    views = (TimelineSubjectRow, TimelineRow)
    personal = False
    subject_row = TimelineSubjectRow

    def concerns(self, topic: str, cls: type[Event] | None) -> bool:
        """Every event there is, known or not, but for those of other programs on the same log."""
        return cls is not None or topic.partition(".")[0] in set(Area)

    @property
    def handled(self) -> frozenset[type]:
        """Every one."""
        return frozenset()

    def apply(self, event: Event, at: LogEvent, to: Changes) -> None:
        """One row a subject."""
        super().apply(event, at, to)
        topic, tags = at.topic, at.tags
        subjects = [tag for tag in tags if tag[:4] in _KINDS]
        diaries = [tag for tag in tags if tag[:4] == "divi"]
        on = event.true_from()
        area = topic.partition(".")[0]
        division = diaries[-1][9:] if diaries else at.division
        head = (at.position, topic, event.TITLE or topic)
        said = (area, on, at.occurred, at.recorded_at, at.actor, at.role, at.org, division, at.basis, at.source)
        rest = (*said, at.stream_id, at.version)
        to.append(TimelineRow, subjects, (*head, event.gist(), *rest), on=on)
        to.append(TimelineRow, diaries, (*head, "", *rest), on=on)
