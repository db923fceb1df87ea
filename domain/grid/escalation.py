"""What has passed its limit goes up: to the street, then to the district, each with as much time as there was at first.

Where a limit is not in force any more, the next level has it without one: that it is late is recorded all the same.
"""

from datetime import datetime

from domain.codes import ClueState, IncidentState
from domain.errors import RuleViolated
from domain.grid.clue import NeedClue
from domain.grid.incident import Incident
from domain.grid.limits import limit_of, moment_by
from domain.parameters import Parameters


def escalate_incident(incident: Incident, now: datetime, parameters: Parameters) -> None:
    """Escalate an incident whose limit has passed."""
    step = "accept" if incident.state is IncidentState.REPORTED else "resolve"
    limit = limit_of(step, incident.urgency)
    incident.lapse(now, _again(parameters, limit, incident.division_code, now))


def escalate_clue(clue: NeedClue, now: datetime, parameters: Parameters) -> None:
    """Escalate a clue whose day has passed."""
    limit = "grid.clue_accept" if clue.state is ClueState.REPORTED else "grid.clue_answer"
    due = _again(parameters, limit, clue.division_code, now)
    clue.lapse(now, None if due is None else due.date())


def _again(parameters: Parameters, limit: str, division_code: str, now: datetime) -> datetime | None:
    try:
        return moment_by(parameters, limit, division_code, now)
    except RuleViolated:
        return None
