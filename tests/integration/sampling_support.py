"""A campaign with visits at every stage, and accounts with rights at every stage, for projections to be tried on."""

from datetime import date, timedelta
from uuid import UUID, uuid5

from domain.access import RoleCode
from domain.assistance import Campaign, Case, Visit
from domain.assistance.drawing import hash_of
from domain.assistance.visit import Contact
from domain.clock import at
from domain.codes import SampleFinding
from domain.kernel import ActiveCasesAt, Aggregate
from domain.rights import Account

SEED = "x" * 40
VISITOR = "社工甲"
_FIXED = UUID(int=2014)


def sampled(cases: list[Case], day: date) -> list[Aggregate]:
    """A campaign over these cases: the first visited and done, the second rechecked, the others still to be visited."""
    now, due = at(day, 9), day + timedelta(days=900)
    campaign = Campaign.open(now, year=day.year, seed_hash=hash_of(SEED), division_code="440704")
    active = ActiveCasesAt(1, tuple((case.household_id, case.id) for case in cases))
    campaign.draw(now, seed=SEED, active=active, met=(), share_bp=10_000)
    visits = []
    for number, case in enumerate(cases):
        visit = Visit.allocate(
            now,
            campaign_id=campaign.id,
            household_id=case.household_id,
            case_id=case.id,
            division_code=case.division_code,
            visitor="社工乙" if number == 2 else VISITOR,
            due_on=due,
            contact=Contact(case.applicant_id, "拟某甲", "139", "北街1号", 2),
        )
        finding = SampleFinding.NOT_REACHED if number == 1 else SampleFinding.AS_STATED
        if number < 2:
            visit.submit(now, finding=finding, report="某", by=VISITOR, visited_on=day, recheck_by=due)
        if number == 1:
            visit.recheck(now, finding=SampleFinding.AS_STATED, report="某", by="街道乙", visited_on=day)
        if number == 2:
            contact = Contact(case.applicant_id, "拟某甲", None, "南街2号", 3)
            visit.reallocate(at(day, 10), visitor=VISITOR, due_on=due, contact=contact)
        visits.append(visit)
    return [campaign, *visits]


def granted(day: date) -> list[Aggregate]:
    """An account with a right withdrawn and one in force, deputised by two others, one of them no more."""
    now, account = at(day, 9), Account.open(at(day, 8), account="街道乙", division_code="440704")
    for number, role in enumerate((RoleCode.STREET_OFFICER, RoleCode.GRID_WORKER)):
        account.grant(
            now,
            right_id=uuid5(_FIXED, role),
            role=role,
            division_code="440704001",
            department="civil_affairs",
            from_on=day,
            to_on=day + timedelta(days=90) if number else None,
            basis="任命",
            visitor_until=day,
        )
    for deputy in ("丙", "丁"):
        id, until = uuid5(_FIXED, deputy), day + timedelta(days=20)
        account.name_deputy(now, deputation_id=id, deputy=deputy, from_on=day, to_on=until, basis="休假")
    account.end_deputy(at(day + timedelta(days=5), 9), deputy="丁")
    account.withdraw(at(day + timedelta(days=9), 9), right_id=uuid5(_FIXED, RoleCode.GRID_WORKER), reason="调离")
    return [account]
