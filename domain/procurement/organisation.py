"""Decisions about a social organisation, and what its register reports.

Registered and sanctioned by two hands: who took the application on does not register it. A revocation and a penalty
that hurts come after the organisation was told of its right to a hearing (行政处罚法 2021 article 63 `[law*]`).
"""

from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID, uuid5

from domain.codes import AbnormalReason, OrgInspectionResult, OrgKind, OrgState, PenaltyKind
from domain.errors import RuleViolated
from domain.procurement.contract import Party
from domain.procurement.credit_code import CreditCode, demand_kind
from domain.procurement.organisation_record import (
    CreditCodeClaim,
    Inspection,
    OrganisationRecord,
    standing_after,
    standing_text,
)
from domain.wording import written
from domain.workdays import days_after

_ORGANISATIONS = UUID("b1c9a6de-1d6f-5f0e-9b2f-3a5e9c0d7a21")
"""Namespace of ids that follow from credit codes."""
_ACTIVE = (OrgState.REGISTERED, OrgState.GOOD, OrgState.ABNORMAL)
_PUNITIVE = (PenaltyKind.SUSPEND, PenaltyKind.CONFISCATE, PenaltyKind.FINE)


class Organisation(OrganisationRecord):
    """One social organisation."""

    TOPIC: ClassVar[str] = "procurement.Organisation"

    class Created(OrganisationRecord.Created):
        """Somebody sets it up. Named again, since the library would make up another first event for a subclass."""

    @staticmethod
    def id_for(credit_code: str) -> UUID:
        """The id of an organisation that a register file names first, from its code."""
        return uuid5(_ORGANISATIONS, credit_code)

    @classmethod
    def prepare(
        cls,
        id: UUID,
        at: datetime,
        *,
        name: str,
        kind: OrgKind,
        sponsor: str,
        local: bool,
        social_work: bool,
        division_code: str,
        by: str,
    ) -> Self:
        """An application to set one up was taken on."""
        return cls.create(
            cls.Created,
            id=id,
            at=at,
            name=written(name, "请填写社会组织名称。"),
            kind=kind,
            sponsor=sponsor.strip(),
            local=local,
            social_work=social_work,
            division_code=division_code,
            by=by,
        )

    def register(
        self,
        at: datetime,
        *,
        code: CreditCode,
        representative: str,
        certified_count: int,
        by: str,
        report_by: date,
        inspect_by: date,
    ) -> None:
        """Enter it in the register, by another hand than the one that took the application on."""
        self._demand("登记", OrgState.PREPARING)
        if by == self.prepared_by:
            raise RuleViolated("您已受理此社会组织的筹备，不能再办理登记；请由其他经办人办理。")
        demand_kind(code, self.kind)
        self.record(
            self.Registered,
            at=at,
            credit_code=code.number,
            kind=self.kind,
            representative=written(representative, "请填写法定代表人姓名。"),
            certified_count=_count(certified_count),
            by=by,
            report_by=report_by,
            inspect_by=inspect_by,
            effective_on=at.date(),
        )

    def change(
        self,
        at: datetime,
        *,
        by: str,
        representative: str = "",
        local: bool | None = None,
        social_work: bool | None = None,
        certified_count: int | None = None,
    ) -> None:
        """Change its entry; what is not given stays."""
        self._demand("变更登记", *_ACTIVE)
        if not representative.strip() and local is None and social_work is None and certified_count is None:
            raise RuleViolated("请填写要变更的内容：法定代表人、是否本地、是否社工机构或持证社工人数。")
        self.record(
            self.Changed,
            at=at,
            representative=representative.strip() or None,
            local=self.local if local is None else local,
            social_work=self.social_work if social_work is None else social_work,
            certified_count=_count(self.certified_count if certified_count is None else certified_count),
            by=by,
            effective_on=at.date(),
        )

    def file_report(
        self, at: datetime, *, year: int, was_due_on: date, report_by: date, inspect_by: date, by: str
    ) -> None:
        """Take the report on a year in, late ones too; each year once."""
        self._demand("报送年报", *_ACTIVE)
        self._demand_year(year, at.date())
        if year in self.reported_years:
            raise RuleViolated(f"{year} 年度工作报告已报送，不能重复报送。")
        self.record(
            self.Reported,
            at=at,
            year=year,
            was_due_on=was_due_on,
            report_by=report_by,
            inspect_by=inspect_by,
            by=by,
            effective_on=at.date(),
        )

    def inspect(self, at: datetime, *, year: int, result: OrgInspectionResult, note: str, by: str) -> None:
        """Record the year's inspection; it needs that year's report, and a reason where it failed."""
        self._demand("年检", *_ACTIVE)
        self._demand_year(year, at.date())
        if year not in self.reported_years:
            raise RuleViolated(f"{year} 年度工作报告尚未报送，不能年检；逾期不报的请列入异常名录。")
        if self.inspection(year) is not None:
            raise RuleViolated(f"{year} 年度已有年检结论，结论有误的请办理更正。")
        self._inspected(at, year, result, note, by, None)

    def correct_inspection(self, at: datetime, *, year: int, result: OrgInspectionResult, note: str, by: str) -> None:
        """Put a mistaken result right; the event names the one that it corrects, and both stay."""
        known = self.inspection(year)
        if known is None:
            raise RuleViolated(f"{year} 年度没有年检结论，不能更正。")
        if known.result is result:
            raise RuleViolated(f"{year} 年度年检结论已是“{result.label}”，无须更正。")
        reason = written(note, "更正年检结论须写明原因。")
        self._inspected(at, year, result, reason, by, known.version)

    def list_abnormal(self, at: datetime, *, reason: AbnormalReason, letter_no: str, by: str) -> None:
        """Put it on the list; raises RuleViolated where it is there or no longer exists."""
        self._demand("列入异常名录", OrgState.REGISTERED, OrgState.GOOD)
        number = written(letter_no, "列入异常名录须填写决定书文号。")
        self.record(self.ListedAbnormal, at=at, reason=reason, letter_no=number, by=by, effective_on=at.date())

    def unlist(self, at: datetime, *, reason: str, by: str, mistaken: bool = False) -> None:
        """Take it off the list, because it put things right or (`mistaken`) because it should not have been there."""
        self._demand("移出异常名录", OrgState.ABNORMAL)
        fields = {"reason": written(reason, "移出异常名录须写明原因。"), "state": self.standing}
        corrects = self.listed_version if mistaken else None
        self.record(self.Unlisted, at=at, corrects_version=corrects, by=by, effective_on=at.date(), **fields)

    def penalise(
        self,
        at: datetime,
        *,
        kind: PenaltyKind,
        reason: str,
        letter_no: str,
        amount_fen: int,
        suspended_to: date | None,
        heard: bool,
        by: str,
    ) -> None:
        """Impose a penalty; `heard`: the organisation had its time to ask for a hearing."""
        self._demand("处罚", *_ACTIVE)
        if kind in _PUNITIVE and not heard:
            raise RuleViolated(f"{kind.label}须先送达听证告知书并等候申请听证的期限届满，请补填告知日期。")
        money = kind in (PenaltyKind.FINE, PenaltyKind.CONFISCATE)
        if money != (amount_fen > 0):
            raise RuleViolated(f"{kind.label}{'须填写金额' if money else '不填写金额'}。")
        if (kind is PenaltyKind.SUSPEND) != (suspended_to is not None):
            raise RuleViolated("限期停止活动须填写停止至何日，其他处罚不填。")
        if suspended_to is not None and suspended_to <= at.date():
            raise RuleViolated("停止活动的最后一日应晚于今天。")
        self.record(
            self.Penalised,
            at=at,
            kind=kind,
            reason=written(reason, "处罚须写明违法事实和依据，不写个人信息。"),
            letter_no=written(letter_no, "处罚须填写决定书文号。"),
            amount_fen=amount_fen,
            suspended_to=suspended_to,
            by=by,
            effective_on=at.date(),
        )

    def deregister(self, at: datetime, *, reason: str, open_contracts: int, by: str) -> None:
        """Strike it off at its own wish, after its contracts are done with."""
        self._demand("注销", *_ACTIVE)
        if open_contracts:
            raise RuleViolated(f"该社会组织还有 {open_contracts} 个未办结的购买服务合同，请先终止、移交或办结。")
        text = written(reason, "注销须写明原因和清算情况。")
        self.record(self.Deregistered, at=at, reason=text, by=by, effective_on=at.date())

    def revoke(self, at: datetime, *, reason: str, letter_no: str, heard: bool, by: str) -> None:
        """Revoke its registration; what it serves under contract is seen to by the purchases it stands in (X16)."""
        self._demand("撤销登记", *_ACTIVE)
        if not heard:
            raise RuleViolated("撤销登记须先送达听证告知书并等候申请听证的期限届满，请补填告知日期。")
        self.record(
            self.Revoked,
            at=at,
            reason=written(reason, "撤销登记须写明违法事实和依据，不写个人信息。"),
            letter_no=written(letter_no, "撤销登记须填写决定书文号。"),
            by=by,
            effective_on=at.date(),
        )

    def reinstate(self, at: datetime, *, basis: str, by: str) -> None:
        """Undo a revocation as a review or judgment orders."""
        self._demand("恢复登记", OrgState.REVOKED)
        text = written(basis, "恢复登记须写明复议决定或判决文号。")
        self.record(self.Reinstated, at=at, basis=text, state=self._former(), by=by, effective_on=at.date())

    @property
    def party(self) -> Party:
        """What a contract says of it."""
        return Party(self.id, self.credit_code, self.local, self.social_work)

    def demand_good_standing(self, on: date) -> None:
        """Raise RuleViolated where it may get no new contract on that day, saying why."""
        if not self.in_good_standing(on):
            failed = f"“{self.name}”最近一次年检不合格，不能承接新的购买服务合同。"
            stopped = f"“{self.name}”被限期停止活动至 {self.suspended_to}，不能承接新的购买服务合同。"
            suspended = self.suspended_to is not None and on <= self.suspended_to
            raise RuleViolated(standing_text(self.state, self.name) or (stopped if suspended else failed))

    def in_good_standing(self, on: date) -> bool:
        """Registered, not on the abnormal list, not stopped for a time, its last inspection not failed."""
        failed = bool(self.inspections) and self.inspections[-1].result is OrgInspectionResult.FAILED
        suspended = self.suspended_to is not None and on <= self.suspended_to
        return self.state in (OrgState.REGISTERED, OrgState.GOOD) and not failed and not suspended

    def inspection(self, year: int) -> Inspection | None:
        """What that year's inspection found, as corrected."""
        return next((each for each in self.inspections if each.year == year), None)

    @classmethod
    def report_known(
        cls,
        id: UUID,
        at: datetime,
        *,
        name: str,
        kind: OrgKind,
        sponsor: str,
        local: bool,
        social_work: bool,
        division_code: str,
        credit_code: str,
        representative: str,
        certified_count: int,
        registered_on: date,
    ) -> Self:
        """An organisation that the register has had since `registered_on`; history opens no work."""
        fields = {"name": name, "kind": kind, "sponsor": sponsor, "local": local, "social_work": social_work}
        made = cls.create(cls.Created, id=id, at=at, division_code=division_code, by="", **fields)
        made.record(
            cls.Registered,
            at=at,
            credit_code=credit_code,
            kind=kind,
            representative=representative,
            certified_count=certified_count,
            by="",
            report_by=None,
            inspect_by=None,
            effective_on=registered_on,
        )
        return made

    def report_details(
        self,
        at: datetime,
        *,
        representative: str | None,
        local: bool,
        social_work: bool,
        certified_count: int,
        effective_on: date,
    ) -> None:
        """What the register says of it now; nothing is recorded where nothing changed."""
        known = (self.local, self.social_work, self.certified_count)
        if representative is not None or known != (local, social_work, certified_count):
            self.record(
                self.Changed,
                at=at,
                representative=representative,
                local=local,
                social_work=social_work,
                certified_count=certified_count,
                by="",
                effective_on=effective_on,
            )

    def report_inspected(self, at: datetime, *, year: int, result: OrgInspectionResult, effective_on: date) -> None:
        """A year's result as the register has it; another one than before corrects that."""
        known = self.inspection(year)
        if known is None or known.result is not result:
            corrects = known.version if known else None
            self._record_inspected(at, effective_on, year, result, note="", by="", corrects_version=corrects)

    def report_state(self, at: datetime, *, state: OrgState, reason: str, effective_on: date) -> None:
        """The register says it is on the abnormal list, off it, given up or revoked; nothing where it is so already."""
        on = {"by": "", "effective_on": effective_on}
        if state is self.state or (state in (OrgState.REGISTERED, OrgState.GOOD) and self.state in _GOOD_OR_NOT):
            return
        if state is OrgState.ABNORMAL:
            self.record(self.ListedAbnormal, at=at, reason=AbnormalReason.OTHER, letter_no="", **on)
        elif state is OrgState.DEREGISTERED:
            self.record(self.Deregistered, at=at, reason=reason, **on)
        elif state is OrgState.REVOKED:
            self.record(self.Revoked, at=at, reason=reason, letter_no="", **on)
        elif self.state is OrgState.ABNORMAL:
            self.record(self.Unlisted, at=at, reason=reason, corrects_version=None, state=self.standing, **on)
        elif self.state in (OrgState.DEREGISTERED, OrgState.REVOKED):
            self.record(self.Reinstated, at=at, basis=reason, state=self._former(), **on)

    def _inspected(
        self, at: datetime, year: int, result: OrgInspectionResult, note: str, by: str, corrects: int | None
    ) -> None:
        text = written(note, "年检不合格须写明原因。") if result is OrgInspectionResult.FAILED else note.strip()
        self._record_inspected(at, at.date(), year, result, note=text, by=by, corrects_version=corrects)

    def _record_inspected(
        self, at: datetime, on: date, year: int, result: OrgInspectionResult, **said: str | int | None
    ) -> None:
        others = (each for each in self.inspections if each.year != year)
        standing = standing_after(sorted((*others, Inspection(year, result, 0))))
        state = standing if self.state in _GOOD_OR_NOT else self.state
        self.record(self.Inspected, at=at, year=year, result=result, state=state, effective_on=on, **said)

    def _former(self) -> OrgState:
        return self.standing if self.listed_version is None else OrgState.ABNORMAL

    def _demand(self, what: str, *states: OrgState) -> None:
        if self.state not in states:
            allowed = "、".join(state.label for state in states)
            raise RuleViolated(f"“{self.name}”现为“{self.state.label}”，不能{what}；须为：{allowed}。")

    def _demand_year(self, year: int, today: date) -> None:
        begun = self.registered_on.year if self.registered_on else today.year
        if not begun <= year < today.year:
            raise RuleViolated(f"年度应在登记之年（{begun}）和上一年（{today.year - 1}）之间，现为 {year}。")


_GOOD_OR_NOT = (OrgState.REGISTERED, OrgState.GOOD)


def claim(code: CreditCode, organisation: Organisation, at: datetime) -> CreditCodeClaim:
    """Take a code for an organisation; the store refuses a second one."""
    return CreditCodeClaim.create(
        CreditCodeClaim.Created,
        id=claim_id(code.number),
        at=at,
        credit_code=code.number,
        organisation_id=organisation.id,
        division_code=organisation.division_code,
    )


def claim_id(credit_code: str) -> UUID:
    """The id of the claim of a code."""
    return uuid5(_ORGANISATIONS, f"claim {credit_code}")


def due_after(year: int, months: int) -> date:
    """The day by which what is due by the end of that month of the year after `year` is due at the latest."""
    last = date(year + 1, months + 1, 1) if months < 12 else date(year + 2, 1, 1)
    return days_after(date.fromordinal(last.toordinal() - 1), 0)


def _count(count: int) -> int:
    if count < 0:
        raise RuleViolated("持证社工人数不能为负数。")
    return count
