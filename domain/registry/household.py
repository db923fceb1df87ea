"""Households of three kinds that must not be mixed: registered (户籍), residential (居住), co-living (共同生活).

The co-living household is the unit of assistance. Members come and go on dates of their own.
"""

from dataclasses import field
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.codes import HouseholdKind, Relation
from domain.kernel import PersonalText


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
        kind: HouseholdKind
        household_no: str
        division_code: str
        address: PersonalText | None
        from_on: date

    class MemberJoined(kernel.Event):
        """A person becomes a member."""

        TOPIC = "registry.MemberJoined"
        person_id: UUID
        relation: Relation
        effective_on: date

        def apply(self, aggregate: "Household") -> None:
            aggregate.members[self.person_id] = self.relation
            if self.relation in (Relation.HEAD, Relation.SELF):
                aggregate.head_id = self.person_id

    class MemberLeft(kernel.Event):
        """A person is no longer a member."""

        TOPIC = "registry.MemberLeft"
        person_id: UUID
        reason: str
        effective_on: date

        def apply(self, aggregate: "Household") -> None:
            aggregate.members.pop(self.person_id, None)
            if aggregate.head_id == self.person_id:
                aggregate.head_id = None

    class Relocated(kernel.Event):
        """The household moved; `address` None where only the division is known."""

        TOPIC = "registry.HouseholdRelocated"
        from_division_code: str
        to_division_code: str
        address: PersonalText | None
        moved_on: date

        def apply(self, aggregate: "Household") -> None:
            aggregate.division_code = self.to_division_code
            if self.address is not None:
                aggregate.address = self.address

    class Dissolved(kernel.Event):
        """The household ended."""

        TOPIC = "registry.HouseholdDissolved"
        from_on: date

        def apply(self, aggregate: "Household") -> None:
            aggregate.dissolved_on = self.from_on
            aggregate.members = {}

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

    def report_member(self, at: datetime, *, person_id: UUID, relation: Relation, effective_on: date) -> None:
        """A source has this person in the household, in this relation to its head."""
        if self.members.get(person_id) is not relation:
            self.record(self.MemberJoined, at=at, person_id=person_id, relation=relation, effective_on=effective_on)

    def report_member_left(self, at: datetime, *, person_id: UUID, reason: str, effective_on: date) -> None:
        """A source says that a member left, moved away or died."""
        if person_id in self.members:
            self.record(self.MemberLeft, at=at, person_id=person_id, reason=reason, effective_on=effective_on)

    def report_relocated(self, at: datetime, *, division_code: str, address: str | None, moved_on: date) -> None:
        """A source has the household elsewhere."""
        if division_code != self.division_code or (address is not None and address != self.address):
            self.record(
                self.Relocated,
                at=at,
                from_division_code=self.division_code,
                to_division_code=division_code,
                address=address,
                moved_on=moved_on,
            )
