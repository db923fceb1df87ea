"""A move that a grid worker reports (搬迁上报): an office confirms it, and only then the registry changes.

What a grid worker hears at a door changes nobody's residence, as it makes nobody dead: the registry's own `Person` has
an unconfirmed death for that (`ReportDeath`), and for a move this stands beside it until it is confirmed or not true.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.codes import ChangeState
from domain.errors import RuleViolated
from domain.grid.limits import written
from domain.kernel import NO_ID


class MoveReport(kernel.Aggregate):
    """One report, in the division the person lived in when it was made."""

    TOPIC: ClassVar[str] = "grid.MoveReport"
    SUBJECT: ClassVar[str] = "move_report"
    division_code: str = ""
    person_id: UUID = NO_ID
    to_division_code: str | None = None
    to_place: str = ""
    moved_on: date | None = None
    state: ChangeState = ChangeState.REPORTED

    class Created(kernel.Created):
        """Somebody is said to live elsewhere: in another division of the district, or outside it (`to_place`)."""

        TOPIC = "grid.MoveReported"
        TITLE = "上报搬迁"
        person_id: UUID
        to_division_code: str | None
        to_place: str
        moved_on: date
        evidence: str
        by: str
        confirm_by: date
        division_code: str

        def gist(self) -> str:
            return f"{self.division_code} → {self.to_division_code or self.to_place}"

    class Confirmed(kernel.Event):
        """It is so, and the registry says so from now on."""

        TOPIC = "grid.MoveConfirmed"
        TITLE = "确认搬迁"
        person_id: UUID
        by: str

        def apply(self, aggregate: "MoveReport") -> None:
            aggregate.state = ChangeState.CONFIRMED

    class Rejected(kernel.Event):
        """It is not so."""

        TOPIC = "grid.MoveRejected"
        TITLE = "搬迁不属实"
        person_id: UUID
        reason: str
        by: str

        def apply(self, aggregate: "MoveReport") -> None:
            aggregate.state = ChangeState.REJECTED

        def gist(self) -> str:
            return self.reason

    def subjects(self) -> Iterable[str]:
        """It stands on the person's timeline."""
        yield f"person:{self.person_id}"

    @classmethod
    def make(
        cls,
        id: UUID,
        at: datetime,
        *,
        person_id: UUID,
        to_division_code: str | None,
        to_place: str,
        moved_on: date,
        evidence: str,
        by: str,
        confirm_by: date,
        division_code: str,
    ) -> Self:
        """Report a move."""
        if (to_division_code is None) == (not to_place.strip()):
            raise RuleViolated("请填写迁入的区划代码；迁出本区的只填写迁往地。")
        if to_division_code == division_code:
            raise RuleViolated("迁入地与现居住地相同，无需上报。")
        if moved_on > at.date():
            raise RuleViolated("搬迁日期不能晚于今天，请核对。")
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            person_id=person_id,
            to_division_code=to_division_code,
            to_place=to_place.strip(),
            moved_on=moved_on,
            evidence=written(evidence, "请写明线索来源，如“入户走访”，不写个人信息。"),
            by=by,
            confirm_by=confirm_by,
            division_code=division_code,
        )

    def confirm(self, at: datetime, *, by: str) -> None:
        """It is so."""
        self._demand("确认")
        self.record(self.Confirmed, at=at, person_id=self.person_id, by=by)

    def reject(self, at: datetime, *, reason: str, by: str) -> None:
        """It is not so."""
        self._demand("认定不属实")
        why = written(reason, "请写明核实情况，不写个人信息。")
        self.record(self.Rejected, at=at, person_id=self.person_id, reason=why, by=by)

    def _demand(self, what: str) -> None:
        if self.state is not ChangeState.REPORTED:
            raise RuleViolated(f"此项上报{self.state.label}，不能再{what}。")
