"""Stays in an institution and enrolments in day care: who is where, since when, and who pays.

A person stays at one institution at a time, with an ability assessment in force, in a bed that is theirs. Government
buys a bed for those whom the district guarantees (tekun, three-noes, low income, poor families that lost their only
child) who are disabled, demented or very old (district plan). Who is away keeps the bed for a limited time (bed.py).
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import DischargeReason, GuaranteedGroup, LeaveReason, Payer, StayKind, StayState
from domain.errors import RuleViolated
from domain.kernel import NO_ID

OPEN = frozenset({StayState.REGISTERED, StayState.ADMITTED, StayState.AWAY})
"""States of a stay that is not over."""


def stay_id(facility: UUID, admission_no: str) -> UUID:
    """The id of a facility's stay that a source reports, by its admission number (入院编号, which never repeats)."""
    return uuid5(facility, f"stay {admission_no.strip()}")


def next_stay_id(person: UUID, known: int) -> UUID:
    """The id of a person's next stay that is decided here, `known` being how many they had.

    Two who admit the same person at once, at two institutions, can't both record it.
    """
    return uuid5(person, f"stay {known + 1}")


class Stay(kernel.Aggregate):
    """One person's stay at one facility, from admission to discharge."""

    TOPIC: ClassVar[str] = "care.Stay"
    SUBJECT: ClassVar[str] = "stay"
    division_code: str = ""
    person_id: UUID = NO_ID
    facility_id: UUID = NO_ID
    admission_no: str = ""
    kind: StayKind = StayKind.RESIDENT
    state: StayState = StayState.ADMITTED
    bed_id: UUID | None = None
    payer: Payer = Payer.SELF
    admitted_on: date | None = None
    discharged_on: date | None = None
    discharge_version: int = 0
    discharge_reason: DischargeReason | None = None
    former_state: StayState = StayState.ADMITTED
    leaves: tuple[tuple[date, date | None], ...] = ()
    """Days away, first and last (None: not back yet)."""

    class Created(kernel.Created):
        """Admitted from `effective_on` (登记中 where a source says so). `assessment_id` is the one in force then."""

        TOPIC = "care.CareAdmitted"
        TITLE = "入住登记"
        person_id: UUID
        facility_id: UUID
        admission_no: str
        kind: StayKind
        state: StayState
        bed_id: UUID | None
        payer: Payer
        guaranteed_as: GuaranteedGroup | None
        assessment_id: UUID | None
        division_code: str
        effective_on: date
        by: str

        def apply(self, aggregate: "Stay") -> None:
            aggregate.admitted_on = self.effective_on

        def gist(self) -> str:
            return f"{self.kind.label}，{self.payer.label}"

    class Began(kernel.Event):
        """What was only registered began: the person is there."""

        TOPIC = "care.CareStayBegan"
        TITLE = "入住"
        person_id: UUID
        facility_id: UUID
        effective_on: date
        by: str

        def apply(self, aggregate: "Stay") -> None:
            aggregate.state = StayState.ADMITTED
            aggregate.admitted_on = self.effective_on

    class BedChanged(kernel.Event):
        """In another bed of the facility from this day on."""

        TOPIC = "care.CareBedChanged"
        TITLE = "调换床位"
        person_id: UUID
        facility_id: UUID
        bed_id: UUID
        effective_on: date
        by: str

        def apply(self, aggregate: "Stay") -> None:
            aggregate.bed_id = self.bed_id

    class PayerChanged(kernel.Event):
        """Somebody else pays from this day on."""

        TOPIC = "care.CarePayerChanged"
        TITLE = "变更费用承担方"
        person_id: UUID
        facility_id: UUID
        payer: Payer
        former: Payer
        guaranteed_as: GuaranteedGroup | None
        effective_on: date
        by: str

        def apply(self, aggregate: "Stay") -> None:
            aggregate.payer = self.payer

        def gist(self) -> str:
            return f"{self.former.label} → {self.payer.label}"

    class LeaveStarted(kernel.Event):
        """Away from this day on. That somebody is in hospital stands on no timeline."""

        TOPIC = "care.CareLeaveStarted"
        TITLE = "外出"
        person_id: UUID
        facility_id: UUID
        reason: LeaveReason
        effective_on: date
        by: str

        def apply(self, aggregate: "Stay") -> None:
            aggregate.state = StayState.AWAY
            aggregate.leaves = (*aggregate.leaves, (self.effective_on, None))

    class LeaveEnded(kernel.Event):
        """Back from this day on."""

        TOPIC = "care.CareLeaveEnded"
        TITLE = "返院"
        person_id: UUID
        facility_id: UUID
        effective_on: date
        by: str

        def apply(self, aggregate: "Stay") -> None:
            aggregate.state = StayState.ADMITTED
            aggregate.leaves = _ended(aggregate.leaves, self.effective_on)

    class Discharged(kernel.Event):
        """The stay is over; `effective_on` is its last day."""

        TOPIC = "care.CareDischarged"
        TITLE = "离院"
        person_id: UUID
        facility_id: UUID
        bed_id: UUID | None
        reason: DischargeReason
        effective_on: date
        by: str

        def apply(self, aggregate: "Stay") -> None:
            aggregate.former_state = aggregate.state
            aggregate.state = StayState.DISCHARGED
            aggregate.discharged_on = self.effective_on
            aggregate.discharge_version = self.originator_version
            aggregate.discharge_reason = self.reason

        def gist(self) -> str:
            return self.reason.label

    class Reinstated(kernel.Event):
        """The discharge was a mistake (a false death, say): names the version of the event it takes back."""

        TOPIC = "care.CareReinstated"
        TITLE = "撤销离院"
        person_id: UUID
        facility_id: UUID
        corrects_version: int
        state: StayState
        reason: str
        by: str

        def apply(self, aggregate: "Stay") -> None:
            aggregate.state = self.state
            aggregate.discharged_on = None
            aggregate.discharge_reason = None

        def gist(self) -> str:
            return self.reason

    @classmethod
    def admit(
        cls,
        id: UUID,
        at: datetime,
        *,
        person_id: UUID,
        facility_id: UUID,
        admission_no: str,
        kind: StayKind,
        payer: Payer,
        division_code: str,
        effective_on: date,
        bed_id: UUID | None = None,
        guaranteed_as: GuaranteedGroup | None = None,
        assessment_id: UUID | None = None,
        state: StayState = StayState.ADMITTED,
        by: str = "",
    ) -> Self:
        """A stay that was not known, decided here or reported by a source."""
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            person_id=person_id,
            facility_id=facility_id,
            admission_no=admission_no.strip(),
            kind=kind,
            state=state,
            bed_id=bed_id,
            payer=payer,
            guaranteed_as=guaranteed_as,
            assessment_id=assessment_id,
            division_code=division_code,
            effective_on=effective_on,
            by=by,
        )

    def subjects(self) -> Iterable[str]:
        """A stay's events stand on the timelines of its person and its facility."""
        yield f"person:{self.person_id}"
        yield f"facility:{self.facility_id}"

    @property
    def open(self) -> bool:
        """Whether it is not over."""
        return self.state in OPEN

    @property
    def resident(self) -> bool:
        """Whether the person lives there now, or is away and comes back."""
        return self.kind is StayKind.RESIDENT and self.state in (StayState.ADMITTED, StayState.AWAY)

    def there_on(self, day: date) -> bool:
        """Whether the person was in the house the whole day: not on the days of coming, going, leave and return.

        On those days a service at home is possible, so that an invoice for one is no contradiction.
        """
        if self.kind is not StayKind.RESIDENT or self.state is StayState.REGISTERED or self.admitted_on is None:
            return False
        inside = self.admitted_on < day and (self.discharged_on is None or day < self.discharged_on)
        return inside and not any(first <= day and (last is None or day <= last) for first, last in self.leaves)

    # Facts of sources

    def report_state(
        self,
        at: datetime,
        *,
        state: StayState,
        effective_on: date,
        reason: DischargeReason = DischargeReason.OTHER,
        leave: LeaveReason = LeaveReason.OTHER,
    ) -> None:
        """A source says how it stands now; nothing where that is known."""
        if state is self.state or (state is StayState.REGISTERED and self.state is not StayState.REGISTERED):
            return
        if state is StayState.DISCHARGED:
            self._discharged(at, reason, effective_on, "")
        elif self.state is StayState.DISCHARGED:
            self._reinstated(at, "来源系统报告仍在院", "")
            self.report_state(at, state=state, effective_on=effective_on, leave=leave)
        elif state is StayState.AWAY:
            self._away(at, leave, effective_on, "")
        elif self.state is StayState.AWAY:
            self.record(self.LeaveEnded, at=at, **self._who, effective_on=effective_on, by="")
        else:
            self.record(self.Began, at=at, **self._who, effective_on=effective_on, by="")

    def report_bed(self, at: datetime, *, bed_id: UUID, effective_on: date) -> None:
        """A source names another bed."""
        if bed_id != self.bed_id:
            self.record(self.BedChanged, at=at, **self._who, bed_id=bed_id, effective_on=effective_on, by="")

    # Decisions

    def begin(self, at: datetime, *, effective_on: date, by: str) -> None:
        """Who was registered is there now."""
        self._demand("办理入住", StayState.REGISTERED)
        self.record(self.Began, at=at, **self._who, effective_on=effective_on, by=by)

    def change_bed(self, at: datetime, *, bed_id: UUID, by: str) -> None:
        """Move to another bed of the same facility."""
        self._demand("调换床位", StayState.ADMITTED)
        if self.kind is not StayKind.RESIDENT:
            raise RuleViolated("日间照料不占用床位。")
        self.record(self.BedChanged, at=at, **self._who, bed_id=bed_id, effective_on=at.date(), by=by)

    def change_payer(
        self, at: datetime, *, payer: Payer, guaranteed_as: GuaranteedGroup | None, effective_on: date, by: str
    ) -> None:
        """Somebody else pays."""
        self._demand("变更费用承担方", *OPEN)
        if payer is self.payer:
            raise RuleViolated(f"费用已由“{payer.label}”承担，没有变更。")
        self.record(
            self.PayerChanged,
            at=at,
            **self._who,
            payer=payer,
            former=self.payer,
            guaranteed_as=guaranteed_as,
            effective_on=effective_on,
            by=by,
        )

    def leave(self, at: datetime, *, reason: LeaveReason, effective_on: date, by: str) -> None:
        """Away for a time."""
        self._demand("登记外出", StayState.ADMITTED)
        self._demand_day(at, effective_on)
        self._away(at, reason, effective_on, by)

    def come_back(self, at: datetime, *, effective_on: date, by: str) -> None:
        """Back."""
        self._demand("登记返院", StayState.AWAY)
        self._demand_day(at, effective_on)
        if effective_on < self.leaves[-1][0]:
            raise RuleViolated(f"返院日期不能早于外出日期（{self.leaves[-1][0]}）。")
        self.record(self.LeaveEnded, at=at, **self._who, effective_on=effective_on, by=by)

    def discharge(self, at: datetime, *, reason: DischargeReason, effective_on: date, by: str = "") -> None:
        """End it. Where it is over already nothing happens, so that a death may end it twice (X1)."""
        if self.state is StayState.DISCHARGED:
            return
        self._demand_day(at, effective_on)
        self._discharged(at, reason, effective_on, by)

    def reinstate(self, at: datetime, *, reason: str, by: str = "") -> None:
        """Take a discharge back that was a mistake; the bed is given anew."""
        self._demand("撤销离院", StayState.DISCHARGED)
        if not reason.strip():
            raise RuleViolated("请写明撤销离院登记的原因。")
        self._reinstated(at, reason.strip(), by)

    @property
    def _who(self) -> dict[str, Any]:
        return {"person_id": self.person_id, "facility_id": self.facility_id}

    def _away(self, at: datetime, reason: LeaveReason, effective_on: date, by: str) -> None:
        self.record(self.LeaveStarted, at=at, **self._who, reason=reason, effective_on=effective_on, by=by)

    def _discharged(self, at: datetime, reason: DischargeReason, effective_on: date, by: str) -> None:
        self.record(
            self.Discharged,
            at=at,
            **self._who,
            bed_id=self.bed_id,
            reason=reason,
            effective_on=effective_on,
            by=by,
        )

    def _reinstated(self, at: datetime, reason: str, by: str) -> None:
        self.record(
            self.Reinstated,
            at=at,
            **self._who,
            corrects_version=self.discharge_version,
            state=self.former_state,
            reason=reason,
            by=by,
        )

    def _demand(self, what: str, *states: StayState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in StayState if state in states)
            raise RuleViolated(f"此入住记录现为“{self.state.label}”，不能{what}；须为：{allowed}。")

    def _demand_day(self, at: datetime, day: date) -> None:
        if day > at.date() or (self.admitted_on is not None and day < self.admitted_on):
            raise RuleViolated(f"日期应在入住日（{self.admitted_on}）与今天之间。")


def demand_nowhere_else(stays: Iterable[Stay], kind: StayKind) -> None:
    """Raise RuleViolated where a person already stays somewhere, or is enrolled in the same way."""
    for stay in stays:
        if not stay.open:
            continue
        if stay.kind is StayKind.RESIDENT:
            raise RuleViolated("此人已在一家机构入住或登记入住，须先办理离院，不能同时在两处。")
        if kind is StayKind.RESIDENT:
            raise RuleViolated("此人正在接受日间照料，须先终止日间照料再办理入住。")
        raise RuleViolated("此人已在一处登记日间照料，须先终止。")


def _ended(leaves: tuple[tuple[date, date | None], ...], on: date) -> tuple[tuple[date, date | None], ...]:
    if leaves and leaves[-1][1] is None:
        return (*leaves[:-1], (leaves[-1][0], on))
    return leaves
