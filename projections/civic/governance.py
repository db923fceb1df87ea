"""Village decisions, elections, allowances and light records in the read models."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar
from uuid import UUID

from domain.access import Area
from domain.civic import CadreAllowance, CommunityRecord, Election, VillageDecision
from domain.civic.committee import Seats
from domain.codes import CommunityRecordKind, DecisionStep, RecordResult
from infra.log import LogEvent
from projections.kernel.changes import Changes, Projection, handles
from projections.kernel.tables import FEN, Doc, Figures, Many, One, Owner, Relations, view


@view("village_decision", area=Area.CIVIC, scope_from="division_code", order=("stepped_on", "id"))
@dataclass
class VillageDecisionRow:
    """四议两公开事项"""

    id: Annotated[UUID, Doc("村务事项标识")]
    division_code: Annotated[str, Doc("村、社区代码")]
    matter: Annotated[str, Doc("提议的事项")]
    step: Annotated[DecisionStep, Doc("最近完成的步骤")]
    stepped_on: Annotated[date, Doc("最近一步的日期")]
    open: Annotated[bool, Doc("是否未走完")]
    agreed: Annotated[bool, Doc("最近一步是否通过")]
    proposed_on: Annotated[date, Doc("提议日期")]

    RELATIONS: ClassVar[Relations] = {
        "division": One("division", local="division_code"),
        "steps": Many("village_decision_step", on="decision_id", order=("place",)),
    }
    FILTERS: ClassVar[tuple[str, ...]] = ("open", "step", "agreed", "stepped_on", "proposed_on", "division_code")


@view(
    "village_decision_step",
    area=Area.CIVIC,
    key=("decision_id", "place"),
    owner=Owner("village_decision", "decision_id"),
    order=("decision_id", "place"),
    listed=False,
)
@dataclass
class VillageDecisionStepRow:
    """四议两公开的步骤"""

    decision_id: Annotated[UUID, Doc("村务事项标识")]
    place: Annotated[int, Doc("第几步")]
    step: Annotated[DecisionStep, Doc("步骤")]
    held_on: Annotated[date, Doc("日期")]
    agreed: Annotated[bool, Doc("是否通过")]
    eligible_count: Annotated[int | None, Doc("应到人数")]
    present_count: Annotated[int | None, Doc("到会人数")]
    for_count: Annotated[int | None, Doc("赞成人数")]
    against_count: Annotated[int | None, Doc("反对人数")]
    note: Annotated[str | None, Doc("说明或更正原因")]
    corrected: Annotated[bool, Doc("是否更正过")]

    RELATIONS: ClassVar[Relations] = {"decision": One("village_decision", local="decision_id")}
    FILTERS: ClassVar[tuple[str, ...]] = ("decision_id", "step", "agreed")


@view(
    "election",
    area=Area.CIVIC,
    scope_from="division_code",
    order=("year", "division_code", "id"),
    figures=Figures(("year", "committee_count", "cross_count", "one_person")),
)
@dataclass
class ElectionRow:
    """村（居）委会换届选举"""

    id: Annotated[UUID, Doc("换届选举标识")]
    division_code: Annotated[str, Doc("村、社区代码")]
    year: Annotated[int, Doc("换届年度")]
    held_on: Annotated[date, Doc("选举日期")]
    committee_count: Annotated[int, Doc("村（居）委会成员人数")]
    cross_count: Annotated[int, Doc("其中与党组织成员交叉任职的人数")]
    one_person: Annotated[bool, Doc("党组织书记与主任是否一肩挑")]
    eligible_count: Annotated[int, Doc("登记参加选举的人数")]
    voted_count: Annotated[int, Doc("参加投票的人数")]
    corrected: Annotated[bool, Doc("是否更正过")]

    RELATIONS: ClassVar[Relations] = {"division": One("division", local="division_code")}
    FILTERS: ClassVar[tuple[str, ...]] = ("year", "one_person", "division_code", "held_on")


@view(
    "cadre_allowance",
    area=Area.CIVIC,
    key=("allowance_id", "year"),
    scope_from="division_code",
    order=("year", "division_code", "allowance_id"),
    figures=Figures(("year", "person_months", "total_fen")),
)
@dataclass
class CadreAllowanceRow:
    """村（居）干部补贴"""

    allowance_id: Annotated[UUID, Doc("补贴台账标识")]
    year: Annotated[int, Doc("年度")]
    division_code: Annotated[str, Doc("村、社区代码")]
    person_months: Annotated[int, Doc("发放人月数")]
    total_fen: Annotated[int, Doc("补贴合计"), FEN]
    corrected: Annotated[bool, Doc("是否更正过")]

    RELATIONS: ClassVar[Relations] = {"division": One("division", local="division_code")}
    FILTERS: ClassVar[tuple[str, ...]] = ("year", "division_code")


@view(
    "community_record",
    area=Area.CIVIC,
    scope_from="division_code",
    order=("held_on", "id"),
    indexes=(("kind", "held_on", "id", "scope"),),
    figures=Figures(("kind", "result", "held_on")),
)
@dataclass
class CommunityRecordRow:
    """基层治理记录"""

    id: Annotated[UUID, Doc("事项标识")]
    kind: Annotated[CommunityRecordKind, Doc("事项种类")]
    division_code: Annotated[str, Doc("区划代码")]
    subject_text: Annotated[str | None, Doc("议题、名称")]
    result: Annotated[RecordResult, Doc("结果")]
    participants: Annotated[int, Doc("参加人数")]
    basis: Annotated[str | None, Doc("命名文件及文号")]
    held_on: Annotated[date, Doc("日期")]
    corrected: Annotated[bool, Doc("是否更正过")]
    reason: Annotated[str | None, Doc("更正或终止的原因")]
    ended_on: Annotated[date | None, Doc("终止日期")]

    RELATIONS: ClassVar[Relations] = {"division": One("division", local="division_code")}
    FILTERS: ClassVar[tuple[str, ...]] = ("kind", "result", "held_on", "division_code", "ended_on")


class Governance(Projection):
    """What villages decide and have. A part of the projection `Civic`, never run by itself."""

    @handles(VillageDecision.Created)
    def decision_proposed(self, event: VillageDecision.Created, at: LogEvent, to: Changes) -> None:
        """A matter."""
        to.insert(
            VillageDecisionRow,
            event.originator_id,
            on=event.timestamp.date(),
            division_code=event.division_code,
            matter=event.matter,
            step=DecisionStep.PROPOSED,
            stepped_on=event.effective_on,
            open=True,
            agreed=True,
            proposed_on=event.effective_on,
        )

    @handles(VillageDecision.StepTaken)
    def decision_step(self, event: VillageDecision.StepTaken, at: LogEvent, to: Changes) -> None:
        """One step more, or the last one put right."""
        on, place = event.timestamp.date(), tuple(DecisionStep).index(event.step) + 1
        still = event.agreed and place < len(DecisionStep)
        said: dict[str, Any] = {"step": event.step, "stepped_on": event.effective_on, "agreed": event.agreed}
        to.patch(VillageDecisionRow, event.originator_id, on=on, decided=True, open=still, **said)
        to.put(
            VillageDecisionStepRow,
            (event.originator_id, place),
            on=on,
            step=event.step,
            held_on=event.effective_on,
            agreed=event.agreed,
            note=event.note or None,
            corrected=event.corrects_version is not None,
            **(event.vote._asdict() if event.vote is not None else {}),
        )

    @handles(Election.Created)
    def election_held(self, event: Election.Created, at: LogEvent, to: Changes) -> None:
        """A term's committee."""
        said: dict[str, Any] = {"division_code": event.division_code, "year": event.year, **_seats(event.seats)}
        to.insert(ElectionRow, event.originator_id, on=event.true_from(), held_on=event.effective_on, **said)

    @handles(Election.Corrected)
    def election_corrected(self, event: Election.Corrected, at: LogEvent, to: Changes) -> None:
        """What it was in truth, from its beginning on."""
        on = date.min  # before the row's own beginning, which it then means
        to.patch(ElectionRow, event.originator_id, on=on, decided=True, corrected=True, **_seats(event.seats))

    @handles(CadreAllowance.YearSet)
    def allowance_set(self, event: CadreAllowance.YearSet, at: LogEvent, to: Changes) -> None:
        """A year's sum, or the corrected one."""
        to.put(
            CadreAllowanceRow,
            (event.originator_id, event.year),
            on=date(event.year, 1, 1),
            division_code=event.division_code,
            person_months=event.person_months,
            total_fen=event.total_fen,
            corrected=event.corrects_version is not None,
        )

    @handles(CommunityRecord.Created)
    def record_made(self, event: CommunityRecord.Created, at: LogEvent, to: Changes) -> None:
        """Something was set up, held or awarded."""
        to.insert(
            CommunityRecordRow,
            event.originator_id,
            on=event.effective_on,
            kind=event.kind,
            division_code=event.division_code,
            subject_text=event.subject_text or None,
            result=event.result,
            participants=event.participants,
            basis=event.basis or None,
            held_on=event.effective_on,
        )

    @handles(CommunityRecord.Corrected)
    def record_corrected(self, event: CommunityRecord.Corrected, at: LogEvent, to: Changes) -> None:
        """What it was in truth, or became, from that day on."""
        said: dict[str, Any] = {"result": event.result, "participants": event.participants, "reason": event.reason}
        said |= {"corrected": True, "held_on": event.effective_on, "ended_on": None}
        to.patch(CommunityRecordRow, event.originator_id, on=event.effective_on, decided=True, **said)

    @handles(CommunityRecord.Ended)
    def record_ended(self, event: CommunityRecord.Ended, at: LogEvent, to: Changes) -> None:
        """It is no more."""
        said: dict[str, Any] = {"result": RecordResult.ENDED, "reason": event.reason, "ended_on": event.effective_on}
        to.patch(CommunityRecordRow, event.originator_id, on=event.effective_on, decided=True, **said)


def _seats(seats: Seats) -> dict[str, Any]:
    return seats._asdict()
