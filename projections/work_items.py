"""The rows of the work queue and how they are opened and done; which event does so stands beside each context.

An event that opens a step carries the day it is due; history that a source reports carries none, and opens nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import Area, RoleCode
from domain.codes import WorkStep
from domain.kernel import Event
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection
from projections.kernel.tables import Doc, Limit, Many, One, Owner, Relations, view

OWNERS: Mapping[WorkStep, RoleCode] = {
    WorkStep.ACCEPT: RoleCode.STREET_OFFICER,
    WorkStep.INVESTIGATE: RoleCode.STREET_OFFICER,
    WorkStep.VERIFY: RoleCode.STREET_OFFICER,
    WorkStep.REVIEW: RoleCode.STREET_OFFICER,
    WorkStep.PUBLICISE: RoleCode.COMMUNITY_WORKER,
    WorkStep.REINVESTIGATE: RoleCode.STREET_OFFICER,
    WorkStep.DECIDE: RoleCode.DISTRICT_CLERK,
    WorkStep.ANNOUNCE: RoleCode.COMMUNITY_WORKER,
    WorkStep.SERVE: RoleCode.DISTRICT_CLERK,
    WorkStep.SERVE_NOTICE: RoleCode.STREET_OFFICER,
    WorkStep.PAPERS: RoleCode.STREET_OFFICER,
    WorkStep.RECHECK: RoleCode.STREET_OFFICER,
    WorkStep.ECON_AUTHORISE: RoleCode.COMMUNITY_WORKER,
    WorkStep.ECON_SEND: RoleCode.STREET_OFFICER,
    WorkStep.ECON_ANSWERS: RoleCode.STREET_OFFICER,
    WorkStep.ECON_REPORT: RoleCode.STREET_OFFICER,
    WorkStep.ECON_REVERIFY: RoleCode.STREET_OFFICER,
    WorkStep.ECON_ABOVE: RoleCode.STREET_OFFICER,
    WorkStep.SAMPLE_RECHECK: RoleCode.STREET_OFFICER,
    WorkStep.FEEDBACK: RoleCode.STREET_OFFICER,
    WorkStep.NOTIFY_RECOVERY: RoleCode.STREET_OFFICER,
    WorkStep.HEARING: RoleCode.DISTRICT_CLERK,
    WorkStep.DECIDE_RECOVERY: RoleCode.DISTRICT_CLERK,
    WorkStep.COLLECT: RoleCode.STREET_OFFICER,
    WorkStep.COLLECT_FINE: RoleCode.DISTRICT_CLERK,
    WorkStep.REFUND: RoleCode.DISTRICT_CLERK,
    WorkStep.INCIDENT_ACCEPT: RoleCode.COMMUNITY_WORKER,
    WorkStep.INCIDENT_RESOLVE: RoleCode.COMMUNITY_WORKER,
    WorkStep.INCIDENT_VERIFY: RoleCode.COMMUNITY_WORKER,
    WorkStep.CLUE_ACCEPT: RoleCode.COMMUNITY_WORKER,
    WorkStep.CLUE_ANSWER: RoleCode.COMMUNITY_WORKER,
    WorkStep.CLUE_FEEDBACK: RoleCode.COMMUNITY_WORKER,
    WorkStep.GRID_VISIT: RoleCode.GRID_WORKER,
    WorkStep.MOVE_CONFIRM: RoleCode.COMMUNITY_WORKER,
}
"""Whose step it is: the role that the law's procedure gives it to, where no event says otherwise."""


@view(
    "work_item",
    area=None,
    key=("case_id", "step", "item"),
    scope_from="division_code",
    owner=Owner("work_case", "case_id"),
    order=("due_on", "case_id", "step", "item"),
    indexes=(
        ("open", "due_on", "case_id", "step", "item", "scope"),
        ("open", "role", "due_on", "case_id", "step", "item", "scope"),
        ("open", "assignee", "due_on", "case_id", "step", "item"),
    ),
    listed=False,
)
@dataclass
class WorkItemRow:
    """待办事项"""

    case_id: Annotated[UUID, Doc("个案标识；不由个案引起的为所办事项的标识（网格事件、线索等）")]
    step: Annotated[WorkStep, Doc("办理环节")]
    item: Annotated[str, Doc("同一环节有多项时的事项标识（转介、追回的标识）；个案自己的环节为空")]
    area: Annotated[Area, Doc("数据领域")]
    division_code: Annotated[str, Doc("提出时的区划代码")]
    role: Annotated[RoleCode, Doc("由何角色办理")]
    open: Annotated[bool, Doc("是否未办")]
    opened_on: Annotated[date, Doc("开始日期")]
    due_on: Annotated[date, Doc("期限"), Limit("open")]
    due_at: Annotated[datetime | None, Doc("期限的时刻；以日计的为空")]
    done_on: Annotated[date | None, Doc("办理日期")]
    assignee: Annotated[str | None, Doc("分派给的账号；空为本单位")]

    RELATIONS: ClassVar[Relations] = {
        "case": One("case", local="case_id"),
        "timeline": Many("timeline", on="subject", prefix="case:"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("open", "role", "step", "item", "area", "due_on", "assignee", "division_code")


@view("work_case", area=None, scope_from="division_code", internal=True, listed=False)
@dataclass
class WorkCaseRow:
    """待办个案的现属区划"""

    case_id: Annotated[UUID, Doc("个案标识")]
    division_code: Annotated[str, Doc("区划代码")]


class WorkItems(Projection):
    """Opens and does items that name what they are about: several of a step may be open at once."""

    def _item(
        self,
        event: Event,
        at: LogEvent,
        to: Changes,
        step: WorkStep,
        case: UUID | None,
        due_on: date,
        assignee: str = "",
        *,
        item: str = "",
        area: Area = Area.ASSISTANCE,
        role: RoleCode | None = None,
        due_at: datetime | None = None,
    ) -> None:
        """Open a step, or open it anew; `case` is the case, or the aggregate that has none."""
        if case is None:
            return  # what hangs on no case is followed in its own list
        on = day_of(event)
        to.put(
            WorkItemRow,
            (case, step, item or str(event.originator_id)),
            on=on,
            area=area,
            division_code=at.division,
            role=role or OWNERS[step],
            open=True,
            opened_on=on,
            due_on=due_on,
            due_at=due_at,
            assignee=assignee or None,
        )

    def _item_done(self, event: Event, to: Changes, case: UUID | None, *steps: WorkStep, item: str = "") -> None:
        on, still = day_of(event), {"open": True}
        for step in steps if case is not None else ():
            key = (case, step, item or str(event.originator_id))
            to.patch_known(WorkItemRow, key, on=on, where=still, open=False, done_on=on, assignee=None)


def day_of(event: Event) -> date:
    """The day of an event: a queue tells what was known when it was recorded."""
    return event.timestamp.date()
