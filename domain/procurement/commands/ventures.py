"""Decisions about venture projects and the support fund."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import FINANCE, OFFICIALS
from domain.codes import FundSource
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany
from domain.procurement.commands.purchases import organisation_of
from domain.procurement.support_fund import SupportFund, least_of
from domain.procurement.venture import Venture
from domain.registry.places import demand_division

VentureId = Annotated[UUID, Doc("公益创投项目标识")]


@dataclass(frozen=True, kw_only=True)
class ProposeVenture(Command):
    """申报公益创投：由信用良好的社会组织承接运营。"""

    ROLES: ClassVar = OFFICIALS
    title: Annotated[str, Doc("项目名称")]
    organisation_id: Annotated[UUID, Doc("承接运营的社会组织")]
    beneficiaries: Annotated[str, Doc("受益人群，不写个人信息")]
    asked_fen: Annotated[int, Doc("申请金额（分）")]
    division_code: Annotated[str, Doc("项目所在村、社区；不填为本人辖区")] = ""

    def decide(self, by: Decision) -> Decided:
        organisation = yield from organisation_of(self.organisation_id)
        organisation.demand_good_standing(by.today)
        venture = Venture.propose(
            by.new_id,
            by.now,
            title=self.title,
            organisation_id=organisation.id,
            beneficiaries=self.beneficiaries,
            asked_fen=self.asked_fen,
            division_code=demand_division(self.division_code or by.actor.division_code),
            by=by.actor.name,
        )
        return (venture,)


@dataclass(frozen=True, kw_only=True)
class SelectVenture(Command):
    """公益创投立项：写明资助金额、资金来源和完成期限；由申报人以外的人办理。"""

    ROLES: ClassVar = OFFICIALS
    venture_id: VentureId
    granted_fen: Annotated[int, Doc("资助金额（分）")]
    source: Annotated[FundSource, Doc("资金来源")]
    basis: Annotated[str, Doc("评审结果或批准文号")]
    finish_by: Annotated[date, Doc("完成期限")]

    def decide(self, by: Decision) -> Decided:
        venture: Venture = yield Load(Venture, self.venture_id)
        organisation = yield from organisation_of(venture.organisation_id)
        organisation.demand_good_standing(by.today)
        venture.select(
            by.now,
            granted_fen=self.granted_fen,
            source=self.source,
            basis=self.basis,
            by=by.actor.name,
            finish_by=self.finish_by,
        )
        return (venture,)


@dataclass(frozen=True, kw_only=True)
class StartVenture(Command):
    """公益创投启动。"""

    ROLES: ClassVar = OFFICIALS
    venture_id: VentureId

    def decide(self, by: Decision) -> Decided:
        venture: Venture = yield Load(Venture, self.venture_id)
        venture.start(by.now, by=by.actor.name)
        return (venture,)


@dataclass(frozen=True, kw_only=True)
class FinishVenture(Command):
    """公益创投结项：登记服务人次、支出和成效。"""

    ROLES: ClassVar = OFFICIALS
    venture_id: VentureId
    served_count: Annotated[int, Doc("服务人次")]
    spent_fen: Annotated[int, Doc("支出金额（分）")]
    result: Annotated[str, Doc("项目成效，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        venture: Venture = yield Load(Venture, self.venture_id)
        said = {"served_count": self.served_count, "spent_fen": self.spent_fen}
        venture.finish(by.now, result=self.result, by=by.actor.name, **said)
        return (venture,)


@dataclass(frozen=True, kw_only=True)
class WithdrawVenture(Command):
    """公益创投撤项：写明原因。"""

    ROLES: ClassVar = OFFICIALS
    venture_id: VentureId
    reason: Annotated[str, Doc("撤项原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        venture: Venture = yield Load(Venture, self.venture_id)
        venture.withdraw(by.now, reason=self.reason, by=by.actor.name)
        return (venture,)


@dataclass(frozen=True, kw_only=True)
class SetSupportFund(Command):
    """登记社会组织扶持发展专项资金：区或街道某年安排的金额；低于规划要求的也登记，并显示差额。"""

    ROLES: ClassVar = FINANCE
    year: Annotated[int, Doc("年度")]
    amount_fen: Annotated[int, Doc("安排金额（分）")]
    legal_basis: Annotated[str, Doc("资金安排文件及文号")]
    division_code: Annotated[str, Doc("区或街道代码；不填为本人辖区")] = ""

    def decide(self, by: Decision) -> Decided:
        division = demand_division(self.division_code or by.actor.division_code)
        known: dict[UUID, SupportFund] = yield LoadMany(SupportFund, (SupportFund.id_for(division),))
        fund = known.get(SupportFund.id_for(division))
        if fund is None:
            fund = SupportFund.open(by.now, division_code=division, by=by.actor.name)
        fund.set_year(
            by.now,
            year=self.year,
            amount_fen=self.amount_fen,
            least_fen=least_of(by.parameters, division, self.year),
            legal_basis=self.legal_basis,
            by=by.actor.name,
        )
        return (fund,)


@dataclass(frozen=True, kw_only=True)
class CorrectSupportFund(Command):
    """更正社会组织扶持发展专项资金某年的金额；原登记仍可查。"""

    ROLES: ClassVar = FINANCE
    support_fund_id: Annotated[UUID, Doc("扶持资金标识")]
    year: Annotated[int, Doc("年度")]
    amount_fen: Annotated[int, Doc("更正后的金额（分）")]
    legal_basis: Annotated[str, Doc("更正依据")]

    def decide(self, by: Decision) -> Decided:
        fund: SupportFund = yield Load(SupportFund, self.support_fund_id)
        fund.correct_year(
            by.now,
            year=self.year,
            amount_fen=self.amount_fen,
            least_fen=least_of(by.parameters, fund.division_code, self.year),
            legal_basis=self.legal_basis,
            by=by.actor.name,
        )
        return (fund,)
