"""Designated hospitals (定点医疗机构): their agreements, wards admitted to settlement, and whose desks they are.

A desk's account belongs to a hospital by an event of the hospital; the account's role is a right like any other
(domain/rights.py). So two hands are needed before somebody at a window sees a patient's category.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import ClassVar, NamedTuple, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.codes import HospitalLevel, HospitalState, Ward
from domain.errors import RuleViolated

_HOSPITALS = UUID("f3c6a7de-8a55-5f0e-8d5e-6d1a2c1b7b02")


class Desk(NamedTuple):
    """An account that works at the hospital's window, from and to a day, both counted."""

    account: str
    from_on: date
    to_on: date


class Hospital(kernel.Aggregate):
    """One hospital and its agreement with the district."""

    TOPIC: ClassVar[str] = "medical.Hospital"
    SUBJECT: ClassVar[str] = "hospital"
    division_code: str = ""
    code: str = ""
    title: str = ""
    level: HospitalLevel = HospitalLevel.FIRST
    from_on: date | None = None
    to_on: date | None = None
    state: HospitalState = HospitalState.IN_FORCE
    suspended_from: date | None = None
    wards: frozenset[Ward] = frozenset()
    desks: tuple[Desk, ...] = ()

    class Created(kernel.Created):
        """An agreement was signed: the hospital settles from `from_on` to `to_on`, both counted."""

        TOPIC = "medical.HospitalDesignated"
        TITLE = "签订定点协议"
        code: str
        title: str
        level: HospitalLevel
        agreement_no: str
        from_on: date
        to_on: date
        by: str
        division_code: str

        def gist(self) -> str:
            return f"{self.title}（{self.level.label}），{self.from_on} 至 {self.to_on}"

    class Renewed(kernel.Event):
        """Another agreement follows or takes the old one's place; the level may be another."""

        TOPIC = "medical.AgreementRenewed"
        TITLE = "续签定点协议"
        level: HospitalLevel
        agreement_no: str
        from_on: date
        to_on: date
        by: str

        def apply(self, aggregate: "Hospital") -> None:
            aggregate.level = self.level
            aggregate.from_on = min(aggregate.from_on or self.from_on, self.from_on)
            aggregate.to_on = self.to_on
            aggregate.state = HospitalState.IN_FORCE

        def gist(self) -> str:
            return f"{self.level.label}，{self.from_on} 至 {self.to_on}"

    class Suspended(kernel.Event):
        """No patients are admitted to settlement from a day on; those who were are settled."""

        TOPIC = "medical.HospitalSuspended"
        TITLE = "暂停定点结算"
        from_on: date
        reason: str
        by: str

        def apply(self, aggregate: "Hospital") -> None:
            aggregate.state = HospitalState.SUSPENDED
            aggregate.suspended_from = self.from_on

        def gist(self) -> str:
            return f"自 {self.from_on}：{self.reason}"

    class Resumed(kernel.Event):
        """It settles again."""

        TOPIC = "medical.HospitalResumed"
        TITLE = "恢复定点结算"
        from_on: date
        reason: str
        by: str

        def apply(self, aggregate: "Hospital") -> None:
            aggregate.state = HospitalState.IN_FORCE
            aggregate.suspended_from = None

        def gist(self) -> str:
            return self.reason

    class Ended(kernel.Event):
        """The agreement ends with a day."""

        TOPIC = "medical.AgreementEnded"
        TITLE = "终止定点协议"
        last_on: date
        reason: str
        by: str

        def apply(self, aggregate: "Hospital") -> None:
            aggregate.to_on = self.last_on
            aggregate.state = HospitalState.ENDED

        def gist(self) -> str:
            return f"至 {self.last_on}：{self.reason}"

    class WardAdmitted(kernel.Event):
        """A geriatric ward or home sickbeds take part in settlement."""

        TOPIC = "medical.WardAdmitted"
        TITLE = "纳入结算的病区"
        ward: Ward
        from_on: date
        basis: str

        def apply(self, aggregate: "Hospital") -> None:
            aggregate.wards |= {self.ward}

        def gist(self) -> str:
            return f"{self.ward.label}，自 {self.from_on}"

    class DeskBound(kernel.Event):
        """An account works at this hospital's window, and sees this hospital's patients."""

        TOPIC = "medical.DeskBound"
        TITLE = "指定医院结算窗口账号"
        account: str
        from_on: date
        to_on: date
        by: str

        def apply(self, aggregate: "Hospital") -> None:
            others = tuple(desk for desk in aggregate.desks if desk.account != self.account)
            aggregate.desks = (*others, Desk(self.account, self.from_on, self.to_on))

        def gist(self) -> str:
            return f"{self.account}，{self.from_on} 至 {self.to_on}"

    class DeskReleased(kernel.Event):
        """It no longer does, at once."""

        TOPIC = "medical.DeskReleased"
        TITLE = "取消医院结算窗口账号"
        account: str
        reason: str
        by: str

        def apply(self, aggregate: "Hospital") -> None:
            aggregate.desks = tuple(desk for desk in aggregate.desks if desk.account != self.account)

        def gist(self) -> str:
            return f"{self.account}：{self.reason}"

    def subjects(self) -> Iterable[str]:
        """All hospitals are found by one tag."""
        yield HOSPITALS

    @staticmethod
    def id_for(code: str) -> UUID:
        """The id of the hospital with this code of the national register (医药机构编码)."""
        return uuid5(_HOSPITALS, code)

    @classmethod
    def designate(
        cls,
        at: datetime,
        *,
        code: str,
        title: str,
        level: HospitalLevel,
        agreement_no: str,
        from_on: date,
        to_on: date,
        by: str,
        division_code: str,
    ) -> Self:
        """Sign an agreement; raises RuleViolated where it lacks its number, code, name or a whole term."""
        if not (code.strip() and title.strip() and agreement_no.strip()):
            raise RuleViolated("签订定点协议须写明医药机构编码、名称和协议编号。")
        _demand_term(from_on, to_on)
        return cls.create(
            cls.Created,
            id=cls.id_for(code.strip()),
            at=at,
            code=code.strip(),
            title=title.strip(),
            level=level,
            agreement_no=agreement_no.strip(),
            from_on=from_on,
            to_on=to_on,
            by=by,
            division_code=division_code,
        )

    def renew(
        self, at: datetime, *, level: HospitalLevel, agreement_no: str, from_on: date, to_on: date, by: str
    ) -> None:
        """Sign the next agreement."""
        if not agreement_no.strip():
            raise RuleViolated("续签定点协议须写明协议编号。")
        _demand_term(from_on, to_on)
        self.record(
            self.Renewed,
            at=at,
            level=level,
            agreement_no=agreement_no.strip(),
            from_on=from_on,
            to_on=to_on,
            by=by,
        )

    def suspend(self, at: datetime, *, from_on: date, reason: str, by: str) -> None:
        """Admit nobody from a day on."""
        if self.state is not HospitalState.IN_FORCE:
            raise RuleViolated(f"该医院现为“{self.state.label}”，不能暂停。")
        why = _given(reason, "暂停定点结算须写明原因。")
        self.record(self.Suspended, at=at, from_on=from_on, reason=why, by=by)

    def resume(self, at: datetime, *, from_on: date, reason: str, by: str) -> None:
        """Admit patients again."""
        if self.state is not HospitalState.SUSPENDED:
            raise RuleViolated(f"该医院现为“{self.state.label}”，无需恢复。")
        why = _given(reason, "恢复定点结算须写明整改核实情况。")
        self.record(self.Resumed, at=at, from_on=from_on, reason=why, by=by)

    def end(self, at: datetime, *, last_on: date, reason: str, by: str) -> None:
        """End the agreement."""
        if self.state is HospitalState.ENDED:
            raise RuleViolated("该医院的定点协议已终止。")
        why = _given(reason, "终止定点协议须写明原因。")
        self.record(self.Ended, at=at, last_on=last_on, reason=why, by=by)

    def admit_ward(self, at: datetime, *, ward: Ward, from_on: date, basis: str) -> None:
        """Let a ward take part in settlement."""
        if ward in self.wards:
            raise RuleViolated(f"该医院的{ward.label}已纳入结算。")
        why = _given(basis, "纳入结算须写明依据文件。")
        self.record(self.WardAdmitted, at=at, ward=ward, from_on=from_on, basis=why)

    def bind_desk(self, at: datetime, *, account: str, from_on: date, to_on: date, by: str) -> None:
        """Let an account work at the window; again for another term."""
        if not account.strip() or account != account.strip():
            raise RuleViolated("账号不能为空，前后不能有空格。")
        _demand_term(from_on, to_on)
        self.record(self.DeskBound, at=at, account=account, from_on=from_on, to_on=to_on, by=by)

    def release_desk(self, at: datetime, *, account: str, reason: str, by: str) -> None:
        """Let it work there no longer."""
        if account not in {desk.account for desk in self.desks}:
            raise RuleViolated(f"账号 {account} 不是该医院的结算窗口账号，请核对。")
        why = _given(reason, "取消结算窗口账号须写明原因。")
        self.record(self.DeskReleased, at=at, account=account, reason=why, by=by)

    def has_desk(self, account: str, on: date) -> bool:
        """Whether an account works at its window on a day."""
        return any(desk.account == account and desk.from_on <= on <= desk.to_on for desk in self.desks)

    def admits(self, on: date, ward: Ward | None = None) -> bool:
        """Whether a patient admitted on that day (to that ward) may be settled."""
        return not self._obstacle(on, ward)

    def demand_admitting(self, on: date, ward: Ward | None = None) -> None:
        """Raise RuleViolated where the agreement does not let it admit a patient to settlement on that day."""
        if obstacle := self._obstacle(on, ward):
            raise RuleViolated(f"{self.title}{obstacle}；请告知患者改为事后救助，或由区民政核实协议。")

    def _obstacle(self, on: date, ward: Ward | None) -> str:
        if self.from_on is None or on < self.from_on or (self.to_on is not None and on > self.to_on):
            return f"的定点协议在 {on} 不在有效期内"
        if self.suspended_from is not None and on >= self.suspended_from:
            return f"自 {self.suspended_from} 起暂停结算"
        if ward is not None and ward not in self.wards:
            return f"的{ward.label}未纳入结算"
        return ""


HOSPITALS = "queue:hospitals"
"""Tag of every hospital's events."""


def _demand_term(from_on: date, to_on: date) -> None:
    if to_on < from_on:
        raise RuleViolated("末日早于首日，请核对。")


def _given(text: str, demand: str) -> str:
    if not text.strip():
        raise RuleViolated(demand)
    return text.strip()
