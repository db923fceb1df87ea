"""Decisions about committees, village decisions and light records of governance."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import CASEWORKERS, OFFICIALS
from domain.civic.committee import CadreAllowance, Election, Seats
from domain.civic.decision import VillageDecision, Vote
from domain.civic.record import CommunityRecord
from domain.codes import CommunityRecordKind, DecisionStep, RecordResult
from domain.errors import RuleViolated
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany
from domain.registry.places import demand_division

HeldOn = Annotated[date, Doc("日期")]
DivisionCode = Annotated[str, Doc("区划代码；不填为本人辖区")]
_AWARDED = (CommunityRecordKind.MODEL_UNIT, CommunityRecordKind.MODEL_COMMUNITY)


@dataclass(frozen=True, kw_only=True)
class ProposeDecision(Command):
    """提议村务事项：四议两公开的第一步，由村党组织会提议。"""

    ROLES: ClassVar = CASEWORKERS
    matter: Annotated[str, Doc("提议的事项，不写个人信息")]
    held_on: HeldOn
    division_code: DivisionCode = ""

    def decide(self, by: Decision) -> Decided:
        division = demand_division(self.division_code or by.actor.division_code)
        if len(division) != 12:
            raise RuleViolated("村务事项按村、社区登记，请填写 12 位代码。")
        decision = VillageDecision.propose(
            by.new_id,
            by.now,
            matter=self.matter,
            held_on=self.held_on,
            division_code=division,
            by=by.actor.name,
        )
        return (decision,)
        yield  # asks for nothing


@dataclass(frozen=True, kw_only=True)
class TakeDecisionStep(Command):
    """推进村务事项：按四议两公开的步骤依次登记；审议和决议须登记表决人数，未过半数的事项结束。"""

    ROLES: ClassVar = CASEWORKERS
    decision_id: Annotated[UUID, Doc("村务事项标识")]
    step: Annotated[DecisionStep, Doc("步骤")]
    held_on: HeldOn
    eligible_count: Annotated[int | None, Doc("应到人数")] = None
    present_count: Annotated[int | None, Doc("到会人数")] = None
    for_count: Annotated[int | None, Doc("赞成人数")] = None
    against_count: Annotated[int | None, Doc("反对人数")] = None
    note: Annotated[str, Doc("说明，不写个人信息")] = ""

    def decide(self, by: Decision) -> Decided:
        decision: VillageDecision = yield Load(VillageDecision, self.decision_id)
        vote = _vote(self.eligible_count, self.present_count, self.for_count, self.against_count)
        decision.take(by.now, step=self.step, vote=vote, note=self.note, held_on=self.held_on, by=by.actor.name)
        return (decision,)


@dataclass(frozen=True, kw_only=True)
class CorrectDecisionStep(Command):
    """更正村务事项最近一步的登记：写明原因；原登记仍可查。"""

    ROLES: ClassVar = CASEWORKERS
    decision_id: Annotated[UUID, Doc("村务事项标识")]
    held_on: HeldOn
    note: Annotated[str, Doc("更正原因，不写个人信息")]
    eligible_count: Annotated[int | None, Doc("应到人数")] = None
    present_count: Annotated[int | None, Doc("到会人数")] = None
    for_count: Annotated[int | None, Doc("赞成人数")] = None
    against_count: Annotated[int | None, Doc("反对人数")] = None

    def decide(self, by: Decision) -> Decided:
        decision: VillageDecision = yield Load(VillageDecision, self.decision_id)
        vote = _vote(self.eligible_count, self.present_count, self.for_count, self.against_count)
        decision.correct(by.now, vote=vote, note=self.note, held_on=self.held_on, by=by.actor.name)
        return (decision,)


@dataclass(frozen=True, kw_only=True)
class HoldElection(Command):
    """登记村（居）委会换届选举：委员会成员、交叉任职人数和是否一肩挑；一个换届年度登记一次。"""

    ROLES: ClassVar = OFFICIALS
    division_code: Annotated[str, Doc("村、社区代码")]
    year: Annotated[int, Doc("换届年度")]
    held_on: HeldOn
    committee_count: Annotated[int, Doc("村（居）委会成员人数")]
    cross_count: Annotated[int, Doc("其中与党组织成员交叉任职的人数")]
    one_person: Annotated[bool, Doc("党组织书记与主任是否一肩挑")]
    eligible_count: Annotated[int, Doc("登记参加选举的人数")] = 0
    voted_count: Annotated[int, Doc("参加投票的人数")] = 0

    def decide(self, by: Decision) -> Decided:
        division = demand_division(self.division_code)
        if (yield LoadMany(Election, (Election.id_for(division, self.year),))):
            raise RuleViolated(f"{self.year} 年的换届选举已登记，有误的请办理更正。")
        seats = Seats(self.committee_count, self.cross_count, self.one_person, self.eligible_count, self.voted_count)
        election = Election.hold(
            by.now, year=self.year, seats=seats, held_on=self.held_on, division_code=division, by=by.actor.name
        )
        return (election,)


@dataclass(frozen=True, kw_only=True)
class CorrectElection(Command):
    """更正换届选举结果：写明原因；原登记仍可查。"""

    ROLES: ClassVar = OFFICIALS
    election_id: Annotated[UUID, Doc("换届选举标识")]
    committee_count: Annotated[int, Doc("村（居）委会成员人数")]
    cross_count: Annotated[int, Doc("其中与党组织成员交叉任职的人数")]
    one_person: Annotated[bool, Doc("党组织书记与主任是否一肩挑")]
    reason: Annotated[str, Doc("更正原因，不写个人信息")]
    eligible_count: Annotated[int, Doc("登记参加选举的人数")] = 0
    voted_count: Annotated[int, Doc("参加投票的人数")] = 0

    def decide(self, by: Decision) -> Decided:
        election: Election = yield Load(Election, self.election_id)
        seats = Seats(self.committee_count, self.cross_count, self.one_person, self.eligible_count, self.voted_count)
        election.correct(by.now, seats=seats, reason=self.reason, by=by.actor.name)
        return (election,)


@dataclass(frozen=True, kw_only=True)
class SetCadreAllowance(Command):
    """登记村（居）干部补贴：某年的补贴合计和发放人月数；再次登记即更正，原登记仍可查。"""

    ROLES: ClassVar = OFFICIALS
    division_code: Annotated[str, Doc("村、社区代码")]
    year: Annotated[int, Doc("年度")]
    person_months: Annotated[int, Doc("发放人月数")]
    total_fen: Annotated[int, Doc("补贴合计（分）")]

    def decide(self, by: Decision) -> Decided:
        division = demand_division(self.division_code)
        id = CadreAllowance.id_for(division)
        known: dict[UUID, CadreAllowance] = yield LoadMany(CadreAllowance, (id,))
        allowance = known.get(id) or CadreAllowance.open(by.now, division_code=division, by=by.actor.name)
        allowance.set_year(
            by.now, year=self.year, person_months=self.person_months, total_fen=self.total_fen, by=by.actor.name
        )
        return (allowance,)


@dataclass(frozen=True, kw_only=True)
class MakeCommunityRecord(Command):
    """登记基层治理事项：监督委员会、示范单位、减灾示范社区、协商、公共服务站和家庭服务中心；称号由街道和区登记。"""

    ROLES: ClassVar = CASEWORKERS
    kind: Annotated[CommunityRecordKind, Doc("事项种类")]
    result: Annotated[RecordResult, Doc("结果")]
    held_on: HeldOn
    subject_text: Annotated[str, Doc("议题、名称，不写个人信息")] = ""
    participants: Annotated[int, Doc("参加人数")] = 0
    basis: Annotated[str, Doc("命名文件及文号")] = ""
    division_code: DivisionCode = ""

    def decide(self, by: Decision) -> Decided:
        if self.kind in _AWARDED and by.actor.role not in OFFICIALS:
            raise RuleViolated(f"{self.kind.label}由街道或区登记。")
        record = CommunityRecord.make(
            by.new_id,
            by.now,
            kind=self.kind,
            subject_text=self.subject_text,
            result=self.result,
            participants=self.participants,
            basis=self.basis,
            held_on=self.held_on,
            division_code=demand_division(self.division_code or by.actor.division_code),
            by=by.actor.name,
        )
        return (record,)
        yield  # asks for nothing


@dataclass(frozen=True, kw_only=True)
class CorrectCommunityRecord(Command):
    """更正基层治理事项：写明原因；原登记仍可查。创建完成后获得命名的也在此登记。"""

    ROLES: ClassVar = CASEWORKERS
    record_id: Annotated[UUID, Doc("事项标识")]
    result: Annotated[RecordResult, Doc("结果")]
    held_on: HeldOn
    reason: Annotated[str, Doc("更正原因，不写个人信息")]
    participants: Annotated[int, Doc("参加人数")] = 0

    def decide(self, by: Decision) -> Decided:
        record: CommunityRecord = yield Load(CommunityRecord, self.record_id)
        if record.kind in _AWARDED and by.actor.role not in OFFICIALS:
            raise RuleViolated(f"{record.kind.label}由街道或区登记。")
        record.correct(
            by.now,
            result=self.result,
            participants=self.participants,
            reason=self.reason,
            held_on=self.held_on,
            by=by.actor.name,
        )
        return (record,)


@dataclass(frozen=True, kw_only=True)
class EndCommunityRecord(Command):
    """终止基层治理事项：站点撤销、称号取消等，写明原因。"""

    ROLES: ClassVar = OFFICIALS
    record_id: Annotated[UUID, Doc("事项标识")]
    ended_on: HeldOn
    reason: Annotated[str, Doc("终止原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        record: CommunityRecord = yield Load(CommunityRecord, self.record_id)
        record.end(by.now, reason=self.reason, ended_on=self.ended_on, by=by.actor.name)
        return (record,)


def _vote(eligible: int | None, present: int | None, for_: int | None, against: int | None) -> Vote | None:
    counts = (eligible, present, for_, against)
    if all(count is None for count in counts):
        return None
    if any(count is None for count in counts):
        raise RuleViolated("表决人数须同时填写应到、到会、赞成和反对人数。")
    return Vote(*(count or 0 for count in counts))
