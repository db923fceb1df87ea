"""By when: limits on the clock and in working days, as one moment; and which level answers when it has passed."""

from datetime import date, datetime, time, timedelta

from domain.access import CASEWORKERS, RoleCode
from domain.clock import CHINA
from domain.codes import GridLevel, Urgency
from domain.errors import BadInput, RuleViolated
from domain.kernel import Decision
from domain.parameters import Parameters
from domain.parameters.versions import Unit
from domain.registry.places import demand_division
from domain.workdays import days_after, working_days_after

LEVELS = tuple(GridLevel)
"""From the community up to the district."""
ROLES_OF: dict[GridLevel, RoleCode] = {
    GridLevel.COMMUNITY: RoleCode.COMMUNITY_WORKER,
    GridLevel.STREET: RoleCode.STREET_OFFICER,
    GridLevel.DISTRICT: RoleCode.DISTRICT_CLERK,
}
"""Whose desk a level is."""
SECOND = timedelta(seconds=1)
HANDS = CASEWORKERS | {RoleCode.GRID_WORKER}
"""Who reports, handles and visits."""


def end_of(day: date) -> datetime:
    """The last second of a day in China."""
    return datetime.combine(day, time(23, 59, 59), CHINA)


def moments_by(by: Decision, limit: str, division_code: str) -> tuple[datetime, ...]:
    """The last moments of a limit that starts now, of this level and, each from the former's end, of those above.

    Raises ParameterNotInForce.
    """
    found = [moment_by(by.parameters, limit, division_code, by.now)]
    while len(found) < len(LEVELS):
        found.append(moment_by(by.parameters, limit, division_code, found[-1]))
    return tuple(found)


def days_by(by: Decision, limit: str, division_code: str) -> tuple[date, ...]:
    """The same by days."""
    return tuple(moment.date() for moment in moments_by(by, limit, division_code))


def moment_by(parameters: Parameters, limit: str, division_code: str, start: datetime) -> datetime:
    """The last moment of a limit that starts then: minutes and hours on the clock, days to the end of the last one.

    Raises ParameterNotInForce.
    """
    version = parameters.find(limit, division_code, start.date())
    match version.unit:
        case Unit.MINUTES:
            return start + timedelta(minutes=version.value)
        case Unit.HOURS:
            return start + timedelta(hours=version.value)
        case Unit.WORKING_DAYS:
            return end_of(working_days_after(start.date(), version.value))
        case Unit.DAYS:
            return end_of(days_after(start.date(), version.value))
    raise RuleViolated(f"参数 {limit} 的单位应为分钟、小时、日或个工作日，现为“{version.unit.label}”。")


def limit_of(step: str, urgency: Urgency) -> str:
    """The parameter of a step (`accept`, `resolve`) at an urgency."""
    return f"grid.incident_{step}_{urgency.value.lower()}"


def above(level: GridLevel) -> GridLevel | None:
    """The next level; the district has none above it."""
    place = LEVELS.index(level) + 1
    return LEVELS[place] if place < len(LEVELS) else None


def demand_level(role: RoleCode, level: GridLevel) -> None:
    """Raise RuleViolated where what has been escalated is no longer for this role to accept or send on."""
    at_least = LEVELS.index(level)
    own = next((i for i, each in enumerate(LEVELS) if ROLES_OF[each] is role), len(LEVELS))
    if own < at_least:
        raise RuleViolated(f"此事项已升级到{level.label}，请由{level.label}办理。")


def written(text: str, demand: str) -> str:
    """The text without blanks around it; raises RuleViolated with the demand where nothing is left."""
    if not text.strip():
        raise RuleViolated(demand)
    return text.strip()


def demand_community(code: str, field: str = "division_code") -> str:
    """The code itself; raises BadInput where it is not one of a community or village of the district."""
    if len(code) != 12:
        raise BadInput(f"区划代码“{code[:20]}”应为村（社区）的 12 位代码。", field)
    return demand_division(code, field)
