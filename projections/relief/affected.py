"""Affected people, what they were given and when, and how far relief has come in each place."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area
from domain.codes import AffectedBy, AffectedState
from domain.relief import Affected
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, division_of, handles
from projections.kernel.tables import COUNTED, Doc, Figures, Many, One, Relations, view
from projections.relief.disasters import day_of


@view(
    "affected",
    area=Area.RELIEF,
    scope_from="division_code",
    order=("disaster_id", "id"),
    indexes=(("disaster_id",), ("person_id",), ("shelter_id",)),
)
@dataclass
class AffectedRow:
    """受灾人员：逐人，或只计人数的群体"""

    id: Annotated[UUID, Doc("登记标识")]
    disaster_id: Annotated[UUID, Doc("灾害标识")]
    person_id: Annotated[UUID | None, Doc("人员标识；只计人数的群体为空")]
    head_count: Annotated[int, Doc("人数")]
    known_by: Annotated[AffectedBy, Doc("如何得知")]
    division_code: Annotated[str, Doc("所在村（社区）区划代码")]
    state: Annotated[AffectedState, Doc("状态")]
    relief_by: Annotated[datetime | None, Doc("首次救助的时限")]
    shelter_id: Annotated[UUID | None, Doc("所在安置点（设施）标识")]
    evacuated_at: Annotated[datetime | None, Doc("最近一次转移安置的时间")]
    first_relief_at: Annotated[datetime | None, Doc("首次得到救助的时间")]
    first_after_minutes: Annotated[int | None, Doc("首次救助距灾害发生的分钟数；发生之前的为负数")]
    waiting_count: Annotated[int, Doc("尚未得到救助的人数")]
    waiting: Annotated[bool, Doc("是否还有人未得到救助")]
    late: Annotated[bool, Doc("首次救助是否逾时限")]
    overdue: Annotated[bool, Doc("是否曾到时限而未得到救助")]

    RELATIONS: ClassVar[Relations] = {
        "disaster": One("disaster", local="disaster_id"),
        "person": One("person", local="person_id"),
        "division": One("division", local="division_code"),
        "deliveries": Many("relief_delivery", on="affected_id", order=("delivered_at", "version")),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        *("disaster_id", "person_id", "state", "known_by", "waiting", "late", "overdue", "shelter_id"),
        *("relief_by", "division_code"),
    )


@view(
    "relief_delivery",
    area=Area.RELIEF,
    key=("affected_id", "version"),
    scope_from="division_code",
    order=("delivered_at", "affected_id", "version"),
    indexes=(("disaster_id",), ("person_id",)),
)
@dataclass
class ReliefDeliveryRow:
    """救助物资发放"""

    affected_id: Annotated[UUID, Doc("受灾人员登记标识")]
    version: Annotated[int, Doc("第几个事件")]
    disaster_id: Annotated[UUID, Doc("灾害标识")]
    person_id: Annotated[UUID | None, Doc("人员标识；群体为空")]
    division_code: Annotated[str, Doc("区划代码")]
    delivered_at: Annotated[datetime, Doc("发放时间")]
    items: Annotated[str, Doc("物资及数量")]
    head_count: Annotated[int, Doc("领取人数")]
    after_minutes: Annotated[int, Doc("距灾害发生的分钟数；发生之前的为负数")]
    voided: Annotated[bool, Doc("是否已撤销")]
    void_reason: Annotated[str | None, Doc("撤销的原因")]
    by: Annotated[str, Doc("登记账号；来源系统的为空")]

    RELATIONS: ClassVar[Relations] = {
        "disaster": One("disaster", local="disaster_id"),
        "person": One("person", local="person_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("disaster_id", "person_id", "voided", "delivered_at", "division_code")


@view(
    "relief_clock",
    area=Area.RELIEF,
    key=("disaster_id", "division_code"),
    scope_from="division_code",
    figures=Figures(("disaster_id", "in_time_count", "late_count", "waiting_count")),
)
@dataclass
class ReliefClockRow:
    """救助时限：一次灾害在一个村（社区）的受灾人员得到首次救助的进度，按人计"""

    disaster_id: Annotated[UUID, Doc("灾害标识")]
    division_code: Annotated[str, Doc("区划代码")]
    head_count: Annotated[int, Doc("登记的受灾人数，含经走访未受灾的"), COUNTED]
    in_time_count: Annotated[int, Doc("时限内得到首次救助的人数"), COUNTED]
    late_count: Annotated[int, Doc("逾时限得到首次救助的人数"), COUNTED]
    waiting_count: Annotated[int, Doc("尚未得到救助的人数"), COUNTED]
    overdue_count: Annotated[int, Doc("到时限时未得到救助的人数"), COUNTED]
    safe_count: Annotated[int, Doc("经走访未受灾的人数"), COUNTED]

    RELATIONS: ClassVar[Relations] = {
        "disaster": One("disaster", local="disaster_id"),
        "division": One("division", local="division_code"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("disaster_id", "waiting_count", "overdue_count", "division_code")


class AffectedPeople(Projection):
    """What happens to affected people. A part of the projection `Relief`, never run by itself."""

    @handles(Affected.Created)
    def known(self, event: Affected.Created, at: LogEvent, to: Changes) -> None:
        """Somebody waits."""
        to_check = event.known_by is AffectedBy.VULNERABLE
        to.insert(
            AffectedRow,
            event.originator_id,
            on=day_of(event),
            disaster_id=event.disaster_id,
            person_id=event.person_id,
            head_count=event.head_count,
            known_by=event.known_by,
            division_code=event.division_code,
            state=AffectedState.TO_CHECK if to_check else AffectedState.AFFECTED,
            relief_by=event.relief_by,
            waiting_count=event.head_count,
            waiting=True,
        )
        _count(to, event, at, head_count=event.head_count, waiting_count=event.head_count)

    @handles(Affected.ClockStarted)
    def clock_started(self, event: Affected.ClockStarted, at: LogEvent, to: Changes) -> None:
        """The disaster struck."""
        _change(to, event, relief_by=event.relief_by)
        _stand(to, event, at)

    @handles(Affected.Checked)
    def checked(self, event: Affected.Checked, at: LogEvent, to: Changes) -> None:
        """Affected or safe."""
        state = AffectedState.AFFECTED if event.affected else AffectedState.SAFE
        _change(to, event, state=state, waiting=event.affected, waiting_count=int(event.affected))
        safe = 0 if event.affected and not event.waiting_delta else -event.waiting_delta
        _count(to, event, at, waiting_count=event.waiting_delta, safe_count=safe)

    @handles(Affected.Evacuated)
    def evacuated(self, event: Affected.Evacuated, at: LogEvent, to: Changes) -> None:
        """At a shelter."""
        where = {"shelter_id": event.facility_id, "evacuated_at": event.evacuated_at}
        _change(to, event, state=AffectedState.SHELTERED, **where)

    @handles(Affected.Returned)
    def returned(self, event: Affected.Returned, at: LogEvent, to: Changes) -> None:
        """Home."""
        _change(to, event, state=AffectedState.RETURNED, shelter_id=None)

    @handles(Affected.Recounted)
    def recounted(self, event: Affected.Recounted, at: LogEvent, to: Changes) -> None:
        """A group of another size."""
        waiting = {"waiting_count": event.waiting_count, "waiting": event.waiting_count > 0}
        _change(to, event, head_count=event.head_count, **waiting)
        delta = event.head_count - event.former_count
        _count(to, event, at, head_count=delta, waiting_count=delta)

    @handles(Affected.Relieved)
    def relieved(self, event: Affected.Relieved, at: LogEvent, to: Changes) -> None:
        """Something was handed over."""
        id, on = event.originator_id, day_of(event)
        to.insert(
            ReliefDeliveryRow,
            (id, event.originator_version),
            on=on,
            disaster_id=event.disaster_id,
            person_id=event.person_id,
            division_code=division_of(at),
            delivered_at=event.delivered_at,
            items="、".join(f"{each.item.label} {each.qty_count}" for each in event.items),
            head_count=event.head_count,
            after_minutes=event.after_minutes,
            by=event.by,
        )
        looked = {"state": AffectedState.TO_CHECK}
        to.patch(AffectedRow, id, on=on, where=looked, decided=True, state=AffectedState.AFFECTED)
        _stand(to, event, at)

    @handles(Affected.DeliveryVoided)
    def voided(self, event: Affected.DeliveryVoided, at: LogEvent, to: Changes) -> None:
        """It was not so."""
        key, on = (event.originator_id, event.voids_version), day_of(event)
        to.patch(ReliefDeliveryRow, key, on=on, decided=True, voided=True, void_reason=event.reason)
        _stand(to, event, at)

    @handles(Affected.Overdue)
    def overdue(self, event: Affected.Overdue, at: LogEvent, to: Changes) -> None:
        """The hours are over."""
        _change(to, event, overdue=True)
        _count(to, event, at, overdue_count=event.waiting_count)


def _change(to: Changes, event: Any, **columns: Any) -> None:
    to.patch(AffectedRow, event.originator_id, on=day_of(event), decided=True, **columns)


def _count(to: Changes, event: Any, at: LogEvent, **counts: Any) -> None:
    to.add(ReliefClockRow, (event.disaster_id, division_of(at)), on=day_of(event), **counts)


def _stand(to: Changes, event: Any, at: LogEvent) -> None:
    """How they stand by every delivery, as the event says."""
    first = event.first
    waiting = {"waiting_count": first.waiting_count, "waiting": first.waiting_count > 0, "late": first.late_count > 0}
    _change(to, event, first_relief_at=first.relief_at, first_after_minutes=first.after_minutes, **waiting)
    deltas = {"in_time_count": first.in_time_delta, "late_count": first.late_delta}
    _count(to, event, at, waiting_count=first.waiting_delta, **deltas)
