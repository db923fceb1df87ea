"""Decisions about one family's relief money, from its application to its payment."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, DISTRICT, FINANCE, OFFICIALS, RoleCode
from domain.codes import AidKind, AidState, FundSource, HouseDamage, HouseholdKind
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, LoadTagged, Wish
from domain.registry.household import Household
from domain.registry.person import Person, PersonState
from domain.relief.aid import ReliefAid
from domain.relief.amounts import amount_of
from domain.relief.commands.disasters import the_disaster
from domain.workdays import working_days_after

AidId = Annotated[UUID, Doc("灾害救助资金标识")]
_ATTEMPTS = 9
PAYERS = FINANCE | frozenset({RoleCode.STREET_OFFICER})
"""Those who enter a payment; never whoever decided."""


@dataclass(frozen=True, kw_only=True)
class ApplyForReliefAid(Command):
    """申请灾害救助资金：本人申请或村（居）民小组提名；同一次灾害（冬春救助为同一年度）同类只办一次。"""

    ROLES: ClassVar = CASEWORKERS
    kind: Annotated[AidKind, Doc("资金类别")]
    person_id: Annotated[UUID, Doc("户主或代表本户的人")]
    head_count: Annotated[int, Doc("本户受助人数")]
    situation: Annotated[str, Doc("受灾和生活困难情况，加密保存")]
    disaster_id: Annotated[UUID | None, Doc("由哪次灾害引起；冬春救助可不填")] = None
    season: Annotated[int | None, Doc("冬春救助年度（冬季所在的年份）")] = None
    days: Annotated[int, Doc("过渡期生活救助天数；其他不填")] = 0
    nominated: Annotated[bool, Doc("是否由村（居）民小组提名")] = False

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        if person.state in (PersonState.DECEASED, PersonState.MERGED):
            raise RuleViolated(f"人员记录现为“{person.state.label}”，请由本户其他成员申请。")
        if self.disaster_id is not None:
            disaster = yield from the_disaster(self.disaster_id)
            disaster.demand_struck("申请灾害救助资金")
            disaster.demand_within(person.division_code)
        if self.season is not None and not by.today.year - 1 <= self.season <= by.today.year:
            raise RuleViolated(f"冬春救助年度应为 {by.today.year - 1} 或 {by.today.year}。")
        attempt = yield from self._attempt()
        yield from self._demand_first_of_home()
        aid = ReliefAid.apply_for(
            by.now,
            kind=self.kind,
            person_id=person.id,
            disaster_id=self.disaster_id,
            season=self.season,
            head_count=self.head_count,
            days=self.days,
            nominated=self.nominated,
            situation=self.situation,
            division_code=person.division_code,
            by=by.actor.name,
            review_by=by.due("relief.aid_review", person.division_code),
            attempt=attempt,
        )
        return (aid,)

    def _attempt(self) -> Generator[Wish, Any, int]:
        """Which application of this kind and occasion it is; raises RuleViolated while another one stands."""
        occasion = self.season if self.kind is AidKind.WINTER_SPRING else self.disaster_id
        if occasion is None:
            return 1
        ids = [ReliefAid.id_for(self.kind, occasion, self.person_id, n) for n in range(1, _ATTEMPTS + 1)]
        known: dict[UUID, ReliefAid] = yield LoadMany(ReliefAid, tuple(ids))
        for number, id in enumerate(ids, 1):
            if id not in known:
                return number
            if known[id].state not in (AidState.REFUSED, AidState.WITHDRAWN):
                raise RuleViolated(f"此户的{self.kind.label}已在办理或已办结（{known[id].state.label}），不重复申请。")
        raise RuleViolated(f"同一事项已申请 {_ATTEMPTS} 次，请由区级核查。")

    def _demand_first_of_home(self) -> Generator[Wish, Any, None]:
        """Raise RuleViolated where somebody who lives in the same home has this aid already: it is for the family.

        Registered households (户籍) are left out, since their members need not live together.
        """
        homes: dict[UUID, Household] = yield LoadTagged(Household, (f"person:{self.person_id}",))
        together = {
            member
            for home in homes.values()
            if home.kind is not HouseholdKind.REGISTERED
            and home.dissolved_on is None
            and self.person_id in home.members
            for member in home.members
        } - {self.person_id}
        if not together:
            return
        theirs: dict[UUID, ReliefAid] = yield LoadTagged(ReliefAid, tuple(f"person:{id}" for id in sorted(together)))
        for aid in theirs.values():
            same = (aid.kind, aid.disaster_id, aid.season) == (self.kind, self.disaster_id, self.season)
            if aid.kind is AidKind.WINTER_SPRING:
                same = self.kind is aid.kind and self.season == aid.season
            if same and aid.person_id in together and aid.state not in (AidState.REFUSED, AidState.WITHDRAWN):
                raise RuleViolated(f"同户的其他成员已申请{self.kind.label}（{aid.state.label}），一户只办一次。")


@dataclass(frozen=True, kw_only=True)
class AssessHouseDamage(Command):
    """评定房屋损坏等级：民主评议之前办理，可以重新评定。"""

    ROLES: ClassVar = OFFICIALS
    aid_id: AidId
    grade: Annotated[HouseDamage, Doc("损坏等级")]
    rooms: Annotated[int, Doc("受损间数")]
    assessed_on: Annotated[date, Doc("评定日期")]
    report: Annotated[str, Doc("评定情况，加密保存")] = ""

    def decide(self, by: Decision) -> Decided:
        aid: ReliefAid = yield Load(ReliefAid, self.aid_id)
        aid.assess_damage(
            by.now,
            grade=self.grade,
            rooms=self.rooms,
            report=self.report,
            assessed_on=self.assessed_on,
            by=by.actor.name,
        )
        return (aid,)


@dataclass(frozen=True, kw_only=True)
class ReviewReliefAid(Command):
    """登记民主评议：同意多于不同意的予以公示；公示有异议的再次评议。"""

    ROLES: ClassVar = CASEWORKERS
    aid_id: AidId
    for_count: Annotated[int, Doc("同意人数")]
    against_count: Annotated[int, Doc("不同意人数")]
    held_on: Annotated[date, Doc("评议日期")]

    def decide(self, by: Decision) -> Decided:
        aid: ReliefAid = yield Load(ReliefAid, self.aid_id)
        review(aid, by, self.for_count, self.against_count, self.held_on)
        return (aid,)


@dataclass(frozen=True, kw_only=True)
class PostReliefAidNotice(Command):
    """公示灾害救助：在村（社区）张榜公示。"""

    ROLES: ClassVar = CASEWORKERS
    aid_id: AidId
    notice_no: Annotated[str, Doc("公示编号")]

    def decide(self, by: Decision) -> Decided:
        aid: ReliefAid = yield Load(ReliefAid, self.aid_id)
        post(aid, by, self.notice_no)
        return (aid,)


@dataclass(frozen=True, kw_only=True)
class ObjectToReliefAid(Command):
    """登记对公示的异议：由村（社区）再次民主评议。"""

    ROLES: ClassVar = CASEWORKERS
    aid_id: AidId
    reason: Annotated[str, Doc("异议内容，加密保存")]

    def decide(self, by: Decision) -> Decided:
        aid: ReliefAid = yield Load(ReliefAid, self.aid_id)
        aid.object(by.now, reason=self.reason, review_by=by.due("relief.aid_objection", aid.division_code))
        return (aid,)


@dataclass(frozen=True, kw_only=True)
class SubmitReliefAid(Command):
    """街道审核灾害救助：公示期满无异议的审核后报区级审批；须由登记人以外的人办理。"""

    ROLES: ClassVar = frozenset({RoleCode.STREET_OFFICER})
    aid_id: AidId
    opinion: Annotated[str, Doc("审核意见，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        aid: ReliefAid = yield Load(ReliefAid, self.aid_id)
        submit(aid, by, self.opinion)
        return (aid,)


@dataclass(frozen=True, kw_only=True)
class DecideReliefAid(Command):
    """审批灾害救助：金额按现行标准计算；须由登记人、审核人以外的人办理。"""

    ROLES: ClassVar = DISTRICT
    aid_id: AidId

    def decide(self, by: Decision) -> Decided:
        aid: ReliefAid = yield Load(ReliefAid, self.aid_id)
        grant(aid, by)
        return (aid,)


@dataclass(frozen=True, kw_only=True)
class RefuseReliefAid(Command):
    """不予灾害救助：审核后认为不符合条件，或民主评议未通过；写明理由。"""

    ROLES: ClassVar = DISTRICT
    aid_id: AidId
    reason: Annotated[str, Doc("理由，加密保存")]

    def decide(self, by: Decision) -> Decided:
        aid: ReliefAid = yield Load(ReliefAid, self.aid_id)
        aid.refuse(by.now, reason=self.reason, by=by.actor.name)
        return (aid,)


@dataclass(frozen=True, kw_only=True)
class HoldReliefAid(Command):
    """暂缓支付灾害救助：情况有变、有待核实的。"""

    ROLES: ClassVar = OFFICIALS
    aid_id: AidId
    reason: Annotated[str, Doc("原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        aid: ReliefAid = yield Load(ReliefAid, self.aid_id)
        if not self.reason.strip():
            raise RuleViolated("请写明暂缓支付的原因。")
        aid.hold(by.now, reason=self.reason.strip(), by=by.actor.name)
        if not aid.pending_events:
            raise RuleViolated("已暂缓支付，或已办结，不能再暂缓。")
        return (aid,)


@dataclass(frozen=True, kw_only=True)
class ReleaseReliefAid(Command):
    """恢复支付灾害救助。"""

    ROLES: ClassVar = DISTRICT
    aid_id: AidId
    reason: Annotated[str, Doc("核实的结果，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        aid: ReliefAid = yield Load(ReliefAid, self.aid_id)
        if not aid.held:
            raise RuleViolated("未暂缓支付，无需恢复。")
        if not self.reason.strip():
            raise RuleViolated("请写明核实的结果。")
        aid.release(by.now, reason=self.reason.strip(), by=by.actor.name)
        return (aid,)


@dataclass(frozen=True, kw_only=True)
class PayReliefAid(Command):
    """登记支付灾害救助：写明资金来源和支付凭证；须由审批人以外的人办理。"""

    ROLES: ClassVar = PAYERS
    aid_id: AidId
    fund_source: Annotated[FundSource, Doc("资金来源")]
    payment_no: Annotated[str, Doc("支付凭证号或发放批次号")]
    paid_on: Annotated[date, Doc("支付日期")]

    def decide(self, by: Decision) -> Decided:
        aid: ReliefAid = yield Load(ReliefAid, self.aid_id)
        said = {"fund_source": self.fund_source, "payment_no": self.payment_no, "paid_on": self.paid_on}
        aid.pay(by.now, by=by.actor.name, **said)  # type: ignore[arg-type]  # as named
        return (aid,)


@dataclass(frozen=True, kw_only=True)
class ReturnReliefAidPayment(Command):
    """登记灾害救助退回：银行退回的款项，待更正账户后重新支付。"""

    ROLES: ClassVar = PAYERS
    aid_id: AidId
    reason: Annotated[str, Doc("退回原因，不写个人信息")]
    returned_on: Annotated[date, Doc("退回日期")]

    def decide(self, by: Decision) -> Decided:
        aid: ReliefAid = yield Load(ReliefAid, self.aid_id)
        if aid.state is not AidState.PAID:
            raise RuleViolated(f"现为“{aid.state.label}”，没有可退回的支付。")
        if self.returned_on > by.today or not self.reason.strip():
            raise RuleViolated("请填写不晚于今天的退回日期和退回原因。")
        pay_by = by.due("relief.aid_payment", aid.division_code)
        aid.report_returned(by.now, reason=self.reason.strip(), returned_on=self.returned_on, pay_by=pay_by)
        return (aid,)


@dataclass(frozen=True, kw_only=True)
class WithdrawReliefAid(Command):
    """撤回灾害救助申请：审批之前办理；撤回后可以重新申请。"""

    ROLES: ClassVar = CASEWORKERS
    aid_id: AidId
    reason: Annotated[str, Doc("原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        aid: ReliefAid = yield Load(ReliefAid, self.aid_id)
        aid.withdraw(by.now, reason=self.reason, by=by.actor.name)
        if not aid.pending_events:
            raise RuleViolated("此申请已撤回。")
        return (aid,)


def review(aid: ReliefAid, by: Decision, for_count: int, against_count: int, held_on: date) -> None:
    """Enter a community's vote; what follows is due within the street's or the notice's own limit."""
    again = aid.state is AidState.OBJECTED
    start = max(by.today, aid.notice_to) if again and aid.notice_to else by.today
    next_by = by.due("relief.aid_submission" if again else "relief.aid_review", aid.division_code, start)
    said = {"for_count": for_count, "against_count": against_count, "held_on": held_on}
    aid.review(by.now, by=by.actor.name, next_by=next_by, **said)  # type: ignore[arg-type]  # as named


def post(aid: ReliefAid, by: Decision, notice_no: str) -> None:
    """Put a notice up from today for the days of the limit; the street goes on after it."""
    days = by.parameters.value("relief.aid_notice", aid.division_code, by.today)
    to_on = by.today + timedelta(days=days)
    working = by.parameters.value("relief.aid_submission", aid.division_code, by.today)
    submit_by = working_days_after(to_on, working)
    said = {"notice_no": notice_no, "from_on": by.today, "to_on": to_on, "submit_by": submit_by}
    aid.post_notice(by.now, by=by.actor.name, **said)  # type: ignore[arg-type]  # as named


def submit(aid: ReliefAid, by: Decision, opinion: str) -> None:
    """The street's review."""
    decide_by = by.due("relief.aid_decision", aid.division_code)
    aid.submit(by.now, opinion=opinion, by=by.actor.name, decide_by=decide_by)


def grant(aid: ReliefAid, by: Decision) -> None:
    """The district's decision, by the standard in force today; who may not decide is told so before any amount."""
    aid.demand_decidable(by.actor.name)
    computed = amount_of(
        aid.kind,
        by.parameters,
        aid.division_code,
        by.today,
        head_count=aid.head_count,
        days=aid.days,
        damage=aid.damage,
    )
    pay_by = by.due("relief.aid_payment", aid.division_code)
    aid.decide(by.now, computed=computed, by=by.actor.name, pay_by=pay_by)
