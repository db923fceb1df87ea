"""Village decisions by 四议两公开: proposed, consulted, reviewed and resolved, then resolution and result posted.

`[plan]` (三)4. The steps come in their order; a meeting that does not agree ends it. Meetings decide by more than half
of those present (村民委员会组织法 articles 22 and 26 `[law*]`). Who had to be there is recorded; the quorum is not
checked.
"""

from datetime import date, datetime
from typing import ClassVar, NamedTuple, Self
from uuid import UUID

from domain import kernel
from domain.codes import DecisionStep
from domain.errors import RuleViolated
from domain.wording import written

ORDER = tuple(DecisionStep)
VOTED = (DecisionStep.REVIEWED, DecisionStep.RESOLVED)
"""Steps of a meeting that votes."""


class Vote(NamedTuple):
    """How a meeting voted, in heads; `eligible_count` were to be there."""

    eligible_count: int
    present_count: int
    for_count: int
    against_count: int


class VillageDecision(kernel.Aggregate):
    """One matter on its way through the steps."""

    TOPIC: ClassVar[str] = "civic.Decision"
    SUBJECT: ClassVar[str] = "village_decision"
    division_code: str = ""
    matter: str = ""
    step: DecisionStep = DecisionStep.PROPOSED
    stepped_on: date = date.min
    step_version: int = 1
    ended: bool = False

    class Created(kernel.Created):
        """The party branch proposes it."""

        TOPIC = "civic.DecisionProposed"
        TITLE = "提议村务事项"
        matter: str
        effective_on: date
        division_code: str
        by: str

        def apply(self, aggregate: "VillageDecision") -> None:
            aggregate.stepped_on = self.effective_on

        def gist(self) -> str:
            return self.matter

    class StepTaken(kernel.Event):
        """One more step; where it voted and did not agree, nothing follows.

        With `corrects_version` it takes the place of what that event said of the same step.
        """

        TOPIC = "civic.DecisionStepTaken"
        TITLE = "推进村务事项"
        step: DecisionStep
        vote: Vote | None
        agreed: bool
        note: str
        corrects_version: int | None
        by: str
        effective_on: date

        def apply(self, aggregate: "VillageDecision") -> None:
            aggregate.step = self.step
            aggregate.stepped_on = self.effective_on
            aggregate.step_version = self.originator_version
            aggregate.ended = not self.agreed or self.step is ORDER[-1]

        def gist(self) -> str:
            return f"{self.step.label}{'' if self.agreed else '，未通过'}"

    @classmethod
    def propose(cls, id: UUID, at: datetime, *, matter: str, held_on: date, division_code: str, by: str) -> Self:
        """A matter is put forward."""
        _demand_past(held_on, at)
        text = written(matter, "请写明提议的事项，不写个人信息。")
        return cls.create(
            cls.Created, id=id, at=at, matter=text, effective_on=held_on, division_code=division_code, by=by
        )

    def take(self, at: datetime, *, step: DecisionStep, vote: Vote | None, note: str, held_on: date, by: str) -> None:
        """Take the next step; raises RuleViolated where it is another one's turn."""
        if self.ended:
            raise RuleViolated(f"此事项已在“{self.step.label}”结束，不能继续。")
        following = ORDER[ORDER.index(self.step) + 1]
        if step is not following:
            raise RuleViolated(f"四议两公开应按步骤进行：下一步是“{following.label}”，不是“{step.label}”。")
        if held_on < self.stepped_on:
            raise RuleViolated(f"“{step.label}”不能早于上一步（{self.stepped_on}）。")
        self._record(at, step, vote, note, held_on, by, None)

    def correct(self, at: datetime, *, vote: Vote | None, note: str, held_on: date, by: str) -> None:
        """Put the last step right; the event names the one that it corrects."""
        if self.step is DecisionStep.PROPOSED:
            raise RuleViolated("此事项只有提议，没有可更正的步骤。")
        text = written(note, "更正须写明原因。")
        self._record(at, self.step, vote, text, held_on, by, self.step_version)

    def _record(
        self,
        at: datetime,
        step: DecisionStep,
        vote: Vote | None,
        note: str,
        held_on: date,
        by: str,
        corrects: int | None,
    ) -> None:
        _demand_past(held_on, at)
        if (vote is not None) != (step in VOTED):
            raise RuleViolated(f"“{step.label}”{'须登记' if step in VOTED else '不登记'}表决人数。")
        if vote is not None and not (
            0 <= vote.for_count + vote.against_count <= vote.present_count <= vote.eligible_count and min(vote) >= 0
        ):
            raise RuleViolated("表决人数有误：赞成与反对合计不超过到会人数，到会人数不超过应到人数。")
        agreed = vote is None or 2 * vote.for_count > vote.present_count
        fields = {"step": step, "vote": vote, "agreed": agreed, "note": note.strip(), "corrects_version": corrects}
        self.record(self.StepTaken, at=at, by=by, effective_on=held_on, **fields)


def _demand_past(held_on: date, at: datetime) -> None:
    if held_on > at.date():
        raise RuleViolated("日期不能晚于今天。")
