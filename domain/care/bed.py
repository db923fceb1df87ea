"""Beds: AVAILABLE → RESERVED → OCCUPIED ↔ HELD → CLEANING → AVAILABLE, and OUT_OF_SERVICE in between.

A bed is one person's at a time. To give it twice is refused as a decision; where a source reports it, both stand here
and a finding says so (contradictions.py). A bed kept for somebody in hospital is kept for a limited time: on the day
after it, somebody either frees it or confirms that it stays kept (district rule X6). Nobody loses a bed by
themselves: only a reservation that nobody came for lapses.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.clock import at as start_of
from domain.codes import BedKind, BedState, LeaveReason, ReleaseReason
from domain.errors import RuleViolated
from domain.kernel import NO_ID

_THEIRS = (BedState.RESERVED, BedState.OCCUPIED, BedState.HELD)
"""States in which a bed is somebody's."""


def plain_bed_no(text: str) -> str:
    """A bed's number as it is compared: full-width forms folded, no spaces, upper case."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()


def bed_id(facility: UUID, bed_no: str) -> UUID:
    """The id of a facility's bed by its number there."""
    return uuid5(facility, f"bed {plain_bed_no(bed_no)}")


class Bed(kernel.Timed):
    """One bed of a facility, or a bed at somebody's home that an institution looks after (家庭养老床位)."""

    TOPIC: ClassVar[str] = "care.Bed"
    SUBJECT: ClassVar[str] = "bed"
    division_code: str = ""
    facility_id: UUID = NO_ID
    bed_no: str = ""
    kind: BedKind = BedKind.INSTITUTION
    state: BedState = BedState.AVAILABLE
    persons: tuple[UUID, ...] = ()
    """Whose it is, oldest first; more than one only where sources said so."""
    release_by: date | None = None
    overdue: bool = False

    class Created(kernel.Created):
        """The facility has this bed from `effective_on`."""

        TOPIC = "care.BedAdded"
        TITLE = "登记床位"
        facility_id: UUID
        bed_no: str
        room: str
        kind: BedKind
        division_code: str
        effective_on: date
        by: str

        def gist(self) -> str:
            return self.bed_no

    class Reserved(kernel.Event):
        """Kept for somebody who is to come; the reservation is looked at again on `release_by`."""

        TOPIC = "care.BedReserved"
        TITLE = "预订床位"
        facility_id: UUID
        person_id: UUID
        effective_on: date
        release_by: date | None
        by: str

        def apply(self, aggregate: "Bed") -> None:
            aggregate.state = BedState.RESERVED
            aggregate.persons = _with(aggregate.persons, self.person_id)
            aggregate.release_by = self.release_by

    class Occupied(kernel.Event):
        """Somebody lives in it, come for the first time or back."""

        TOPIC = "care.BedOccupied"
        TITLE = "入住床位"
        facility_id: UUID
        person_id: UUID
        effective_on: date
        by: str

        def apply(self, aggregate: "Bed") -> None:
            aggregate.state = BedState.OCCUPIED
            aggregate.persons = _with(aggregate.persons, self.person_id)
            aggregate.release_by = None

    class Held(kernel.Event):
        """Kept for somebody who is away; on `release_by` it is freed or confirmed (none where a source reports it)."""

        TOPIC = "care.BedHeld"
        TITLE = "保留床位"
        facility_id: UUID
        person_id: UUID
        reason: LeaveReason
        effective_on: date
        release_by: date | None
        by: str

        def apply(self, aggregate: "Bed") -> None:
            aggregate.state = BedState.HELD
            aggregate.release_by = self.release_by
            aggregate.overdue = False

        def gist(self) -> str:
            return f"{self.release_by} 前腾床或确认" if self.release_by else ""

    class HoldConfirmed(kernel.Event):
        """Somebody looked: it stays kept, until another day."""

        TOPIC = "care.BedHoldConfirmed"
        TITLE = "确认继续保留床位"
        facility_id: UUID
        person_id: UUID
        reason: str
        release_by: date
        by: str

        def apply(self, aggregate: "Bed") -> None:
            aggregate.release_by = self.release_by
            aggregate.overdue = False

        def gist(self) -> str:
            return f"至 {self.release_by}：{self.reason}"

    class HoldOverdue(kernel.Event):
        """The day is past and nobody has freed or confirmed it: the facility and its street are alerted (X6)."""

        TOPIC = "care.BedHoldOverdue"
        TITLE = "床位保留逾期"
        facility_id: UUID
        person_id: UUID
        release_by: date

        def apply(self, aggregate: "Bed") -> None:
            aggregate.overdue = True

        def gist(self) -> str:
            return f"期限 {self.release_by}"

    class Released(kernel.Event):
        """Nobody's any more: `left` others remain where it had been given twice. It is cleaned before the next one."""

        TOPIC = "care.BedReleased"
        TITLE = "腾床"
        facility_id: UUID
        person_id: UUID
        reason: ReleaseReason
        left: int
        effective_on: date
        by: str

        def apply(self, aggregate: "Bed") -> None:
            aggregate.persons = tuple(each for each in aggregate.persons if each != self.person_id)
            if not aggregate.persons:
                unused = self.reason is ReleaseReason.RESERVATION_OVER
                aggregate.state = BedState.AVAILABLE if unused else BedState.CLEANING
                aggregate.release_by = None

        def gist(self) -> str:
            return self.reason.label

    class Readied(kernel.Event):
        """Clean or mended: it can be given again."""

        TOPIC = "care.BedReadied"
        TITLE = "床位可用"
        facility_id: UUID
        effective_on: date
        by: str

        def apply(self, aggregate: "Bed") -> None:
            aggregate.state = BedState.AVAILABLE

    class TakenOut(kernel.Event):
        """Not to be given: it is mended, or gone."""

        TOPIC = "care.BedTakenOutOfService"
        TITLE = "停用床位"
        facility_id: UUID
        reason: str
        effective_on: date
        by: str

        def apply(self, aggregate: "Bed") -> None:
            aggregate.state = BedState.OUT_OF_SERVICE

        def gist(self) -> str:
            return self.reason

    @classmethod
    def add(
        cls,
        at: datetime,
        *,
        facility_id: UUID,
        bed_no: str,
        division_code: str,
        effective_on: date,
        room: str = "",
        kind: BedKind = BedKind.INSTITUTION,
        by: str = "",
    ) -> Self:
        """A bed that was not known."""
        if not plain_bed_no(bed_no):
            raise RuleViolated("床位号不能为空。")
        return cls.create(
            cls.Created,
            id=bed_id(facility_id, bed_no),
            at=at,
            facility_id=facility_id,
            bed_no=plain_bed_no(bed_no),
            room=room.strip(),
            kind=kind,
            division_code=division_code,
            effective_on=effective_on,
            by=by,
        )

    # Facts of sources

    def report_occupied(self, at: datetime, *, person_id: UUID, effective_on: date) -> None:
        """A source says that somebody lives in it, whoever else does."""
        if not (person_id in self.persons and self.state is BedState.OCCUPIED):
            self._occupied(at, person_id, effective_on, "")

    def report_held(self, at: datetime, *, person_id: UUID, reason: LeaveReason, effective_on: date) -> None:
        """A source says that whose it is, is away; history opens no work."""
        if person_id not in self.persons:
            self._occupied(at, person_id, effective_on, "")
        if self.state is not BedState.HELD:
            self._held(at, person_id, reason, effective_on, None, "")

    def report_released(self, at: datetime, *, person_id: UUID, reason: ReleaseReason, effective_on: date) -> None:
        """A source says that somebody left it; nothing where it was not theirs."""
        if person_id in self.persons:
            self._released(at, person_id, reason, effective_on, "")

    # Decisions

    def reserve(self, at: datetime, *, person_id: UUID, release_by: date, by: str) -> None:
        """Keep a free bed for somebody who is to come."""
        self._demand_free(person_id)
        self.record(
            self.Reserved,
            at=at,
            facility_id=self.facility_id,
            person_id=person_id,
            effective_on=at.date(),
            release_by=release_by,
            by=by,
        )

    def occupy(self, at: datetime, *, person_id: UUID, effective_on: date, by: str) -> None:
        """Give it to somebody: free, or kept for this very person."""
        if not (self.state is BedState.RESERVED and self.persons == (person_id,)):
            self._demand_free(person_id)
        self._occupied(at, person_id, effective_on, by)

    def hold(
        self, at: datetime, *, person_id: UUID, reason: LeaveReason, effective_on: date, release_by: date, by: str
    ) -> None:
        """Keep it for whose it is, who is away."""
        self._demand_theirs(person_id, "保留", BedState.OCCUPIED)
        self._held(at, person_id, reason, effective_on, release_by, by)

    def confirm_hold(self, at: datetime, *, reason: str, release_by: date, by: str) -> None:
        """Keep it longer than the limit, for a reason (X6)."""
        if self.state is not BedState.HELD:
            raise RuleViolated(f"床位 {self.bed_no} 现为“{self.state.label}”，没有需要确认的保留。")
        if not reason.strip():
            raise RuleViolated("请写明继续保留床位的原因。")
        if release_by <= at.date():
            raise RuleViolated("继续保留的期限应在今天以后。")
        self.record(
            self.HoldConfirmed,
            at=at,
            facility_id=self.facility_id,
            person_id=self.persons[0],
            reason=reason.strip(),
            release_by=release_by,
            by=by,
        )

    def take_back(self, at: datetime, *, person_id: UUID, effective_on: date, by: str) -> None:
        """Whose it is, is back."""
        self._demand_theirs(person_id, "返回入住", BedState.HELD)
        self._occupied(at, person_id, effective_on, by)

    def release(
        self, at: datetime, *, person_id: UUID, reason: ReleaseReason, effective_on: date, by: str = ""
    ) -> None:
        """Free it of a person, the same day they leave or die; nothing where it is not theirs, so it may be repeated.

        A person's death frees every bed that is theirs (X1); `Bed` is found by the tag `person:…`.
        """
        if person_id not in self.persons:
            return
        over, state = reason is ReleaseReason.RESERVATION_OVER, self.state
        if over and state is not BedState.RESERVED:
            raise RuleViolated(f"床位 {self.bed_no} 现为“{state.label}”，没有预订可以取消。")
        if reason is ReleaseReason.HOLD_OVER and (state is not BedState.HELD or not self.hold_over(at.date())):
            raise RuleViolated(f"床位 {self.bed_no} 的保留期限（{self.release_by}）未满，不能以期满腾床。")
        # Who never moved in leaves nothing to clean.
        kept = ReleaseReason.RESERVATION_OVER if state is BedState.RESERVED else reason
        self._released(at, person_id, kept, effective_on, by)

    def ready(self, at: datetime, *, by: str) -> None:
        """It can be given again."""
        if self.state not in (BedState.CLEANING, BedState.OUT_OF_SERVICE):
            raise RuleViolated(f"床位 {self.bed_no} 现为“{self.state.label}”，无需恢复为空闲。")
        self.record(self.Readied, at=at, facility_id=self.facility_id, effective_on=at.date(), by=by)

    def take_out(self, at: datetime, *, reason: str, by: str) -> None:
        """It is not to be given."""
        if self.state in _THEIRS:
            raise RuleViolated(f"床位 {self.bed_no} 现为“{self.state.label}”，腾床后才能停用。")
        if self.state is BedState.OUT_OF_SERVICE:
            raise RuleViolated(f"床位 {self.bed_no} 已停用。")
        if not reason.strip():
            raise RuleViolated("请写明停用床位的原因。")
        self.record(
            self.TakenOut, at=at, facility_id=self.facility_id, reason=reason.strip(), effective_on=at.date(), by=by
        )

    @property
    def lapses_at(self) -> datetime | None:
        """When the day of a hold or a reservation is over, as long as nothing was said about it."""
        if self.release_by is None or self.overdue or self.state not in (BedState.RESERVED, BedState.HELD):
            return None
        return start_of(self.release_by + timedelta(days=1))

    def lapse(self, at: datetime, owner: kernel.Aggregate | None = None) -> None:
        """A hold past its day alerts people, who decide; a reservation nobody came for is over."""
        if self.lapses_at is None or at < self.lapses_at or self.release_by is None:
            return
        if self.state is BedState.RESERVED:
            self._released(at, self.persons[0], ReleaseReason.RESERVATION_OVER, at.date(), "")
        else:
            self.record(
                self.HoldOverdue,
                at=at,
                facility_id=self.facility_id,
                person_id=self.persons[0],
                release_by=self.release_by,
            )

    def hold_over(self, on: date) -> bool:
        """Whether the day until which it is kept is past (X6)."""
        return self.state is BedState.HELD and self.release_by is not None and on >= self.release_by

    def _demand_free(self, person_id: UUID) -> None:
        if person_id in self.persons:
            raise RuleViolated(f"床位 {self.bed_no} 已经是此人的，无需再次安排。")
        if self.state is not BedState.AVAILABLE:
            raise RuleViolated(f"床位 {self.bed_no} 现为“{self.state.label}”，不能再安排他人；请另选空闲床位。")

    def _demand_theirs(self, person_id: UUID, what: str, state: BedState) -> None:
        if person_id not in self.persons:
            raise RuleViolated(f"床位 {self.bed_no} 不是此人的，不能{what}。")
        if self.state is not state:
            raise RuleViolated(f"床位 {self.bed_no} 现为“{self.state.label}”，不能{what}；须为：{state.label}。")

    def _occupied(self, at: datetime, person_id: UUID, effective_on: date, by: str) -> None:
        self.record(
            self.Occupied,
            at=at,
            facility_id=self.facility_id,
            person_id=person_id,
            effective_on=effective_on,
            by=by,
        )

    def _held(
        self,
        at: datetime,
        person_id: UUID,
        reason: LeaveReason,
        effective_on: date,
        release_by: date | None,
        by: str,
    ) -> None:
        self.record(
            self.Held,
            at=at,
            facility_id=self.facility_id,
            person_id=person_id,
            reason=reason,
            effective_on=effective_on,
            release_by=release_by,
            by=by,
        )

    def _released(self, at: datetime, person_id: UUID, reason: ReleaseReason, effective_on: date, by: str) -> None:
        self.record(
            self.Released,
            at=at,
            facility_id=self.facility_id,
            person_id=person_id,
            reason=reason,
            left=len(self.persons) - 1,
            effective_on=effective_on,
            by=by,
        )


def _with(persons: tuple[UUID, ...], person: UUID) -> tuple[UUID, ...]:
    return persons if person in persons else (*persons, person)
