"""X14 and X20: somebody seems to need help, and nobody has applied yet.

A large bill that a person has to pay is a clue like any that a grid worker brings: the community takes it on, and
where it does not, the grid calls on the person. The grid's own limits see to acceptance, answer and feedback; what
only the platform sees is that the person has applied meanwhile, and what became of it.
"""

from collections.abc import Generator
from typing import Any, ClassVar
from uuid import UUID, uuid5

from domain.access import Area, RoleCode
from domain.assistance import Case
from domain.codes import ClueNeed, ClueSource, ClueState, GridLevel, ProcessCode, Scheme, VisitPurpose
from domain.grid import Grid, NeedClue, Resident
from domain.grid.clue import OPEN, OVER
from domain.grid.grid import grid_id
from domain.grid.limits import days_by
from domain.grid.resident import resident_id
from domain.kernel import Aggregate, Decided, Decision, Load, LoadMany, LoadTagged, Wish
from domain.medical import Settlement
from domain.medical.settlement import OVER as UNDONE
from domain.processes.duty import Duty
from domain.processes.process import Process, Trigger, changed, working_days
from domain.registry import Person

_CLUES = UUID("5a0d6a5b-3f52-5d0c-8a44-7e3d6f0c1414")
_ANSWERED_BY: dict[ClueNeed, frozenset[Scheme]] = {
    ClueNeed.BASIC_LIVING: frozenset({Scheme.DIBAO, Scheme.DIBAO_MARGIN, Scheme.RIGID_EXPENSE, Scheme.TEMP}),
    ClueNeed.TEKUN: frozenset({Scheme.TEKUN}),
    ClueNeed.TEMP: frozenset({Scheme.TEMP, Scheme.DIBAO_MARGIN, Scheme.RIGID_EXPENSE, Scheme.DIBAO}),
}
"""Which applications answer to a need; of other needs people say so themselves (`linkNeedClue`)."""


def clue_id(settlement: UUID) -> UUID:
    """The id of the clue that a settlement gives: one and the same, however often it is looked at."""
    return uuid5(_CLUES, f"settlement {settlement}")


class LargeCashShare(Process):
    """X14"""

    CODE: ClassVar = ProcessCode.LARGE_CASH_SHARE
    ON: ClassVar = (
        *(Settlement.Made, Settlement.Cancelled, Settlement.Reversed),
        *(NeedClue.Escalated, Resident.VisitLogged, NeedClue.Accepted, NeedClue.Cancelled, NeedClue.Declined),
    )
    MUST: ClassVar = "个人负担超过标准的结算作为需求线索，由村（社区）核实临时救助、低保边缘"
    LIMIT: ClassVar = "3 个工作日"
    FAILS: ClassVar = "逾期由网格员入户走访；没有网格员的由街道安排，再逾期升级至区"
    AREA: ClassVar = Area.GRID

    def concerns(self, trigger: Trigger) -> bool:
        return trigger.event.large_share if isinstance(trigger.event, Settlement.Made) else True

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        if isinstance(event, Resident.VisitLogged):
            return (yield from self._over(f"person:{event.person_id}", by, "已入户走访", event.person_id))
        if isinstance(event, NeedClue.Escalated):
            return (yield from self._not_taken_on(trigger, event, by))
        if isinstance(event, (NeedClue.Accepted, NeedClue.Cancelled, NeedClue.Declined)):
            return (yield from self._over(f"clue:{event.originator_id}", by, event.TITLE))
        settlement: Settlement = yield Load(Settlement, event.originator_id)
        if isinstance(event, Settlement.Made):
            return (yield from self._found(trigger, settlement, by))
        return (yield from self._undone(settlement, by))

    def _found(
        self, trigger: Trigger, settlement: Settlement, by: Decision
    ) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
        if settlement.state in UNDONE or trigger.is_history(by):
            return ()
        person: Person = yield Load(Person, settlement.person_id)
        if person.died_on is not None or person.moved_out or person.merged_into is not None:
            return ()
        known: dict[UUID, NeedClue] = yield LoadTagged(NeedClue, (f"person:{person.id}",))
        id = clue_id(settlement.id)
        if id in known or any(each.need is ClueNeed.TEMP and each.state not in OVER for each in known.values()):
            return ()  # one clue of a kind is looked into at a time
        listed: dict[UUID, Resident] = yield LoadMany(Resident, (resident_id(person.id),))
        resident = listed.get(resident_id(person.id))
        clue = NeedClue.find(
            id,
            by.now,
            person_id=person.id,
            need=ClueNeed.TEMP,
            source=ClueSource.SETTLEMENT,
            text="医疗费用个人负担数额较大，请核实家庭是否困难，是否符合临时救助、低保边缘或刚性支出困难条件。",
            by=by.actor.name,
            grid_code=resident.grid_code if resident and resident.division_code == person.division_code else "",
            limits=days_by(by, "processes.cash_share_clue", person.division_code),
            division_code=person.division_code,
        )
        return (clue,)

    def _undone(self, settlement: Settlement, by: Decision) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
        """What was settled is no more; a clue that somebody took on is theirs to answer."""
        id = clue_id(settlement.id)
        known: dict[UUID, NeedClue] = yield LoadMany(NeedClue, (id,))
        clue = known.get(id)
        if clue is None or clue.state is not ClueState.REPORTED or settlement.state not in UNDONE:
            return ()
        clue.cancel(by.now, reason="所依据的医疗结算已撤销", by=by.actor.name)
        return (clue,)

    def _not_taken_on(
        self, trigger: Trigger, event: NeedClue.Escalated, by: Decision
    ) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
        """The grid calls on the person, once: further lapses are the levels' own."""
        if event.state is not ClueState.REPORTED or event.from_level is not GridLevel.COMMUNITY:
            return ()
        clue: NeedClue = yield Load(NeedClue, event.originator_id)
        if clue.source is not ClueSource.SETTLEMENT or clue.state is not ClueState.REPORTED:
            return ()
        listed: dict[UUID, Resident] = yield LoadMany(Resident, (resident_id(clue.person_id),))
        resident = listed.get(resident_id(clue.person_id))
        due = working_days(by, "processes.cash_share_visit", clue.division_code)
        if resident is not None and resident.ended is None and resident.grid_code:
            grids: dict[UUID, Grid] = yield LoadMany(Grid, (grid_id(resident.grid_code),))
            grid = grids.get(grid_id(resident.grid_code))
            worker = grid.worker_on(by.today) if grid is not None else ""
            if resident.owes(VisitPurpose.NEED):
                return ()  # somebody is on the way already
            if worker:
                last = by.due("processes.cash_share_visit", clue.division_code)
                visit = uuid5(clue.id, f"visit {event.originator_version}")
                resident.allocate(by.now, visit_id=visit, worker=worker, purpose=VisitPurpose.NEED, due_on=last)
                return (resident,)
        duty = self.ask(
            trigger,
            by,
            f"clue:{clue.id}",
            "大额自付线索逾期未受理，且无网格员可派：安排人员入户核实困难",
            due,
            role=RoleCode.STREET_OFFICER,
            division_code=clue.division_code,
            person_id=clue.person_id,
        )
        return (duty,)

    def _over(
        self, tag: str, by: Decision, result: str, person_id: UUID | None = None
    ) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
        duties: dict[UUID, Duty] = yield LoadTagged(Duty, (tag,))
        for duty in duties.values():
            if duty.process is self.CODE and person_id in (None, duty.person_id):
                duty.fulfil(by.now, result=result)
        return changed(*duties.values())


class NeedClueAnswered(Process):
    """X20"""

    CODE: ClassVar = ProcessCode.NEED_CLUE
    ON: ClassVar = (Case.Created, Case.Confirmed, Case.Refused, Case.Withdrawn)
    MUST: ClassVar = "线索所指的人申请救助后，线索即受理并转为个案，上报人可见；个案办结后答复"
    LIMIT: ClassVar = "受理 2 个工作日；办结后即时答复，2 个工作日内反馈上报人"
    FAILS: ClassVar = "网格线索逾期未受理、未答复的逐级升级至街道、区"
    AREA: ClassVar = Area.GRID

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        if trigger.is_history(by):
            return ()
        case: Case = yield Load(Case, trigger.event.originator_id)
        if isinstance(trigger.event, Case.Created):
            return (yield from self._applied(case, by))
        clues: dict[UUID, NeedClue] = yield LoadTagged(NeedClue, (f"case:{case.id}",))
        for clue in clues.values():
            if clue.case_id == case.id and clue.state is ClueState.ACCEPTED:
                # Who found it is told that it is over and nothing of what the household gets: that is the household's.
                clue.answer(
                    by.now,
                    answer="已按救助申请办结，结果已告知申请人。",
                    by=by.actor.name,
                    feedback_by=by.due("grid.clue_feedback", clue.division_code),
                )
        return changed(*clues.values())

    def _applied(self, case: Case, by: Decision) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
        covered = dict.fromkeys((case.applicant_id, *case.member_ids))
        clues: dict[UUID, NeedClue] = yield LoadTagged(NeedClue, tuple(f"person:{id}" for id in covered))
        for clue in clues.values():
            answered = case.scheme in _ANSWERED_BY.get(clue.need, frozenset())
            if not answered or clue.person_id not in covered or clue.state not in OPEN or clue.case_id is not None:
                continue
            if clue.state is ClueState.REPORTED:
                clue.accept(by.now, by=by.actor.name, limits=days_by(by, "grid.clue_answer", clue.division_code))
            clue.link_case(by.now, case_id=case.id, by=by.actor.name)
        return changed(*clues.values())


__all__ = ["LargeCashShare", "NeedClueAnswered", "clue_id"]
