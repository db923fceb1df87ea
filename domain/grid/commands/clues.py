"""Decisions about clues to needs: grid workers find them, caseworkers take them on, answer and feed back."""

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS
from domain.assistance.case import Case
from domain.codes import ClueNeed, ClueSource
from domain.errors import RuleViolated
from domain.grid.clue import OVER, NeedClue
from domain.grid.limits import HANDS, days_by, demand_level
from domain.grid.resident import Resident, resident_id
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, LoadTagged
from domain.registry.person import Person

ClueId = Annotated[UUID, Doc("线索标识")]


@dataclass(frozen=True, kw_only=True)
class ReportNeedClue(Command):
    """上报需求线索：发现居民需要帮助的，由村（社区）受理并告知上报人。"""

    ROLES: ClassVar = HANDS
    person_id: Annotated[UUID, Doc("需要帮助的人")]
    need: Annotated[ClueNeed, Doc("需要何种帮助")]
    text: Annotated[str, Doc("发现的困难和需要，加密保存")]
    source: Annotated[ClueSource, Doc("线索来源")] = ClueSource.VISIT

    def decide(self, by: Decision) -> Decided:
        person: Person = yield Load(Person, self.person_id)
        if person.death_confirmed or person.moved_out or person.merged_into is not None:
            raise RuleViolated("此人已死亡、迁出或记录已合并，不能上报需求线索；请核对人员。")
        known: dict[UUID, NeedClue] = yield LoadTagged(NeedClue, (f"person:{person.id}",))
        if any(other.need is self.need and other.state not in OVER for other in known.values()):
            raise RuleViolated(f"此人的“{self.need.label}”线索正在办理，不重复上报；有新情况请告知受理单位。")
        listed: dict[UUID, Resident] = yield LoadMany(Resident, (resident_id(person.id),))
        resident = listed.get(resident_id(person.id))
        clue = NeedClue.find(
            by.new_id,
            by.now,
            person_id=person.id,
            need=self.need,
            source=self.source,
            text=self.text,
            by=by.actor.name,
            grid_code=resident.grid_code if resident and resident.division_code == person.division_code else "",
            limits=days_by(by, "grid.clue_accept", person.division_code),
            division_code=person.division_code,
        )
        return (clue,)


@dataclass(frozen=True, kw_only=True)
class AcceptNeedClue(Command):
    """受理需求线索：上报人即可看到已受理。"""

    ROLES: ClassVar = CASEWORKERS
    clue_id: ClueId

    def decide(self, by: Decision) -> Decided:
        clue: NeedClue = yield Load(NeedClue, self.clue_id)
        demand_level(by.actor.role, clue.level)
        clue.accept(by.now, by=by.actor.name, limits=days_by(by, "grid.clue_answer", clue.division_code))
        return (clue,)


@dataclass(frozen=True, kw_only=True)
class LinkNeedClue(Command):
    """线索转为个案：指明由此申请或已在办理的救助个案。"""

    ROLES: ClassVar = CASEWORKERS
    clue_id: ClueId
    case_id: Annotated[UUID, Doc("救助个案标识")]

    def decide(self, by: Decision) -> Decided:
        clue: NeedClue = yield Load(NeedClue, self.clue_id)
        case: Case = yield Load(Case, self.case_id)
        if clue.person_id not in (*case.member_ids, case.applicant_id):
            raise RuleViolated("线索所指的人不是该个案的申请人或保障对象，请核对。")
        clue.link_case(by.now, case_id=case.id, by=by.actor.name)
        return (clue,)


@dataclass(frozen=True, kw_only=True)
class AnswerNeedClue(Command):
    """答复需求线索：写明办理结果。"""

    ROLES: ClassVar = CASEWORKERS
    clue_id: ClueId
    answer: Annotated[str, Doc("办理结果，加密保存")]

    def decide(self, by: Decision) -> Decided:
        clue: NeedClue = yield Load(NeedClue, self.clue_id)
        feedback_by = by.due("grid.clue_feedback", clue.division_code)
        clue.answer(by.now, answer=self.answer, by=by.actor.name, feedback_by=feedback_by)
        return (clue,)


@dataclass(frozen=True, kw_only=True)
class DeclineNeedClue(Command):
    """不予受理需求线索：写明理由。"""

    ROLES: ClassVar = CASEWORKERS
    clue_id: ClueId
    reason: Annotated[str, Doc("理由，加密保存")]

    def decide(self, by: Decision) -> Decided:
        clue: NeedClue = yield Load(NeedClue, self.clue_id)
        demand_level(by.actor.role, clue.level)
        feedback_by = by.due("grid.clue_feedback", clue.division_code)
        clue.decline(by.now, reason=self.reason, by=by.actor.name, feedback_by=feedback_by)
        return (clue,)


@dataclass(frozen=True, kw_only=True)
class FeedBackNeedClue(Command):
    """反馈上报人：已将线索办理结果告知上报人。"""

    ROLES: ClassVar = CASEWORKERS
    clue_id: ClueId
    note: Annotated[str, Doc("何时、以何种方式反馈，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        clue: NeedClue = yield Load(NeedClue, self.clue_id)
        clue.feed_back(by.now, note=self.note, by=by.actor.name)
        return (clue,)


@dataclass(frozen=True, kw_only=True)
class CancelNeedClue(Command):
    """终止需求线索：误报，或此人已死亡、迁出。"""

    ROLES: ClassVar = CASEWORKERS
    clue_id: ClueId
    reason: Annotated[str, Doc("原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        clue: NeedClue = yield Load(NeedClue, self.clue_id)
        if clue.state in OVER:
            raise RuleViolated(f"线索{clue.state.label}，无需终止。")
        clue.cancel(by.now, reason=self.reason, by=by.actor.name)
        return (clue,)
