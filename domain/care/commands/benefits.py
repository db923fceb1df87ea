"""Decisions about benefits: applied for at the counter or in the village, approved by the street, granted by the clerk.

What the rules need of a person is looked up here: birth date and registration, disability certificate, the assistance
that covers the person, and every other benefit; only what stands nowhere is asked for.
"""

from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, ClassVar, NamedTuple
from uuid import UUID

from domain.access import CASEWORKERS, DISTRICT, OFFICIALS
from domain.assistance.case import Case
from domain.care.benefit import Benefit, demand_of_age
from domain.care.benefit_payment import BenefitPayment
from domain.care.benefits.amounts import Known, start_month
from domain.care.benefits.basis import Basis
from domain.care.benefits.exclusion import Line
from domain.care.benefits.lines import guarantee_of, lines_of
from domain.care.certificate import DisabilityCertificate
from domain.clock import demand_month, month_of, months_between, next_month
from domain.codes import (
    BenefitEnd,
    BenefitHold,
    BenefitKind,
    CareLevel,
    Guarantee,
    LifeProof,
    PopulationKind,
    Scheme,
)
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, LoadTagged, Wish
from domain.registry.person import Person, PersonState
from domain.registry.places import demand_division

BenefitId = Annotated[UUID, Doc("个人待遇标识")]
Month = Annotated[str, Doc("自何月起 YYYY-MM")]


class Situation(NamedTuple):
    """A person with everything the rules look at."""

    person: Person
    certificate: DisabilityCertificate | None
    cases: tuple[Case, ...]
    benefits: tuple[Benefit, ...]

    def basis(self, given: Basis, month: str) -> Basis:
        """What is given, with what the platform itself knows of the person in a month."""
        scheme = guarantee_of(self.person.id, month, self.cases)
        guarantee = _GUARANTEES.get(scheme) if scheme is not None else None
        if guarantee is None and given.guarantee not in _GUARANTEES.values():
            guarantee = given.guarantee
        held = self.certificate
        return replace(
            given,
            guarantee=guarantee,
            category=held.category if held is not None else None,
            grade=held.grade if held is not None else None,
            valid_to=held.ends_on if held is not None else None,
        )

    def known(self, basis: Basis) -> Known:
        """The person as the rules see them."""
        registered = self.person.kind is PopulationKind.REGISTERED
        return Known(self.person.division_code, self.person.birth_on, registered, basis)

    def lines(self, mine: Benefit, basis: Basis, start: str, upto: str) -> dict[str, tuple[Line, ...]]:
        """The person's other lines in each month, this benefit's own left out."""
        others = [benefit for benefit in self.benefits if benefit.id != mine.id]
        months = [next_month(start, n) for n in range(max(1, months_between(start, upto)))]
        return {month: lines_of(self.person.id, month, others, self.cases, basis) for month in months}


_GUARANTEES = {Scheme.TEKUN: Guarantee.TEKUN, Scheme.DIBAO: Guarantee.DIBAO}


def situation(person_id: UUID) -> Generator[Wish, Any, Situation]:
    """Look a person up with certificate, cases and benefits; raises NotFound."""
    person: Person = yield Load(Person, person_id)
    id, tag = DisabilityCertificate.id_for(person_id), f"person:{person_id}"
    certificates: dict[UUID, DisabilityCertificate] = yield LoadMany(DisabilityCertificate, (id,))
    cases: dict[UUID, Case] = yield LoadTagged(Case, (tag,))
    benefits: dict[UUID, Benefit] = yield LoadTagged(Benefit, (tag,))
    return Situation(person, certificates.get(id), tuple(cases.values()), tuple(benefits.values()))


@dataclass(frozen=True, kw_only=True)
class ApplyForBenefit(Command):
    """申请个人待遇：高龄津贴、老年人护理补贴、残疾人两项补贴。低保、特困身份和残疾人证由平台查得。"""

    ROLES: ClassVar = CASEWORKERS
    person_id: Annotated[UUID, Doc("享受待遇的人")]
    kind: Annotated[BenefitKind, Doc("待遇类别")]
    applied_on: Annotated[date | None, Doc("递交申请的日期；不填为今天")] = None
    level: Annotated[CareLevel | None, Doc("能力评估等级；申请老年人护理补贴的填写，加密保存")] = None
    demented: Annotated[bool, Doc("评估为失智，加密保存")] = False
    guarantee: Annotated[Guarantee | None, Doc("低保边缘或困难失独；低保、特困由平台查得")] = None
    needs_care: Annotated[bool, Doc("需要六个月以上的长期照护")] = True
    orphan: Annotated[bool, Doc("享受孤儿基本生活保障")] = False
    work_injury: Annotated[bool, Doc("享受工伤保险生活护理费")] = False
    other_living_fen: Annotated[int, Doc("其他福利性生活补贴每月金额（分）")] = 0
    other_nursing_fen: Annotated[int, Doc("其他福利性护理补贴每月金额（分）")] = 0

    def decide(self, by: Decision) -> Decided:
        found = yield from situation(self.person_id)
        person = found.person
        if person.state in (PersonState.DECEASED, PersonState.MOVED_OUT, PersonState.MERGED):
            raise RuleViolated(f"此人现为“{person.state.label}”，不能申请个人待遇；登记有误的请先更正。")
        if any(other.kind is self.kind and other.open for other in found.benefits):
            raise RuleViolated(f"此人的{self.kind.label}正在办理或发放，不能重复申请。")
        if min(self.other_living_fen, self.other_nursing_fen) < 0:
            raise RuleViolated("其他补贴的金额不能为负。")
        applied_on = self.applied_on or by.today
        basis = found.basis(self._given(), month_of(applied_on))
        known = found.known(basis)
        start = start_month(self.kind, known, by.parameters, applied_on, by.today)
        demand_of_age(self.kind, known, by.parameters, start, by.today)
        first = Benefit.id_for(person.id, self.kind)
        known_already = any(other.id == first for other in found.benefits)
        benefit = Benefit.apply_for(
            by.new_id if known_already else first,
            by.now,
            person_id=person.id,
            kind=self.kind,
            basis=basis,
            applied_on=applied_on,
            division_code=person.division_code,
            by=by.actor.name,
            review_by=by.due("limits.benefit_review", person.division_code),
            start=start,
        )
        return (benefit,)

    def _given(self) -> Basis:
        return Basis(
            guarantee=self.guarantee,
            level=self.level,
            demented=self.demented,
            needs_care=self.needs_care,
            orphan=self.orphan,
            work_injury=self.work_injury,
            other_living_fen=self.other_living_fen,
            other_nursing_fen=self.other_nursing_fen,
        )


@dataclass(frozen=True, kw_only=True)
class ApproveBenefit(Command):
    """审核个人待遇：街道审核申请；须由申请经办人以外的人办理。"""

    ROLES: ClassVar = OFFICIALS
    benefit_id: BenefitId
    note: Annotated[str, Doc("审核意见，不写个人信息")] = ""

    def decide(self, by: Decision) -> Decided:
        benefit: Benefit = yield Load(Benefit, self.benefit_id)
        decide_by = by.due("limits.benefit_decision", benefit.division_code)
        benefit.approve(by.now, by=by.actor.name, decide_by=decide_by, note=self.note)
        return (benefit,)


@dataclass(frozen=True, kw_only=True)
class GrantBenefit(Command):
    """审定个人待遇：按规则计算起发月份和各月金额；与已享受的待遇互斥的不能审定。须由申请、审核以外的人办理。"""

    ROLES: ClassVar = DISTRICT
    benefit_id: BenefitId

    def decide(self, by: Decision) -> Decided:
        benefit: Benefit = yield Load(Benefit, self.benefit_id)
        found = yield from situation(benefit.person_id)
        known, lines = _held_against(benefit, found, by)
        benefit.grant(by.now, by=by.actor.name, known=known, parameters=by.parameters, lines=lines)
        benefit.change_basis(by.now, basis=known.basis, cause="审定时核对")
        return (benefit,)


@dataclass(frozen=True, kw_only=True)
class RefuseBenefit(Command):
    """不予发放个人待遇：书面写明理由；按规则应发的不能不予发放。"""

    ROLES: ClassVar = OFFICIALS
    benefit_id: BenefitId
    reason: Annotated[str, Doc("理由，不写病情和残疾情况")]

    def decide(self, by: Decision) -> Decided:
        benefit: Benefit = yield Load(Benefit, self.benefit_id)
        found = yield from situation(benefit.person_id)
        known, lines = _held_against(benefit, found, by)
        benefit.refuse(by.now, reason=self.reason, by=by.actor.name, known=known, parameters=by.parameters, lines=lines)
        return (benefit,)


@dataclass(frozen=True, kw_only=True)
class WithdrawBenefit(Command):
    """撤回个人待遇申请。"""

    ROLES: ClassVar = CASEWORKERS
    benefit_id: BenefitId
    reason: Annotated[str, Doc("原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        benefit: Benefit = yield Load(Benefit, self.benefit_id)
        benefit.withdraw(by.now, reason=self.reason, by=by.actor.name)
        return (benefit,)


@dataclass(frozen=True, kw_only=True)
class AdjustBenefit(Command):
    """调整个人待遇金额：到龄、评估等级或残疾人证变化、标准调整后，自某月起按规则重新计算。"""

    ROLES: ClassVar = DISTRICT
    benefit_id: BenefitId
    from_month: Month
    cause: Annotated[str, Doc("调整原因，不写病情和残疾情况")]
    level: Annotated[CareLevel | None, Doc("新的能力评估等级；不变的不填")] = None
    demented: Annotated[bool | None, Doc("是否失智；不变的不填")] = None
    guarantee: Annotated[Guarantee | None, Doc("低保边缘或困难失独；不变的不填")] = None

    def decide(self, by: Decision) -> Decided:
        benefit: Benefit = yield Load(Benefit, self.benefit_id)
        found = yield from situation(benefit.person_id)
        held = benefit.basis
        given = replace(
            held,
            level=held.level if self.level is None else self.level,
            demented=held.demented if self.demented is None else self.demented,
            guarantee=held.guarantee if self.guarantee is None else self.guarantee,
        )
        basis = found.basis(given, demand_month(self.from_month))
        benefit.adjust(
            by.now,
            known=found.known(basis),
            parameters=by.parameters,
            from_month=self.from_month,
            cause=self.cause,
            by=by.actor.name,
        )
        benefit.change_basis(by.now, basis=basis, cause=self.cause)
        return (benefit,)


@dataclass(frozen=True, kw_only=True)
class HoldBenefit(Command):
    """暂缓发放：有线索待查时自某月起暂缓，应发金额保留；街道在期限内作出处理。"""

    ROLES: ClassVar = OFFICIALS
    benefit_id: BenefitId
    reason: Annotated[BenefitHold, Doc("暂缓原因")]
    from_month: Month

    def decide(self, by: Decision) -> Decided:
        benefit: Benefit = yield Load(Benefit, self.benefit_id)
        if not benefit.in_force:
            raise RuleViolated(f"{benefit.kind.label}现为“{benefit.state.label}”，没有可以暂缓的发放。")
        decide_by = by.due("limits.benefit_hold", benefit.division_code)
        benefit.hold_line(by.now, reason=self.reason, from_month=demand_month(self.from_month), decide_by=decide_by)
        return (benefit,)


@dataclass(frozen=True, kw_only=True)
class ReleaseBenefit(Command):
    """解除暂缓：核实后继续发放，暂缓的月份随下一批次补发。"""

    ROLES: ClassVar = OFFICIALS
    benefit_id: BenefitId
    reason: Annotated[str, Doc("核实情况，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        benefit: Benefit = yield Load(Benefit, self.benefit_id)
        if benefit.held is None:
            raise RuleViolated("此待遇没有暂缓发放，无需解除。")
        benefit.release_line(by.now, reason=self.reason, by=by.actor.name)
        return (benefit,)


@dataclass(frozen=True, kw_only=True)
class SuspendBenefit(Command):
    """停发个人待遇：书面写明理由，自某月起停发。"""

    ROLES: ClassVar = DISTRICT
    benefit_id: BenefitId
    reason: Annotated[str, Doc("理由，不写个人信息")]
    from_month: Month

    def decide(self, by: Decision) -> Decided:
        benefit: Benefit = yield Load(Benefit, self.benefit_id)
        month = demand_month(self.from_month)
        benefit.suspend(by.now, reason=self.reason, from_month=month, by=by.actor.name)
        return (benefit,)


@dataclass(frozen=True, kw_only=True)
class ResumeBenefit(Command):
    """恢复个人待遇：自某月起恢复；自更早的月份恢复的，随下一批次补发。"""

    ROLES: ClassVar = DISTRICT
    benefit_id: BenefitId
    reason: Annotated[str, Doc("原因，不写个人信息")]
    from_month: Month

    def decide(self, by: Decision) -> Decided:
        benefit: Benefit = yield Load(Benefit, self.benefit_id)
        month = demand_month(self.from_month)
        benefit.resume(by.now, reason=self.reason, from_month=month, by=by.actor.name)
        return (benefit,)


@dataclass(frozen=True, kw_only=True)
class EndBenefit(Command):
    """终止个人待遇：写明最后发放月份；此后已发的月份一并列为多发，另行追缴。"""

    ROLES: ClassVar = DISTRICT
    benefit_id: BenefitId
    reason: Annotated[BenefitEnd, Doc("终止原因")]
    end_month: Annotated[str, Doc("最后发放月份 YYYY-MM")]
    note: Annotated[str, Doc("说明，不写个人信息")] = ""

    def decide(self, by: Decision) -> Decided:
        benefit: Benefit = yield Load(Benefit, self.benefit_id)
        if not benefit.open:
            raise RuleViolated(f"{benefit.kind.label}现为“{benefit.state.label}”，不能再终止。")
        end = demand_month(self.end_month)
        payments: dict[UUID, BenefitPayment] = yield LoadTagged(BenefitPayment, (f"benefit:{benefit.id}",))
        benefit.end(by.now, reason=self.reason, end_month=end, by=by.actor.name, note=self.note)
        benefit.find_overpaid(by.now, paid=paid_by_month(payments.values()))
        return (benefit,)


@dataclass(frozen=True, kw_only=True)
class ReinstateBenefit(Command):
    """恢复已终止的个人待遇：误报死亡、误登迁出等，自终止的次月起不间断。"""

    ROLES: ClassVar = DISTRICT
    benefit_id: BenefitId
    reason: Annotated[str, Doc("原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        benefit: Benefit = yield Load(Benefit, self.benefit_id)
        found = yield from situation(benefit.person_id)
        if found.person.state in (PersonState.DECEASED, PersonState.MOVED_OUT, PersonState.MERGED):
            raise RuleViolated(f"此人现为“{found.person.state.label}”，请先更正人员登记。")
        if any(other.kind is benefit.kind and other.open for other in found.benefits):
            raise RuleViolated(f"此人的{benefit.kind.label}正在办理或发放，不能再恢复原待遇。")
        benefit.reinstate(by.now, reason=self.reason, by=by.actor.name)
        return (benefit,)


@dataclass(frozen=True, kw_only=True)
class TransferBenefit(Command):
    """移交个人待遇：人员区内迁移后由迁入地管理，不重新申请，不断发、不重发。"""

    ROLES: ClassVar = OFFICIALS
    benefit_id: BenefitId
    to_division_code: Annotated[str, Doc("接收的村（社区）区划代码")]
    moved_on: Annotated[date, Doc("移交日期")]

    def decide(self, by: Decision) -> Decided:
        benefit: Benefit = yield Load(Benefit, self.benefit_id)
        to = demand_division(self.to_division_code, "to_division_code")
        if to == benefit.division_code:
            raise RuleViolated("接收单位与现管辖单位相同，无需移交。")
        benefit.transfer(by.now, to_division_code=to, moved_on=self.moved_on)
        return (benefit,)


@dataclass(frozen=True, kw_only=True)
class RecordLifeProof(Command):
    """登记生存认证。"""

    ROLES: ClassVar = CASEWORKERS
    benefit_id: BenefitId
    method: Annotated[LifeProof, Doc("认证方式")]
    proved_on: Annotated[date | None, Doc("认证日期；不填为今天")] = None

    def decide(self, by: Decision) -> Decided:
        benefit: Benefit = yield Load(Benefit, self.benefit_id)
        person: Person = yield Load(Person, benefit.person_id)
        if person.death_confirmed:
            raise RuleViolated("此人已确认死亡，不能登记生存认证；登记有误的请先撤销死亡登记。")
        on = self.proved_on or by.today
        months = by.parameters.value("benefits.life_proof.validity", benefit.division_code, on)
        benefit.prove_life(by.now, method=self.method, proved_on=on, validity_months=months, by=by.actor.name)
        return (benefit,)


@dataclass(frozen=True, kw_only=True)
class FindBenefitOverpayment(Command):
    """查明个人待遇多发：已发放的月份与应发逐月核对，得出追缴起止月和金额。"""

    ROLES: ClassVar = OFFICIALS
    benefit_id: BenefitId

    def decide(self, by: Decision) -> Decided:
        benefit: Benefit = yield Load(Benefit, self.benefit_id)
        payments: dict[UUID, BenefitPayment] = yield LoadTagged(BenefitPayment, (f"benefit:{benefit.id}",))
        if benefit.find_overpaid(by.now, paid=paid_by_month(payments.values())) is None:
            raise RuleViolated("已发放的各月都不超过应发金额，没有多发。")
        return (benefit,)


def paid_by_month(payments: Iterable[BenefitPayment]) -> dict[str, int]:
    """What was paid for each month and not returned, in fen."""
    found: dict[str, int] = {}
    for payment in payments:
        if not payment.returned:
            found[payment.month] = found.get(payment.month, 0) + payment.amount_fen
    return found


def _held_against(benefit: Benefit, found: Situation, by: Decision) -> tuple[Known, dict[str, tuple[Line, ...]]]:
    """The person as known for the first month due, and the other lines of each month from then on."""
    start = benefit.starts(found.known(benefit.basis), by.parameters, by.today)
    basis = found.basis(benefit.basis, start)
    return found.known(basis), found.lines(benefit, basis, start, month_of(by.today))
