"""Decisions about the daily reconciliation and the monthly clearing with hospitals."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID, uuid5

from domain.access import FINANCE, RoleCode
from domain.clock import demand_month, month_of
from domain.codes import ClearingState, FindingRule, FundSource
from domain.errors import RuleViolated
from domain.findings import Finding
from domain.formulas import yuan
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, LoadTagged, Wish
from domain.medical.clearing import Account, Clearing, account_of, days_of
from domain.medical.commands.desks import own_hospital
from domain.medical.hospital import Hospital
from domain.medical.reconciliation import DailyReconciliation, Difference, lines_of, read_file
from domain.medical.settlement import Settlement, day_tag, month_tag

HospitalId = Annotated[UUID, Doc("定点医疗机构标识")]
Month = Annotated[str, Doc("清算月份（YYYY-MM）")]


@dataclass(frozen=True, kw_only=True)
class ReconcileDay(Command):
    """日对账：将医院当日结算文件与本平台逐笔核对；差异逐笔列出并形成疑点。更正文件后可重新对账。"""

    ROLES: ClassVar = FINANCE | {RoleCode.HOSPITAL_DESK}
    hospital_id: HospitalId
    business_on: Annotated[date, Doc("对账日期")]
    file: Annotated[
        str, Doc("医院当日文件，每行：结算ID,退费标志（0或1）,医疗费总额（元）,医疗救助支出（元）；当日没有结算的为空")
    ]

    def decide(self, by: Decision) -> Decided:
        theirs = read_file(self.file)
        hospital = yield from own_hospital(self.hospital_id, by)
        known: dict[UUID, Settlement] = yield LoadTagged(Settlement, (day_tag(hospital.id, self.business_on),))
        id = DailyReconciliation.id_for(hospital.id, self.business_on)
        days: dict[UUID, DailyReconciliation] = yield LoadMany(DailyReconciliation, (id,))
        day = days.get(id) or DailyReconciliation.start(
            by.now, hospital_id=hospital.id, business_on=self.business_on, division_code=hospital.division_code
        )
        differences = day.compare(
            by.now,
            ours=lines_of(known.values(), self.business_on),
            theirs=theirs,
            by=by.actor.name,
            resolve_by=by.due("limits.medical_difference", hospital.division_code),
        )
        agreed = _agreed(known, differences, self.business_on, by)
        findings = yield from _findings(day, hospital, differences, self.business_on, by)
        return (day, *agreed, *findings)


@dataclass(frozen=True, kw_only=True)
class ResolveDifference(Command):
    """核实对账差异：以本平台为准、由医院更正的，写明核实方式；以医院为准的，应撤销结算后重新结算并再次对账。"""

    ROLES: ClassVar = FINANCE
    hospital_id: HospitalId
    business_on: Annotated[date, Doc("对账日期")]
    settlement_no: Annotated[str, Doc("结算ID")]
    note: Annotated[str, Doc("核实方式和医院如何更正，不写个人信息")]
    refund: Annotated[bool, Doc("是否为退费行的差异")] = False

    def decide(self, by: Decision) -> Decided:
        day: DailyReconciliation = yield Load(
            DailyReconciliation, DailyReconciliation.id_for(self.hospital_id, self.business_on)
        )
        day.resolve(by.now, settlement_no=self.settlement_no, refund=self.refund, note=self.note, by=by.actor.name)
        id = Settlement.id_for(self.hospital_id, self.settlement_no)
        known: dict[UUID, Settlement] = yield LoadMany(Settlement, (id,))
        if not self.refund and id in known:
            known[id].reconcile(by.now, business_on=self.business_on)
            return (day, known[id])
        return (day,)


@dataclass(frozen=True, kw_only=True)
class PrepareClearing(Command):
    """编制月度清算：当月各日均已对账、没有未核实的差异和结果不明的结算时，汇总医疗救助应付医院的金额。"""

    ROLES: ClassVar = FINANCE
    hospital_id: HospitalId
    month: Month

    def decide(self, by: Decision) -> Decided:
        month = demand_month(self.month)
        hospital: Hospital = yield Load(Hospital, self.hospital_id)
        account, _ = yield from _account(hospital, month, by)
        approve_by = by.due("limits.medical_clearing", hospital.division_code)
        id = Clearing.id_for(hospital.id, month)
        known: dict[UUID, Clearing] = yield LoadMany(Clearing, (id,))
        if id in known:
            known[id].redraw(by.now, account=account, by=by.actor.name, approve_by=approve_by)
            return (known[id],)
        return (
            Clearing.prepare(
                by.now,
                hospital_id=hospital.id,
                month=month,
                account=account,
                by=by.actor.name,
                approve_by=approve_by,
                division_code=hospital.division_code,
            ),
        )


@dataclass(frozen=True, kw_only=True)
class WithdrawClearing(Command):
    """撤回月度清算：拨付前发现有误的，撤回后重新编制。"""

    ROLES: ClassVar = FINANCE
    clearing_id: Annotated[UUID, Doc("清算标识")]
    reason: Annotated[str, Doc("原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        clearing: Clearing = yield Load(Clearing, self.clearing_id)
        clearing.withdraw(by.now, reason=self.reason, by=by.actor.name)
        return (clearing,)


@dataclass(frozen=True, kw_only=True)
class PayClearing(Command):
    """审批并拨付月度清算：由编制人以外的人办理；编制后结算有变的须重新编制。"""

    ROLES: ClassVar = FINANCE
    clearing_id: Annotated[UUID, Doc("清算标识")]
    fund_source: Annotated[FundSource, Doc("资金来源")]
    voucher_no: Annotated[str, Doc("拨款凭证号")]

    def decide(self, by: Decision) -> Decided:
        clearing: Clearing = yield Load(Clearing, self.clearing_id)
        if clearing.state is not ClearingState.PREPARED:
            raise RuleViolated(f"清算现为“{clearing.state.label}”，不能审批拨付。")
        hospital: Hospital = yield Load(Hospital, clearing.hospital_id)
        account, known = yield from _account(hospital, clearing.month, by)
        clearing.pay(
            by.now,
            account=account,
            fund_source=self.fund_source,
            voucher_no=self.voucher_no,
            by=by.actor.name,
        )
        paid = [known[id] for id in account.settlement_ids]
        for settlement in paid:
            settlement.clear(by.now, clearing_id=clearing.id, month=clearing.month)
        return (clearing, *paid)


def _account(
    hospital: Hospital, month: str, by: Decision
) -> Generator[Wish, Any, tuple[Account, dict[UUID, Settlement]]]:
    """What a hospital's month comes to, and its settlements; raises RuleViolated where it is not ready."""
    known: dict[UUID, Settlement] = yield LoadTagged(Settlement, (month_tag(hospital.id, month),))
    days = days_of(known.values(), month)
    ids = {DailyReconciliation.id_for(hospital.id, day): day for day in days}
    found: dict[UUID, DailyReconciliation] = yield LoadMany(DailyReconciliation, tuple(ids))
    reconciled = {ids[id]: day for id, day in found.items()}
    return account_of(month, tuple(known.values()), reconciled, by.today), known


def _agreed(
    known: dict[UUID, Settlement], differences: tuple[Difference, ...], day: date, by: Decision
) -> list[Settlement]:
    """Settlements of the day that the hospital has alike, and were not known to be so."""
    differing = {difference.settlement_no for difference in differences}
    agreed = []
    for settlement in known.values():
        if settlement.booked_on == day and settlement.settlement_no not in differing:
            settlement.reconcile(by.now, business_on=day)
            if settlement.pending_events:
                agreed.append(settlement)
    return agreed


def _findings(
    day: DailyReconciliation,
    hospital: Hospital,
    differences: tuple[Difference, ...],
    business_on: date,
    by: Decision,
) -> Generator[Wish, Any, list[Finding]]:
    """A finding for each difference that none was raised for before."""
    ids = {uuid5(day.id, f"{d.settlement_no} {d.refund}"): d for d in differences}
    known: dict[UUID, Finding] = yield LoadMany(Finding, tuple(ids))
    return [
        Finding.raise_for(
            id,
            by.now,
            rule=FindingRule.MEDICAL_DIFFERENCE,
            subject=f"hospital:{hospital.id}",
            division_code=hospital.division_code,
            effective_on=business_on,
            detail=f"{business_on} 结算 {d.settlement_no}：{d.kind.label}，本平台医疗救助 "
            f"{yuan(d.ours_assistance_fen)}，医院 {yuan(d.theirs_assistance_fen)}",
            evidence=(f"reconciliation:{day.id}@{day.version}",),
            month=month_of(business_on),
            amount_fen=abs(d.ours_assistance_fen - d.theirs_assistance_fen),
        )
        for id, d in ids.items()
        if id not in known
    ]
