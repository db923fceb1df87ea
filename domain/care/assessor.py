"""Assessors (评估人员): for whom they work, and with which institutions they have something to do.

Who assesses an elder has to be independent of whoever is paid for the care. An assessor's organisation is known here;
what else ties them to an institution they declare themselves, or the district enters it.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import field
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import ConflictKind
from domain.errors import RuleViolated

_ASSESSORS = UUID("5d1c7a52-3b0e-5f1d-8f6e-4407040a55e5")


def assessor_id(account: str) -> UUID:
    """The id of the assessor who works under this account."""
    return uuid5(_ASSESSORS, account)


class Assessor(kernel.Aggregate):
    """One assessor. That they may act at all, where and until when, is a right (domain/rights.py)."""

    TOPIC: ClassVar[str] = "care.Assessor"
    SUBJECT: ClassVar[str] = "assessor"
    division_code: str = ""
    account: str = ""
    organisation: str = ""
    active: bool = True
    conflicts: dict[UUID, ConflictKind] = field(default_factory=dict)
    """Institutions they have something to do with."""

    class Created(kernel.Created):
        """May be given assessments from `effective_on`, for this organisation."""

        TOPIC = "care.AssessorRegistered"
        TITLE = "登记评估人员"
        account: str
        organisation: str
        qualification_no: str
        division_code: str
        effective_on: date
        by: str

        def gist(self) -> str:
            return f"{self.account}，{self.organisation}"

    class ConflictDeclared(kernel.Event):
        """Has something to do with an institution, and gives no assessments that concern it."""

        TOPIC = "care.AssessorConflictDeclared"
        TITLE = "申报利害关系"
        account: str
        facility_id: UUID
        kind: ConflictKind
        effective_on: date
        by: str

        def apply(self, aggregate: "Assessor") -> None:
            aggregate.conflicts[self.facility_id] = self.kind

        def gist(self) -> str:
            return f"{self.account}：{self.kind.label}"

    class ConflictEnded(kernel.Event):
        """No longer so."""

        TOPIC = "care.AssessorConflictEnded"
        TITLE = "利害关系解除"
        account: str
        facility_id: UUID
        reason: str
        effective_on: date
        by: str

        def apply(self, aggregate: "Assessor") -> None:
            aggregate.conflicts.pop(self.facility_id, None)

        def gist(self) -> str:
            return f"{self.account}：{self.reason}"

    class Ended(kernel.Event):
        """Gives no more assessments."""

        TOPIC = "care.AssessorEnded"
        TITLE = "注销评估人员"
        account: str
        reason: str
        effective_on: date
        by: str

        def apply(self, aggregate: "Assessor") -> None:
            aggregate.active = False

        def gist(self) -> str:
            return f"{self.account}：{self.reason}"

    @classmethod
    def register(
        cls, at: datetime, *, account: str, organisation: str, qualification_no: str, division_code: str, by: str
    ) -> Self:
        """An assessor who was not known."""
        if not account.strip() or not organisation.strip():
            raise RuleViolated("请填写评估人员账号和所属评估机构。")
        return cls.create(
            cls.Created,
            id=assessor_id(account),
            at=at,
            account=account,
            organisation=organisation.strip(),
            qualification_no=qualification_no.strip(),
            division_code=division_code,
            effective_on=at.date(),
            by=by,
        )

    def declare(self, at: datetime, *, facility_id: UUID, kind: ConflictKind, by: str) -> None:
        """Has something to do with an institution."""
        if self.conflicts.get(facility_id) is kind:
            raise RuleViolated("此项利害关系已经申报。")
        self.record(
            self.ConflictDeclared,
            at=at,
            account=self.account,
            facility_id=facility_id,
            kind=kind,
            effective_on=at.date(),
            by=by,
        )

    def end_conflict(self, at: datetime, *, facility_id: UUID, reason: str, by: str) -> None:
        """No longer so; the district says why."""
        if facility_id not in self.conflicts:
            raise RuleViolated("没有申报过与该机构的利害关系。")
        if not reason.strip():
            raise RuleViolated("请写明利害关系解除的原因。")
        self.record(
            self.ConflictEnded,
            at=at,
            account=self.account,
            facility_id=facility_id,
            reason=reason.strip(),
            effective_on=at.date(),
            by=by,
        )

    def end(self, at: datetime, *, reason: str, by: str) -> None:
        """Gives no more assessments."""
        if not self.active:
            raise RuleViolated(f"评估人员 {self.account} 已注销。")
        if not reason.strip():
            raise RuleViolated("请写明注销的原因。")
        self.record(self.Ended, at=at, account=self.account, reason=reason.strip(), effective_on=at.date(), by=by)

    def demand_independent(self, provider_id: UUID | None, names: Collection[str]) -> None:
        """Raise RuleViolated where they may not assess for this provider; `names` are its own and its operator's."""
        if not self.active:
            raise RuleViolated(f"评估人员 {self.account} 已注销，不能分派。")
        if provider_id is None:
            return
        if (kind := self.conflicts.get(provider_id)) is not None:
            raise RuleViolated(f"评估人员 {self.account} 与服务机构有利害关系（{kind.label}），应当回避。")
        if _plain(self.organisation) in {_plain(name) for name in names if name}:
            raise RuleViolated(
                f"评估人员 {self.account} 所属的“{self.organisation}”就是服务机构，不能评估自己的服务对象。"
            )


def _plain(name: str) -> str:
    return re.sub(r"[\s()（）]+", "", unicodedata.normalize("NFKC", name))
