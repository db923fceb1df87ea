"""A clue to somebody's need (需求线索): found on a visit, taken on by an office, answered, and told to who found it.

What the person needs is sealed under their own key. One clue of a kind is open for a person at a time. Deaths, moves
and cases of other contexts reach a clue through `link_case`, `transfer` and `cancel`, which may be called again.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.codes import ClueNeed, ClueSource, ClueState, GridLevel
from domain.errors import RuleViolated
from domain.grid.grid import grid_id
from domain.grid.limits import SECOND, above, end_of, written
from domain.kernel import NO_ID, TIMERS, Aggregate, PersonalText

OPEN = (ClueState.REPORTED, ClueState.ACCEPTED)
"""Nobody has said yet what becomes of it."""
OVER = (ClueState.CLOSED, ClueState.CANCELLED)


class NeedClue(kernel.Timed):
    """One clue. `due_on` is the last day of the step that waits (acceptance, then the answer), `then_by` those of the
    levels above."""

    TOPIC: ClassVar[str] = "grid.NeedClue"
    SUBJECT: ClassVar[str] = "clue"
    division_code: str = ""
    person_id: UUID = NO_ID
    grid_code: str = ""
    need: ClueNeed = ClueNeed.OTHER
    source: ClueSource = ClueSource.OTHER
    state: ClueState = ClueState.REPORTED
    level: GridLevel = GridLevel.COMMUNITY
    by: str = ""
    case_id: UUID | None = None
    due_on: date | None = None
    then_by: tuple[date, ...] = ()

    class Created(kernel.Created):
        """Somebody found that a person needs help. It is taken on, and who found it is told, by `accept_by`."""

        TOPIC = "grid.NeedClueFound"
        TITLE = "发现需求线索"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        need: ClueNeed
        source: ClueSource
        text: PersonalText
        by: str
        grid_code: str
        accept_by: date | None
        then_by: tuple[date, ...]
        division_code: str

        def apply(self, aggregate: "NeedClue") -> None:
            aggregate.due_on = self.accept_by

        def gist(self) -> str:
            return self.need.label

    class Accepted(kernel.Event):
        """An office takes it on and says what came of it by `answer_by`. Who found it sees so from now on."""

        TOPIC = "grid.NeedClueAccepted"
        TITLE = "受理需求线索"
        person_id: UUID
        by: str
        found_by: str
        level: GridLevel
        answer_by: date
        then_by: tuple[date, ...]

        def apply(self, aggregate: "NeedClue") -> None:
            aggregate.state = ClueState.ACCEPTED
            aggregate.due_on = self.answer_by
            aggregate.then_by = self.then_by

        def gist(self) -> str:
            return f"答复期限 {self.answer_by}"

    class CaseLinked(kernel.Event):
        """A case was opened, or was open already, that answers to this need (一门受理)."""

        TOPIC = "grid.NeedClueCaseLinked"
        TITLE = "线索转为个案"
        case_id: UUID
        by: str

        def apply(self, aggregate: "NeedClue") -> None:
            aggregate.case_id = self.case_id

    class Answered(kernel.Event):
        """What was done for the person. Whoever found it is to be told by `feedback_by`."""

        TOPIC = "grid.NeedClueAnswered"
        TITLE = "答复需求线索"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        answer: PersonalText
        by: str
        found_by: str
        level: GridLevel
        feedback_by: date

        def apply(self, aggregate: "NeedClue") -> None:
            aggregate.state = ClueState.ANSWERED
            aggregate.due_on = None

    class Declined(kernel.Event):
        """Nothing is to be done, and why. Whoever found it is to be told by `feedback_by`."""

        TOPIC = "grid.NeedClueDeclined"
        TITLE = "不予受理需求线索"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        reason: PersonalText
        by: str
        found_by: str
        level: GridLevel
        feedback_by: date

        def apply(self, aggregate: "NeedClue") -> None:
            aggregate.state = ClueState.DECLINED
            aggregate.due_on = None

    class FedBack(kernel.Event):
        """Whoever found it was told."""

        TOPIC = "grid.NeedClueFedBack"
        TITLE = "反馈上报人"
        note: str
        by: str

        def apply(self, aggregate: "NeedClue") -> None:
            aggregate.state = ClueState.CLOSED

        def gist(self) -> str:
            return self.note

    class Escalated(kernel.Event):
        """Its day has passed: the next level answers for it now, by `due_on`; None where no level is above."""

        TOPIC = "grid.NeedClueEscalated"
        TITLE = "线索逾期升级"
        state: ClueState
        overdue_on: date
        from_level: GridLevel
        to_level: GridLevel
        due_on: date | None

        def apply(self, aggregate: "NeedClue") -> None:
            aggregate.level = self.to_level
            aggregate.due_on = self.due_on
            aggregate.then_by = aggregate.then_by[1:]

        def gist(self) -> str:
            what = "受理" if self.state is ClueState.REPORTED else "答复"
            return f"逾期未{what}，由{self.to_level.label}督办"

        def true_from(self) -> date:
            return self.timestamp.date()

    class Transferred(kernel.Event):
        """The person lives in another community now, and the clue is that one's."""

        TOPIC = "grid.NeedClueTransferred"
        TITLE = "移交需求线索"
        from_division_code: str
        to_division_code: str
        moved_on: date

        def apply(self, aggregate: "NeedClue") -> None:
            aggregate.division_code = self.to_division_code
            aggregate.grid_code = ""

        def gist(self) -> str:
            return f"{self.from_division_code} → {self.to_division_code}"

    class Cancelled(kernel.Event):
        """Nothing is left to do: the person died, left the district, or the clue was a mistake."""

        TOPIC = "grid.NeedClueCancelled"
        TITLE = "终止需求线索"
        reason: str
        by: str

        def apply(self, aggregate: "NeedClue") -> None:
            aggregate.state = ClueState.CANCELLED
            aggregate.due_on = None

        def gist(self) -> str:
            return self.reason

    def subjects(self) -> Iterable[str]:
        """Its events stand on the timelines of person, case and grid."""
        yield f"person:{self.person_id}"
        if self.lapses_at is not None:  # history never lapses: the timer need not look at it
            yield TIMERS
        if self.case_id is not None:
            yield f"case:{self.case_id}"
        if self.grid_code:
            yield f"grid:{grid_id(self.grid_code)}"

    @classmethod
    def find(
        cls,
        id: UUID,
        at: datetime,
        *,
        person_id: UUID,
        need: ClueNeed,
        source: ClueSource,
        text: str,
        by: str,
        grid_code: str,
        limits: tuple[date, ...],
        division_code: str,
    ) -> Self:
        """Report that a person needs help: to be taken on by the first of `limits`; a source's history has none."""
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            person_id=person_id,
            need=need,
            source=source,
            text=written(text, "请写明发现的困难和需要的帮助。"),
            by=by,
            grid_code=grid_code,
            accept_by=limits[0] if limits else None,
            then_by=limits[1:],
            division_code=division_code,
        )

    def accept(self, at: datetime, *, by: str, limits: tuple[date, ...]) -> None:
        """Take it on, to be answered by the first of `limits`."""
        self._demand("受理", ClueState.REPORTED)
        due, *then = limits
        said = {"person_id": self.person_id, "by": by, "found_by": self.by, "level": self.level}
        self.record(self.Accepted, at=at, **said, answer_by=due, then_by=tuple(then))

    def link_case(self, at: datetime, *, case_id: UUID, by: str) -> None:
        """Name the case that answers to it; nothing where it is named already."""
        if self.case_id == case_id:
            return
        if self.case_id is not None:
            raise RuleViolated("此线索已转为另一个救助个案，不能再改；如有误，请在答复中说明。")
        self._demand("转为个案", ClueState.ACCEPTED)
        self.record(self.CaseLinked, at=at, case_id=case_id, by=by)

    def answer(self, at: datetime, *, answer: str, by: str, feedback_by: date) -> None:
        """Say what was done."""
        self._demand("答复", ClueState.ACCEPTED)
        said = written(answer, "请写明办理结果。")
        self.record(
            self.Answered,
            at=at,
            person_id=self.person_id,
            answer=said,
            by=by,
            found_by=self.by,
            level=self.level,
            feedback_by=feedback_by,
        )

    def decline(self, at: datetime, *, reason: str, by: str, feedback_by: date) -> None:
        """Say why nothing is done; a clue that a case came of is answered instead."""
        self._demand("不予受理", *OPEN)
        if self.case_id is not None:
            raise RuleViolated("此线索已转为救助个案，请按个案结果答复。")
        said = written(reason, "不予受理须写明理由。")
        self.record(
            self.Declined,
            at=at,
            person_id=self.person_id,
            reason=said,
            by=by,
            found_by=self.by,
            level=self.level,
            feedback_by=feedback_by,
        )

    def feed_back(self, at: datetime, *, note: str, by: str) -> None:
        """Whoever found it knows what came of it."""
        self._demand("反馈", ClueState.ANSWERED, ClueState.DECLINED)
        self.record(self.FedBack, at=at, note=written(note, "请写明何时、以何种方式反馈。"), by=by)

    @property
    def lapses_at(self) -> datetime | None:
        """The second after its last day."""
        return None if self.due_on is None else end_of(self.due_on) + SECOND

    def lapse(self, at: datetime, owner: Aggregate | None = None) -> None:
        """Escalate, level by level, where its day has passed; nothing where nobody waits."""
        while self.due_on is not None and at > end_of(self.due_on):
            higher = above(self.level)
            self.record(
                self.Escalated,
                at=at,
                state=self.state,
                overdue_on=self.due_on,
                from_level=self.level,
                to_level=higher or self.level,
                due_on=self.then_by[0] if higher is not None and self.then_by else None,
            )

    # For what happens elsewhere: nothing where it is so already.

    def transfer(self, at: datetime, *, to_division_code: str, moved_on: date) -> None:
        """Go along with the person who moved within the district, as long as it is not over."""
        if self.state in OVER or to_division_code == self.division_code:
            return
        self.record(
            self.Transferred,
            at=at,
            from_division_code=self.division_code,
            to_division_code=to_division_code,
            moved_on=moved_on,
        )

    def cancel(self, at: datetime, *, reason: str, by: str) -> None:
        """End it without an answer; nothing where it is over."""
        if self.state in OVER:
            return
        self.record(self.Cancelled, at=at, reason=written(reason, "终止线索须写明原因。"), by=by)

    def _demand(self, what: str, *states: ClueState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"线索现为“{self.state.label}”，不能{what}；须为：{allowed}。")
