"""A case goes to another street or community, with everything that hangs on it; nobody applies anew."""

from collections.abc import Generator
from datetime import date
from typing import Any
from uuid import UUID

from domain.assistance.case import Case
from domain.assistance.recovery import Recovery
from domain.assistance.referral import Referral
from domain.assistance.visit import Visit
from domain.kernel import Aggregate, Decision, LoadTagged, Wish


def hand_over(
    case: Case, to_division_code: str, moved_on: date, by: Decision
) -> Generator[Wish, Any, tuple[Aggregate, ...]]:
    """Transfer a case with its visits, referrals and recoveries; raises RuleViolated where the case can't go."""
    case.transfer(by.now, to_division_code=to_division_code, moved_on=moved_on)
    tag = (f"case:{case.id}",)
    visits: dict[UUID, Visit] = yield LoadTagged(Visit, tag)
    for visit in (visit for visit in visits.values() if by.actor.covers(visit.division_code)):
        visit.transfer(by.now, to_division_code=to_division_code)
    referrals: dict[UUID, Referral] = yield LoadTagged(Referral, tag)
    recoveries: dict[UUID, Recovery] = yield LoadTagged(Recovery, tag)
    along: tuple[Referral | Recovery, ...] = (*referrals.values(), *recoveries.values())
    for each in along:
        each.go_along(by.now, to_division_code=to_division_code, moved_on=moved_on)
    return (case, *(visit for visit in visits.values() if visit.pending_events), *along)
