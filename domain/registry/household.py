"""Households of three kinds that must not be mixed: registered (户籍), residential (居住), co-living (共同生活).

The co-living household is the unit of assistance. Members come and go on dates of their own.
"""

from dataclasses import field
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.codes import HouseholdKind, Relation
from domain.errors import RuleViolated
from domain.kernel import PersonalText

HEADS = frozenset({Relation.HEAD, Relation.SELF})
"""Relations a head has to the head."""


class Household(kernel.Aggregate):
    """A household and its present members. Its address is sealed under the household's own key."""

    TOPIC: ClassVar[str] = "registry.Household"
    SUBJECT: ClassVar[str] = "household"
    division_code: str = ""
    kind: HouseholdKind = HouseholdKind.REGISTERED
    household_no: str = ""
    head_id: UUID | None = None
    address: str | None = None
    members: dict[UUID, Relation] = field(default_factory=dict)
    dissolved_on: date | None = None

    class Created(kernel.Created):
        """A household comes to be, without members yet."""

        TOPIC = "registry.HouseholdFormed"
        TITLE = "登记家庭"
        kind: HouseholdKind
        household_no: str
        division_code: str
        address: PersonalText | None
        from_on: date

        def gist(self) -> str:
            return f"{self.kind.label} {self.household_no}"

    class MemberJoined(kernel.Event):
        """A person becomes a member."""

        TOPIC = "registry.MemberJoined"
        TITLE = "加入家庭"
        person_id: UUID
        relation: Relation
        effective_on: date

        def apply(self, aggregate: "Household") -> None:
            aggregate.members[self.person_id] = self.relation
            if self.relation in HEADS:
                aggregate.head_id = self.person_id
            elif aggregate.head_id == self.person_id:
                aggregate.head_id = None

        def gist(self) -> str:
            return f"与户主关系：{self.relation.label}"

    class MemberLeft(kernel.Event):
        """A person is no longer a member."""

        TOPIC = "registry.MemberLeft"
        TITLE = "退出家庭"
        person_id: UUID
        reason: str
        effective_on: date

        def apply(self, aggregate: "Household") -> None:
            aggregate.members.pop(self.person_id, None)
            if aggregate.head_id == self.person_id:
                aggregate.head_id = None

        def gist(self) -> str:
            return self.reason

    class HeadChanged(kernel.Event):
        """Another member is the head. The former head's relation to the new one is not known yet."""

        TOPIC = "registry.HouseholdHeadChanged"
        TITLE = "变更户主"
        head_id: UUID
        former_head_id: UUID | None
        effective_on: date

        def apply(self, aggregate: "Household") -> None:
            if self.former_head_id in aggregate.members:
                aggregate.members[self.former_head_id] = Relation.OTHER
            aggregate.members[self.head_id] = Relation.HEAD
            aggregate.head_id = self.head_id

    class Relocated(kernel.Event):
        """The household moved; `address` None where only the division is known."""

        TOPIC = "registry.HouseholdRelocated"
        TITLE = "家庭迁移"
        from_division_code: str
        to_division_code: str
        address: PersonalText | None
        moved_on: date

        def apply(self, aggregate: "Household") -> None:
            aggregate.division_code = self.to_division_code
            if self.address is not None:
                aggregate.address = self.address

        def gist(self) -> str:
            return f"{self.from_division_code} → {self.to_division_code}"

    class Dissolved(kernel.Event):
        """The household ended."""

        TOPIC = "registry.HouseholdDissolved"
        TITLE = "家庭解散"
        from_on: date

        def apply(self, aggregate: "Household") -> None:
            aggregate.dissolved_on = self.from_on
            aggregate.members = {}
            aggregate.head_id = None

    @classmethod
    def form(
        cls,
        id: UUID,
        at: datetime,
        *,
        kind: HouseholdKind,
        household_no: str,
        division_code: str,
        address: str | None,
        from_on: date,
    ) -> Self:
        """A new household without members."""
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            kind=kind,
            household_no=household_no,
            division_code=division_code,
            address=address,
            from_on=from_on,
        )

    # Facts of source systems: never refused, and nothing is recorded where nothing changes.

    def report_member(self, at: datetime, *, person_id: UUID, relation: Relation, effective_on: date) -> None:
        """A source has this person in the household, in this relation to its head."""
        if self.members.get(person_id) is not relation:
            self.record(self.MemberJoined, at=at, person_id=person_id, relation=relation, effective_on=effective_on)

    def report_member_left(self, at: datetime, *, person_id: UUID, reason: str, effective_on: date) -> None:
        """A source says that a member left, moved away or died."""
        if person_id in self.members:
            self.record(self.MemberLeft, at=at, person_id=person_id, reason=reason, effective_on=effective_on)

    def report_head(self, at: datetime, *, person_id: UUID, effective_on: date) -> None:
        """A source names another head."""
        if self.head_id != person_id:
            self._change_head(at, person_id, effective_on)

    def report_relocated(self, at: datetime, *, division_code: str, address: str | None, moved_on: date) -> None:
        """A source has the household elsewhere."""
        if division_code != self.division_code or (address is not None and address != self.address):
            self._relocate(at, division_code, address, moved_on)

    def report_dissolved(self, at: datetime, *, from_on: date) -> None:
        """A source no longer has the household."""
        if self.dissolved_on is None:
            self.record(self.Dissolved, at=at, from_on=from_on)

    # Decisions.

    def join(self, at: datetime, *, person_id: UUID, relation: Relation, effective_on: date) -> None:
        """A person becomes a member."""
        self._demand_standing()
        if person_id in self.members:
            raise RuleViolated("此人已是该家庭成员，无需重复登记。")
        if relation in HEADS and self.head_id is not None:
            raise RuleViolated("该家庭已有户主；请先办理户主变更，或登记为其他关系。")
        self.record(self.MemberJoined, at=at, person_id=person_id, relation=relation, effective_on=effective_on)

    def leave(self, at: datetime, *, person_id: UUID, reason: str, effective_on: date) -> None:
        """A member leaves; the head only when nobody else is left, or after another head was named."""
        self._demand_standing()
        self._demand_member(person_id)
        if person_id == self.head_id and len(self.members) > 1:
            raise RuleViolated("户主离开前请先变更户主。")
        self.record(self.MemberLeft, at=at, person_id=person_id, reason=reason, effective_on=effective_on)

    def change_head(self, at: datetime, *, person_id: UUID, effective_on: date) -> None:
        """Another member becomes the head."""
        self._demand_standing()
        self._demand_member(person_id)
        if person_id == self.head_id:
            raise RuleViolated("此人已是户主，无需变更。")
        self._change_head(at, person_id, effective_on)

    def relocate(self, at: datetime, *, division_code: str, address: str | None, moved_on: date) -> None:
        """The household moves within the district."""
        self._demand_standing()
        if division_code == self.division_code and address in (None, self.address):
            raise RuleViolated("新地址与现有登记相同，无需变更。")
        self._relocate(at, division_code, address, moved_on)

    def dissolve(self, at: datetime, *, from_on: date) -> None:
        """End the household."""
        self._demand_standing()
        self.record(self.Dissolved, at=at, from_on=from_on)

    def _demand_standing(self) -> None:
        if self.dissolved_on is not None:
            raise RuleViolated(f"该家庭已于 {self.dissolved_on.isoformat()} 注销，不能再办理变更。")

    def _demand_member(self, person_id: UUID) -> None:
        if person_id not in self.members:
            raise RuleViolated("此人不是该家庭成员，请核对。")

    def _change_head(self, at: datetime, person_id: UUID, effective_on: date) -> None:
        self.record(self.HeadChanged, at=at, head_id=person_id, former_head_id=self.head_id, effective_on=effective_on)

    def _relocate(self, at: datetime, division_code: str, address: str | None, moved_on: date) -> None:
        self.record(
            self.Relocated,
            at=at,
            from_division_code=self.division_code,
            to_division_code=division_code,
            address=address,
            moved_on=moved_on,
        )
