"""X8 and X9: somebody moves, within the district or out of it.

Nobody applies anew. What is a person's own follows at once; a case follows by itself when its whole household has
moved, and else the street that has it finds out whether it does.
"""

from collections.abc import Generator
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from domain.access import Area
from domain.assistance import Case
from domain.assistance.handing_over import hand_over
from domain.codes import ProcessCode
from domain.kernel import Aggregate, Decided, Decision, Load, LoadMany, LoadTagged, Wish
from domain.processes.deaths import cases_covering
from domain.processes.duty import Duty
from domain.processes.process import Process, Trigger, calendar_days, changed, working_days
from domain.registry import Person
from domain.registry.person import PersonState


class MovedWithin(Process):
    """X8"""

    CODE: ClassVar = ProcessCode.MOVED_WITHIN
    ON: ClassVar = (Person.Moved, Case.Transferred)
    MUST: ClassVar = "个案、服务和督办随人移交，不重新申请"
    LIMIT: ClassVar = "5 个工作日"
    FAILS: ClassVar = "移交前由原管辖地继续办理和发放，不断发、不重发；逾期升级至区"
    AREA: ClassVar = Area.ASSISTANCE

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        if isinstance(event, Case.Transferred):
            return (yield from self._arrived(event.originator_id, by))
        assert isinstance(event, Person.Moved)
        person: Person = yield Load(Person, event.originator_id)
        if person.division_code != event.to_division_code or trigger.is_history(by):
            return ()  # moved on since: the later move is the one that counts
        along = yield from self._duties(person, by)
        for case in (yield from cases_covering(person)):
            along += yield from self._case(trigger, case, person, event.moved_on, by)
        return along

    def _case(
        self, trigger: Trigger, case: Case, person: Person, moved_on: date, by: Decision
    ) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
        there = person.division_code
        if case.division_code == there:
            return ()
        members: dict[UUID, Person] = yield LoadMany(
            Person, tuple(dict.fromkeys((case.applicant_id, *case.member_ids)))
        )
        here = (m for m in members.values() if m.state in (PersonState.VERIFIED, PersonState.PROVISIONAL))
        if all(member.division_code == there for member in here):
            return (yield from hand_over(case, there, moved_on, by))
        return (
            self.ask(
                trigger,
                by,
                f"case:{case.id}",
                f"部分成员已迁往 {there}：核实家庭是否随迁，移交个案或变更保障对象",
                working_days(by, "processes.move_settled", case.division_code),
                division_code=case.division_code,
                person_id=person.id,
                case_id=case.id,
            ),
        )

    def _duties(self, person: Person, by: Decision) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
        duties: dict[UUID, Duty] = yield LoadTagged(Duty, (f"person:{person.id}",))
        for duty in duties.values():
            if duty.subject == f"person:{person.id}":
                duty.follow(by.now, division_code=person.division_code)
        return changed(*duties.values())

    def _arrived(self, case_id: UUID, by: Decision) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
        """The case is where it belongs: what was asked for is done, and what is still asked of it goes along."""
        case: Case = yield Load(Case, case_id)
        duties: dict[UUID, Duty] = yield LoadTagged(Duty, (f"case:{case_id}",))
        for duty in duties.values():
            if duty.process is self.CODE:
                duty.fulfil(by.now, result="个案已移交")
            elif duty.case_id == case_id:
                duty.follow(by.now, division_code=case.division_code)
        return changed(*duties.values())


class MovedOut(Process):
    """X9"""

    CODE: ClassVar = ProcessCode.MOVED_OUT
    ON: ClassVar = (Person.MovedOut, Person.MoveReversed, Case.MembersChanged, Case.Closed)
    MUST: ClassVar = "告知本人、联系迁入地；迁入地确认后终止，其间不断保"
    LIMIT: ClassVar = "次月（30 日）"
    FAILS: ClassVar = "升级至区，由区决定暂停；平台不自行停发"
    AREA: ClassVar = Area.ASSISTANCE

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        if isinstance(event, (Case.MembersChanged, Case.Closed)):
            duties: dict[UUID, Duty] = yield LoadTagged(Duty, (f"case:{event.originator_id}",))
            case: Case = yield Load(Case, event.originator_id)
            for duty in duties.values():
                if duty.process is self.CODE and (
                    isinstance(event, Case.Closed) or duty.person_id not in (case.applicant_id, *case.member_ids)
                ):
                    duty.fulfil(by.now, result=event.TITLE)
            return changed(*duties.values())
        person: Person = yield Load(Person, event.originator_id)
        if isinstance(event, Person.MoveReversed):
            theirs: dict[UUID, Duty] = yield LoadTagged(Duty, (f"person:{person.id}",))
            for duty in theirs.values():
                if duty.process is self.CODE and duty.person_id == person.id:
                    duty.drop(by.now, reason="此人已迁回，或迁出登记有误")
            return changed(*theirs.values())
        if person.state is not PersonState.MOVED_OUT or trigger.is_history(by):
            return ()
        return tuple(
            self.ask(
                trigger,
                by,
                f"case:{case.id}",
                "保障对象迁出本区：告知权利，联系迁入地；迁入地确认后再终止或变更",
                calendar_days(by, "processes.moved_out", case.division_code),
                division_code=case.division_code,
                person_id=person.id,
                case_id=case.id,
            )
            for case in (yield from cases_covering(person))
        )


__all__ = ["MovedOut", "MovedWithin"]
