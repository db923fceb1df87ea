"""Decisions about visits: admission, expenses, discharge, at a hospital's window."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.codes import InsuranceType, MaCategory, MedType, SettlementState, Ward
from domain.errors import NotFound, RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, FindPerson, Load, LoadMany, LoadTagged, Wish
from domain.medical.commands.desks import DESKS, category_of, own_hospital, own_visit, standing, used_in
from domain.medical.hospital import Hospital
from domain.medical.settlement import Settlement
from domain.medical.split import Terms
from domain.medical.visit import Expenses, MedicalVisit
from domain.registry.person import Person

VisitId = Annotated[UUID, Doc("就诊标识")]
Diagnosis = Annotated[str, Doc("诊断，加密保存；可不填")]


@dataclass(frozen=True, kw_only=True)
class AdmitPatient(Command):
    """登记就诊（入院）：按就诊当日确定医疗救助身份，并给出年度起付线和限额的使用情况。"""

    ROLES: ClassVar = DESKS
    hospital_id: Annotated[UUID, Doc("定点医疗机构标识")]
    citizen_id: Annotated[str, Doc("患者公民身份号码")]
    visit_no: Annotated[str, Doc("就诊ID")]
    med_type: Annotated[MedType, Doc("医疗类别")]
    insurance: Annotated[InsuranceType, Doc("险种类别")]
    admitted_on: Annotated[date, Doc("就诊（入院）日期")]
    ward: Annotated[Ward | None, Doc("特殊病区；普通病区不填")] = None
    diagnosis: Diagnosis = ""

    def decide(self, by: Decision) -> Decided:
        hospital = yield from own_hospital(self.hospital_id, by)
        hospital.demand_admitting(self.admitted_on, self.ward)
        person_id: UUID | None = yield FindPerson(self.citizen_id.strip().upper())
        if person_id is None:
            raise NotFound("本区没有登记此公民身份号码的人员；请核对证件，或告知患者到户籍、居住地街道办理。")
        person: Person = yield Load(Person, person_id)
        if person.died_on is not None and self.admitted_on > person.died_on:
            raise RuleViolated("登记的就诊日期晚于该人员的死亡日期；请核对证件，或由街道核实死亡登记。")
        id = MedicalVisit.id_for(hospital.id, self.visit_no.strip())
        known: dict[UUID, MedicalVisit] = yield LoadMany(MedicalVisit, (id,))
        if id in known:
            return _repeated(known[id], person, self)
        visit = MedicalVisit.admit(
            by.now,
            person_id=person.id,
            hospital_id=hospital.id,
            visit_no=self.visit_no,
            med_type=self.med_type,
            insurance=self.insurance,
            ward=self.ward,
            admitted_on=self.admitted_on,
            diagnosis=self.diagnosis,
            by=by.actor.name,
            division_code=person.division_code,
        )
        yield from resolve(visit, hospital, self.admitted_on, by)
        return (visit,)


@dataclass(frozen=True, kw_only=True)
class UploadExpenses(Command):
    """上传费用：可多次上传，以最后一次为准；各项之和须等于医疗费总额。"""

    ROLES: ClassVar = DESKS
    visit_id: VisitId
    total_fen: Annotated[int, Doc("医疗费总额（分）")]
    in_scope_fen: Annotated[int, Doc("符合政策范围金额（分）")]
    own_expense_fen: Annotated[int, Doc("全自费金额（分）")] = 0
    over_limit_fen: Annotated[int, Doc("超限价自费费用（分）")] = 0
    first_share_fen: Annotated[int, Doc("先行自付金额（分）")] = 0

    def decide(self, by: Decision) -> Decided:
        visit, _ = yield from own_visit(self.visit_id, by)
        yield from demand_unsettled(visit)
        expenses = Expenses(
            self.total_fen, self.in_scope_fen, self.own_expense_fen, self.over_limit_fen, self.first_share_fen
        )
        visit.upload(by.now, expenses=expenses, by=by.actor.name)
        return (visit,)


@dataclass(frozen=True, kw_only=True)
class DischargePatient(Command):
    """办理出院：按出院当日再次确定医疗救助身份，取入院、出院两日中较优的。"""

    ROLES: ClassVar = DESKS
    visit_id: VisitId
    discharged_on: Annotated[date, Doc("出院日期")]
    diagnosis: Diagnosis = ""

    def decide(self, by: Decision) -> Decided:
        visit, hospital = yield from own_visit(self.visit_id, by)
        visit.discharge(by.now, discharged_on=self.discharged_on, diagnosis=self.diagnosis or None, by=by.actor.name)
        yield from resolve(visit, hospital, self.discharged_on, by)
        return (visit,)


@dataclass(frozen=True, kw_only=True)
class VoidAdmission(Command):
    """撤销就诊登记：登记有误且没有有效结算的。"""

    ROLES: ClassVar = DESKS
    visit_id: VisitId
    reason: Annotated[str, Doc("原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        visit, _ = yield from own_visit(self.visit_id, by)
        yield from demand_unsettled(visit)
        visit.void(by.now, reason=self.reason, by=by.actor.name)
        return (visit,)


def resolve(visit: MedicalVisit, hospital: Hospital, on: date, by: Decision) -> Generator[Wish, Any, None]:
    """Look up the patient's category of a day, and what it gives in that year. Raises ParameterNotInForce."""
    categories = yield from category_of(visit.person_id)
    used = yield from used_in(visit.person_id, on.year)
    that_day = categories.category_on(on) if categories is not None else MaCategory.NONE
    terms = Terms(visit.division_code, on, visit.insurance, hospital.level, visit.med_type, that_day)
    visit.resolve(by.now, on_that_day=that_day, as_of_on=on, standing=standing(by.parameters, terms, used, on))


def demand_unsettled(visit: MedicalVisit) -> Generator[Wish, Any, None]:
    """Raise RuleViolated where the visit has a settlement that counts, or whose result nobody knows."""
    known: dict[UUID, Settlement] = yield LoadTagged(Settlement, (f"medical_visit:{visit.id}",))
    for settlement in known.values():
        if settlement.booked or settlement.state is SettlementState.PENDING_REVERSAL:
            raise RuleViolated(
                f"此就诊已有结算 {settlement.settlement_no}（{settlement.state.label}）；请先撤销或冲正，再修改。"
            )


def _repeated(visit: MedicalVisit, person: Person, command: AdmitPatient) -> tuple[MedicalVisit]:
    """The same registration again does nothing; another under the same number is a mistake."""
    same = (visit.person_id, visit.admitted_on, visit.med_type) == (person.id, command.admitted_on, command.med_type)
    if not same:
        raise RuleViolated("此就诊ID已用于另一次就诊，请核对后使用新的就诊ID。")
    return (visit,)
