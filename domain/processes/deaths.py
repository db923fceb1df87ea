"""X1 and X2: what a death means in every system.

A confirmed death is certain: what belonged to that person alone ends, a bed is free, orders are off. What it means for
a household is for people: until they have decided, the payroll holds the household's line. A death that was only
reported neither ends nor pays anything: the payroll holds that person's share, and the street finds out.
"""

from collections.abc import Generator
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from domain.access import Area
from domain.assistance import Case
from domain.assistance.case_process import OVER
from domain.codes import CaseState, ProcessCode
from domain.kernel import Aggregate, Decided, Decision, Load, LoadMany, LoadTagged, Wish
from domain.processes.duty import Duty
from domain.processes.process import HISTORY, Process, Trigger, changed, working_days
from domain.registry import Person

_IN_FORCE = frozenset({CaseState.PAYING, CaseState.SUSPENDED, CaseState.RECOGNISED})


class DeathConfirmed(Process):
    """X1"""

    CODE: ClassVar = ProcessCode.DEATH_CONFIRMED
    ON: ClassVar = (
        *(Person.DeathConfirmed, Person.DeathReversed),
        *(Case.Confirmed, Case.MembersChanged, Case.Resumed, Case.Reopened, Case.Closed),
    )
    MUST: ClassVar = "停发本人待遇、由人重新计算家庭救助、释放床位、取消订单；住院结算后结束医疗救助身份"
    LIMIT: ClassVar = "待遇次月停发；床位当日释放；家庭救助 10 个工作日内变更"
    FAILS: ClassVar = "整户暂不列入发放（死亡，待变更）；逾期升级至区；已多发的列为疑点"
    AREA: ClassVar = Area.ASSISTANCE

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        if not isinstance(event, (Person.DeathConfirmed, Person.DeathReversed)):
            return (yield from self._of_case(trigger, by))
        person: Person = yield Load(Person, event.originator_id)
        if isinstance(event, Person.DeathReversed):
            return (yield from dropped(person, by, self.CODE, "死亡登记已撤销"))
        if not person.death_confirmed or trigger.is_history(by):
            return ()
        cases = yield from cases_covering(person)
        known: dict[UUID, Duty] = yield LoadTagged(Duty, (f"person:{person.id}",))
        waiting = {duty.case_id for duty in known.values() if duty.process is self.CODE and duty.open}
        asked = tuple(self._change(trigger, by, case, person) for case in cases if case.id not in waiting)
        ended = yield from dropped(person, by, ProcessCode.DEATH_REPORTED, "死亡已确认", done=True)
        return (*asked, *ended)

    def _of_case(self, trigger: Trigger, by: Decision) -> Decided:
        """Who changed or closed a case has done what was asked; one that covers somebody dead is asked about."""
        case: Case = yield Load(Case, trigger.event.originator_id)
        duties: dict[UUID, Duty] = yield LoadTagged(Duty, (f"case:{case.id}",))
        mine = [duty for duty in duties.values() if duty.process is self.CODE]
        covered = () if case.state in OVER else tuple(dict.fromkeys((case.applicant_id, *case.member_ids)))
        for duty in mine:
            if duty.person_id not in covered:
                duty.fulfil(by.now, result=trigger.event.TITLE)
        # One at a time: whoever changes the household looks at all of it, and the next change asks about who is left.
        if case.state not in _IN_FORCE or any(duty.open for duty in mine):
            return changed(*mine)
        persons: dict[UUID, Person] = yield LoadMany(Person, covered)
        dead = [each for each in persons.values() if each.death_confirmed and not long_past(trigger, each.died_on, by)]
        first = sorted(dead, key=lambda each: (each.died_on or by.today, each.id))[:1]
        return (*changed(*mine), *(self._change(trigger, by, case, each) for each in first))

    def _change(self, trigger: Trigger, by: Decision, case: Case, dead: Person) -> Duty:
        """What the street has to do: change the household, or close its case."""
        return self.ask(
            trigger,
            by,
            f"case:{case.id}",
            _task(case),
            working_days(by, "processes.death_settled", case.division_code),
            division_code=case.division_code,
            person_id=dead.id,
            case_id=case.id,
        )


class DeathReported(Process):
    """X2"""

    CODE: ClassVar = ProcessCode.DEATH_REPORTED
    ON: ClassVar = (Person.DeathReported, Person.DeathReversed)
    MUST: ClassVar = "只暂停本人份额，由街道核实"
    LIMIT: ClassVar = "3 个工作日"
    FAILS: ClassVar = "升级至区决定；平台既不发放也不停发"
    AREA: ClassVar = Area.REGISTRY

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        person: Person = yield Load(Person, trigger.event.originator_id)
        if isinstance(trigger.event, Person.DeathReversed):
            return (yield from dropped(person, by, self.CODE, "此人在世，上报的死亡已撤销", done=True))
        if person.died_on is None or person.death_confirmed or trigger.is_history(by):
            return ()
        return (
            self.ask(
                trigger,
                by,
                f"person:{person.id}",
                f"核实上报的死亡（{person.died_on.isoformat()}），确认或撤销",
                working_days(by, "processes.death_checked", person.division_code),
                division_code=person.division_code,
                person_id=person.id,
            ),
        )


def cases_covering(person: Person) -> Generator[Wish, Any, tuple[Case, ...]]:
    """The cases in force that cover a person, or pay to them, in the order of their ids."""
    found: dict[Any, Case] = yield LoadTagged(Case, (f"person:{person.id}",))
    concerned = (c for c in found.values() if c.state in _IN_FORCE and person.id in (c.applicant_id, *c.member_ids))
    return tuple(sorted(concerned, key=lambda case: case.id))


def _task(case: Case) -> str:
    if len(case.member_ids) == 1:
        return f"保障对象已死亡，{case.scheme.label}个案结案；死亡次月起不再发放"
    return f"保障对象或领取人已死亡，变更{case.scheme.label}保障对象并重新计算；变更前不列入发放"


def long_past(trigger: Trigger, died_on: date | None, by: Decision) -> bool:
    """Whether all of it is history: a source tells of something long past, and of somebody who died long ago."""
    days = by.parameters.value(HISTORY, trigger.division_code, by.today)
    return trigger.is_history(by) and (died_on is None or (by.today - died_on).days > days)


def dropped(
    person: Person, by: Decision, code: ProcessCode, why: str, *, done: bool = False
) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
    """The open duties of a rule about a person are no longer needed, or done by what has happened."""
    duties: dict[Any, Duty] = yield LoadTagged(Duty, (f"person:{person.id}",))
    for duty in duties.values():
        if duty.process is code and duty.person_id == person.id:
            if done:
                duty.fulfil(by.now, result=why)
            else:
                duty.drop(by.now, reason=why)
    return changed(*duties.values())


__all__ = ["DeathConfirmed", "DeathReported", "cases_covering", "dropped", "long_past"]
