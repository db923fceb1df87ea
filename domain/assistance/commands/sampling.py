"""Decisions about verification by sample: announce, draw, allocate, hand in, recheck, close."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import DISTRICT, OFFICIALS, Actor, RoleCode, account_id
from domain.assistance.case import Case
from domain.assistance.case_facts import IN_FORCE
from domain.assistance.sampling import SAMPLED, Campaign, campaign_id
from domain.assistance.visit import Contact, Visit, visit_id
from domain.codes import CampaignState, SampleFinding, VisitFinding
from domain.errors import BadInput, RuleViolated
from domain.kernel import ActiveCases, ActiveCasesAt, Command, Decided, Decision, Doc, Load, LoadMany
from domain.registry.household import Household
from domain.registry.person import Person
from domain.registry.places import DISTRICT as DISTRICT_CODE
from domain.rights import Account

CampaignId = Annotated[UUID, Doc("抽样核查标识")]
VisitId = Annotated[UUID, Doc("入户核查标识")]
_MOST = 200
_AS_OFFICIAL_VISIT = {
    SampleFinding.AS_STATED: VisitFinding.AS_STATED,
    SampleFinding.DIFFERENT: VisitFinding.DIFFERENT,
    SampleFinding.ABOVE_STANDARD: VisitFinding.DIFFERENT,
}


@dataclass(frozen=True, kw_only=True)
class OpenCampaign(Command):
    """建立今年的抽样核查，并公布随机种子的散列；种子本身在抽样时才公布。"""

    ROLES: ClassVar = DISTRICT
    year: Annotated[int, Doc("年份；两年一轮，2014 年为第一轮第一年")]
    seed_hash: Annotated[str, Doc("种子的 SHA-256 散列，64 位十六进制")]

    def decide(self, by: Decision) -> Decided:
        id = campaign_id(DISTRICT_CODE, self.year)
        if (yield LoadMany(Campaign, (id,))):
            raise RuleViolated(f"{self.year} 年的抽样核查已经建立，不能重复建立。")
        return (Campaign.open(by.now, year=self.year, seed_hash=self.seed_hash, division_code=DISTRICT_CODE),)


@dataclass(frozen=True, kw_only=True)
class DrawSample(Command):
    """抽样：公布种子，按种子从在册家庭中抽取；第一年抽取至少一半，第二年抽取第一年未核查到的全部家庭。"""

    ROLES: ClassVar = DISTRICT
    campaign_id: CampaignId
    seed: Annotated[str, Doc("种子，须与已公布的散列相符")]

    def decide(self, by: Decision) -> Decided:
        campaign: Campaign = yield Load(Campaign, self.campaign_id)
        campaign.demand_seed(self.seed)
        active: ActiveCasesAt = yield ActiveCases(tuple(SAMPLED), campaign.division_code)
        met: set[UUID] = set()
        if campaign.earlier_id is not None:
            found: dict[UUID, Campaign] = yield LoadMany(Campaign, (campaign.earlier_id,), active.position)
            for earlier in found.values():
                if earlier.state is not CampaignState.CLOSED:
                    raise RuleViolated(f"{earlier.year} 年的抽样核查尚未结束，不能抽取第二年的样本。")
                visits: dict[UUID, Visit] = yield LoadMany(Visit, earlier.visit_ids, active.position)
                met = {visit.household_id for visit in visits.values() if visit.met}
        share = by.parameters.value("sampling.first_year_share", campaign.division_code, by.today)
        campaign.draw(by.now, seed=self.seed, active=active, met=met, share_bp=share)
        return (campaign,)


@dataclass(frozen=True, kw_only=True)
class AllocateVisits(Command):
    """分派入户核查：把抽中的家庭分派给一名入户核查人员，限期完成；未完成的可以改派。"""

    ROLES: ClassVar = DISTRICT
    campaign_id: CampaignId
    household_ids: Annotated[tuple[UUID, ...], Doc(f"抽中的家庭标识，一次至多 {_MOST} 户")]
    visitor: Annotated[str, Doc("入户核查人员账号，其权限须覆盖这些家庭至期限当日")]
    due_on: Annotated[date, Doc("期限")]

    def decide(self, by: Decision) -> Decided:
        if not 0 < len(set(self.household_ids)) == len(self.household_ids) <= _MOST:
            raise BadInput(f"家庭标识应为 1 至 {_MOST} 个，且不重复。", "household_ids")
        campaign: Campaign = yield Load(Campaign, self.campaign_id)
        chosen = {campaign.case_of(household): household for household in self.household_ids}
        cases: dict[UUID, Case] = yield LoadMany(Case, tuple(chosen))
        households: dict[UUID, Household] = yield LoadMany(Household, self.household_ids)
        people: dict[UUID, Person] = yield LoadMany(Person, tuple(case.applicant_id for case in cases.values()))
        accounts: dict[UUID, Account] = yield LoadMany(Account, (account_id(self.visitor),))
        ids = tuple(visit_id(campaign.id, household) for household in self.household_ids)
        visits: dict[UUID, Visit] = yield LoadMany(Visit, ids)
        changed = []
        for case in cases.values():
            self._demand_right(accounts, case)
            contact = _contact(case, people[case.applicant_id], households.get(case.household_id))
            visit = visits.get(visit_id(campaign.id, chosen[case.id]))
            if visit is None:
                visit = self._allocated(by, campaign, case, contact)
            else:
                visit.reallocate(by.now, visitor=self.visitor, due_on=self.due_on, contact=contact)
            changed.append(visit)
        return tuple(changed)

    def _demand_right(self, accounts: dict[UUID, Account], case: Case) -> None:
        if case.state not in IN_FORCE:
            raise RuleViolated(f"个案 {case.case_no} 现为“{case.state.label}”，无需入户核查。")
        visitor = Actor(self.visitor, RoleCode.VISITOR, case.division_code)
        if not any(account.may(visitor, self.due_on) for account in accounts.values()):
            raise RuleViolated(
                f"账号 {self.visitor} 在 {self.due_on} 没有覆盖个案 {case.case_no} 所在区划的入户核查权限；请先授予。"
            )

    def _allocated(self, by: Decision, campaign: Campaign, case: Case, contact: Contact) -> Visit:
        return Visit.allocate(
            by.now,
            campaign_id=campaign.id,
            household_id=case.household_id,
            case_id=case.id,
            division_code=case.division_code,
            visitor=self.visitor,
            due_on=self.due_on,
            contact=contact,
        )


@dataclass(frozen=True, kw_only=True)
class SubmitVisitResult(Command):
    """提交入户核查结果：由被分派的入户核查人员本人在期限内提交，提交后不再可见。"""

    ROLES: ClassVar = frozenset({RoleCode.VISITOR})
    visit_id: VisitId
    finding: Annotated[SampleFinding, Doc("核查结论")]
    report: Annotated[str, Doc("核查情况，加密保存")]
    visited_on: Annotated[date, Doc("入户日期")]

    def decide(self, by: Decision) -> Decided:
        visit: Visit = yield Load(Visit, self.visit_id)
        visit.submit(
            by.now,
            finding=self.finding,
            report=self.report,
            by=by.actor.name,
            visited_on=self.visited_on,
            recheck_by=by.due("limits.sample_recheck", visit.division_code),
        )
        return (visit,)


@dataclass(frozen=True, kw_only=True)
class RecheckHousehold(Command):
    """登记复查：核查不一致、未见到、疑似超标准，或期满未核查的家庭，由工作人员本人入户；同时记为个案的入户核查。"""

    ROLES: ClassVar = OFFICIALS
    visit_id: VisitId
    finding: Annotated[SampleFinding, Doc("复查结论")]
    report: Annotated[str, Doc("复查情况，加密保存")]
    visited_on: Annotated[date, Doc("入户日期")]

    def decide(self, by: Decision) -> Decided:
        visit: Visit = yield Load(Visit, self.visit_id)
        account, on = by.actor.name, self.visited_on
        visit.recheck(by.now, finding=self.finding, report=self.report, by=account, visited_on=on)
        cases: dict[UUID, Case] = yield LoadMany(Case, (visit.case_id,))
        in_force = [case for case in cases.values() if case.state in IN_FORCE and by.actor.covers(case.division_code)]
        for case in in_force:
            finding = _AS_OFFICIAL_VISIT[self.finding]
            case.record_visit(by.now, finding=finding, report=self.report, by=account, official=True, visited_on=on)
        return (visit, *in_force)


@dataclass(frozen=True, kw_only=True)
class CloseCampaign(Command):
    """结束抽样核查：计算核查率；年末前须全部入户或复查完毕。"""

    ROLES: ClassVar = DISTRICT
    campaign_id: CampaignId

    def decide(self, by: Decision) -> Decided:
        campaign: Campaign = yield Load(Campaign, self.campaign_id)
        active: ActiveCasesAt = yield ActiveCases(tuple(SAMPLED), campaign.division_code, campaign.position)
        visits: dict[UUID, Visit] = yield LoadMany(Visit, campaign.visit_ids)
        cases: dict[UUID, Case] = yield LoadMany(Case, tuple(case for _, case in active.cases))
        campaign.close(
            by.now,
            active=active,
            visits=visits,
            looked_at={c.household_id for c in cases.values() if _visited_in(c, campaign.year)},
            over={c.household_id for c in cases.values()}
            - {c.household_id for c in cases.values() if c.state in IN_FORCE},
        )
        return (campaign,)


def _visited_in(case: Case, year: int) -> bool:
    return any(day.year == year for day in case.official_visits)


def _contact(case: Case, applicant: Person, household: Household | None) -> Contact:
    """Where the household is found: its own address, else its applicant's."""
    address = household.address if household is not None and household.address else applicant.address
    return Contact(applicant.id, applicant.name, applicant.phone, address, len(case.member_ids))


__all__ = [
    "AllocateVisits",
    "CloseCampaign",
    "DrawSample",
    "OpenCampaign",
    "RecheckHousehold",
    "SubmitVisitResult",
]
