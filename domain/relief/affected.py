"""Affected people and their relief: a person by id, or a group whose names nobody has taken yet.

The first relief is due within twelve hours of the disaster (clock.py). Whoever is listed as vulnerable is looked up
first; whoever turns out to be safe no longer waits.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import AffectedBy, AffectedState, ReliefItem
from domain.errors import RuleViolated
from domain.relief.clock import minutes_between
from domain.relief.firsts import Delivery, FirstRelief, first_relief

_AFFECTED = UUID("7d1f4b0e-52c6-5f0a-9a3c-6b1d2e8f4a02")
"""Namespace of the ids: one for each disaster and person."""
_OVER = (AffectedState.SAFE,)


@dataclass(frozen=True, slots=True)
class Handed:
    """So many pieces of an item."""

    item: ReliefItem
    qty_count: int


class Affected(kernel.Timed):
    """A person, or a group that is only counted, in one disaster."""

    TOPIC: ClassVar[str] = "relief.Affected"
    SUBJECT: ClassVar[str] = "affected"
    division_code: str = ""
    disaster_id: UUID = kernel.NO_ID
    person_id: UUID | None = None
    head_count: int = 0
    state: AffectedState = AffectedState.TO_CHECK
    occurred_at: datetime | None = None
    relief_by: datetime | None = None
    shelter_id: UUID | None = None
    evacuated: bool = False
    deliveries: dict[int, Delivery] = field(default_factory=dict)
    """By the version of the event that said so."""
    first: FirstRelief | None = None
    """How they stand by the deliveries; None before the first one."""
    overdue: bool = False

    class Created(kernel.Created):
        """Somebody is, or may be, affected; relief is due by `relief_by`.

        That is None where a source says so, and where people are evacuated on a warning: nothing has struck yet.
        Without a `person_id` it is a group of `head_count`.
        """

        TOPIC = "relief.PersonAffected"
        TITLE = "登记受灾人员"
        disaster_id: UUID
        person_id: UUID | None
        head_count: int
        known_by: AffectedBy
        division_code: str
        occurred_at: datetime | None
        relief_by: datetime | None
        by: str

        def apply(self, aggregate: "Affected") -> None:
            if self.known_by is not AffectedBy.VULNERABLE:
                aggregate.state = AffectedState.AFFECTED

        def gist(self) -> str:
            return self.known_by.label if self.person_id else f"{self.known_by.label} {self.head_count} 人"

    class ClockStarted(kernel.Event):
        """The disaster that they were evacuated for has struck: their hours count from now on."""

        TOPIC = "relief.ReliefClockStarted"
        TITLE = "救助时限起算"
        disaster_id: UUID
        person_id: UUID | None
        occurred_at: datetime
        relief_by: datetime
        first: FirstRelief

        def apply(self, aggregate: "Affected") -> None:
            aggregate.occurred_at, aggregate.relief_by = self.occurred_at, self.relief_by
            aggregate.first = self.first

    class Checked(kernel.Event):
        """Somebody looked: affected, or safe and in no need."""

        TOPIC = "relief.AffectedChecked"
        TITLE = "走访重点人员"
        disaster_id: UUID
        person_id: UUID | None
        affected: bool
        waiting_delta: int
        by: str

        def apply(self, aggregate: "Affected") -> None:
            aggregate.state = AffectedState.AFFECTED if self.affected else AffectedState.SAFE

        def gist(self) -> str:
            return "受灾" if self.affected else "未受灾"

    class Evacuated(kernel.Event):
        """Brought to a shelter."""

        TOPIC = "relief.PersonEvacuated"
        TITLE = "转移安置"
        disaster_id: UUID
        person_id: UUID | None
        facility_id: UUID
        head_count: int
        evacuated_at: datetime
        by: str

        def apply(self, aggregate: "Affected") -> None:
            aggregate.state, aggregate.shelter_id, aggregate.evacuated = AffectedState.SHELTERED, self.facility_id, True

        def gist(self) -> str:
            return f"{self.head_count} 人，{self.evacuated_at:%m-%d %H:%M}"

    class Returned(kernel.Event):
        """Back home, or to relatives."""

        TOPIC = "relief.EvacueesReturned"
        TITLE = "返家"
        disaster_id: UUID
        person_id: UUID | None
        facility_id: UUID
        head_count: int
        returned_at: datetime
        by: str

        def apply(self, aggregate: "Affected") -> None:
            aggregate.state, aggregate.shelter_id = AffectedState.RETURNED, None

    class Recounted(kernel.Event):
        """A group was counted anew, or some of it are now known by name."""

        TOPIC = "relief.GroupRecounted"
        TITLE = "重新清点受灾群众"
        disaster_id: UUID
        former_count: int
        head_count: int
        waiting_count: int
        reason: str
        by: str

        def apply(self, aggregate: "Affected") -> None:
            aggregate.head_count = self.head_count

        def gist(self) -> str:
            return f"{self.former_count} 人 → {self.head_count} 人：{self.reason}"

    class Relieved(kernel.Event):
        """Relief was handed over, `after_minutes` after the disaster struck (negative before it did, 0 while it has
        not). `first` is how they stand now: what is entered late may have come before what was entered earlier."""

        TOPIC = "relief.ReliefDelivered"
        TITLE = "发放救助物资"
        disaster_id: UUID
        person_id: UUID | None
        head_count: int
        share: int
        delivered_at: datetime
        after_minutes: int
        items: tuple[Handed, ...]
        first: FirstRelief
        by: str

        def apply(self, aggregate: "Affected") -> None:
            aggregate.deliveries[self.originator_version] = Delivery(self.share, self.delivered_at)
            aggregate.first = self.first
            if aggregate.state is AffectedState.TO_CHECK:
                aggregate.state = AffectedState.AFFECTED

        def gist(self) -> str:
            what = "、".join(f"{each.item.label} {each.qty_count}" for each in self.items)
            left = f"，尚有 {self.first.waiting_count} 人未得到救助" if self.first.waiting_count else ""
            return f"{what}，{self.delivered_at:%m-%d %H:%M}{left}"

    class DeliveryVoided(kernel.Event):
        """A delivery was entered wrongly: `voids_version` is the event that said it, which stays to be read."""

        TOPIC = "relief.ReliefDeliveryVoided"
        TITLE = "撤销发放登记"
        disaster_id: UUID
        person_id: UUID | None
        voids_version: int
        reason: str
        first: FirstRelief
        by: str

        def apply(self, aggregate: "Affected") -> None:
            wrong = aggregate.deliveries[self.voids_version]
            aggregate.deliveries[self.voids_version] = wrong._replace(void=True)
            aggregate.first = self.first

        def gist(self) -> str:
            return self.reason

    class Overdue(kernel.Event):
        """The hours are over and so many have had nothing."""

        TOPIC = "relief.ReliefOverdue"
        TITLE = "首次救助逾时限"
        disaster_id: UUID
        person_id: UUID | None
        waiting_count: int
        relief_by: datetime

        def apply(self, aggregate: "Affected") -> None:
            aggregate.overdue = True

        def gist(self) -> str:
            return f"{self.waiting_count} 人，时限 {self.relief_by:%m-%d %H:%M}"

    @staticmethod
    def id_for(disaster_id: UUID, person_id: UUID) -> UUID:
        """The id of a person in a disaster: one and the same, whoever comes to know of them first."""
        return uuid5(_AFFECTED, f"{disaster_id} {person_id}")

    @classmethod
    def person(
        cls,
        at: datetime,
        *,
        disaster_id: UUID,
        person_id: UUID,
        known_by: AffectedBy,
        division_code: str,
        occurred_at: datetime | None,
        relief_by: datetime | None,
        by: str,
    ) -> Self:
        """Somebody known by name."""
        said = {"disaster_id": disaster_id, "person_id": person_id, "head_count": 1, "known_by": known_by, "by": by}
        due = {"occurred_at": occurred_at, "relief_by": relief_by}
        id = cls.id_for(disaster_id, person_id)
        return cls.create(cls.Created, id=id, at=at, division_code=division_code, **said, **due)

    @classmethod
    def group(
        cls,
        id: UUID,
        at: datetime,
        *,
        disaster_id: UUID,
        head_count: int,
        division_code: str,
        occurred_at: datetime | None,
        relief_by: datetime | None,
        by: str,
    ) -> Self:
        """People whose names nobody has taken yet."""
        if head_count <= 0:
            raise RuleViolated("人数应大于 0；知道姓名的请逐人登记。")
        said = {"disaster_id": disaster_id, "person_id": None, "head_count": head_count, "by": by}
        due = {"known_by": AffectedBy.EVACUATED, "occurred_at": occurred_at, "relief_by": relief_by}
        return cls.create(cls.Created, id=id, at=at, division_code=division_code, **said, **due)

    def start_clock(self, at: datetime, *, occurred_at: datetime, relief_by: datetime) -> None:
        """The disaster has struck; nothing where the clock runs already."""
        if self.occurred_at is None:
            when = {"occurred_at": occurred_at, "relief_by": relief_by}
            first = self._first(self.deliveries.values(), **when)
            who = {"disaster_id": self.disaster_id, "person_id": self.person_id}
            self.record(self.ClockStarted, at=at, first=first, **who, **when)

    def check(self, at: datetime, *, affected: bool, by: str) -> None:
        """Somebody looked at a listed person; safe ones no longer wait. Raises RuleViolated where they were helped."""
        if self.person_id is None:
            raise RuleViolated("未登记姓名的群体请重新清点人数。")
        if not affected and (self.evacuated or self.served_count):
            raise RuleViolated("此人已转移安置或得到救助，不能登记为未受灾；有误的请更正。")
        if affected and self.state not in (AffectedState.TO_CHECK, AffectedState.SAFE):
            raise RuleViolated(f"此人现为“{self.state.label}”，不需再走访登记。")
        if not affected and self.state is AffectedState.SAFE:
            raise RuleViolated("此人已登记为未受灾，不重复登记。")
        delta = -self.waiting_count if not affected else int(self.state is AffectedState.SAFE)
        who = {"disaster_id": self.disaster_id, "person_id": self.person_id}
        self.record(self.Checked, at=at, affected=affected, waiting_delta=delta, by=by, **who)

    def evacuate(self, at: datetime, *, facility_id: UUID, evacuated_at: datetime, by: str) -> None:
        """Bring them to a shelter, or from one to another."""
        self._demand_here("转移安置")
        if self.shelter_id == facility_id:
            raise RuleViolated("已安置在该安置点，不重复登记。")
        self.record(self.Evacuated, at=at, facility_id=facility_id, evacuated_at=evacuated_at, by=by, **self._who())

    def go_home(self, at: datetime, *, returned_at: datetime, by: str) -> None:
        """They leave the shelter."""
        if self.shelter_id is None:
            raise RuleViolated("未安置在安置点，不能登记返家。")
        self.record(self.Returned, at=at, facility_id=self.shelter_id, returned_at=returned_at, by=by, **self._who())

    def recount(self, at: datetime, *, head_count: int, reason: str, by: str) -> None:
        """Count a group anew; never below those who already had relief."""
        if self.person_id is not None:
            raise RuleViolated("逐人登记的受灾人员不能清点人数。")
        served = self.served_count
        if head_count < served or head_count < 0:
            raise RuleViolated(f"已有 {served} 人得到救助，人数不能少于此数，请核对。")
        if not reason.strip():
            raise RuleViolated("请写明人数变化的原因。")
        self.record(
            self.Recounted,
            at=at,
            disaster_id=self.disaster_id,
            former_count=self.head_count,
            head_count=head_count,
            waiting_count=head_count - served,
            reason=reason.strip(),
            by=by,
        )

    def relieve(
        self, at: datetime, *, delivered_at: datetime, items: tuple[Handed, ...], by: str, head_count: int = 0
    ) -> None:
        """Hand relief over to `head_count` of them (0: all). Whoever had none yet has it now, late or in time."""
        self._demand_here("发放救助物资")
        heads = head_count or self.head_count
        if not 0 < heads <= self.head_count:
            raise RuleViolated(f"领取人数应在 1 至 {self.head_count} 之间。")
        if not items or any(each.qty_count <= 0 for each in items):
            raise RuleViolated("请填写发放的物资及数量，数量应大于 0。")
        self._record_relief(at, delivered_at, items, heads, by)

    def report_relieved(self, at: datetime, *, delivered_at: datetime, items: tuple[Handed, ...]) -> None:
        """A source says that relief was handed over, whatever else is known."""
        self._record_relief(at, delivered_at, items, self.head_count, "")

    @property
    def lapses_at(self) -> datetime | None:
        """When the hours are over, where anybody waits."""
        return None if self.overdue or not self.waiting_count else self.relief_by

    def lapse(self, at: datetime, owner: kernel.Aggregate | None = None) -> None:
        """Record once that the hours are over for whoever still waits."""
        if self.overdue or self.relief_by is None or at <= self.relief_by or not self.waiting_count:
            return
        said = {"waiting_count": self.waiting_count, "relief_by": self.relief_by}
        self.record(self.Overdue, at=at, disaster_id=self.disaster_id, person_id=self.person_id, **said)

    @property
    def waiting_count(self) -> int:
        """Heads without any relief yet; nobody who was found safe."""
        if self.state in _OVER:
            return 0
        return max(0, self.head_count - self.served_count)

    def void_delivery(self, at: datetime, *, version: int, reason: str, by: str) -> None:
        """Take back a delivery that was entered wrongly; what is right is entered anew."""
        known = self.deliveries.get(version)
        if known is None:
            raise RuleViolated(f"没有第 {version} 号发放登记，请核对。")
        if known.void:
            raise RuleViolated("此项发放登记已撤销，不重复撤销。")
        if not reason.strip():
            raise RuleViolated("请写明撤销的原因。")
        left = [known._replace(void=True) if v == version else each for v, each in self.deliveries.items()]
        first = self._first(left, occurred_at=self.occurred_at, relief_by=self.relief_by)
        who = {"disaster_id": self.disaster_id, "person_id": self.person_id}
        self.record(self.DeliveryVoided, at=at, voids_version=version, reason=reason.strip(), first=first, by=by, **who)

    @property
    def in_time_count(self) -> int:
        """Heads whose first relief came within the hours, or of whom a source knows no hours."""
        return self.first.in_time_count if self.first else 0

    @property
    def late_count(self) -> int:
        """Heads whose first relief came after the hours."""
        return self.first.late_count if self.first else 0

    @property
    def served_count(self) -> int:
        """Heads that had any relief."""
        return self.in_time_count + self.late_count

    def _record_relief(
        self, at: datetime, delivered_at: datetime, items: tuple[Handed, ...], heads: int, by: str
    ) -> None:
        share = min(heads, max(0, self.head_count - self.served_count))
        every = (*self.deliveries.values(), Delivery(share, delivered_at))
        self.record(
            self.Relieved,
            at=at,
            disaster_id=self.disaster_id,
            person_id=self.person_id,
            head_count=heads,
            share=share,
            delivered_at=delivered_at,
            after_minutes=minutes_between(self.occurred_at, delivered_at) if self.occurred_at else 0,
            items=items,
            first=self._first(every, occurred_at=self.occurred_at, relief_by=self.relief_by),
            by=by,
        )

    def _first(
        self, deliveries: Iterable[Delivery], *, occurred_at: datetime | None, relief_by: datetime | None
    ) -> FirstRelief:
        return first_relief(
            deliveries,
            named=self.person_id is not None,
            head_count=self.head_count,
            occurred_at=occurred_at,
            relief_by=relief_by,
            before=(self.in_time_count, self.late_count, self.waiting_count),
        )

    def _who(self) -> dict[str, UUID | int | None]:
        return {"disaster_id": self.disaster_id, "person_id": self.person_id, "head_count": self.head_count}

    def _demand_here(self, what: str) -> None:
        if self.state in _OVER:
            raise RuleViolated(f"此人经走访未受灾，不能{what}；后来受灾的，请先重新走访登记。")
        if not self.head_count:
            raise RuleViolated(f"人数已清点为 0，不能{what}。")
