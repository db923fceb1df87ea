"""A person's category of medical assistance: what a confirmed case gives them, from when to when.

One aggregate a person, found by the person's id alone. A case opens a span when it is confirmed and ends it when it
closes; spans of several cases may overlap, and the best of a day counts. A stay keeps the better of its admission's and
its discharge's day, so that whoever is in hospital when a case ends keeps the category for that stay.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import MaCategory
from domain.errors import RuleViolated
from domain.kernel import NO_ID

_CATEGORIES = UUID("8e2a6a0e-5b4c-5d0c-9a3f-2b7c1d7e4a01")
_RANK = {category: place for place, category in enumerate(MaCategory)}
"""The best comes first among the codes."""


def better(one: MaCategory, other: MaCategory) -> MaCategory:
    """The category that gives more."""
    return min(one, other, key=_RANK.__getitem__)


class Span(NamedTuple):
    """A category from and to a day, both counted; `case_id` names the case that gives it."""

    category: MaCategory
    case_id: UUID | None
    from_on: date
    to_on: date | None

    def holds(self, on: date) -> bool:
        """Whether it covers a day."""
        return self.from_on <= on and (self.to_on is None or on <= self.to_on)


class MedicalCategory(kernel.Aggregate):
    """The spans in which a person belongs to a category, and whether they are held while something is looked into."""

    TOPIC: ClassVar[str] = "medical.Category"
    SUBJECT: ClassVar[str] = "medical_category"
    division_code: str = ""
    person_id: UUID = NO_ID
    spans: tuple[Span, ...] = ()
    held: str = ""
    held_on: date | None = None

    class Created(kernel.Created):
        """A person has a category for the first time."""

        TOPIC = "medical.CategoryRegistered"
        TITLE = "建立医疗救助身份"
        person_id: UUID
        division_code: str

    class Opened(kernel.Event):
        """A category holds from `from_on` (to `to_on`, counted, where that is known)."""

        TOPIC = "medical.CategoryOpened"
        TITLE = "取得医疗救助身份"
        person_id: UUID
        case_id: UUID | None
        category: MaCategory
        from_on: date
        to_on: date | None
        basis: str

        def apply(self, aggregate: "MedicalCategory") -> None:
            aggregate.spans += (Span(self.category, self.case_id, self.from_on, self.to_on),)

        def gist(self) -> str:
            return f"{self.category.label}，自 {self.from_on}"

    class Ended(kernel.Event):
        """A case's category holds to `last_on`, counted. Where that lies before its first day it never held."""

        TOPIC = "medical.CategoryEnded"
        TITLE = "终止医疗救助身份"
        person_id: UUID
        case_id: UUID | None
        category: MaCategory
        last_on: date
        reason: str

        def apply(self, aggregate: "MedicalCategory") -> None:
            aggregate.spans = tuple(self._ended(span) for span in aggregate.spans)

        def _ended(self, span: Span) -> Span:
            theirs = (span.case_id, span.category) == (self.case_id, self.category)
            open_longer = span.to_on is None or span.to_on > self.last_on
            return span._replace(to_on=self.last_on) if theirs and open_longer else span

        def gist(self) -> str:
            return f"{self.category.label}，至 {self.last_on}：{self.reason}"

    class Held(kernel.Event):
        """No new pre-settlement rests on it until it is released; stays that are open go on."""

        TOPIC = "medical.CategoryHeld"
        TITLE = "暂停医疗救助身份"
        person_id: UUID
        reason: str

        def apply(self, aggregate: "MedicalCategory") -> None:
            aggregate.held = self.reason
            aggregate.held_on = self.timestamp.date()

        def gist(self) -> str:
            return self.reason

    class Released(kernel.Event):
        """It was looked into; pre-settlements go on."""

        TOPIC = "medical.CategoryReleased"
        TITLE = "恢复医疗救助身份"
        person_id: UUID
        reason: str

        def apply(self, aggregate: "MedicalCategory") -> None:
            aggregate.held = ""
            aggregate.held_on = None

        def gist(self) -> str:
            return self.reason

    def subjects(self) -> Iterable[str]:
        """Its events stand on the person's timeline."""
        yield f"person:{self.person_id}"

    @staticmethod
    def id_for(person_id: UUID) -> UUID:
        """The id of a person's one aggregate of this kind."""
        return uuid5(_CATEGORIES, str(person_id))

    @classmethod
    def register(cls, at: datetime, *, person_id: UUID, division_code: str) -> Self:
        """A person without any category yet."""
        return cls.create(
            cls.Created, id=cls.id_for(person_id), at=at, person_id=person_id, division_code=division_code
        )

    def category_on(self, on: date) -> MaCategory:
        """The best category of a day; NONE where there is none. A hold changes nothing here."""
        return min((span.category for span in self.spans if span.holds(on)), key=_RANK.__getitem__, default=_NONE)

    def open(
        self,
        at: datetime,
        *,
        category: MaCategory,
        from_on: date,
        basis: str,
        case_id: UUID | None = None,
        to_on: date | None = None,
    ) -> None:
        """A case gives a category from a day on. Nothing is recorded where the same case gives it on that day already.

        Raises RuleViolated for NONE, a last day before the first, and where nothing is said of what it rests on.
        """
        if category is MaCategory.NONE:
            raise RuleViolated("“不属于医疗救助对象”不能作为救助身份登记；身份终止请办理终止。")
        if to_on is not None and to_on < from_on:
            raise RuleViolated("医疗救助身份的末日早于首日，请核对。")
        if not basis.strip():
            raise RuleViolated("登记医疗救助身份须写明依据（个案编号或文件）。")
        same = (s for s in self.spans if (s.category, s.case_id) == (category, case_id))
        if any(span.holds(from_on) for span in same):
            return
        self.record(
            self.Opened,
            at=at,
            person_id=self.person_id,
            case_id=case_id,
            category=category,
            from_on=from_on,
            to_on=to_on,
            basis=basis.strip(),
        )

    def end(self, at: datetime, *, case_id: UUID | None, last_on: date, reason: str) -> None:
        """What a case gives (None: what was registered by hand) ends with a day. Nothing is recorded where it did."""
        for category in self._open_beyond(last_on, case_id):
            self.record(
                self.Ended,
                at=at,
                person_id=self.person_id,
                case_id=case_id,
                category=category,
                last_on=last_on,
                reason=_given(reason, "终止医疗救助身份须写明原因。"),
            )

    def end_all(self, at: datetime, *, last_on: date, reason: str) -> None:
        """Everything ends with a day, as with the person's death. A stay that is open then keeps what it has."""
        for case_id in dict.fromkeys(span.case_id for span in self.spans):
            self.end(at, case_id=case_id, last_on=last_on, reason=reason)

    def hold(self, at: datetime, *, reason: str) -> None:
        """Let no new pre-settlement rest on it; a second hold records nothing."""
        if not self.held:
            why = _given(reason, "暂停医疗救助身份须写明原因。")
            self.record(self.Held, at=at, person_id=self.person_id, reason=why)

    def release(self, at: datetime, *, reason: str) -> None:
        """Undo a hold; nothing is recorded where there is none."""
        if self.held:
            why = _given(reason, "恢复医疗救助身份须写明核实结果。")
            self.record(self.Released, at=at, person_id=self.person_id, reason=why)

    def demand_free(self, admitted_on: date) -> None:
        """Raise RuleViolated where it is held, and was when the visit began: who was in hospital before goes on."""
        if self.held_on is not None and admitted_on >= self.held_on:
            raise RuleViolated(f"该人员的医疗救助身份暂停使用（{self.held}），请先由区民政核实并恢复，再办理预结算。")

    def _open_beyond(self, last_on: date, case_id: UUID | None) -> list[MaCategory]:
        spans = (s for s in self.spans if s.case_id == case_id and (s.to_on is None or s.to_on > last_on))
        return list(dict.fromkeys(span.category for span in spans))


_NONE = MaCategory.NONE


def _given(text: str, demand: str) -> str:
    if not text.strip():
        raise RuleViolated(demand)
    return text.strip()
