"""Residents and visits in the read models, and each worker's own visits, which the database shows to nobody else."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass, own_work_id
from domain.codes import GridVisitResult, GridVisitState, Living, ResidentEnd, Tenure, VisitPurpose
from domain.grid import Resident
from domain.grid.resident import MET
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import Doc, Many, Masked, One, Owner, Private, Relations, view

_EVER = date(9999, 12, 31)
"""A visit that is overdue is still its worker's to make."""


@view(
    "resident",
    area=Area.GRID,
    scope_from="division_code",
    order=("id",),
    indexes=(("person_id",),),
)
@dataclass
class ResidentRow:
    """网格居民"""

    id: Annotated[UUID, Doc("网格居民标识")]
    person_id: Annotated[UUID, Doc("人员标识")]
    division_code: Annotated[str, Doc("区划代码")]
    grid_code: Annotated[str, Doc("网格代码；空为未定")]
    living: Annotated[Living, Doc("居住状况（最近一次采集，本人陈述）")]
    tenure: Annotated[Tenure, Doc("居住类型")]
    emergency_contact: Annotated[str | None, Doc("紧急联系人"), Masked(PersonalClass.CONTACT)]
    note: Annotated[str | None, Doc("其他情况"), Masked(PersonalClass.CIRCUMSTANCES)]
    surveyed_on: Annotated[date | None, Doc("最近一次采集日期")]
    surveyed_by: Annotated[str | None, Doc("采集账号")]
    met_on: Annotated[date | None, Doc("最近一次见到本人的走访日期")]
    called_on: Annotated[date | None, Doc("最近一次走访日期，含未见到的")]
    result: Annotated[GridVisitResult | None, Doc("最近一次走访结果")]
    ended: Annotated[ResidentEnd | None, Doc("不再列入网格的原因；空为在册")]
    ended_on: Annotated[date | None, Doc("不再列入网格的日期")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "grid": One("grid", local="grid_code", on="code"),
        "person": One("person", local="person_id"),
        "visits": Many("grid_visit", on="resident_id", order=("opened_on",)),
        "clues": Many("clue", on="person_id", local="person_id", order=("found_on",)),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        *("person_id", "grid_code", "division_code", "living", "tenure", "surveyed_on", "met_on", "ended"),
    )


@view(
    "grid_visit",
    area=Area.GRID,
    owner=Owner("resident", "resident_id"),
    order=("opened_on", "id"),
    indexes=(("worker", "opened_on", "id"), ("person_id",)),
)
@dataclass
class GridVisitRow:
    """网格走访：分派的和已走访的"""

    id: Annotated[UUID, Doc("走访标识")]
    resident_id: Annotated[UUID, Doc("网格居民标识")]
    person_id: Annotated[UUID, Doc("人员标识")]
    purpose: Annotated[VisitPurpose, Doc("走访事由")]
    state: Annotated[GridVisitState, Doc("状态")]
    open: Annotated[bool, Doc("是否待走访")]
    worker: Annotated[str, Doc("走访人账号")]
    opened_on: Annotated[date, Doc("分派日期；未经分派的为走访日期")]
    due_on: Annotated[date | None, Doc("期限")]
    visited_on: Annotated[date | None, Doc("走访日期")]
    result: Annotated[GridVisitResult | None, Doc("走访结果")]
    note: Annotated[str | None, Doc("情况"), Masked(PersonalClass.CIRCUMSTANCES)]
    cancel_reason: Annotated[str | None, Doc("取消原因")]

    RELATIONS: ClassVar[Relations] = {
        "resident": One("resident", local="resident_id"),
        "person": One("person", local="person_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        *("open", "state", "worker", "purpose", "result", "due_on", "visited_on", "person_id"),
    )


@view(
    "my_grid_visit",
    area=Area.GRID,
    owner=Owner("resident", "resident_id"),
    order=("due_on", "id"),
    indexes=(("worker_id", "due_on", "id"),),
    listed=False,
    private=Private(account="worker_id", until="until", open="open"),
)
@dataclass
class MyGridVisitRow:
    """分派给本人的走访"""

    id: Annotated[UUID, Doc("走访标识")]
    resident_id: Annotated[UUID, Doc("网格居民标识")]
    person_id: Annotated[UUID, Doc("人员标识")]
    worker_id: Annotated[UUID, Doc("走访人账号标识")]
    open: Annotated[bool, Doc("是否待走访")]
    until: Annotated[date, Doc("最后可见日期")]
    purpose: Annotated[VisitPurpose, Doc("走访事由")]
    due_on: Annotated[date, Doc("期限")]

    RELATIONS: ClassVar[Relations] = {
        "resident": One("resident", local="resident_id"),
        "person": One("person", local="person_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ()


class Residents(Projection):
    """What happens to residents and visits. A part of the projection `GridViews`."""

    @handles(Resident.Created)
    def listed(self, event: Resident.Created, at: LogEvent, to: Changes) -> None:
        """Known to the grid; how they live is not yet."""
        to.insert(
            ResidentRow,
            event.originator_id,
            on=event.from_on,
            person_id=event.person_id,
            division_code=event.division_code,
            grid_code=event.grid_code,
            living=Living.UNKNOWN,
            tenure=Tenure.UNKNOWN,
        )

    @handles(Resident.Surveyed)
    def surveyed(self, event: Resident.Surveyed, at: LogEvent, to: Changes) -> None:
        """How they live; what was not asked this time stays as it was."""
        on = event.effective_on
        said: dict[str, Any] = {"living": event.living, "surveyed_on": on, "surveyed_by": event.by or None}
        if event.tenure is not Tenure.UNKNOWN:
            said["tenure"] = event.tenure
        for name in ("emergency_contact", "note"):
            if (value := getattr(event, name)) is not None:
                said[name] = value
        to.patch(ResidentRow, event.originator_id, on=on, **said)

    @handles(Resident.Moved)
    def moved(self, event: Resident.Moved, at: LogEvent, to: Changes) -> None:
        """In another grid."""
        said: dict[str, Any] = {"division_code": event.to_division_code, "grid_code": event.grid_code}
        to.patch(ResidentRow, event.originator_id, on=event.moved_on, decided=at.decided, **said)

    @handles(Resident.Ended)
    def ended(self, event: Resident.Ended, at: LogEvent, to: Changes) -> None:
        """Nobody calls on them any more."""
        on = event.from_on
        to.patch(ResidentRow, event.originator_id, on=on, decided=at.decided, ended=event.reason, ended_on=on)

    @handles(Resident.Resumed)
    def resumed(self, event: Resident.Resumed, at: LogEvent, to: Changes) -> None:
        """They are called on again."""
        to.patch(ResidentRow, event.originator_id, on=event.from_on, decided=at.decided, ended=None, ended_on=None)

    @handles(Resident.VisitAllocated)
    def allocated(self, event: Resident.VisitAllocated, at: LogEvent, to: Changes) -> None:
        """A worker's to make; given to another one it is no longer the first one's."""
        on = event.timestamp.date()
        shared: dict[str, Any] = {
            "resident_id": event.originator_id,
            "person_id": event.person_id,
            "purpose": event.purpose,
            "open": True,
            "due_on": event.due_on,
        }
        state = GridVisitState.ALLOCATED
        to.put(GridVisitRow, event.visit_id, on=on, state=state, worker=event.worker, opened_on=on, **shared)
        own = own_work_id(event.worker)
        to.put(MyGridVisitRow, event.visit_id, on=on, worker_id=own, until=_EVER, **shared)

    @handles(Resident.VisitLogged)
    def visited(self, event: Resident.VisitLogged, at: LogEvent, to: Changes) -> None:
        """Made: the visits that were to be made, else one of its own. Queues know it from the day it was recorded."""
        on, recorded = event.effective_on, event.timestamp.date()
        made: dict[str, Any] = {"visited_on": on, "result": event.result, "note": event.note}
        for visit in event.done:
            to.patch(GridVisitRow, visit, on=recorded, state=GridVisitState.MADE, open=False, **made)
            to.patch(MyGridVisitRow, visit, on=recorded, open=False)
        if not event.done:
            to.put(
                GridVisitRow,
                event.visit_id,
                on=on,
                resident_id=event.originator_id,
                person_id=event.person_id,
                purpose=event.purpose,
                state=GridVisitState.MADE,
                open=False,
                worker=event.by,
                opened_on=on,
                **made,
            )
        said: dict[str, Any] = {"called_on": on, "result": event.result}
        if event.result in MET:
            said["met_on"] = on
        to.patch(ResidentRow, event.originator_id, on=on, **said)

    @handles(Resident.VisitCancelled)
    def cancelled(self, event: Resident.VisitCancelled, at: LogEvent, to: Changes) -> None:
        """Nobody's to make."""
        on = event.timestamp.date()
        said: dict[str, Any] = {"open": False, "cancel_reason": event.reason}
        to.patch(GridVisitRow, event.visit_id, on=on, state=GridVisitState.CANCELLED, **said)
        to.patch(MyGridVisitRow, event.visit_id, on=on, open=False)
