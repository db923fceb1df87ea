"""Persons: PROVISIONAL → VERIFIED → {MOVED_OUT, DECEASED, MERGED}, each with its way back (false deaths happen)."""

from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.codes import Code, PopulationKind, Sex
from domain.errors import RuleViolated
from domain.kernel import PersonalText


class PersonState(Code):
    """人员状态"""

    PROVISIONAL = "provisional", "待核实"
    VERIFIED = "verified", "已核实"
    MOVED_OUT = "moved_out", "已迁出"
    DECEASED = "deceased", "已死亡"
    MERGED = "merged", "已合并"


class Person(kernel.Aggregate):
    """A natural person. The id is random; citizen IDs are found through the log's identifier table."""

    TOPIC: ClassVar[str] = "registry.Person"
    SUBJECT: ClassVar[str] = "person"
    division_code: str = ""
    state: PersonState = PersonState.PROVISIONAL
    state_before: PersonState = PersonState.PROVISIONAL
    name: str = ""
    citizen_id: str | None = None
    phone: str | None = None
    address: str | None = None
    birth_on: date | None = None
    sex: Sex = Sex.UNKNOWN
    died_on: date | None = None
    death_confirmed: bool = False
    merged_into: UUID | None = None

    class Created(kernel.Created):
        """A person becomes known: with a citizen ID verified by its check digit, or provisional without one."""

        TOPIC = "registry.PersonRegistered"
        name: PersonalText
        citizen_id: PersonalText | None
        phone: PersonalText | None
        address: PersonalText | None
        sex: Sex
        birth_on: date | None
        kind: PopulationKind
        division_code: str
        provisional: bool

        def apply(self, aggregate: "Person") -> None:
            aggregate.state = PersonState.PROVISIONAL if self.provisional else PersonState.VERIFIED
            aggregate.state_before = aggregate.state

    class Verified(kernel.Event):
        """A provisional person's identity is established; `citizen_id` is given when it was missing or wrong."""

        TOPIC = "registry.PersonVerified"
        citizen_id: PersonalText
        match_source: str

        def apply(self, aggregate: "Person") -> None:
            aggregate.citizen_id = self.citizen_id
            aggregate.state = PersonState.VERIFIED

    class DetailsChanged(kernel.Event):
        """Particulars changed; a field that is None stays as it was. Empty text means it was removed."""

        TOPIC = "registry.PersonDetailsChanged"
        name: PersonalText | None
        phone: PersonalText | None
        address: PersonalText | None
        corrects_version: int | None

        def apply(self, aggregate: "Person") -> None:
            for name in ("name", "phone", "address"):
                if (value := getattr(self, name)) is not None:
                    setattr(aggregate, name, value)

    class Moved(kernel.Event):
        """Residence moved to another division of the district."""

        TOPIC = "registry.PersonMoved"
        from_division_code: str
        to_division_code: str
        moved_on: date

        def apply(self, aggregate: "Person") -> None:
            aggregate.division_code = self.to_division_code

    class MovedOut(kernel.Event):
        """The person left the district."""

        TOPIC = "registry.PersonMovedOut"
        to_place: str
        moved_on: date

        def apply(self, aggregate: "Person") -> None:
            aggregate.state_before, aggregate.state = aggregate.state, PersonState.MOVED_OUT

    class MoveReversed(kernel.Event):
        """A move out that did not happen, or a return; names the version of the event it takes back."""

        TOPIC = "registry.PersonMoveReversed"
        corrects_version: int
        from_on: date

        def apply(self, aggregate: "Person") -> None:
            aggregate.state = aggregate.state_before

    class DeathReported(kernel.Event):
        """Someone reported the death; not yet confirmed."""

        TOPIC = "registry.DeathReported"
        died_on: date
        evidence: str

        def apply(self, aggregate: "Person") -> None:
            aggregate.died_on = self.died_on

    class DeathConfirmed(kernel.Event):
        """The death is confirmed by an authority."""

        TOPIC = "registry.DeathConfirmed"
        died_on: date
        confirmed_by: str

        def apply(self, aggregate: "Person") -> None:
            if aggregate.state is not PersonState.DECEASED:
                aggregate.state_before = aggregate.state
            aggregate.state = PersonState.DECEASED
            aggregate.died_on = self.died_on
            aggregate.death_confirmed = True

    class DeathReversed(kernel.Event):
        """The person is alive: names the version of the event it takes back."""

        TOPIC = "registry.DeathReversed"
        corrects_version: int
        reason: str

        def apply(self, aggregate: "Person") -> None:
            if aggregate.state is PersonState.DECEASED:
                aggregate.state = aggregate.state_before
            aggregate.died_on = None
            aggregate.death_confirmed = False

    class Merged(kernel.Event):
        """The same human being as another record, which carries on; nothing is re-keyed."""

        TOPIC = "registry.PersonMerged"
        into_id: UUID

        def apply(self, aggregate: "Person") -> None:
            aggregate.state_before, aggregate.state = aggregate.state, PersonState.MERGED
            aggregate.merged_into = self.into_id

    class Unmerged(kernel.Event):
        """The merge was a mistake; names the version of the event it takes back."""

        TOPIC = "registry.PersonUnmerged"
        corrects_version: int

        def apply(self, aggregate: "Person") -> None:
            aggregate.state = aggregate.state_before
            aggregate.merged_into = None

    @classmethod
    def register(
        cls,
        id: UUID,
        at: datetime,
        *,
        name: str,
        division_code: str,
        citizen_id: str | None = None,
        sex: Sex = Sex.UNKNOWN,
        birth_on: date | None = None,
        kind: PopulationKind = PopulationKind.REGISTERED,
        phone: str | None = None,
        address: str | None = None,
    ) -> Self:
        """A person who becomes known; provisional when without a citizen ID (an 18-digit one, already checked)."""
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            name=name,
            citizen_id=citizen_id,
            phone=phone,
            address=address,
            sex=sex,
            birth_on=birth_on,
            kind=kind,
            division_code=division_code,
            provisional=citizen_id is None,
        )

    # Facts of source systems: never refused, and nothing is recorded where nothing changes.

    def report_details(self, at: datetime, *, name: str | None, phone: str | None, address: str | None) -> None:
        """What a source now writes of this person; None where its file has no such column."""
        changed = {
            key: value if value is not None and value != getattr(self, key) else None
            for key, value in (("name", name), ("phone", phone), ("address", address))
        }
        if any(value is not None for value in changed.values()):
            self.record(self.DetailsChanged, at=at, corrects_version=None, **changed)

    def report_move(self, at: datetime, *, to_division_code: str, moved_on: date) -> None:
        """A source has the person in another division of the district."""
        if to_division_code != self.division_code:
            self.record(
                self.Moved,
                at=at,
                from_division_code=self.division_code,
                to_division_code=to_division_code,
                moved_on=moved_on,
            )

    def report_moved_out(self, at: datetime, *, to_place: str, moved_on: date) -> None:
        """A source says the person left the district."""
        if self.state is not PersonState.MOVED_OUT:
            self.record(self.MovedOut, at=at, to_place=to_place, moved_on=moved_on)

    def report_death(self, at: datetime, *, died_on: date, evidence: str, confirmed_by: str = "") -> None:
        """A source reports a death; with `confirmed_by` it is at once confirmed."""
        if not confirmed_by and self.died_on == died_on:
            return
        if confirmed_by and self.death_confirmed and self.died_on == died_on:
            return
        if confirmed_by:
            self.record(self.DeathConfirmed, at=at, died_on=died_on, confirmed_by=confirmed_by)
        else:
            self.record(self.DeathReported, at=at, died_on=died_on, evidence=evidence)

    def report_verified(self, at: datetime, *, citizen_id: str, match_source: str) -> None:
        """A source knows the citizen ID of a provisional person."""
        if self.state is PersonState.PROVISIONAL or self.citizen_id is None:
            self.record(self.Verified, at=at, citizen_id=citizen_id, match_source=match_source)

    # Decisions.

    def verify(self, at: datetime, *, citizen_id: str, match_source: str) -> None:
        """Establish a provisional person's identity."""
        if self.state is not PersonState.PROVISIONAL:
            raise RuleViolated("只有待核实人员可以核实；此人已核实或已注销，请核对后再办理。")
        self.record(self.Verified, at=at, citizen_id=citizen_id, match_source=match_source)
