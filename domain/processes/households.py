"""X13: somebody joins a household that is supported, or leaves it."""

from typing import ClassVar
from uuid import UUID

from domain.access import Area
from domain.assistance import Case
from domain.codes import CaseState, HouseholdKind, ProcessCode
from domain.kernel import Decided, Decision, Load, LoadTagged
from domain.processes.duty import Duty
from domain.processes.process import Process, Trigger, changed, working_days
from domain.registry import Household

_IN_FORCE = (CaseState.PAYING, CaseState.SUSPENDED, CaseState.RECOGNISED)


class MemberChanged(Process):
    """X13"""

    CODE: ClassVar = ProcessCode.MEMBER_CHANGED
    ON: ClassVar = (
        *(Household.MemberJoined, Household.MemberLeft),
        *(Case.MembersChanged, Case.VerificationReported, Case.Closed),
    )
    MUST: ClassVar = "共同生活家庭成员变动，重新核算人均收入和保障人数"
    LIMIT: ClassVar = "10 个工作日"
    FAILS: ClassVar = "只搁置变更，原金额照发；逾期升级至区"
    AREA: ClassVar = Area.ASSISTANCE

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        event = trigger.event
        if not isinstance(event, (Household.MemberJoined, Household.MemberLeft)):
            duties: dict[UUID, Duty] = yield LoadTagged(Duty, (f"case:{event.originator_id}",))
            for duty in duties.values():
                if duty.process is self.CODE:
                    duty.fulfil(by.now, result=event.TITLE)
            return changed(*duties.values())
        if trigger.is_history(by):
            return ()  # before any reading: a population feed of five years is history by the ten thousand
        household: Household = yield Load(Household, event.originator_id)
        if household.kind is not HouseholdKind.CO_LIVING:
            return ()
        cases: dict[UUID, Case] = yield LoadTagged(Case, (f"household:{household.id}",))
        covered = isinstance(event, Household.MemberJoined)
        return tuple(
            self.ask(
                trigger,
                by,
                f"case:{case.id}",
                f"家庭成员{'增加' if covered else '减少'}：变更保障对象，重新核算收入和金额",
                working_days(by, "processes.members", case.division_code),
                division_code=case.division_code,
                person_id=event.person_id,
                case_id=case.id,
            )
            for case in sorted(cases.values(), key=lambda case: case.id)
            if case.state in _IN_FORCE and (event.person_id in case.member_ids) is not covered
        )
