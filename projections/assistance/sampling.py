"""Verification by sample in the read models: campaigns, the households drawn, and what each visitor still has to do."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area, PersonalClass, account_id
from domain.assistance import Campaign, Visit
from domain.assistance.visit import visit_id
from domain.codes import CampaignState, SampleFinding, SampleState
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import COUNTED, POSITION, Doc, Many, Masked, One, Owner, Private, Relations, view


# Public: a hash that is published before the draw is for everybody to see, and nothing here is about anybody.
@view("campaign", area=Area.ASSISTANCE, scope_from="division_code", order=("year", "id"), public=True)
@dataclass
class CampaignRow:
    """抽样核查"""

    id: Annotated[UUID, Doc("抽样核查标识")]
    cycle_from: Annotated[int, Doc("本轮第一年")]
    year: Annotated[int, Doc("年份")]
    state: Annotated[CampaignState, Doc("状态")]
    division_code: Annotated[str, Doc("区划代码")]
    seed_hash: Annotated[str, Doc("抽样前公布的种子散列（SHA-256）")]
    seed: Annotated[str | None, Doc("抽样时公布的种子")]
    opened_on: Annotated[date, Doc("公布散列日期")]
    drawn_on: Annotated[date | None, Doc("抽样日期")]
    drawn_at_position: Annotated[int | None, Doc("在册家庭以此日志位置为准"), POSITION]
    share_bp: Annotated[int | None, Doc("抽取比例（万分之一）")]
    population_count: Annotated[int | None, Doc("抽样时在册家庭户数")]
    population_digest: Annotated[str | None, Doc("在册家庭名单散列")]
    left_out_count: Annotated[int | None, Doc("本轮第一年已核查、不再抽取的户数")]
    household_count: Annotated[int | None, Doc("抽中户数")]
    list_digest: Annotated[str | None, Doc("样本名单散列")]
    allocated: Annotated[int, Doc("已分派户数"), COUNTED]
    submitted: Annotated[int, Doc("已提交结果户数"), COUNTED]
    confirmed: Annotated[int, Doc("核查一致户数"), COUNTED]
    to_recheck: Annotated[int, Doc("须由工作人员复查的户数（含已复查）"), COUNTED]
    rechecked: Annotated[int, Doc("样本中已由工作人员复查的户数"), COUNTED]
    closed_on: Annotated[date | None, Doc("结束日期")]
    covered_by_visits: Annotated[int | None, Doc("结束时：购买服务核查一致户数")]
    covered_by_officials: Annotated[int | None, Doc("结束时：工作人员复查或入户的户数")]
    left_before: Annotated[int | None, Doc("结束时：未核查前已退出的户数")]
    coverage_bp: Annotated[int | None, Doc("结束时：核查率（万分之一）")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "visits": Many("visit", on="campaign_id", order=("id",)),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("year", "state")


@view(
    "visit",
    area=Area.ASSISTANCE,
    owner=Owner("case", "case_id"),
    order=("campaign_id", "id"),
    indexes=(("household_id",),),
)
@dataclass
class VisitRow:
    """抽中家庭的入户核查"""

    id: Annotated[UUID, Doc("入户核查标识")]
    campaign_id: Annotated[UUID, Doc("抽样核查标识")]
    household_id: Annotated[UUID, Doc("家庭标识")]
    case_id: Annotated[UUID, Doc("个案标识")]
    state: Annotated[SampleState, Doc("核查状态")]
    visitor: Annotated[str | None, Doc("入户核查人员账号")]
    due_on: Annotated[date | None, Doc("期限")]
    finding: Annotated[SampleFinding | None, Doc("核查结论")]
    visited_on: Annotated[date | None, Doc("入户日期")]
    report: Annotated[str | None, Doc("核查情况"), Masked(PersonalClass.CIRCUMSTANCES)]
    recheck_by: Annotated[date | None, Doc("复查期限")]
    recheck_finding: Annotated[SampleFinding | None, Doc("复查结论")]
    rechecked_on: Annotated[date | None, Doc("复查日期")]
    rechecked_by: Annotated[str | None, Doc("复查人账号")]
    recheck_report: Annotated[str | None, Doc("复查情况"), Masked(PersonalClass.CIRCUMSTANCES)]

    RELATIONS: ClassVar[Relations] = {
        "campaign": One("campaign", local="campaign_id"),
        "household": One("household", local="household_id"),
        "case": One("case", local="case_id"),
    }
    FILTERS: ClassVar[tuple[str, ...]] = (
        "campaign_id",
        "household_id",
        "case_id",
        "state",
        "visitor",
        "due_on",
        "finding",
        "recheck_by",
    )


@view(
    "my_visit",
    area=Area.ASSISTANCE,
    owner=Owner("case", "case_id"),
    order=("due_on", "id"),
    indexes=(("visitor_id", "due_on", "id"),),
    listed=False,
    private=Private(account="visitor_id", until="due_on", open="open"),
)
@dataclass
class MyVisitRow:
    """分派给本人的入户核查"""

    id: Annotated[UUID, Doc("入户核查标识")]
    case_id: Annotated[UUID, Doc("个案标识")]
    applicant_id: Annotated[UUID, Doc("联系人标识")]
    visitor_id: Annotated[UUID, Doc("入户核查人员账号标识")]
    open: Annotated[bool, Doc("是否未完成")]
    due_on: Annotated[date, Doc("期限，此后不再可见")]
    name: Annotated[str, Doc("联系人姓名")]
    phone: Annotated[str | None, Doc("联系电话"), Masked(PersonalClass.CONTACT)]
    address: Annotated[str | None, Doc("住址"), Masked(PersonalClass.CONTACT)]
    member_count: Annotated[int, Doc("保障人数")]

    RELATIONS: ClassVar[Relations] = {}
    FILTERS: ClassVar[tuple[str, ...]] = ()


class Sampling(Projection):
    """What happens to campaigns and visits. A part of the projection `Assistance`, never run by itself.

    A queue tells what was known when it was recorded: rows change on the day of the event, whatever day a visit was.
    """

    @handles(Campaign.Created)
    def announced_draw(self, event: Campaign.Created, at: LogEvent, to: Changes) -> None:
        """The seed's hash is published."""
        on = event.timestamp.date()
        to.insert(
            CampaignRow,
            event.originator_id,
            on=on,
            cycle_from=event.cycle_from,
            year=event.year,
            state=CampaignState.OPENED,
            division_code=event.division_code,
            seed_hash=event.seed_hash,
            opened_on=on,
        )

    @handles(Campaign.SampleDrawn)
    def drawn(self, event: Campaign.SampleDrawn, at: LogEvent, to: Changes) -> None:
        """The seed is known, and how many were drawn from how many."""
        on = event.timestamp.date()
        to.patch(
            CampaignRow,
            event.originator_id,
            on=on,
            state=CampaignState.DRAWN,
            seed=event.seed,
            drawn_on=on,
            drawn_at_position=event.position,
            share_bp=event.share_bp,
            population_count=event.population_count,
            population_digest=event.population_digest,
            left_out_count=event.left_out_count,
            household_count=event.household_count,
            list_digest=event.list_digest,
        )

    @handles(Campaign.HouseholdsDrawn)
    def listed(self, event: Campaign.HouseholdsDrawn, at: LogEvent, to: Changes) -> None:
        """Households that somebody has to be sent to."""
        campaign, on = event.originator_id, event.timestamp.date()
        for household, case in zip(event.households, event.cases, strict=True):
            to.insert(
                VisitRow,
                visit_id(campaign, household),
                on=on,
                campaign_id=campaign,
                household_id=household,
                case_id=case,
                state=SampleState.DRAWN,
            )

    @handles(Campaign.Closed)
    def closed_campaign(self, event: Campaign.Closed, at: LogEvent, to: Changes) -> None:
        """The year's account."""
        on = event.timestamp.date()
        to.patch(
            CampaignRow,
            event.originator_id,
            on=on,
            state=CampaignState.CLOSED,
            closed_on=on,
            covered_by_visits=event.visited,
            covered_by_officials=event.rechecked,
            left_before=event.left,
            coverage_bp=event.coverage_bp,
        )

    @handles(Visit.Created)
    def allocated(self, event: Visit.Created, at: LogEvent, to: Changes) -> None:
        """A visitor's to make."""
        self._give(event, to)
        on = event.timestamp.date()
        to.insert(MyVisitRow, event.originator_id, on=on, open=True, case_id=event.case_id, **_contact(event))
        to.add(CampaignRow, event.campaign_id, on=on, allocated=1)

    @handles(Visit.Reallocated)
    def reallocated(self, event: Visit.Reallocated, at: LogEvent, to: Changes) -> None:
        """Another visitor's, or until another day."""
        self._give(event, to)
        to.patch(MyVisitRow, event.originator_id, on=event.timestamp.date(), **_contact(event))

    @handles(Visit.ResultSubmitted)
    def submitted(self, event: Visit.ResultSubmitted, at: LogEvent, to: Changes) -> None:
        """The visitor is done, and sees nothing of it any more."""
        confirmed = event.finding is SampleFinding.AS_STATED
        on = event.timestamp.date()
        to.patch(
            VisitRow,
            event.originator_id,
            on=on,
            state=SampleState.VISITED if confirmed else SampleState.RECHECK,
            finding=event.finding,
            visited_on=event.effective_on,
            report=event.report,
            recheck_by=event.recheck_by,
        )
        to.add(
            CampaignRow, event.campaign_id, on=on, submitted=1, confirmed=int(confirmed), to_recheck=int(not confirmed)
        )
        self._done(event, to)

    @handles(Visit.RecheckDone)
    def rechecked(self, event: Visit.RecheckDone, at: LogEvent, to: Changes) -> None:
        """Officials looked themselves."""
        on = event.timestamp.date()
        to.patch(
            VisitRow,
            event.originator_id,
            on=on,
            state=SampleState.RECHECKED,
            recheck_finding=event.finding,
            rechecked_on=event.effective_on,
            rechecked_by=event.by,
            recheck_report=event.report,
        )
        to.add(CampaignRow, event.campaign_id, on=on, rechecked=1)
        self._done(event, to)

    def _give(self, event: Visit.Created | Visit.Reallocated, to: Changes) -> None:
        given: dict[str, Any] = {"visitor": event.visitor, "due_on": event.due_on}
        on = event.timestamp.date()
        to.patch(VisitRow, event.originator_id, on=on, state=SampleState.ALLOCATED, **given)

    def _done(self, event: Visit.ResultSubmitted | Visit.RecheckDone, to: Changes) -> None:
        on = event.timestamp.date()
        to.patch(MyVisitRow, event.originator_id, on=on, open=False, name="", phone=None, address=None)


def _contact(event: Visit.Created | Visit.Reallocated) -> dict[str, Any]:
    return {
        "applicant_id": event.applicant_id,
        "visitor_id": account_id(event.visitor),
        "due_on": event.due_on,
        "name": event.name,
        "phone": event.phone,
        "address": event.address,
        "member_count": event.member_count,
    }
