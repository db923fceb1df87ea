"""Light records of community governance: committees, titles, consultations, stations and centres, by division and day.

`[plan]` (三) and domain.md §9: enough for the district's figures. A mistake is put right by an event that names what it
corrects; what no longer exists ends, and stays visible.
"""

from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.codes import CommunityRecordKind, RecordResult
from domain.errors import RuleViolated
from domain.wording import written

_K = CommunityRecordKind
RESULTS = {
    _K.SUPERVISION_COMMITTEE: (RecordResult.DONE,),
    _K.MODEL_UNIT: (RecordResult.TITLED,),
    _K.MODEL_COMMUNITY: (RecordResult.DONE, RecordResult.TITLED),
    _K.CONSULTATION: (RecordResult.AGREED, RecordResult.NOT_AGREED),
    _K.PUBLIC_STATION: (RecordResult.DONE,),
    _K.FAMILY_CENTRE: (RecordResult.DONE,),
}
"""What may come of each kind; `ENDED` comes by ending it."""
OF_STREETS = (_K.FAMILY_CENTRE,)
"""Kinds that a street has; all others are a village's or community's."""


class CommunityRecord(kernel.Aggregate):
    """One thing that was set up, held or awarded."""

    TOPIC: ClassVar[str] = "civic.Record"
    SUBJECT: ClassVar[str] = "community_record"
    division_code: str = ""
    kind: CommunityRecordKind = _K.CONSULTATION
    result: RecordResult = RecordResult.DONE
    said_version: int = 1

    class Created(kernel.Created):
        """It was so from `effective_on` on."""

        TOPIC = "civic.RecordMade"
        TITLE = "登记基层治理事项"
        kind: CommunityRecordKind
        subject_text: str
        result: RecordResult
        participants: int
        basis: str
        effective_on: date
        division_code: str
        by: str

        def gist(self) -> str:
            return f"{self.kind.label}：{self.result.label}"

    class Corrected(kernel.Event):
        """What was recorded was wrong, or more came of it (a community that did everything gets its title)."""

        TOPIC = "civic.RecordCorrected"
        TITLE = "更正基层治理事项"
        result: RecordResult
        participants: int
        corrects_version: int
        reason: str
        by: str
        effective_on: date

        def apply(self, aggregate: "CommunityRecord") -> None:
            aggregate.result = self.result
            aggregate.said_version = self.originator_version

        def gist(self) -> str:
            return f"{self.result.label}，{self.reason}"

    class Ended(kernel.Event):
        """It is no more."""

        TOPIC = "civic.RecordEnded"
        TITLE = "终止基层治理事项"
        reason: str
        by: str
        effective_on: date

        def apply(self, aggregate: "CommunityRecord") -> None:
            aggregate.result = RecordResult.ENDED

        def gist(self) -> str:
            return self.reason

    @classmethod
    def make(
        cls,
        id: UUID,
        at: datetime,
        *,
        kind: CommunityRecordKind,
        subject_text: str,
        result: RecordResult,
        participants: int,
        basis: str,
        held_on: date,
        division_code: str,
        by: str,
    ) -> Self:
        """Record something; raises RuleViolated where the division or the result is not of its kind."""
        wanted = 9 if kind in OF_STREETS else 12
        if len(division_code) != wanted:
            whose = "街道" if wanted == 9 else "村、社区"
            raise RuleViolated(f"{kind.label}按{whose}登记，请填写 {wanted} 位区划代码。")
        if kind is _K.SUPERVISION_COMMITTEE and division_code[9:] < "200":
            raise RuleViolated("村务监督委员会设在村，社区不登记。")
        _demand(kind, result, participants, held_on, at)
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            kind=kind,
            subject_text=subject_text.strip(),
            result=result,
            participants=participants,
            basis=basis.strip(),
            effective_on=held_on,
            division_code=division_code,
            by=by,
        )

    def correct(
        self, at: datetime, *, result: RecordResult, participants: int, reason: str, held_on: date, by: str
    ) -> None:
        """Put it right, naming the event that it corrects."""
        _demand(self.kind, result, participants, held_on, at)
        text = written(reason, "更正须写明原因。")
        fields = {"result": result, "participants": participants, "corrects_version": self.said_version}
        self.record(self.Corrected, at=at, reason=text, by=by, effective_on=held_on, **fields)

    def end(self, at: datetime, *, reason: str, ended_on: date, by: str) -> None:
        """It ends on that day."""
        if self.result is RecordResult.ENDED:
            raise RuleViolated("此事项已终止，不能重复终止。")
        if self.kind is _K.CONSULTATION:
            raise RuleViolated("协商已经举行，不能终止；有误的请办理更正。")
        if ended_on > at.date():
            raise RuleViolated("日期不能晚于今天。")
        text = written(reason, "请写明终止的原因。")
        self.record(self.Ended, at=at, reason=text, by=by, effective_on=ended_on)


def _demand(kind: CommunityRecordKind, result: RecordResult, participants: int, held_on: date, at: datetime) -> None:
    if result not in RESULTS[kind]:
        allowed = "、".join(each.label for each in RESULTS[kind])
        raise RuleViolated(f"{kind.label}的结果应为：{allowed}。")
    if participants < 0 or held_on > at.date():
        raise RuleViolated("参加人数不能为负数，日期不能晚于今天。")
