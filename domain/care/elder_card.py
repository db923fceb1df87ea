"""An elder's card (老年人优待证、长者卡): issued once, replaced when lost, given back."""

from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import ElderCardKind
from domain.errors import RuleViolated
from domain.kernel import NO_ID, PersonalText
from domain.wording import written


class ElderCard(kernel.Aggregate):
    """A person's card of one kind, through its replacements."""

    TOPIC: ClassVar[str] = "care.ElderCard"
    SUBJECT: ClassVar[str] = "elder_card"
    division_code: str = ""
    person_id: UUID = NO_ID
    kind: ElderCardKind = ElderCardKind.COURTESY
    card_no: str = ""
    cancelled: bool = False

    class Created(kernel.Created):
        """Issued for the first time."""

        TOPIC = "care.ElderCardIssued"
        TITLE = "发放老年人证件"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        kind: ElderCardKind
        card_no: PersonalText
        from_on: date
        by: str
        division_code: str

        def gist(self) -> str:
            return self.kind.label

    class Replaced(kernel.Event):
        """A new card with another number: the old one was lost, or the person holds one again."""

        TOPIC = "care.ElderCardReplaced"
        TITLE = "补发老年人证件"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        card_no: PersonalText
        from_on: date
        by: str

        def apply(self, aggregate: "ElderCard") -> None:
            aggregate.card_no = self.card_no
            aggregate.cancelled = False

    class Cancelled(kernel.Event):
        """No longer valid."""

        TOPIC = "care.ElderCardCancelled"
        TITLE = "注销老年人证件"
        person_id: UUID
        reason: str
        by: str

        def apply(self, aggregate: "ElderCard") -> None:
            aggregate.cancelled = True

        def gist(self) -> str:
            return self.reason

    @staticmethod
    def id_for(person_id: UUID, kind: ElderCardKind) -> UUID:
        """The id of a person's card of a kind."""
        return uuid5(person_id, f"elder card {kind.value}")

    @classmethod
    def issue(
        cls, at: datetime, *, person_id: UUID, kind: ElderCardKind, card_no: str, division_code: str, by: str
    ) -> Self:
        """A first card."""
        return cls.create(
            cls.Created,
            id=cls.id_for(person_id, kind),
            at=at,
            person_id=person_id,
            kind=kind,
            card_no=written(card_no, "请填写证件编号。"),
            from_on=at.date(),
            by=by,
            division_code=division_code,
        )

    def replace(self, at: datetime, *, card_no: str, by: str) -> None:
        """Another card in place of a lost or cancelled one."""
        number = written(card_no, "请填写证件编号。")
        if number == self.card_no:
            raise RuleViolated("新证编号与原证相同，请核对。")
        self.record(self.Replaced, at=at, person_id=self.person_id, card_no=number, from_on=at.date(), by=by)

    def cancel(self, at: datetime, *, reason: str, by: str = "") -> None:
        """No longer valid, as after a death; nothing is recorded where it is not already."""
        if not self.cancelled:
            why = written(reason, "注销证件须写明原因。")
            self.record(self.Cancelled, at=at, person_id=self.person_id, reason=why, by=by)
