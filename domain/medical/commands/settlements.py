"""Decisions about settlements, at a hospital's window: shown, booked, unknown, reversed, cancelled."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.codes import AccumulatorCause, MedType, SettlementCancelReason, SettlementState, VisitState
from domain.errors import RuleViolated
from domain.findings import Finding
from domain.kernel import Aggregate, Command, Decided, Decision, Doc, Load, LoadMany, LoadTagged, Wish
from domain.medical.accumulator import Accumulator
from domain.medical.commands.desks import DESKS, category_of, own_hospital, own_visit, used_in, year_of
from domain.medical.contradictions import of_undone
from domain.medical.hospital import Hospital
from domain.medical.resettling import give_back
from domain.medical.settlement import BOOKED, Settlement
from domain.medical.split import Bill, Printed, outcome
from domain.medical.visit import MedicalVisit

SettlementId = Annotated[UUID, Doc("结算标识")]


@dataclass(frozen=True, kw_only=True)
class PreSettleBill(Command):
    """预结算：按本日年度累计和标准计算各方应付，供告知患者；不入账，可重复办理。撤销过的就诊即为重新结算。"""

    ROLES: ClassVar = DESKS
    visit_id: Annotated[UUID, Doc("就诊标识")]
    settlement_no: Annotated[str, Doc("结算ID")]
    supplement_fen: Annotated[int, Doc("其他补充保障支付（公务员、企业补充、商业保险，分）")] = 0
    hospital_fen: Annotated[int, Doc("医院减免（分）")] = 0
    account_fen: Annotated[int, Doc("个人账户可支付（分）")] = 0
    family_account_fen: Annotated[int, Doc("家庭共济账户可支付（分）")] = 0

    def decide(self, by: Decision) -> Decided:
        visit, hospital = yield from own_visit(self.visit_id, by)
        visit.demand_valid()
        if visit.expenses is None:
            raise RuleViolated("此就诊尚未上传费用，不能预结算；请先上传费用。")
        categories = yield from category_of(visit.person_id)
        if categories is not None and visit.admitted_on is not None:
            categories.demand_free(visit.admitted_on)
        settlement = yield from self._settlement(visit, hospital, by)
        day = settlement.settled_on if settlement.replaces_id is not None else by.today
        used = yield from used_in(visit.person_id, day.year)
        bill = Bill(
            visit.expenses.total_fen,
            visit.expenses.in_scope_fen,
            self.supplement_fen,
            self.hospital_fen,
            self.account_fen,
            self.family_account_fen,
        )
        terms = settlement.terms(visit.category)._replace(on=day)
        result = outcome(by.parameters, terms, bill, used)
        settlement.show(by.now, outcome=result, settled_on=day, by=by.actor.name)
        return (settlement,)

    def _settlement(self, visit: MedicalVisit, hospital: Hospital, by: Decision) -> Generator[Wish, Any, Settlement]:
        """The settlement with this number, or a new one; it takes the place of one that was cancelled."""
        others = yield from settlements_of(visit)
        demand_none_in_force(others)
        id = Settlement.id_for(hospital.id, self.settlement_no.strip())
        known: dict[UUID, Settlement] = yield LoadMany(Settlement, (id,))
        if id in known:
            if known[id].visit_id != visit.id:
                raise RuleViolated("此结算ID已用于另一次就诊，请核对后使用新的结算ID。")
            return known[id]
        cancelled = next((s for s in others.values() if s.state is SettlementState.CANCELLED), None)
        return Settlement.open(
            by.now,
            visit_id=visit.id,
            hospital_id=hospital.id,
            person_id=visit.person_id,
            settlement_no=self.settlement_no,
            insurance=visit.insurance,
            level=hospital.level,
            med_type=visit.med_type,
            settled_on=cancelled.settled_on if cancelled is not None else by.today,
            replaces_id=cancelled.id if cancelled is not None else None,
            division_code=visit.division_code,
        )


@dataclass(frozen=True, kw_only=True)
class SettleBill(Command):
    """结算：按预结算结果入账。结算单各项须与预结算一致；同一结算重复提交不重复入账。"""

    ROLES: ClassVar = DESKS
    settlement_id: SettlementId
    total_fen: Annotated[int, Doc("结算单：医疗费总额（分）")]
    funds_fen: Annotated[int, Doc("结算单：基金支付总额（分）")]
    hospital_fen: Annotated[int, Doc("结算单：医院减免（分）")]
    person_fen: Annotated[int, Doc("结算单：个人负担总金额（分）")]

    def decide(self, by: Decision) -> Decided:
        settlement, visit = yield from own_settlement(self.settlement_id, by)
        printed = Printed(self.total_fen, self.funds_fen, self.hospital_fen, self.person_fen)
        if settlement.state in BOOKED:  # the same message again: it is booked, once
            if printed != Printed.of(settlement.split):
                raise RuleViolated(f"结算 {settlement.settlement_no} 已入账，金额与此次提交不同；更正请先撤销结算。")
            return (settlement,)
        if visit.med_type is MedType.INPATIENT and visit.state is VisitState.ADMITTED:
            raise RuleViolated("患者尚未办理出院，不能结算；请先办理出院。")
        others = yield from settlements_of(visit)
        demand_none_in_force({id: other for id, other in others.items() if id != settlement.id})
        year, _ = yield from year_of(settlement.person_id, settlement.year, settlement.division_code, by.now)
        result = outcome(by.parameters, settlement.terms(visit.category), settlement.bill, year.used)
        settlement.settle(by.now, outcome=result, printed=printed, by=by.actor.name)
        year.book(by.now, source_id=settlement.id, uses=result.uses)
        replaced = others.get(settlement.replaces_id) if settlement.replaces_id is not None else None
        if replaced is not None:
            replaced.replace(by.now, by_id=settlement.id, settlement_no=settlement.settlement_no)
        return (settlement, year, *((replaced,) if replaced is not None else ()))


@dataclass(frozen=True, kw_only=True)
class ReportSettlementUnknown(Command):
    """登记结算结果不明：医院未收到结算应答，须在期限内核实并确认或冲正。"""

    ROLES: ClassVar = DESKS
    settlement_id: SettlementId
    message_no: Annotated[str, Doc("未收到应答的报文号")]

    def decide(self, by: Decision) -> Decided:
        settlement, _ = yield from own_settlement(self.settlement_id, by)
        reverse_by = by.due("limits.medical_reversal", settlement.division_code)
        settlement.mark_unknown(by.now, message_no=self.message_no.strip(), by=by.actor.name, reverse_by=reverse_by)
        return (settlement,)


@dataclass(frozen=True, kw_only=True)
class ConfirmSettlement(Command):
    """确认结算有效：核实双方均已入账。"""

    ROLES: ClassVar = DESKS
    settlement_id: SettlementId
    note: Annotated[str, Doc("核实方式，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        settlement, _ = yield from own_settlement(self.settlement_id, by)
        settlement.confirm(by.now, note=self.note, by=by.actor.name)
        return (settlement,)


@dataclass(frozen=True, kw_only=True)
class ReverseSettlement(Command):
    """冲正：撤回结果不明的结算；本平台已入账的，恢复年度累计并按序重算以后的结算。"""

    ROLES: ClassVar = DESKS
    settlement_id: SettlementId
    message_no: Annotated[str, Doc("原交易的报文号")]

    def decide(self, by: Decision) -> Decided:
        settlement, visit = yield from own_settlement(self.settlement_id, by)
        was_booked = settlement.booked
        settlement.reverse(by.now, message_no=self.message_no, by=by.actor.name)
        if not was_booked:
            return (settlement,)
        changed = yield from undone(settlement, visit, AccumulatorCause.REVERSED, by)
        return (settlement, *changed)


@dataclass(frozen=True, kw_only=True)
class CancelSettlement(Command):
    """撤销结算：以相反分录恢复年度起付线和限额；以后的结算金额因此有变的，一并撤销并按序重新结算。"""

    ROLES: ClassVar = DESKS
    settlement_id: SettlementId
    reason: Annotated[SettlementCancelReason, Doc("撤销原因")]

    def decide(self, by: Decision) -> Decided:
        if self.reason in (SettlementCancelReason.EARLIER_CANCELLED, SettlementCancelReason.REPORTED):
            raise RuleViolated(f"“{self.reason.label}”由系统登记，请选择其他撤销原因。")
        settlement, visit = yield from own_settlement(self.settlement_id, by)
        reissue_by = by.due("limits.medical_reissue", settlement.division_code)
        settlement.cancel(by.now, reason=self.reason, reissue_by=reissue_by, by=by.actor.name)
        changed = yield from undone(settlement, visit, AccumulatorCause.CANCELLED, by)
        return (settlement, *changed)


@dataclass(frozen=True, kw_only=True)
class DropSettlement(Command):
    """不再重新结算：撤销后患者改由其他方式结算，或就诊登记有误，不再由本平台结算。"""

    ROLES: ClassVar = DESKS
    settlement_id: SettlementId
    reason: Annotated[str, Doc("原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        settlement, _ = yield from own_settlement(self.settlement_id, by)
        settlement.drop(by.now, reason=self.reason, by=by.actor.name)
        return (settlement,)


def own_settlement(id: UUID, by: Decision) -> Generator[Wish, Any, tuple[Settlement, MedicalVisit]]:
    """The settlement and its visit, if the caller may act for their hospital. Raises NotFound."""
    settlement: Settlement = yield Load(Settlement, id)
    yield from own_hospital(settlement.hospital_id, by)
    visit: MedicalVisit = yield Load(MedicalVisit, settlement.visit_id)
    return settlement, visit


def settlements_of(visit: MedicalVisit) -> Generator[Wish, Any, dict[UUID, Settlement]]:
    """Every settlement of a visit."""
    found: dict[UUID, Settlement] = yield LoadTagged(Settlement, (f"medical_visit:{visit.id}",))
    return found


def demand_none_in_force(others: dict[UUID, Settlement]) -> None:
    """Raise RuleViolated where one of a visit's settlements counts, or nobody knows whether it does."""
    for other in others.values():
        if other.booked or other.state is SettlementState.PENDING_REVERSAL:
            raise RuleViolated(
                f"此就诊已有结算 {other.settlement_no}（{other.state.label}），不能再结算；须先撤销、冲正或确认。"
            )


def undone(
    settlement: Settlement, visit: MedicalVisit, cause: AccumulatorCause, by: Decision
) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
    """Give back what an undone settlement had used, and settle what came after it in the year anew.

    What could not be made anew becomes a finding.
    """
    id = Accumulator.id_for(settlement.person_id, settlement.year)
    years: dict[UUID, Accumulator] = yield LoadMany(Accumulator, (id,))
    if id not in years:
        return ()
    year = years[id]
    later = tuple(entry.source_id for entry in year.after(settlement.id))
    others: dict[UUID, Settlement] = yield LoadMany(Settlement, later)
    given_back = give_back(
        by.now,
        settlement=settlement,
        year=year,
        others=others,
        parameters=by.parameters,
        cause=cause,
        by=by.actor.name,
    )
    drafts = {Finding.id_for(d.key): d for d in of_undone(settlement, visit, given_back.affected, by.today)}
    known: dict[UUID, Finding] = yield LoadMany(Finding, tuple(drafts))
    found = [Finding.raise_for(id, by.now, **d.fields()) for id, d in drafts.items() if id not in known]
    return (*given_back.changed, *found)
