"""What contradicts itself in what grid systems report. Pure functions; each contradiction becomes one finding."""

from collections.abc import Iterable
from datetime import date

from domain.codes import FindingRule, GridVisitResult
from domain.findings import FindingDraft
from domain.grid.incident import Incident
from domain.grid.resident import MET, Resident
from domain.registry.person import Person


def of_visit(resident: Resident, person: Person, result: GridVisitResult, visited_on: date) -> Iterable[FindingDraft]:
    """Somebody was met after the day the registry has them dead: the visit or the death is wrong."""
    if result not in MET or person.died_on is None or visited_on <= person.died_on:
        return
    confirmed = "已确认" if person.death_confirmed else "上报未确认"
    yield FindingDraft(
        rule=FindingRule.MET_AFTER_DEATH,
        subject=f"person:{person.id}",
        case_id=None,
        person_id=person.id,
        month="",
        amount_fen=0,
        detail=f"{visited_on} 走访记录见到本人，死亡登记（{confirmed}）为 {person.died_on}；核实走访记录或死亡登记。",
        evidence=(f"person:{person.id}@{person.death_version}", f"resident:{resident.id}@{resident.version}"),
        division_code=person.division_code,
        effective_on=visited_on,
        key=f"{FindingRule.MET_AFTER_DEATH.value}|{person.id}|{visited_on}",
    )


def of_handling(incident: Incident, handled_on: date) -> Iterable[FindingDraft]:
    """An incident was handled before it happened: a date is wrong, or the row is another incident's."""
    if incident.occurred_on is None or handled_on >= incident.occurred_on:
        return
    yield FindingDraft(
        rule=FindingRule.HANDLED_BEFORE_REPORTED,
        subject=f"incident:{incident.id}",
        case_id=None,
        person_id=None,
        month="",
        amount_fen=0,
        detail=f"处理日期 {handled_on} 早于事件发生日期 {incident.occurred_on}；请与来源系统核对。",
        evidence=(f"incident:{incident.id}@{incident.version}",),
        division_code=incident.division_code,
        effective_on=handled_on,
        key=f"{FindingRule.HANDLED_BEFORE_REPORTED.value}|{incident.id}|{handled_on}",
    )
