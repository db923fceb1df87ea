"""The list of dead and missing people of a disaster; their names are sealed.

Whoever is a registered person is sealed under that person's own key; a stranger under the entry's.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.codes import CasualtyKind, CasualtyState
from domain.errors import RuleViolated
from domain.kernel import NO_ID, PersonalText


class Casualty(kernel.Aggregate):
    """One dead or missing person in one disaster."""

    TOPIC: ClassVar[str] = "relief.Casualty"
    SUBJECT: ClassVar[str] = "casualty"
    division_code: str = ""
    disaster_id: UUID = NO_ID
    person_id: UUID | None = None
    holder_id: UUID = NO_ID
    state: CasualtyState = CasualtyState.MISSING

    class Created(kernel.Created):
        """Somebody died or is missing. Who it is and how it came about is sealed under `holder_id`'s key."""

        TOPIC = "relief.CasualtyRecorded"
        TITLE = "登记因灾死亡、失踪人员"
        KEY_HOLDER: ClassVar[str] = "holder_id"
        holder_id: UUID
        disaster_id: UUID
        person_id: UUID | None
        kind: CasualtyKind
        name: PersonalText
        particulars: PersonalText
        happened_at: datetime
        division_code: str
        by: str

        def apply(self, aggregate: "Casualty") -> None:
            aggregate.state = CasualtyState(self.kind.value)

        def gist(self) -> str:
            return self.kind.label

    class Changed(kernel.Event):
        """What became known: a missing person is dead or was found; or the entry was wrong."""

        TOPIC = "relief.CasualtyChanged"
        TITLE = "变更因灾死亡、失踪登记"
        KEY_HOLDER: ClassVar[str] = "holder_id"
        holder_id: UUID
        disaster_id: UUID
        person_id: UUID | None
        state: CasualtyState
        grounds: PersonalText
        by: str

        def apply(self, aggregate: "Casualty") -> None:
            aggregate.state = self.state

        def gist(self) -> str:
            return self.state.label

    def subjects(self) -> Iterable[str]:
        """Found by its disaster's list, without going through everything else that is tagged with the disaster."""
        yield casualty_list(self.disaster_id)

    @classmethod
    def enter(
        cls,
        id: UUID,
        at: datetime,
        *,
        disaster_id: UUID,
        person_id: UUID | None,
        kind: CasualtyKind,
        name: str,
        particulars: str,
        happened_at: datetime,
        division_code: str,
        by: str,
    ) -> Self:
        """Put somebody on the list; a body nobody knows is entered as such, and raises nothing."""
        if not name.strip():
            raise RuleViolated("请填写姓名；身份不明的填写“身份不明”并在情况中写明特征。")
        who = {"holder_id": person_id or id, "person_id": person_id, "disaster_id": disaster_id}
        said = {"kind": kind, "name": name.strip(), "particulars": particulars.strip(), "happened_at": happened_at}
        return cls.create(cls.Created, id=id, at=at, division_code=division_code, by=by, **who, **said)

    def change(self, at: datetime, *, state: CasualtyState, grounds: str, by: str) -> None:
        """Say what became known. Nobody returns from the dead but by withdrawing a wrong entry."""
        if self.state is CasualtyState.WITHDRAWN:
            raise RuleViolated("此登记已撤销；确有其人的请重新登记。")
        if state is self.state:
            raise RuleViolated(f"已登记为“{state.label}”，不重复登记。")
        if self.state is CasualtyState.DEAD and state is not CasualtyState.WITHDRAWN:
            raise RuleViolated("已登记死亡；登记有误的请撤销，再按实际情况重新登记。")
        if not grounds.strip():
            raise RuleViolated("请写明依据（公安、医院证明等）。")
        who = {"holder_id": self.holder_id, "disaster_id": self.disaster_id, "person_id": self.person_id}
        self.record(self.Changed, at=at, state=state, grounds=grounds.strip(), by=by, **who)


def casualty_list(disaster_id: UUID) -> str:
    """The tag of a disaster's list of dead and missing."""
    return f"casualty_list:{disaster_id}"


def counts(casualties: list[Casualty]) -> tuple[int, int]:
    """How many of a list are dead, and how many missing."""
    states = [casualty.state for casualty in casualties]
    return states.count(CasualtyState.DEAD), states.count(CasualtyState.MISSING)
