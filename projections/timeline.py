"""Timeline: every system's events of a person, household, case, facility or division, in the order of the log."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area
from domain.assistance import Case, Payment
from domain.findings import Finding
from domain.kernel import Event
from domain.registry import Household, Person
from infra.log import LogEvent
from projections.kernel.changes import Changes, division_of
from projections.kernel.tables import POSITION, Doc, Owner, Relations, view
from projections.subjects import Subjects


@view(
    "timeline",
    area=None,
    key=("subject", "position"),
    order=("position",),
    owner=Owner("timeline_subject", "subject"),
    scope_from="division_code",
    appended=True,
    listed=False,
)
@dataclass
class TimelineRow:
    """时间线条目"""

    subject: Annotated[str, Doc("主体（如 person:标识、case:标识、division:代码）")]
    position: Annotated[int, Doc("日志位置"), POSITION]
    topic: Annotated[str, Doc("事件类型")]
    title: Annotated[str, Doc("事件名称")]
    detail: Annotated[str, Doc("要点")]
    area: Annotated[Area, Doc("数据领域")]
    true_from: Annotated[date, Doc("业务生效日期")]
    occurred_at: Annotated[datetime, Doc("发生时间")]
    recorded_at: Annotated[datetime, Doc("记录时间")]
    actor: Annotated[str, Doc("经办人")]
    role: Annotated[str, Doc("角色")]
    org: Annotated[str, Doc("机构")]
    division_code: Annotated[str, Doc("事件所属区划代码")]
    basis: Annotated[str, Doc("依据")]
    source: Annotated[str, Doc("来源系统；空为本平台")]
    stream_id: Annotated[UUID, Doc("事件流标识")]
    version: Annotated[int, Doc("事件版本")]

    RELATIONS: ClassVar[Relations] = {}
    FILTERS: ClassVar[tuple[str, ...]] = ("subject", "topic", "area", "true_from")


@view("timeline_subject", area=None, scope_from="division_code", internal=True, listed=False)
@dataclass
class TimelineSubjectRow:
    """时间线主体的现属区划"""

    subject: Annotated[str, Doc("主体")]
    division_code: Annotated[str, Doc("区划代码")]


TITLES = {
    "registry.DivisionOpened": "设立区划",
    "registry.DivisionClosed": "撤销区划",
    "registry.HouseholdFormed": "登记家庭",
    "registry.MemberJoined": "加入家庭",
    "registry.MemberLeft": "退出家庭",
    "registry.HouseholdHeadChanged": "变更户主",
    "registry.HouseholdRelocated": "家庭迁移",
    "registry.HouseholdDissolved": "家庭解散",
    "registry.PersonRegistered": "登记人员",
    "registry.PersonVerified": "核实身份",
    "registry.PersonDetailsChanged": "变更个人信息",
    "registry.PersonMoved": "区内迁移",
    "registry.PersonMovedOut": "迁出本区",
    "registry.PersonMoveReversed": "撤销迁出",
    "registry.DeathReported": "上报死亡",
    "registry.DeathConfirmed": "确认死亡",
    "registry.DeathReversed": "撤销死亡",
    "registry.PersonMerged": "合并人员",
    "registry.PersonUnmerged": "撤销合并",
    "assistance.AssistanceApplied": "申请救助",
    "assistance.CaseReturned": "退回补正",
    "assistance.CaseAccepted": "受理申请",
    "assistance.VerificationReported": "登记核对结果",
    "assistance.CaseConfirmed": "确认救助",
    "assistance.CaseRefused": "不予确认",
    "assistance.CaseWithdrawn": "撤回申请",
    "assistance.AmountRecalculated": "调整金额",
    "assistance.CaseMembersChanged": "变更保障对象",
    "assistance.CaseAccountChanged": "变更发放账户",
    "assistance.CaseSuspended": "停发",
    "assistance.CaseResumed": "恢复发放",
    "assistance.CaseClosed": "结案",
    "assistance.CaseReopened": "重新办理",
    "assistance.CaseTransferred": "移交个案",
    "assistance.AmountCorrected": "更正核定金额",
    "assistance.PaymentIssued": "发放",
    "assistance.PaymentReturned": "发放退回",
    "assistance.PaymentCorrected": "更正发放金额",
    "assistance.StandardAdopted": "调整标准",
    "assistance.StandardRevoked": "撤销标准",
    "assistance.StandardApplied": "按新标准重算完毕",
    "findings.FindingRaised": "发现疑点",
    "findings.FindingResolved": "办结疑点",
}
"""What each event is called on a timeline; a unit test demands a title for every event class."""


def yuan(fen: int) -> str:
    """An amount as people write it."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d} 元"


DETAILS: dict[type[Event], Callable[[Any], str]] = {
    Household.Created: lambda e: f"{e.kind.label} {e.household_no}",
    Household.MemberJoined: lambda e: f"与户主关系：{e.relation.label}",
    Household.MemberLeft: lambda e: e.reason,
    Household.Relocated: lambda e: f"{e.from_division_code} → {e.to_division_code}",
    Person.Moved: lambda e: f"{e.from_division_code} → {e.to_division_code}",
    Person.DeathReported: lambda e: f"死亡日期 {e.died_on}",
    Person.DeathConfirmed: lambda e: f"死亡日期 {e.died_on}，{e.confirmed_by}",
    Person.DeathReversed: lambda e: e.reason,
    Case.Created: lambda e: f"{e.scheme.label} {e.case_no}，{len(e.member_ids)} 人",
    Case.Returned: lambda e: e.missing,
    Case.Accepted: lambda e: f"办结期限 {e.due_on}",
    Case.VerificationReported: lambda e: f"家庭月收入 {yuan(e.monthly_income_fen)}",
    Case.Confirmed: lambda e: f"{yuan(e.monthly_fen)}，自 {e.start_month} 起",
    Case.Refused: lambda e: e.reason,
    Case.Withdrawn: lambda e: e.reason,
    Case.Recalculated: lambda e: f"{yuan(e.old_fen)} → {yuan(e.new_fen)}，自 {e.from_on} 起",
    Case.MembersChanged: lambda e: f"{len(e.member_ids)} 人：{e.reason}",
    Case.Suspended: lambda e: e.reason,
    Case.Resumed: lambda e: e.reason,
    Case.Closed: lambda e: f"{e.reason.label}，最后发放月份 {e.end_month or '无'}",
    Case.Reopened: lambda e: e.basis,
    Case.Transferred: lambda e: f"{e.from_division_code} → {e.to_division_code}",
    Case.AmountCorrected: lambda e: f"{yuan(e.old_fen)} → {yuan(e.new_fen)}：{e.reason}",
    Payment.Created: lambda e: f"{e.month} {e.kind.label} {yuan(e.amount_fen)}",
    Payment.Returned: lambda e: e.reason,
    Payment.Corrected: lambda e: f"更正为 {yuan(e.amount_fen)}：{e.reason}",
    Finding.Created: lambda e: f"{e.rule.label} {e.month}".rstrip(),
    Finding.Resolved: lambda e: e.outcome,
}
"""The gist of an event in a line, without personal data. Events that say it all by their name have none."""

_KINDS = ("person:", "household:", "case:", "facility:")


class Timeline(Subjects):
    """One row for each subject an event is tagged with.

    A division's rows carry no gist: what it says of a case is for whoever is responsible for the case now, and the
    division's own diary stays with the division.
    """

    name = "timeline"
    version = 1
    views = (TimelineSubjectRow, TimelineRow)
    personal = False
    subject_row = TimelineSubjectRow

    def concerns(self, topic: str, cls: type[Event] | None) -> bool:
        """Every event there is, known or not, but for those of other programs on the same log."""
        return cls is not None or topic.partition(".")[0] in set(Area)

    @property
    def handled(self) -> frozenset[type]:
        """Every one."""
        return frozenset()

    def apply(self, event: Event, at: LogEvent, to: Changes) -> None:
        """One row a subject."""
        super().apply(event, at, to)
        topic = at.topic
        describe = DETAILS.get(type(event))
        on = event.true_from()
        area = topic.partition(".")[0]
        said = (area, on, at.occurred, at.recorded_at, at.actor, at.role, at.org, division_of(at), at.basis, at.source)
        head, rest = (at.position, topic, TITLES.get(topic, topic)), (*said, at.stream_id, at.version)
        full = (*head, describe(event) if describe is not None else "", *rest)
        rows: list[tuple[Any, ...]] = []
        for tag in at.tags:
            if tag.startswith(_KINDS):
                rows.append((tag, *full))
            elif tag.startswith("division:"):
                rows.append((tag, *head, "", *rest))
        to.append(TimelineRow, rows, on=on)
