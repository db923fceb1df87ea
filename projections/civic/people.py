"""Certified social workers and volunteers in the read models; their names stand in the registry alone."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass
from domain.civic import SocialWorker, Volunteer
from domain.codes import WorkerGrade
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import COUNTED, Doc, Figures, Many, Masked, One, Owner, Relations, view


@view(
    "social_worker",
    area=Area.CIVIC,
    scope_from="division_code",
    order=("certified_on", "id"),
    indexes=(("person_id",), ("organisation_id",)),
    figures=Figures(("active", "certified_on", "grade")),
)
@dataclass
class SocialWorkerRow:
    """持证社工"""

    id: Annotated[UUID, Doc("登记标识")]
    person_id: Annotated[UUID, Doc("人员标识")]
    division_code: Annotated[str, Doc("区划代码")]
    grade: Annotated[WorkerGrade, Doc("职业水平")]
    certificate: Annotated[str, Doc("职业水平证书编号"), Masked(PersonalClass.IDENTITY)]
    organisation_id: Annotated[UUID | None, Doc("所在的社会组织")]
    certified_on: Annotated[date, Doc("取得证书的日期")]
    active: Annotated[bool, Doc("是否在册")]
    ended_on: Annotated[date | None, Doc("注销日期")]

    RELATIONS: ClassVar[Relations] = {
        "person": One("person", local="person_id"),
        "organisation": One("organisation", local="organisation_id"),
        "division": One("division", local="division_code"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        *("active", "grade", "organisation_id"),
        *("person_id", "division_code", "certified_on"),
    )


@view(
    "volunteer",
    area=Area.CIVIC,
    scope_from="division_code",
    order=("registered_on", "id"),
    indexes=(("person_id",),),
    figures=Figures(("active", "registered_on")),
)
@dataclass
class VolunteerRow:
    """志愿者"""

    id: Annotated[UUID, Doc("登记标识")]
    person_id: Annotated[UUID, Doc("人员标识")]
    division_code: Annotated[str, Doc("区划代码")]
    registered_on: Annotated[date, Doc("登记日期")]
    active: Annotated[bool, Doc("是否在册")]
    minutes: Annotated[int, Doc("服务时间合计（分钟）"), COUNTED]

    RELATIONS: ClassVar[Relations] = {
        "person": One("person", local="person_id"),
        "division": One("division", local="division_code"),
        "services": Many("volunteer_service", on="volunteer_id", order=("no",)),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("active", "person_id", "division_code", "registered_on")


@view(
    "volunteer_service",
    area=Area.CIVIC,
    key=("volunteer_id", "no"),
    owner=Owner("volunteer", "volunteer_id"),
    order=("volunteer_id", "no"),
    listed=False,
)
@dataclass
class VolunteerServiceRow:
    """志愿服务"""

    volunteer_id: Annotated[UUID, Doc("志愿者登记标识")]
    no: Annotated[int, Doc("第几次服务")]
    served_on: Annotated[date, Doc("服务日期")]
    minutes: Annotated[int, Doc("服务时间（分钟，更正后）")]
    activity: Annotated[str, Doc("服务内容")]
    corrected: Annotated[bool, Doc("是否更正过")]

    RELATIONS: ClassVar[Relations] = {"volunteer": One("volunteer", local="volunteer_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ("volunteer_id", "served_on")


class Helpers(Projection):
    """Who helps. A part of the projection `Civic`, never run by itself."""

    @handles(SocialWorker.Created)
    def worker_certified(self, event: SocialWorker.Created, at: LogEvent, to: Changes) -> None:
        """A certificate."""
        to.insert(
            SocialWorkerRow,
            event.originator_id,
            on=event.effective_on,
            person_id=event.person_id,
            division_code=event.division_code,
            grade=event.grade,
            certificate=event.certificate,
            organisation_id=event.organisation_id,
            certified_on=event.effective_on,
            active=True,
        )

    @handles(SocialWorker.Changed)
    def worker_changed(self, event: SocialWorker.Changed, at: LogEvent, to: Changes) -> None:
        """A higher grade, another place of work."""
        said: dict[str, Any] = {"grade": event.grade, "organisation_id": event.organisation_id}
        to.patch(SocialWorkerRow, event.originator_id, on=event.effective_on, **said)

    @handles(SocialWorker.Ended)
    def worker_ended(self, event: SocialWorker.Ended, at: LogEvent, to: Changes) -> None:
        """No longer counted from that day on."""
        said: dict[str, Any] = {"active": False, "ended_on": event.effective_on}
        to.patch(SocialWorkerRow, event.originator_id, on=event.effective_on, **said)

    @handles(SocialWorker.Restored)
    def worker_restored(self, event: SocialWorker.Restored, at: LogEvent, to: Changes) -> None:
        """Counted again from that day on."""
        said: dict[str, Any] = {"grade": event.grade, "organisation_id": event.organisation_id, "active": True}
        said |= {"certificate": event.certificate, "ended_on": None}
        to.patch(SocialWorkerRow, event.originator_id, on=event.effective_on, **said)

    @handles(SocialWorker.Moved)
    def worker_moved(self, event: SocialWorker.Moved, at: LogEvent, to: Changes) -> None:
        """Counted elsewhere."""
        there = event.to_division_code
        to.patch(SocialWorkerRow, event.originator_id, on=event.moved_on, division_code=there)

    @handles(Volunteer.Rejoined)
    def volunteer_rejoined(self, event: Volunteer.Rejoined, at: LogEvent, to: Changes) -> None:
        """A volunteer again."""
        to.patch(VolunteerRow, event.originator_id, on=event.effective_on, active=True)

    @handles(Volunteer.Moved)
    def volunteer_moved(self, event: Volunteer.Moved, at: LogEvent, to: Changes) -> None:
        """Counted elsewhere."""
        there = event.to_division_code
        to.patch(VolunteerRow, event.originator_id, on=event.moved_on, division_code=there)

    @handles(Volunteer.Created)
    def volunteer_enrolled(self, event: Volunteer.Created, at: LogEvent, to: Changes) -> None:
        """Somebody helps."""
        to.insert(
            VolunteerRow,
            event.originator_id,
            on=event.effective_on,
            person_id=event.person_id,
            division_code=event.division_code,
            registered_on=event.effective_on,
            active=True,
        )

    @handles(Volunteer.Served)
    def volunteer_served(self, event: Volunteer.Served, at: LogEvent, to: Changes) -> None:
        """Time served, or set right."""
        added = event.minutes - event.former_minutes
        to.add(VolunteerRow, event.originator_id, on=event.effective_on, minutes=added)
        to.put(
            VolunteerServiceRow,
            (event.originator_id, event.no),
            on=event.effective_on,
            served_on=event.effective_on,
            minutes=event.minutes,
            activity=event.activity,
            corrected=event.corrects_version is not None,
        )

    @handles(Volunteer.Left)
    def volunteer_left(self, event: Volunteer.Left, at: LogEvent, to: Changes) -> None:
        """No longer a volunteer."""
        to.patch(VolunteerRow, event.originator_id, on=event.effective_on, active=False)
