"""Decisions about certified social workers and volunteers."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, OFFICIALS
from domain.assistance.commands.applications import demand_living
from domain.civic.people import SocialWorker, Volunteer
from domain.codes import WorkerGrade
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany
from domain.registry.person import Person

PersonId = Annotated[UUID, Doc("人员标识")]
SocialWorkerId = Annotated[UUID, Doc("持证社工登记标识")]
VolunteerId = Annotated[UUID, Doc("志愿者登记标识")]
OrganisationId = Annotated[UUID | None, Doc("所在的社会组织；不在社会组织的不填")]


@dataclass(frozen=True, kw_only=True)
class CertifySocialWorker(Command):
    """登记持证社工：一人登记一次，已注销的恢复登记；证书编号加密保存。"""

    ROLES: ClassVar = OFFICIALS
    person_id: PersonId
    grade: Annotated[WorkerGrade, Doc("职业水平")]
    certificate: Annotated[str, Doc("职业水平证书编号，加密保存")]
    certified_on: Annotated[date, Doc("取得证书的日期")]
    organisation_id: OrganisationId = None

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        demand_living({person.id: person})
        known: dict[UUID, SocialWorker] = yield LoadMany(SocialWorker, (SocialWorker.id_for(person.id),))
        for earlier in known.values():
            earlier.restore(
                by.now,
                grade=self.grade,
                certificate=self.certificate,
                organisation_id=self.organisation_id,
                certified_on=self.certified_on,
                by=by.actor.name,
            )
            return (earlier,)
        worker = SocialWorker.certify(
            by.now,
            person_id=person.id,
            grade=self.grade,
            certificate=self.certificate,
            organisation_id=self.organisation_id,
            certified_on=self.certified_on,
            division_code=person.division_code,
            by=by.actor.name,
        )
        return (worker,)


@dataclass(frozen=True, kw_only=True)
class ChangeSocialWorker(Command):
    """变更持证社工登记：晋级或更换所在机构。"""

    ROLES: ClassVar = OFFICIALS
    social_worker_id: SocialWorkerId
    grade: Annotated[WorkerGrade, Doc("职业水平")]
    changed_on: Annotated[date, Doc("变更日期")]
    organisation_id: OrganisationId = None

    def decide(self, by: Decision) -> Decided:
        worker: SocialWorker = yield Load(SocialWorker, self.social_worker_id)
        worker.change(
            by.now,
            grade=self.grade,
            organisation_id=self.organisation_id,
            changed_on=self.changed_on,
            by=by.actor.name,
        )
        return (worker,)


@dataclass(frozen=True, kw_only=True)
class EndSocialWorker(Command):
    """注销持证社工登记：死亡、迁出或证书失效。"""

    ROLES: ClassVar = OFFICIALS
    social_worker_id: SocialWorkerId
    reason: Annotated[str, Doc("注销原因，不写个人信息")]
    ended_on: Annotated[date, Doc("自何日起不再计入")]

    def decide(self, by: Decision) -> Decided:
        worker: SocialWorker = yield Load(SocialWorker, self.social_worker_id)
        worker.end(by.now, reason=self.reason, ended_on=self.ended_on, by=by.actor.name)
        return (worker,)


@dataclass(frozen=True, kw_only=True)
class EnrolVolunteer(Command):
    """登记志愿者：一人登记一次，已注销的重新登记，以前的服务时间保留。"""

    ROLES: ClassVar = CASEWORKERS
    person_id: PersonId

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        demand_living({person.id: person})
        known: dict[UUID, Volunteer] = yield LoadMany(Volunteer, (Volunteer.id_for(person.id),))
        for earlier in known.values():
            earlier.rejoin(by.now, by=by.actor.name)
            return (earlier,)
        volunteer = Volunteer.enrol(by.now, person_id=person.id, division_code=person.division_code, by=by.actor.name)
        return (volunteer,)


@dataclass(frozen=True, kw_only=True)
class LogVolunteerService(Command):
    """登记志愿服务时间：以分钟计。"""

    ROLES: ClassVar = CASEWORKERS
    volunteer_id: VolunteerId
    activity: Annotated[str, Doc("服务内容，不写个人信息")]
    minutes: Annotated[int, Doc("服务时间（分钟）")]
    served_on: Annotated[date, Doc("服务日期")]

    def decide(self, by: Decision) -> Decided:
        volunteer: Volunteer = yield Load(Volunteer, self.volunteer_id)
        volunteer.serve(
            by.now, activity=self.activity, minutes=self.minutes, served_on=self.served_on, by=by.actor.name
        )
        return (volunteer,)


@dataclass(frozen=True, kw_only=True)
class CorrectVolunteerService(Command):
    """更正志愿服务时间：填 0 表示没有服务；原登记仍可查。"""

    ROLES: ClassVar = CASEWORKERS
    volunteer_id: VolunteerId
    no: Annotated[int, Doc("第几次服务")]
    minutes: Annotated[int, Doc("更正后的服务时间（分钟）")]
    activity: Annotated[str, Doc("服务内容和更正原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        volunteer: Volunteer = yield Load(Volunteer, self.volunteer_id)
        volunteer.correct_service(by.now, no=self.no, minutes=self.minutes, activity=self.activity, by=by.actor.name)
        return (volunteer,)


@dataclass(frozen=True, kw_only=True)
class LeaveVolunteer(Command):
    """注销志愿者登记：写明原因。"""

    ROLES: ClassVar = CASEWORKERS
    volunteer_id: VolunteerId
    reason: Annotated[str, Doc("注销原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        volunteer: Volunteer = yield Load(Volunteer, self.volunteer_id)
        volunteer.leave(by.now, reason=self.reason, by=by.actor.name)
        return (volunteer,)
