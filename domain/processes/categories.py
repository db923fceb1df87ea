"""X3 and X4: who is on assistance is known at the hospital's window, and no longer when the case is over.

A category follows from a case in force. So a case that a source reports gives it too, however old the grant is: nobody
is asked for anything, and it ends with the case.
"""

from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from domain.access import Area, RoleCode
from domain.assistance import Case
from domain.assistance.case_process import OVER
from domain.care import Premium
from domain.clock import first_day, next_month
from domain.codes import CaseState, MaCategory, PremiumKind, ProcessCode, Scheme
from domain.kernel import Decided, Decision, Load, LoadMany, LoadTagged
from domain.medical import MedicalCategory
from domain.processes.duty import Duty
from domain.processes.process import Process, Trigger, changed, hours
from domain.registry import Person
from domain.registry.person import PersonState

CATEGORIES = {
    Scheme.TEKUN: MaCategory.TEKUN,
    Scheme.DIBAO: MaCategory.DIBAO,
    Scheme.DIBAO_MARGIN: MaCategory.MARGIN,
}
"""What a case of a scheme gives; who is in hardship by rigid expense is looked at one by one."""
_PREMIUM = frozenset({Scheme.TEKUN, Scheme.DIBAO})
"""Whose premium the government pays in full."""
_IN_FORCE = frozenset({CaseState.PAYING, CaseState.SUSPENDED, CaseState.RECOGNISED})
_DAY = timedelta(days=1)


class CategoryOpens(Process):
    """X3"""

    CODE: ClassVar = ProcessCode.CASE_CONFIRMED
    ON: ClassVar = (Case.Confirmed, Case.Recognised, Case.MembersChanged)
    MUST: ClassVar = "全体保障对象开通医疗救助身份；减员的终止"
    LIMIT: ClassVar = "24 小时（随事件即时办理）"
    FAILS: ClassVar = "由区人工登记身份；已发生的结算由医院重新结算"
    AREA: ClassVar = Area.MEDICAL

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        case: Case = yield Load(Case, trigger.event.originator_id)
        category = CATEGORIES.get(case.scheme)
        if category is None or case.state not in _IN_FORCE:
            return ()
        event = trigger.event
        left = event.left_ids if isinstance(event, Case.MembersChanged) else ()
        members = tuple(dict.fromkeys((*case.member_ids, *left)))
        persons: dict[UUID, Person] = yield LoadMany(Person, members)
        known: dict[UUID, MedicalCategory] = yield LoadMany(
            MedicalCategory, tuple(MedicalCategory.id_for(id) for id in members)
        )
        from_on, changing = min(event.true_from(), by.today), []
        for person in persons.values():
            mine = known.get(MedicalCategory.id_for(person.id))
            if person.id in left and person.id not in case.member_ids:
                if mine is not None:
                    mine.end(by.now, case_id=case.id, last_on=from_on - _DAY, reason="不再是保障对象")
                    changing.append(mine)
                continue
            died_on = person.died_on if person.death_confirmed else None
            if person.state is PersonState.MERGED or (died_on is not None and died_on < from_on):
                continue
            mine = mine or MedicalCategory.register(by.now, person_id=person.id, division_code=person.division_code)
            # A status that is only recognised for a time ends with it, and all of them with a death known before.
            until = case.valid_to if case.state is CaseState.RECOGNISED else None
            if died_on is not None:
                until = died_on if until is None else min(until, died_on)
            mine.open(
                by.now, category=category, from_on=from_on, basis=f"个案 {case.case_no}", case_id=case.id, to_on=until
            )
            changing.append(mine)
        return changed(*changing)


class PremiumIsPaid(Process):
    """X3: the year's medical premium of everybody covered is paid for them."""

    CODE: ClassVar = ProcessCode.CASE_CONFIRMED
    ON: ClassVar = (Case.Confirmed, Premium.Created)
    MUST: ClassVar = "当年参保费用由政府全额代缴"
    LIMIT: ClassVar = "24 小时内提请区里办理（资金来源由人确定）"
    FAILS: ClassVar = "升级后仍由区办理；已自缴的退还"
    AREA: ClassVar = Area.CARE

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        if isinstance(event, Premium.Created):
            return (yield from self._paid(event, by))
        case: Case = yield Load(Case, event.originator_id)
        if case.scheme not in _PREMIUM or case.state not in _IN_FORCE or trigger.is_history(by):
            return ()
        year = by.today.year
        ids = {Premium.id_for(member, PremiumKind.MEDICAL, year): member for member in case.member_ids}
        known: dict[UUID, Premium] = yield LoadMany(Premium, tuple(ids))
        without = [member for id, member in ids.items() if id not in known]
        if not without:
            return ()
        what = f"{year} 年{PremiumKind.MEDICAL.label}：{len(without)} 名保障对象尚未代缴，办理资助参保"
        due = hours(by, "processes.category", case.division_code)
        return (self.ask(trigger, by, f"case:{case.id}", what, due, role=RoleCode.DISTRICT_CLERK, case_id=case.id),)

    def _paid(self, event: Premium.Created, by: Decision) -> Decided:
        """Done once everybody covered is enrolled."""
        if event.kind is not PremiumKind.MEDICAL:
            return ()
        cases: dict[UUID, Case] = yield LoadTagged(Case, (f"person:{event.person_id}",))
        done = []
        for case in cases.values():
            duties: dict[UUID, Duty] = yield LoadTagged(Duty, (f"case:{case.id}",))
            mine = [duty for duty in duties.values() if duty.process is self.CODE and duty.open]
            if not mine:
                continue
            ids = tuple(Premium.id_for(member, PremiumKind.MEDICAL, event.year) for member in case.member_ids)
            known: dict[UUID, Premium] = yield LoadMany(Premium, ids)
            if len(known) == len(set(ids)):
                for duty in mine:
                    duty.fulfil(by.now, result="已办理资助参保")
                    done.append(duty)
        return tuple(done)


class CategoryEnds(Process):
    """X4"""

    CODE: ClassVar = ProcessCode.CASE_CLOSED
    ON: ClassVar = (Case.Closed, Case.Terminated)
    MUST: ClassVar = "医疗救助身份随个案终止月份结束；在院的沿用入院时身份"
    LIMIT: ClassVar = "24 小时（随事件即时办理）"
    FAILS: ClassVar = "由区人工终止；未终止前不接受新的预结算"
    AREA: ClassVar = Area.MEDICAL

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        case: Case = yield Load(Case, event.originator_id)
        if case.scheme not in CATEGORIES or case.state not in OVER:
            return ()
        month = event.end_month if isinstance(event, Case.Closed) else ""
        last_on = first_day(next_month(month)) - _DAY if month else by.today
        ids = tuple(MedicalCategory.id_for(member) for member in case.member_ids)
        known: dict[UUID, MedicalCategory] = yield LoadMany(MedicalCategory, ids)
        for mine in known.values():
            mine.end(by.now, case_id=case.id, last_on=last_on, reason="救助个案已终止")
        return changed(*known.values())


__all__ = ["CategoryEnds", "CategoryOpens", "PremiumIsPaid"]
