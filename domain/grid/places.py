"""Public facilities and property management of a grid: light records of what is there and in what state."""

from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.codes import PublicFacilityKind, PublicFacilityState
from domain.errors import RuleViolated
from domain.grid.geometry import Point
from domain.grid.limits import written
from domain.kernel import PersonalText


class PublicFacility(kernel.Aggregate):
    """A lamp, a hydrant, a playground: where it is, and how it was when somebody last looked."""

    TOPIC: ClassVar[str] = "grid.PublicFacility"
    SUBJECT: ClassVar[str] = "public_facility"
    division_code: str = ""
    state: PublicFacilityState = PublicFacilityState.GOOD
    checked_on: date | None = None

    class Created(kernel.Created):
        """It is there."""

        TOPIC = "grid.PublicFacilityListed"
        TITLE = "登记公共设施"
        kind: PublicFacilityKind
        name: str
        place: str
        division_code: str
        grid_code: str
        lng: int | None
        lat: int | None
        by: str

        def gist(self) -> str:
            return f"{self.kind.label} {self.name}"

    class Checked(kernel.Event):
        """How somebody found it."""

        TOPIC = "grid.PublicFacilityChecked"
        TITLE = "巡查公共设施"
        state: PublicFacilityState
        note: str
        by: str
        effective_on: date

        def apply(self, aggregate: "PublicFacility") -> None:
            aggregate.state = self.state
            aggregate.checked_on = self.effective_on

        def gist(self) -> str:
            return self.state.label

    @classmethod
    def enlist(
        cls,
        id: UUID,
        at: datetime,
        *,
        kind: PublicFacilityKind,
        name: str,
        place: str,
        division_code: str,
        grid_code: str,
        point: Point | None,
        by: str,
    ) -> Self:
        """A facility nobody had listed."""
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            kind=kind,
            name=written(name, "请填写设施名称。"),
            place=written(place, "请填写设施位置。"),
            division_code=division_code,
            grid_code=grid_code,
            lng=None if point is None else point.lng,
            lat=None if point is None else point.lat,
            by=by,
        )

    def check(self, at: datetime, *, state: PublicFacilityState, note: str, by: str, checked_on: date) -> None:
        """Say how it is; what was removed stays so."""
        if self.state is PublicFacilityState.REMOVED:
            raise RuleViolated("此设施已拆除；新装的请另行登记。")
        if checked_on > at.date():
            raise RuleViolated("巡查日期不能晚于今天。")
        if self.checked_on is not None and checked_on < self.checked_on:
            raise RuleViolated(f"此设施已有 {self.checked_on} 的巡查记录，不能补记更早的状况。")
        if state is not PublicFacilityState.GOOD:
            written(note, "设施损坏、维修或拆除的，请写明情况。")
        self.record(self.Checked, at=at, state=state, note=note.strip(), by=by, effective_on=checked_on)


class PropertyManagement(kernel.Aggregate):
    """Who manages an estate (物业管理). The manager's name and telephone are sealed under the record's own key."""

    TOPIC: ClassVar[str] = "grid.PropertyManagement"
    SUBJECT: ClassVar[str] = "property"
    division_code: str = ""
    ended_on: date | None = None

    class Created(kernel.Created):
        """An estate and the company that manages it."""

        TOPIC = "grid.PropertyListed"
        TITLE = "登记物业管理"
        estate: str
        company: str
        household_count: int
        manager: PersonalText | None
        phone: PersonalText | None
        division_code: str
        grid_code: str
        from_on: date

        def gist(self) -> str:
            return f"{self.estate}，{self.company}"

    class Changed(kernel.Event):
        """Another company or manager, from a day on; everything is said again."""

        TOPIC = "grid.PropertyChanged"
        TITLE = "变更物业管理"
        company: str
        household_count: int
        manager: PersonalText | None
        phone: PersonalText | None
        from_on: date

        def gist(self) -> str:
            return self.company

    class Ended(kernel.Event):
        """Nobody manages it any more."""

        TOPIC = "grid.PropertyEnded"
        TITLE = "物业管理终止"
        reason: str
        from_on: date

        def apply(self, aggregate: "PropertyManagement") -> None:
            aggregate.ended_on = self.from_on

        def gist(self) -> str:
            return self.reason

    @classmethod
    def enlist(
        cls,
        id: UUID,
        at: datetime,
        *,
        estate: str,
        company: str,
        household_count: int,
        manager: str | None,
        phone: str | None,
        division_code: str,
        grid_code: str,
        from_on: date,
    ) -> Self:
        """An estate nobody had listed."""
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            estate=written(estate, "请填写小区名称。"),
            company=written(company, "请填写物业服务企业名称。"),
            household_count=_count(household_count),
            manager=manager,
            phone=phone,
            division_code=division_code,
            grid_code=grid_code,
            from_on=from_on,
        )

    def change(
        self,
        at: datetime,
        *,
        company: str,
        household_count: int,
        manager: str | None,
        phone: str | None,
        from_on: date,
    ) -> None:
        """Say anew who manages it."""
        self._demand_managed()
        self.record(
            self.Changed,
            at=at,
            company=written(company, "请填写物业服务企业名称。"),
            household_count=_count(household_count),
            manager=manager,
            phone=phone,
            from_on=from_on,
        )

    def end(self, at: datetime, *, reason: str, from_on: date) -> None:
        """Nobody manages it any more."""
        self._demand_managed()
        self.record(self.Ended, at=at, reason=written(reason, "请写明终止原因。"), from_on=from_on)

    def _demand_managed(self) -> None:
        if self.ended_on is not None:
            raise RuleViolated(f"此小区的物业管理已于 {self.ended_on} 终止；新聘的请另行登记。")


def _count(households: int) -> int:
    if households < 0:
        raise RuleViolated("户数不能为负数。")
    return households
