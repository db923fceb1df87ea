"""Decisions about social organisations: the district registers, inspects and sanctions; streets take reports in."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import DISTRICT, OFFICIALS
from domain.codes import AbnormalReason, OrgInspectionResult, OrgKind, PenaltyKind, PurchaseState
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, LoadTagged
from domain.procurement.credit_code import parse_credit_code
from domain.procurement.organisation import Organisation, claim, claim_id, due_after
from domain.procurement.organisation_record import CreditCodeClaim
from domain.procurement.purchase import Purchase
from domain.registry.places import demand_division

OrganisationId = Annotated[UUID, Doc("社会组织标识")]
HeardOn = Annotated[date | None, Doc("听证告知书送达日期；申请听证的期限届满后才能作出决定")]


@dataclass(frozen=True, kw_only=True)
class PrepareOrganisation(Command):
    """筹备社会组织：受理成立申请；登记由其他经办人办理。"""

    ROLES: ClassVar = OFFICIALS
    name: Annotated[str, Doc("社会组织名称")]
    kind: Annotated[OrgKind, Doc("社会组织类型")]
    sponsor: Annotated[str, Doc("业务主管单位；直接登记的不填")] = ""
    local: Annotated[bool, Doc("是否本地社会组织")] = True
    social_work: Annotated[bool, Doc("是否社会工作服务机构")] = False
    division_code: Annotated[str, Doc("住所所在区划代码；不填为本人辖区")] = ""

    def decide(self, by: Decision) -> Decided:
        organisation = Organisation.prepare(
            by.new_id,
            by.now,
            name=self.name,
            kind=self.kind,
            sponsor=self.sponsor,
            local=self.local,
            social_work=self.social_work,
            division_code=demand_division(self.division_code or by.actor.division_code),
            by=by.actor.name,
        )
        return (organisation,)
        yield  # asks for nothing


@dataclass(frozen=True, kw_only=True)
class RegisterOrganisation(Command):
    """登记社会组织：核对统一社会信用代码及其类型；一个代码只能登记一次，由受理人以外的人办理。"""

    ROLES: ClassVar = DISTRICT
    organisation_id: OrganisationId
    credit_code: Annotated[str, Doc("统一社会信用代码")]
    representative: Annotated[str, Doc("法定代表人姓名，加密保存")]
    certified_count: Annotated[int, Doc("持证社会工作者人数")] = 0

    def decide(self, by: Decision) -> Decided:
        code = parse_credit_code(self.credit_code)
        organisation: Organisation = yield Load(Organisation, self.organisation_id)
        if (yield LoadMany(CreditCodeClaim, (claim_id(code.number),))):
            raise RuleViolated(f"统一社会信用代码 {code.number} 已登记给另一社会组织，请核对登记证书。")
        report_by, inspect_by = _due(by, organisation, by.today.year)
        organisation.register(
            by.now,
            code=code,
            representative=self.representative,
            certified_count=self.certified_count,
            by=by.actor.name,
            report_by=report_by,
            inspect_by=inspect_by,
        )
        return (organisation, claim(code, organisation, by.now))


@dataclass(frozen=True, kw_only=True)
class ChangeOrganisation(Command):
    """变更社会组织登记：法定代表人、是否本地、是否社工机构、持证社工人数；不填的不变。"""

    ROLES: ClassVar = DISTRICT
    organisation_id: OrganisationId
    representative: Annotated[str, Doc("新的法定代表人姓名，加密保存")] = ""
    local: Annotated[bool | None, Doc("是否本地社会组织")] = None
    social_work: Annotated[bool | None, Doc("是否社会工作服务机构")] = None
    certified_count: Annotated[int | None, Doc("持证社会工作者人数")] = None

    def decide(self, by: Decision) -> Decided:
        organisation: Organisation = yield Load(Organisation, self.organisation_id)
        organisation.change(
            by.now,
            by=by.actor.name,
            representative=self.representative,
            local=self.local,
            social_work=self.social_work,
            certified_count=self.certified_count,
        )
        return (organisation,)


@dataclass(frozen=True, kw_only=True)
class FileOrganisationReport(Command):
    """报送社会组织年报：登记上一年度工作报告已报送；逾期的也登记并注明。"""

    ROLES: ClassVar = OFFICIALS
    organisation_id: OrganisationId
    year: Annotated[int, Doc("报告的年度")]

    def decide(self, by: Decision) -> Decided:
        organisation: Organisation = yield Load(Organisation, self.organisation_id)
        was_due_on, inspect_by = _due(by, organisation, self.year)
        report_by, _ = _due(by, organisation, self.year + 1)
        organisation.file_report(
            by.now,
            year=self.year,
            was_due_on=was_due_on,
            report_by=report_by,
            inspect_by=inspect_by,
            by=by.actor.name,
        )
        return (organisation,)


@dataclass(frozen=True, kw_only=True)
class InspectOrganisation(Command):
    """社会组织年检：登记年度检查结论；不合格的写明原因，此后不能承接新的购买服务合同。"""

    ROLES: ClassVar = DISTRICT
    organisation_id: OrganisationId
    year: Annotated[int, Doc("年度")]
    result: Annotated[OrgInspectionResult, Doc("年检结论")]
    note: Annotated[str, Doc("说明，不写个人信息；不合格的必填")] = ""

    def decide(self, by: Decision) -> Decided:
        organisation: Organisation = yield Load(Organisation, self.organisation_id)
        organisation.inspect(by.now, year=self.year, result=self.result, note=self.note, by=by.actor.name)
        return (organisation,)


@dataclass(frozen=True, kw_only=True)
class CorrectInspection(Command):
    """更正社会组织年检结论：写明原因；原结论仍可查。"""

    ROLES: ClassVar = DISTRICT
    organisation_id: OrganisationId
    year: Annotated[int, Doc("年度")]
    result: Annotated[OrgInspectionResult, Doc("更正后的年检结论")]
    note: Annotated[str, Doc("更正原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        organisation: Organisation = yield Load(Organisation, self.organisation_id)
        organisation.correct_inspection(by.now, year=self.year, result=self.result, note=self.note, by=by.actor.name)
        return (organisation,)


@dataclass(frozen=True, kw_only=True)
class ListOrganisationAbnormal(Command):
    """列入社会组织异常名录：此后不能承接新的购买服务合同，在履行的合同由购买主体处理。"""

    ROLES: ClassVar = DISTRICT
    organisation_id: OrganisationId
    reason: Annotated[AbnormalReason, Doc("列入原因")]
    letter_no: Annotated[str, Doc("决定书文号")]

    def decide(self, by: Decision) -> Decided:
        organisation: Organisation = yield Load(Organisation, self.organisation_id)
        organisation.list_abnormal(by.now, reason=self.reason, letter_no=self.letter_no, by=by.actor.name)
        return (organisation,)


@dataclass(frozen=True, kw_only=True)
class UnlistOrganisation(Command):
    """移出社会组织异常名录：已改正的写明情况；列入有误的同时更正列入的记录。"""

    ROLES: ClassVar = DISTRICT
    organisation_id: OrganisationId
    reason: Annotated[str, Doc("移出原因，不写个人信息")]
    mistaken: Annotated[bool, Doc("是否因列入有误而移出；记录将注明所更正的列入")] = False

    def decide(self, by: Decision) -> Decided:
        organisation: Organisation = yield Load(Organisation, self.organisation_id)
        organisation.unlist(by.now, reason=self.reason, mistaken=self.mistaken, by=by.actor.name)
        return (organisation,)


@dataclass(frozen=True, kw_only=True)
class PenaliseOrganisation(Command):
    """处罚社会组织：罚款、没收和限期停止活动须先告知听证权利并等候期满。"""

    ROLES: ClassVar = DISTRICT
    organisation_id: OrganisationId
    kind: Annotated[PenaltyKind, Doc("处罚种类")]
    reason: Annotated[str, Doc("违法事实和依据，不写个人信息")]
    letter_no: Annotated[str, Doc("处罚决定书文号")]
    amount_fen: Annotated[int, Doc("罚款或没收金额（分）")] = 0
    suspended_to: Annotated[date | None, Doc("限期停止活动至何日")] = None
    heard_on: HeardOn = None

    def decide(self, by: Decision) -> Decided:
        organisation: Organisation = yield Load(Organisation, self.organisation_id)
        organisation.penalise(
            by.now,
            kind=self.kind,
            reason=self.reason,
            letter_no=self.letter_no,
            amount_fen=self.amount_fen,
            suspended_to=self.suspended_to,
            heard=_heard(by, organisation, self.heard_on),
            by=by.actor.name,
        )
        return (organisation,)


@dataclass(frozen=True, kw_only=True)
class DeregisterOrganisation(Command):
    """注销社会组织：应社会组织申请办理；在履行的购买服务合同须先终止、移交或办结。"""

    ROLES: ClassVar = DISTRICT
    organisation_id: OrganisationId
    reason: Annotated[str, Doc("注销原因和清算情况，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        organisation: Organisation = yield Load(Organisation, self.organisation_id)
        known: dict[UUID, Purchase] = yield LoadTagged(Purchase, (f"organisation:{organisation.id}",))
        over = (PurchaseState.CLOSED, PurchaseState.CANCELLED)
        held = (each for each in known.values() if each.organisation_id == organisation.id)
        organisation.deregister(
            by.now,
            reason=self.reason,
            open_contracts=sum(each.state not in over for each in held),
            by=by.actor.name,
        )
        return (organisation,)


@dataclass(frozen=True, kw_only=True)
class RevokeOrganisation(Command):
    """撤销社会组织登记：须先告知听证权利并等候期满；在履行的合同由购买主体落实接续服务。"""

    ROLES: ClassVar = DISTRICT
    organisation_id: OrganisationId
    reason: Annotated[str, Doc("违法事实和依据，不写个人信息")]
    letter_no: Annotated[str, Doc("撤销登记决定书文号")]
    heard_on: HeardOn = None

    def decide(self, by: Decision) -> Decided:
        organisation: Organisation = yield Load(Organisation, self.organisation_id)
        heard = _heard(by, organisation, self.heard_on)
        organisation.revoke(by.now, reason=self.reason, letter_no=self.letter_no, heard=heard, by=by.actor.name)
        return (organisation,)


@dataclass(frozen=True, kw_only=True)
class ReinstateOrganisation(Command):
    """恢复社会组织登记：按行政复议决定或判决撤销原撤销登记决定。"""

    ROLES: ClassVar = DISTRICT
    organisation_id: OrganisationId
    basis: Annotated[str, Doc("复议决定或判决文号")]

    def decide(self, by: Decision) -> Decided:
        organisation: Organisation = yield Load(Organisation, self.organisation_id)
        organisation.reinstate(by.now, basis=self.basis, by=by.actor.name)
        return (organisation,)


def _due(by: Decision, organisation: Organisation, year: int) -> tuple[date, date]:
    """By when the report on a year, and that year's inspection, are due."""
    codes = ("procurement.report_months", "procurement.inspection_months")
    report, inspection = (by.parameters.value(code, organisation.division_code, by.today) for code in codes)
    return due_after(year, report), due_after(year, inspection)


def _heard(by: Decision, organisation: Organisation, heard_on: date | None) -> bool:
    """Whether the time to ask for a hearing has run out since the notice was served."""
    return heard_on is not None and by.due("limits.hearing_request", organisation.division_code, heard_on) < by.today
