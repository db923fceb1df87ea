"""What a person's year has used of deductibles and caps: one aggregate a person and year.

Every settlement books here in the append that makes it, and gives back in the append that cancels it. So two bills of
one person that are settled at the same moment meet in this stream, and the second is computed anew.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import AccumulatorCause
from domain.errors import RuleViolated
from domain.formulas import yuan
from domain.kernel import NO_ID
from domain.medical.split import Used

_ACCUMULATORS = UUID("b1c2b4a6-1e2f-5a77-9c33-8f6d0c9e3c03")


class Entry(NamedTuple):
    """What one settlement or claim has used; `settled_at` gives its place in the year, also when it is made anew."""

    source_id: UUID
    settled_at: datetime
    uses: Used


class Accumulator(kernel.Aggregate):
    """A person's year."""

    TOPIC: ClassVar[str] = "medical.Accumulator"
    SUBJECT: ClassVar[str] = "accumulator"
    division_code: str = ""
    person_id: UUID = NO_ID
    year: int = 0
    entries: tuple[Entry, ...] = ()
    """In the order of the year."""

    class Created(kernel.Created):
        """The first settlement of a year."""

        TOPIC = "medical.AccumulatorOpened"
        TITLE = "建立年度累计"
        person_id: UUID
        year: int
        division_code: str

    class Changed(kernel.Event):
        """A settlement used something of the year, or gave it back (`uses` is negative then); `used` is the sum now."""

        TOPIC = "medical.AccumulatorChanged"
        TITLE = "年度累计变动"
        person_id: UUID
        year: int
        source_id: UUID
        cause: AccumulatorCause
        settled_at: datetime
        uses: Used
        used: Used

        def apply(self, aggregate: "Accumulator") -> None:
            if self.cause in _BOOKED:
                entries = (*aggregate.entries, Entry(self.source_id, self.settled_at, self.uses))
                aggregate.entries = tuple(sorted(entries, key=_place))
            else:
                aggregate.entries = tuple(e for e in aggregate.entries if e.source_id != self.source_id)

        def gist(self) -> str:
            return f"{self.year} 年{self.cause.label}，医疗救助累计 {yuan(self.used.assistance_fen)}"

    def subjects(self) -> Iterable[str]:
        """Its events stand on the person's timeline."""
        yield f"person:{self.person_id}"

    @staticmethod
    def id_for(person_id: UUID, year: int) -> UUID:
        """The id of a person's year."""
        return uuid5(_ACCUMULATORS, f"{person_id} {year}")

    @classmethod
    def open(cls, at: datetime, *, person_id: UUID, year: int, division_code: str) -> Self:
        """A year of which nothing is used."""
        id = cls.id_for(person_id, year)
        return cls.create(cls.Created, id=id, at=at, person_id=person_id, year=year, division_code=division_code)

    @property
    def used(self) -> Used:
        """What the year has used by now."""
        return total(self.entries)

    def used_before(self, source_id: UUID) -> Used:
        """What was used before a settlement's place in the year."""
        return total(entry for entry in self.entries[: self._place_of(source_id)])

    def after(self, source_id: UUID) -> tuple[Entry, ...]:
        """What comes after a settlement's place in the year."""
        return self.entries[self._place_of(source_id) + 1 :]

    def has(self, source_id: UUID) -> bool:
        """Whether a settlement or claim stands in it."""
        return any(entry.source_id == source_id for entry in self.entries)

    def book(
        self,
        at: datetime,
        *,
        source_id: UUID,
        uses: Used,
        cause: AccumulatorCause = AccumulatorCause.SETTLED,
        settled_at: datetime | None = None,
    ) -> None:
        """A settlement uses this much; raises RuleViolated where it stands in the year already."""
        if self.has(source_id):
            raise RuleViolated("此笔结算已计入年度累计，不能重复计入。")
        self._change(at, source_id, cause, settled_at or at, uses)

    def restore(self, at: datetime, *, source_id: UUID, cause: AccumulatorCause) -> None:
        """A settlement gives back exactly what it used; nothing is recorded where it used nothing here."""
        for entry in self.entries:
            if entry.source_id == source_id:
                self._change(at, source_id, cause, entry.settled_at, Used().minus(entry.uses))

    def _change(self, at: datetime, source_id: UUID, cause: AccumulatorCause, settled_at: datetime, uses: Used) -> None:
        self.record(
            self.Changed,
            at=at,
            person_id=self.person_id,
            year=self.year,
            source_id=source_id,
            cause=cause,
            settled_at=settled_at,
            uses=uses,
            used=self.used.plus(uses),
        )

    def _place_of(self, source_id: UUID) -> int:
        places = (place for place, entry in enumerate(self.entries) if entry.source_id == source_id)
        return next(places, len(self.entries))


_BOOKED = frozenset({AccumulatorCause.SETTLED, AccumulatorCause.CLAIMED})


def total(entries: Iterable[Entry]) -> Used:
    """What entries have used together."""
    used = Used()
    for entry in entries:
        used = used.plus(entry.uses)
    return used


def _place(entry: Entry) -> tuple[datetime, UUID]:
    return entry.settled_at, entry.source_id
