"""X19: two records turn out to be one person, and what each of them receives now meets in one.

Most of it is lawful together: whoever holds what is for people to look at. Nothing is stopped by the machine.
"""

from collections.abc import Iterator
from typing import ClassVar
from uuid import UUID

from domain.access import Area, RoleCode
from domain.assistance import Case
from domain.codes import FindingRule, ProcessCode
from domain.findings import Finding, FindingDraft
from domain.kernel import Decided, Decision, Load, LoadMany, LoadTagged
from domain.processes.deaths import cases_covering
from domain.processes.duty import Duty
from domain.processes.process import Process, Trigger, changed, working_days
from domain.registry import Person


class PersonMerged(Process):
    """X19"""

    CODE: ClassVar = ProcessCode.PERSON_MERGED
    ON: ClassVar = (Person.Merged, Person.Unmerged)
    MUST: ClassVar = "合并后同一人的每两项待遇列为疑点，由区核实"
    LIMIT: ClassVar = "即时；核实 10 个工作日"
    FAILS: ClassVar = "不由平台停发合法并存的待遇；撤销合并后疑点一并了结"
    AREA: ClassVar = Area.ASSISTANCE

    def react(self, trigger: Trigger, by: Decision) -> Decided:
        person: Person = yield Load(Person, trigger.event.originator_id)
        if isinstance(trigger.event, Person.Unmerged):
            duties: dict[UUID, Duty] = yield LoadTagged(Duty, (f"person:{person.id}",))
            for duty in duties.values():
                if duty.process is self.CODE:
                    duty.drop(by.now, reason="合并已撤销")
            return changed(*duties.values())
        if person.merged_into is None:
            return ()
        into: Person = yield Load(Person, person.merged_into)
        theirs, others = (yield from cases_covering(person)), (yield from cases_covering(into))
        drafts = {Finding.id_for(draft.key): draft for draft in _pairs(theirs, others, person, into)}
        known: dict[UUID, Finding] = yield LoadMany(Finding, tuple(drafts))
        found = tuple(
            Finding.raise_for(id, by.now, **draft.fields()) for id, draft in drafts.items() if id not in known
        )
        if not found or trigger.is_history(by):
            return found
        duty = self.ask(
            trigger,
            by,
            f"person:{into.id}",
            f"人员合并后同一人有两项待遇（{len(found)} 对），核实后办理",
            working_days(by, "processes.members", into.division_code),
            role=RoleCode.DISTRICT_CLERK,
            division_code=into.division_code,
            person_id=person.id,
        )
        return (*found, duty)


def _pairs(theirs: tuple[Case, ...], others: tuple[Case, ...], person: Person, into: Person) -> Iterator[FindingDraft]:
    for one in theirs:
        for other in others:
            if one.id == other.id:
                continue
            yield FindingDraft(
                rule=FindingRule.MERGED_BENEFITS,
                subject=f"person:{into.id}",
                case_id=one.id,
                person_id=into.id,
                month="",
                amount_fen=min(one.monthly_fen, other.monthly_fen),
                detail=f"两条人员记录合并后，同一人同时享受{one.scheme.label}和{other.scheme.label}。",
                evidence=(
                    f"case:{one.id}@{one.version}",
                    f"case:{other.id}@{other.version}",
                    f"person:{person.id}@{person.version}",
                ),
                division_code=into.division_code,
                effective_on=person.modified_on.date(),
                key=f"merged_benefits|{person.id}@{person.merge_version}|{one.id}|{other.id}",
            )
