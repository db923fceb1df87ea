"""Decisions about a community's whole winter and spring list: every entry that waits for the step, at once.

An entry that somebody objects to, or that is refused, goes its own way by the commands for one family (aid.py).
"""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, DISTRICT, RoleCode
from domain.codes import AidState
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, LoadTagged, Wish
from domain.relief.aid import ReliefAid
from domain.relief.amounts import aid_list_id
from domain.relief.commands.aid import grant, post, review, submit

Season = Annotated[int, Doc("冬春救助年度（冬季所在的年份）")]
Community = Annotated[str, Doc("村（社区）区划代码")]


@dataclass(frozen=True, kw_only=True)
class ReviewWinterList(Command):
    """登记冬春救助名单的民主评议：全村（社区）尚未评议的一并登记；个别未通过的另行逐户登记。"""

    ROLES: ClassVar = CASEWORKERS
    season: Season
    division_code: Community
    for_count: Annotated[int, Doc("同意人数")]
    against_count: Annotated[int, Doc("不同意人数")]
    held_on: Annotated[date, Doc("评议日期")]

    def decide(self, by: Decision) -> Decided:
        waiting = yield from _waiting(self.season, self.division_code, AidState.APPLIED)
        fresh = [aid for aid in waiting if aid.passed is None]
        if not fresh:
            raise RuleViolated("名单上没有尚未评议的；评议未通过的请逐户办理。")
        for aid in fresh:
            review(aid, by, self.for_count, self.against_count, self.held_on)
        return tuple(fresh)


@dataclass(frozen=True, kw_only=True)
class PostWinterListNotice(Command):
    """公示冬春救助名单：评议通过的一并张榜公示。"""

    ROLES: ClassVar = CASEWORKERS
    season: Season
    division_code: Community
    notice_no: Annotated[str, Doc("公示编号")]

    def decide(self, by: Decision) -> Decided:
        waiting = yield from _waiting(self.season, self.division_code, AidState.REVIEWED)
        for aid in waiting:
            post(aid, by, self.notice_no)
        return waiting


@dataclass(frozen=True, kw_only=True)
class SubmitWinterList(Command):
    """街道审核冬春救助名单：公示期满无异议的一并审核，报区级审批。"""

    ROLES: ClassVar = frozenset({RoleCode.STREET_OFFICER})
    season: Season
    division_code: Community
    opinion: Annotated[str, Doc("审核意见，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        waiting = yield from _waiting(self.season, self.division_code, AidState.PUBLICISED)
        over = [aid for aid in waiting if aid.notice_to is None or aid.notice_to < by.today]
        if not over:
            raise RuleViolated(f"公示至 {min(str(aid.notice_to) for aid in waiting)}，期满后才能审核。")
        for aid in over:
            submit(aid, by, self.opinion)
        return tuple(over)


@dataclass(frozen=True, kw_only=True)
class DecideWinterList(Command):
    """审批冬春救助名单：街道审核过的一并审批，金额按现行标准计算。"""

    ROLES: ClassVar = DISTRICT
    season: Season
    division_code: Community

    def decide(self, by: Decision) -> Decided:
        waiting = yield from _waiting(self.season, self.division_code, AidState.SUBMITTED)
        for aid in waiting:
            grant(aid, by)
        return waiting


def _waiting(season: int, division_code: str, state: AidState) -> Generator[Wish, Any, tuple[ReliefAid, ...]]:
    """The list's entries that are in a state; raises RuleViolated where there are none."""
    found: dict[UUID, ReliefAid] = yield LoadTagged(ReliefAid, (f"aid_list:{aid_list_id(division_code, season)}",))
    waiting = tuple(aid for aid in found.values() if aid.state is state)
    if not waiting:
        raise RuleViolated(f"{season} 年度该村（社区）的冬春救助名单上没有“{state.label}”的，请核对年度和区划。")
    return waiting
