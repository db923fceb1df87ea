"""Decisions about claims afterwards: street, notice, district, payment."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, DISTRICT, FINANCE, OFFICIALS
from domain.codes import AccumulatorCause, ClaimState, MedType
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadTagged
from domain.medical.category import better
from domain.medical.claim import ManualClaim, Receipts
from domain.medical.commands.desks import category_of, year_of
from domain.medical.settlement import Settlement
from domain.medical.split import assist
from domain.registry.person import Person
from domain.workdays import days_after, working_days_after

ClaimId = Annotated[UUID, Doc("事后救助申请标识")]
Total = Annotated[int, Doc("票据：医疗费总额（分）")]
InScope = Annotated[int, Doc("票据：符合政策范围金额（分）")]
Basic = Annotated[int, Doc("已由基本医保支付（分）")]
Serious = Annotated[int, Doc("已由大病保险支付（分）")]
Supplement = Annotated[int, Doc("已由其他补充保障支付（分）")]
Waived = Annotated[int, Doc("医院减免（分）")]


@dataclass(frozen=True, kw_only=True)
class FileManualClaim(Command):
    """受理事后救助申请：未能在医院同步结算的医疗救助对象，由街道受理、公示后报区审批。"""

    ROLES: ClassVar = CASEWORKERS
    person_id: Annotated[UUID, Doc("申请救助的患者")]
    med_type: Annotated[MedType, Doc("医疗类别")]
    admitted_on: Annotated[date, Doc("就诊（入院）日期")]
    discharged_on: Annotated[date, Doc("出院日期；门诊同就诊日期")]
    invoice_no: Annotated[str, Doc("医疗收费票据号")]
    total_fen: Total
    in_scope_fen: InScope
    summary: Annotated[str, Doc("就诊医院和病情，加密保存")]
    basic_fen: Basic = 0
    si_fen: Serious = 0
    supplement_fen: Supplement = 0
    hospital_fen: Waived = 0
    visit_id: Annotated[UUID | None, Doc("已登记的就诊；没有的不填")] = None

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        claims: dict[UUID, ManualClaim] = yield LoadTagged(ManualClaim, (f"person:{person.id}",))
        invoice = self.invoice_no.strip()
        if any(c.invoice_no == invoice and c.state is not ClaimState.REFUSED for c in claims.values()):
            raise RuleViolated("此票据已申请过事后救助，不能重复申请。")
        if self.visit_id is not None:
            settled: dict[UUID, Settlement] = yield LoadTagged(Settlement, (f"medical_visit:{self.visit_id}",))
            if any(settlement.booked for settlement in settled.values()):
                raise RuleViolated("此次就诊已在医院同步结算，不能再申请事后救助；有误的请先撤销结算。")
        categories = yield from category_of(person.id)
        if categories is None:
            raise RuleViolated("该人员不是医疗救助对象；请先认定（低保边缘、刚性支出困难等）后再申请，或转其他救助。")
        category = better(categories.category_on(self.admitted_on), categories.category_on(self.discharged_on))
        claim = ManualClaim.file(
            by.new_id,
            by.now,
            person_id=person.id,
            visit_id=self.visit_id,
            category=category,
            med_type=self.med_type,
            admitted_on=self.admitted_on,
            discharged_on=self.discharged_on,
            receipts=Receipts(
                self.total_fen,
                self.in_scope_fen,
                self.basic_fen,
                self.si_fen,
                self.supplement_fen,
                self.hospital_fen,
            ),
            invoice_no=invoice,
            summary=self.summary,
            by=by.actor.name,
            review_by=by.due("limits.medical_claim_review", person.division_code),
            division_code=person.division_code,
        )
        return (claim,)


@dataclass(frozen=True, kw_only=True)
class ReviewManualClaim(Command):
    """街道审核事后救助：核对票据和已报销金额，可更正。"""

    ROLES: ClassVar = OFFICIALS
    claim_id: ClaimId
    total_fen: Total
    in_scope_fen: InScope
    note: Annotated[str, Doc("审核意见，不写个人信息")]
    basic_fen: Basic = 0
    si_fen: Serious = 0
    supplement_fen: Supplement = 0
    hospital_fen: Waived = 0

    def decide(self, by: Decision) -> Decided:
        claim: ManualClaim = yield Load(ManualClaim, self.claim_id)
        receipts = Receipts(
            self.total_fen,
            self.in_scope_fen,
            self.basic_fen,
            self.si_fen,
            self.supplement_fen,
            self.hospital_fen,
        )
        claim.review(by.now, receipts=receipts, note=self.note, by=by.actor.name)
        return (claim,)


@dataclass(frozen=True, kw_only=True)
class PubliciseManualClaim(Command):
    """公示事后救助：在村（社区）公示栏公示，不公开病情。"""

    ROLES: ClassVar = CASEWORKERS
    claim_id: ClaimId
    notice_no: Annotated[str, Doc("公示编号")]
    from_on: Annotated[date, Doc("公示首日")]

    def decide(self, by: Decision) -> Decided:
        claim: ManualClaim = yield Load(ManualClaim, self.claim_id)
        length = by.parameters.value("limits.public_notice", claim.division_code, by.today)
        to_on = days_after(self.from_on, length)
        limit = by.parameters.value("limits.medical_claim_decision", claim.division_code, by.today)
        decide_by = working_days_after(to_on, limit)
        claim.publicise(by.now, notice_no=self.notice_no, from_on=self.from_on, to_on=to_on, decide_by=decide_by)
        return (claim,)


@dataclass(frozen=True, kw_only=True)
class ObjectToManualClaim(Command):
    """登记对事后救助公示的异议：由街道重新审核、重新公示。"""

    ROLES: ClassVar = CASEWORKERS
    claim_id: ClaimId
    objection: Annotated[str, Doc("异议内容，加密保存")]

    def decide(self, by: Decision) -> Decided:
        claim: ManualClaim = yield Load(ManualClaim, self.claim_id)
        review_by = by.due("limits.medical_claim_review", claim.division_code)
        claim.object(by.now, objection=self.objection, review_by=review_by)
        return (claim,)


@dataclass(frozen=True, kw_only=True)
class ApproveManualClaim(Command):
    """核准事后救助：公示期满无异议的，按公式计算金额并计入年度累计。"""

    ROLES: ClassVar = DISTRICT
    claim_id: ClaimId

    def decide(self, by: Decision) -> Decided:
        claim: ManualClaim = yield Load(ManualClaim, self.claim_id)
        terms = claim.terms()
        year, _ = yield from year_of(claim.person_id, terms.on.year, claim.division_code, by.now)
        computed, uses = assist(by.parameters, terms, claim.receipts.base_fen, year.used)
        used = year.used
        pay_by = by.due("limits.medical_claim_payment", claim.division_code)
        claim.approve(by.now, computed=computed, uses=uses, used=used, by=by.actor.name, pay_by=pay_by)
        granted = uses._replace(assistance_fen=claim.amount_fen)
        year.book(by.now, source_id=claim.id, uses=granted, cause=AccumulatorCause.CLAIMED)
        return (claim, year)


@dataclass(frozen=True, kw_only=True)
class RefuseManualClaim(Command):
    """不予事后救助：写明理由。"""

    ROLES: ClassVar = DISTRICT
    claim_id: ClaimId
    reason: Annotated[str, Doc("理由，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        claim: ManualClaim = yield Load(ManualClaim, self.claim_id)
        claim.refuse(by.now, reason=self.reason, by=by.actor.name)
        return (claim,)


@dataclass(frozen=True, kw_only=True)
class PayManualClaim(Command):
    """支付事后救助：由核准人以外的人办理。"""

    ROLES: ClassVar = FINANCE
    claim_id: ClaimId
    voucher_no: Annotated[str, Doc("支付凭证号")]

    def decide(self, by: Decision) -> Decided:
        claim: ManualClaim = yield Load(ManualClaim, self.claim_id)
        claim.pay(by.now, voucher_no=self.voucher_no, by=by.actor.name)
        return (claim,)
