"""Devices fitted, homes adapted, rehabilitation and nursing given: light records of what was given, by whom, at whose
cost. What was given says what somebody lacks, so it is sealed under the person's key.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

from domain import kernel
from domain.codes import FundSource, SupportKind
from domain.errors import RuleViolated
from domain.kernel import NO_ID, PersonalText


class SupportService(kernel.Aggregate):
    """One device, adaptation or service that a person received."""

    TOPIC: ClassVar[str] = "care.SupportService"
    SUBJECT: ClassVar[str] = "support"
    division_code: str = ""
    person_id: UUID = NO_ID
    cost_fen: int = 0
    voided: bool = False

    class Created(kernel.Created):
        """Given on `effective_on`; `times` counts 人次 where one record stands for several visits of a month."""

        TOPIC = "care.SupportServiceGiven"
        TITLE = "助残助老服务"
        KEY_HOLDER: ClassVar[str] = "person_id"
        person_id: UUID
        kind: SupportKind
        item: PersonalText
        provider: str
        times: int
        cost_fen: int
        fund_source: FundSource
        division_code: str
        effective_on: date
        by: str

        def gist(self) -> str:
            return self.kind.label

    class Corrected(kernel.Event):
        """The record was mistaken; it names the version that it corrects."""

        TOPIC = "care.SupportServiceCorrected"
        TITLE = "更正服务记录"
        corrects_version: int
        times: int
        cost_fen: int
        fund_source: FundSource
        reason: str
        by: str

        def apply(self, aggregate: "SupportService") -> None:
            aggregate.cost_fen = self.cost_fen

        def gist(self) -> str:
            return self.reason

    class Voided(kernel.Event):
        """It was never given."""

        TOPIC = "care.SupportServiceVoided"
        TITLE = "撤销服务记录"
        corrects_version: int
        reason: str
        by: str

        def apply(self, aggregate: "SupportService") -> None:
            aggregate.voided = True

        def gist(self) -> str:
            return self.reason

    def subjects(self) -> Iterable[str]:
        """Stands on its person's timeline."""
        yield f"person:{self.person_id}"

    @classmethod
    def give(
        cls,
        id: UUID,
        at: datetime,
        *,
        person_id: UUID,
        kind: SupportKind,
        item: str,
        provider: str,
        cost_fen: int,
        fund_source: FundSource,
        division_code: str,
        effective_on: date,
        times: int = 1,
        by: str = "",
    ) -> Self:
        """Something was given."""
        if not item.strip() or not provider.strip():
            raise RuleViolated("请写明服务或器具名称和服务单位。")
        if cost_fen < 0 or times < 1:
            raise RuleViolated("费用不能为负，人次至少为 1，请核对。")
        if effective_on > at.date():
            raise RuleViolated("服务日期不能晚于今天。")
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            person_id=person_id,
            kind=kind,
            item=item.strip(),
            provider=provider.strip(),
            times=times,
            cost_fen=cost_fen,
            fund_source=fund_source,
            division_code=division_code,
            effective_on=effective_on,
            by=by,
        )

    def correct(
        self, at: datetime, *, times: int, cost_fen: int, fund_source: FundSource, reason: str, by: str
    ) -> None:
        """Set right what was mistaken."""
        self._demand(reason)
        if cost_fen < 0 or times < 1:
            raise RuleViolated("费用不能为负，人次至少为 1，请核对。")
        self.record(
            self.Corrected,
            at=at,
            corrects_version=self.version,
            times=times,
            cost_fen=cost_fen,
            fund_source=fund_source,
            reason=reason.strip(),
            by=by,
        )

    def void(self, at: datetime, *, reason: str, by: str) -> None:
        """It was never given."""
        self._demand(reason)
        self.record(self.Voided, at=at, corrects_version=self.version, reason=reason.strip(), by=by)

    def _demand(self, reason: str) -> None:
        if self.voided:
            raise RuleViolated("此服务记录已撤销。")
        if not reason.strip():
            raise RuleViolated("请写明更正或撤销的原因。")
