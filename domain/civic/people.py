"""Certified social workers (持证社工) and volunteers (志愿者): persons of the registry, each once.

`[plan]` (三)5: 120 certified social workers at the end of 2015; volunteers rising every year. A certificate's number is
the person's own and sealed under their key; their name stands in the registry alone.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import WorkerGrade
from domain.errors import RuleViolated
from domain.kernel import NO_ID, PersonalText
from domain.wording import written

_PEOPLE = UUID("9a1e6c34-7b05-5f2d-a0c8-4d6f8e2b1c57")
_DAY_MINUTES = 24 * 60


class SocialWorker(kernel.Aggregate):
    """A person's certificate, and where they work."""

    TOPIC: ClassVar[str] = "civic.SocialWorker"
    SUBJECT: ClassVar[str] = "social_worker"
    division_code: str = ""
    person_id: UUID = NO_ID
    grade: WorkerGrade = WorkerGrade.ASSISTANT
    organisation_id: UUID | None = None
    active: bool = True

    class Created(kernel.Created):
        """Certified on `effective_on`."""

        TOPIC = "civic.SocialWorkerCertified"
        TITLE = "登记持证社工"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        grade: WorkerGrade
        certificate: PersonalText
        organisation_id: UUID | None
        effective_on: date
        division_code: str
        by: str

        def gist(self) -> str:
            return self.grade.label

    class Changed(kernel.Event):
        """A higher grade, or another place of work."""

        TOPIC = "civic.SocialWorkerChanged"
        TITLE = "变更持证社工登记"
        grade: WorkerGrade
        organisation_id: UUID | None
        by: str
        effective_on: date

        def apply(self, aggregate: "SocialWorker") -> None:
            aggregate.grade = self.grade
            aggregate.organisation_id = self.organisation_id

        def gist(self) -> str:
            return self.grade.label

    class Ended(kernel.Event):
        """No longer counted here: died, moved away, or the certificate does not hold any more."""

        TOPIC = "civic.SocialWorkerEnded"
        TITLE = "注销持证社工登记"
        reason: str
        by: str
        effective_on: date

        def apply(self, aggregate: "SocialWorker") -> None:
            aggregate.active = False

        def gist(self) -> str:
            return self.reason

    class Restored(kernel.Event):
        """Counted here again: came back, or has a certificate that holds."""

        TOPIC = "civic.SocialWorkerRestored"
        TITLE = "恢复持证社工登记"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        grade: WorkerGrade
        certificate: PersonalText
        organisation_id: UUID | None
        by: str
        effective_on: date

        def apply(self, aggregate: "SocialWorker") -> None:
            aggregate.active = True
            aggregate.grade = self.grade
            aggregate.organisation_id = self.organisation_id

        def gist(self) -> str:
            return self.grade.label

    class Moved(kernel.Event):
        """The person lives in another division now, and is counted there."""

        TOPIC = "civic.SocialWorkerMoved"
        TITLE = "随人迁移持证社工登记"
        to_division_code: str
        moved_on: date

        def apply(self, aggregate: "SocialWorker") -> None:
            aggregate.division_code = self.to_division_code

    def subjects(self) -> Iterable[str]:
        """On the person's own timeline."""
        yield f"person:{self.person_id}"

    @staticmethod
    def id_for(person_id: UUID) -> UUID:
        """The id of a person's certificate."""
        return uuid5(_PEOPLE, f"social worker {person_id}")

    @classmethod
    def certify(
        cls,
        at: datetime,
        *,
        person_id: UUID,
        grade: WorkerGrade,
        certificate: str,
        organisation_id: UUID | None,
        certified_on: date,
        division_code: str,
        by: str,
    ) -> Self:
        """Record a certificate."""
        _demand_past(certified_on, at)
        return cls.create(
            cls.Created,
            id=cls.id_for(person_id),
            at=at,
            person_id=person_id,
            grade=grade,
            certificate=written(certificate, "请填写职业水平证书编号。"),
            organisation_id=organisation_id,
            effective_on=certified_on,
            division_code=division_code,
            by=by,
        )

    def change(
        self, at: datetime, *, grade: WorkerGrade, organisation_id: UUID | None, changed_on: date, by: str
    ) -> None:
        """A higher grade, or another place of work."""
        self._demand_active()
        _demand_past(changed_on, at)
        if (grade, organisation_id) == (self.grade, self.organisation_id):
            raise RuleViolated("职业水平和所在机构都没有变化，无须变更。")
        fields = {"grade": grade, "organisation_id": organisation_id}
        self.record(self.Changed, at=at, by=by, effective_on=changed_on, **fields)

    def end(self, at: datetime, *, reason: str, ended_on: date, by: str) -> None:
        """No longer counted; a process may use it where the person died or moved away."""
        self._demand_active()
        _demand_past(ended_on, at)
        text = written(reason, "请写明注销原因，不写个人信息。")
        self.record(self.Ended, at=at, reason=text, by=by, effective_on=ended_on)

    def restore(
        self,
        at: datetime,
        *,
        grade: WorkerGrade,
        certificate: str,
        organisation_id: UUID | None,
        certified_on: date,
        by: str,
    ) -> None:
        """Count somebody again who was not counted any more."""
        if self.active:
            raise RuleViolated("此人已登记为持证社工，晋级或换机构的请办理变更。")
        _demand_past(certified_on, at)
        self.record(
            self.Restored,
            at=at,
            person_id=self.person_id,
            grade=grade,
            certificate=written(certificate, "请填写职业水平证书编号。"),
            organisation_id=organisation_id,
            by=by,
            effective_on=at.date(),
        )

    def go_along(self, at: datetime, *, to_division_code: str, moved_on: date) -> None:
        """Be counted where the person lives now; for a process, and nothing new where that is so already."""
        if self.division_code != to_division_code:
            self.record(self.Moved, at=at, to_division_code=to_division_code, moved_on=moved_on)

    def _demand_active(self) -> None:
        if not self.active:
            raise RuleViolated("此持证社工登记已注销，不能再办理。")


class Service(NamedTuple):
    """One time a volunteer served, in minutes, and the event that said so last."""

    no: int
    served_on: date
    minutes: int
    version: int


class Volunteer(kernel.Aggregate):
    """A person who helps, and how long."""

    TOPIC: ClassVar[str] = "civic.Volunteer"
    SUBJECT: ClassVar[str] = "volunteer"
    division_code: str = ""
    person_id: UUID = NO_ID
    registered_on: date = date.min
    services: tuple[Service, ...] = ()
    active: bool = True

    class Created(kernel.Created):
        """Registered."""

        TOPIC = "civic.VolunteerRegistered"
        TITLE = "登记志愿者"
        person_id: UUID
        effective_on: date
        division_code: str
        by: str

        def apply(self, aggregate: "Volunteer") -> None:
            aggregate.registered_on = self.effective_on

    class Served(kernel.Event):
        """Served on `effective_on`; with `corrects_version` these minutes take the place of that event's."""

        TOPIC = "civic.VolunteerServed"
        TITLE = "登记志愿服务时间"
        no: int
        activity: str
        minutes: int
        former_minutes: int
        corrects_version: int | None
        by: str
        effective_on: date

        def apply(self, aggregate: "Volunteer") -> None:
            made = Service(self.no, self.effective_on, self.minutes, self.originator_version)
            others = (each for each in aggregate.services if each.no != self.no)
            aggregate.services = tuple(sorted((*others, made)))

        def gist(self) -> str:
            corrected = "（更正）" if self.corrects_version is not None else ""
            return f"{self.activity} {self.minutes} 分钟{corrected}"

    class Left(kernel.Event):
        """No longer a volunteer."""

        TOPIC = "civic.VolunteerLeft"
        TITLE = "注销志愿者登记"
        reason: str
        by: str
        effective_on: date

        def apply(self, aggregate: "Volunteer") -> None:
            aggregate.active = False

        def gist(self) -> str:
            return self.reason

    class Rejoined(kernel.Event):
        """A volunteer again."""

        TOPIC = "civic.VolunteerRejoined"
        TITLE = "重新登记志愿者"
        by: str
        effective_on: date

        def apply(self, aggregate: "Volunteer") -> None:
            aggregate.active = True
            aggregate.registered_on = self.effective_on

    class Moved(kernel.Event):
        """The person lives in another division now, and is counted there."""

        TOPIC = "civic.VolunteerMoved"
        TITLE = "随人迁移志愿者登记"
        to_division_code: str
        moved_on: date

        def apply(self, aggregate: "Volunteer") -> None:
            aggregate.division_code = self.to_division_code

    def subjects(self) -> Iterable[str]:
        """On the person's own timeline."""
        yield f"person:{self.person_id}"

    @staticmethod
    def id_for(person_id: UUID) -> UUID:
        """The id of a person as a volunteer."""
        return uuid5(_PEOPLE, f"volunteer {person_id}")

    @classmethod
    def enrol(cls, at: datetime, *, person_id: UUID, division_code: str, by: str) -> Self:
        """Register a person."""
        on = at.date()
        return cls.create(
            cls.Created,
            id=cls.id_for(person_id),
            at=at,
            person_id=person_id,
            effective_on=on,
            division_code=division_code,
            by=by,
        )

    def serve(self, at: datetime, *, activity: str, minutes: int, served_on: date, by: str) -> None:
        """Log one service; a day has no more than its minutes."""
        if not self.active:
            raise RuleViolated("此志愿者登记已注销，不能登记服务时间。")
        if not self.registered_on <= served_on <= at.date():
            raise RuleViolated(f"服务日期应在登记日（{self.registered_on}）和今天之间。")
        self._demand_minutes(minutes, served_on, None)
        text = written(activity, "请写明服务内容，不写个人信息。")
        fields = {"no": len(self.services) + 1, "activity": text, "minutes": minutes, "former_minutes": 0}
        self.record(self.Served, at=at, corrects_version=None, by=by, effective_on=served_on, **fields)

    def correct_service(self, at: datetime, *, no: int, minutes: int, activity: str, by: str) -> None:
        """Put the minutes of a service right (0: it did not take place), naming the event that it corrects."""
        known = next((each for each in self.services if each.no == no), None)
        if known is None:
            raise RuleViolated(f"没有第 {no} 次服务，请核对。")
        if known.minutes == minutes:
            raise RuleViolated("服务时间没有变化，无须更正。")
        self._demand_minutes(minutes, known.served_on, no)
        text = written(activity, "更正须写明服务内容和原因，不写个人信息。")
        fields = {"no": no, "activity": text, "minutes": minutes, "former_minutes": known.minutes}
        self.record(self.Served, at=at, corrects_version=known.version, by=by, effective_on=known.served_on, **fields)

    def leave(self, at: datetime, *, reason: str, by: str) -> None:
        """End it; a process may use it where the person died or moved away."""
        if not self.active:
            raise RuleViolated("此志愿者登记已注销，不能重复注销。")
        text = written(reason, "请写明注销原因，不写个人信息。")
        self.record(self.Left, at=at, reason=text, by=by, effective_on=at.date())

    def rejoin(self, at: datetime, *, by: str) -> None:
        """Be a volunteer again; what was served before stays."""
        if self.active:
            raise RuleViolated("此人已登记为志愿者，不重复登记。")
        self.record(self.Rejoined, at=at, by=by, effective_on=at.date())

    def go_along(self, at: datetime, *, to_division_code: str, moved_on: date) -> None:
        """Be counted where the person lives now; for a process, and nothing new where that is so already."""
        if self.division_code != to_division_code:
            self.record(self.Moved, at=at, to_division_code=to_division_code, moved_on=moved_on)

    @property
    def minutes(self) -> int:
        """All the time served, as corrected."""
        return sum(each.minutes for each in self.services)

    def _demand_minutes(self, minutes: int, day: date, no: int | None) -> None:
        others = sum(each.minutes for each in self.services if each.served_on == day and each.no != no)
        if minutes < (0 if no else 1) or others + minutes > _DAY_MINUTES:
            raise RuleViolated(f"服务时间有误：当日已登记 {others} 分钟，一日合计不超过 {_DAY_MINUTES} 分钟。")


def _demand_past(day: date, at: datetime) -> None:
    if day > at.date():
        raise RuleViolated("日期不能晚于今天。")
