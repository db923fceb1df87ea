"""Decisions from an application to its grant or refusal."""

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, DISTRICT, OFFICIALS, RoleCode
from domain.assistance.case import Case
from domain.assistance.case_facts import IN_FORCE
from domain.assistance.commands.verification import end_verifications
from domain.assistance.contradictions import EXCLUSIVE
from domain.assistance.recognition import STATUS_SCHEMES
from domain.assistance.verification import EconVerification, demand_settled, demand_uncontested
from domain.codes import BENEFIT_SCHEMES, Cause, HouseholdKind, Scheme, SelfCare, Supplement, UrbanRural
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, LoadTagged
from domain.registry.household import Household
from domain.registry.person import Person, PersonState

CaseId = Annotated[UUID, Doc("个案标识")]
_FOR_HOUSEHOLDS = STATUS_SCHEMES | {Scheme.DIBAO}


@dataclass(frozen=True, kw_only=True)
class ApplyForAssistance(Command):
    """申请救助：以共同生活家庭为单位申请低保或困难家庭认定，特困和临时救助也可由其中的个人申请。"""

    ROLES: ClassVar = CASEWORKERS
    scheme: Annotated[Scheme, Doc("救助类别")]
    household_id: Annotated[UUID, Doc("家庭标识")]
    applicant_id: Annotated[UUID, Doc("申请人标识，须为家庭成员")]
    member_ids: Annotated[tuple[UUID, ...], Doc("申请保障的成员标识")]
    cause: Annotated[Cause, Doc("致困原因")]
    urban_rural: Annotated[UrbanRural | None, Doc("城乡属性；不填时按村、社区确定")] = None
    case_no: Annotated[str, Doc("个案编号；不填时自动编号")] = ""

    def decide(self, by: Decision) -> Decided:
        if self.scheme in BENEFIT_SCHEMES:
            raise RuleViolated(f"{self.scheme.label}是个人待遇，请办理个人待遇申请。")
        household: Household = yield Load(Household, self.household_id)
        _demand_household(household, self.scheme)
        if not self.member_ids or len(set(self.member_ids)) != len(self.member_ids):
            raise RuleViolated("申请保障的成员至少一人，且不能重复。")
        if not {self.applicant_id, *self.member_ids} <= set(household.members):
            raise RuleViolated("申请人和申请保障的人员都应是该家庭成员，请先登记家庭成员。")
        demand_living((yield LoadMany(Person, (self.applicant_id, *self.member_ids))))
        village = household.division_code[9:] >= "200"
        case = Case.apply_for(
            by.new_id,
            by.now,
            scheme=self.scheme,
            case_no=self.case_no or f"{self.scheme.value}-{by.today.year}-{by.new_id.hex[:8].upper()}",
            household_id=household.id,
            applicant_id=self.applicant_id,
            member_ids=self.member_ids,
            cause=self.cause,
            urban_rural=self.urban_rural or (UrbanRural.RURAL if village else UrbanRural.URBAN),
            division_code=household.division_code,
            from_on=by.today,
            accept_by=by.due("limits.acceptance", household.division_code),
        )
        return (case,)


@dataclass(frozen=True, kw_only=True)
class AcceptCase(Command):
    """受理申请：材料齐全后受理，办结期限按工作日计算。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        code = "limits.temp_ordinary" if case.scheme is Scheme.TEMP else "limits.case_total"
        case.accept(
            by.now,
            due_on=by.due(code, case.division_code),
            investigate_by=by.due("limits.investigation_start", case.division_code),
        )
        return (case,)


@dataclass(frozen=True, kw_only=True)
class ReturnCase(Command):
    """退回补正：一次性告知所缺材料。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId
    missing: Annotated[str, Doc("所缺材料")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.send_back(by.now, missing=self.missing)
        return (case,)


@dataclass(frozen=True, kw_only=True)
class VerifyCase(Command):
    """登记入户核查和家庭经济状况核对结果；发放中的个案复核也用此项。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId
    monthly_income_fen: Annotated[int, Doc("家庭可计算月收入（分），取前6个月平均")]
    property_within_limits: Annotated[bool, Doc("家庭财产是否符合规定")]
    conclusion: Annotated[str, Doc("核对结论")]
    supplements: Annotated[tuple[Supplement, ...], Doc("分类施保对象，每人一项")] = ()
    self_care: Annotated[SelfCare | None, Doc("生活自理能力，特困供养必填")] = None
    necessary_expense_fen: Annotated[
        int | None, Doc("医疗、教育、残疾等必需支出（分），前12个月的月平均；刚性支出困难家庭必填")
    ] = None

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        checks: dict[UUID, EconVerification] = yield LoadTagged(EconVerification, (f"case:{case.id}",))
        demand_settled(checks.values(), "登记核对结果")
        case.verify(
            by.now,
            monthly_income_fen=self.monthly_income_fen,
            property_within_limits=self.property_within_limits,
            conclusion=self.conclusion,
            supplements=self.supplements,
            self_care=self.self_care,
            necessary_expense_fen=self.necessary_expense_fen,
            by=by.actor.name,
        )
        return (case,)


@dataclass(frozen=True, kw_only=True)
class ConfirmCase(Command):
    """确认低保或特困供养：公示期满无异议后作出；金额和起发月份由标准和规则计算，不由人填写。"""

    ROLES: ClassVar = DISTRICT
    case_id: CaseId
    start_month: Annotated[str, Doc("起发月份 YYYY-MM；仅限依复议决定或判决重新办理的个案")] = ""
    variable_income: Annotated[bool, Doc("收入不稳定或有劳动能力：每半年复核，否则每年复核")] = False

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        persons: dict[UUID, Person] = yield LoadMany(Person, case.member_ids)
        demand_living(persons)
        others: dict[UUID, Case] = yield LoadTagged(Case, tuple(f"person:{member}" for member in case.member_ids))
        _demand_exclusive(case, tuple(others.values()))
        checks: dict[UUID, EconVerification] = yield LoadTagged(EconVerification, (f"case:{case.id}",))
        demand_settled(checks.values(), "确认")
        recheck = "limits.recheck_variable" if self.variable_income else "limits.recheck_stable"
        case.confirm(
            by.now,
            parameters=by.parameters,
            by=by.actor.name,
            start_month=self.start_month,
            recheck_months=by.parameters.value(recheck, case.division_code, by.today),
            announce_by=by.due("limits.announcement", case.division_code),
        )
        covered = frozenset(case.member_ids)
        ended = [o for o in others.values() if o.supersede(by.now, by_scheme=case.scheme, covered=covered)]
        return (case, *ended)


@dataclass(frozen=True, kw_only=True)
class ConfirmTemporaryAssistance(Command):
    """审批临时救助：低保标准×人数×月数；街道在小额上限内审批，急难情形可先行救助后补手续。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId
    months: Annotated[int, Doc("计发月数")]
    urgent: Annotated[bool, Doc("是否急难型先行救助")] = False

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.confirm_temporary(
            by.now,
            months=self.months,
            parameters=by.parameters,
            by_street=by.actor.role is RoleCode.STREET_OFFICER,
            urgent=self.urgent,
            by=by.actor.name,
            papers_by=by.due("limits.temp_emergency_papers", case.division_code),
        )
        return (case,)


@dataclass(frozen=True, kw_only=True)
class RefuseCase(Command):
    """不予确认：书面写明理由；按核对结果符合低保条件的家庭不得不予确认。"""

    ROLES: ClassVar = DISTRICT
    case_id: CaseId
    reason: Annotated[str, Doc("不予确认的理由")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        checks: dict[UUID, EconVerification] = yield LoadTagged(EconVerification, (f"case:{case.id}",))
        demand_uncontested(checks.values(), "作出不予确认决定")
        case.refuse(
            by.now,
            reason=self.reason,
            parameters=by.parameters,
            by=by.actor.name,
            serve_by=by.due("limits.refusal_letter", case.division_code),
        )
        return (case, *(yield from end_verifications(case, by)))


@dataclass(frozen=True, kw_only=True)
class WithdrawCase(Command):
    """申请人在作出决定前撤回申请。"""

    ROLES: ClassVar = CASEWORKERS
    case_id: CaseId
    reason: Annotated[str, Doc("撤回原因")] = ""

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.withdraw(by.now, reason=self.reason)
        return (case, *(yield from end_verifications(case, by)))


@dataclass(frozen=True, kw_only=True)
class ReopenCase(Command):
    """依行政复议决定或法院判决重新办理已拒绝或已结案的个案。"""

    ROLES: ClassVar = DISTRICT
    case_id: CaseId
    basis: Annotated[str, Doc("复议决定书或判决书文号")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        case.reopen(by.now, basis=self.basis, due_on=by.due("limits.case_total", case.division_code))
        return (case,)


def _demand_household(household: Household, scheme: Scheme) -> None:
    if scheme is Scheme.PURCHASE:
        raise RuleViolated(f"{scheme.label}不是救助类别，不能由家庭申请。")
    if household.dissolved_on is not None:
        raise RuleViolated("该家庭已注销，不能申请救助。")
    if scheme in _FOR_HOUSEHOLDS and household.kind is not HouseholdKind.CO_LIVING:
        raise RuleViolated(f"{scheme.label}以共同生活家庭为单位申请；该家庭登记为{household.kind.label}。")


def demand_living(persons: dict[UUID, Person]) -> None:
    for person in persons.values():
        if person.state in (PersonState.DECEASED, PersonState.MOVED_OUT, PersonState.MERGED):
            raise RuleViolated(f"保障对象中有人现为“{person.state.label}”，请先变更保障对象或更正人员登记。")


def _demand_exclusive(case: Case, others: tuple[Case, ...]) -> None:
    """Nobody may be in two cases of dibao and tekun that are both in force."""
    for other in others:
        in_force = other.id != case.id and other.state in IN_FORCE
        if (
            in_force
            and EXCLUSIVE.issuperset((case.scheme, other.scheme))
            and set(case.member_ids) & set(other.member_ids)
        ):
            raise RuleViolated(
                f"保障对象中有人已在个案 {other.case_no} 享受{other.scheme.label}，不能同时享受{case.scheme.label}；"
                "请先将其从该个案中减员或结案。"
            )
