"""The counts that indicators of care are made of, over the read models of care, facilities and the registry.

Each row counts under the division it named at the time. Two counts need rows of two kinds about one person (who holds a
certificate and is insured, whose birth date makes a service one to a child): those are looked at under the reader's own
scope and count under the division that is responsible now.
"""

from collections.abc import Iterable

from domain.care.benefits.amounts import MIND, SEVERE
from domain.clock import months_after
from domain.codes import Code, FacilityKind, PremiumKind
from domain.parameters import Parameters
from projections.assistance.figures import Asked, Bind
from projections.procurement.figures import rows, union, versions

ELDERLY = 60
"""Who is old: 老年人权益保障法第二条."""
_SMALL = 7
"""Years of age from which a child is past the ages 0 to 6."""
_HOMES = (FacilityKind.INST, FacilityKind.RURAL_HOME, FacilityKind.COMPREHENSIVE)
_NEAR_HOME = (
    *(FacilityKind.HOME_HQ, FacilityKind.HOME_STATION, FacilityKind.HAPPINESS_HOME),
    *(FacilityKind.DAY_CARE, FacilityKind.COMPREHENSIVE),
)


def _in(codes: Iterable[Code]) -> str:
    return ", ".join(sorted(f"'{code.value}'" for code in codes))


BEDS = {"beds": "count(*)"}
FACILITIES = {
    "bed_capacity": (
        f"coalesce(sum(bed_capacity) FILTER (WHERE kind IN ({_in(_HOMES)}) AND state NOT IN ('planned', 'closed')), 0)"
    ),
    "home_care_divisions": (
        f"count(DISTINCT division_code) FILTER (WHERE kind IN ({_in(_NEAR_HOME)}) "
        "AND state IN ('operating', 'rectifying') AND there)"
    ),
}
PLACES = {"care_communities": "count(*)"}
ELDERS = {
    "elderly_registered": "count(*) FILTER (WHERE kind = '10')",
    "elderly_actual": "count(*)",
}
_PAID, _RETURNED = "paid_on BETWEEN begins AND last", "returned AND returned_on BETWEEN begins AND last"
PAYMENTS = {
    "old_age_paid_fen": f"coalesce(sum(amount_fen) FILTER (WHERE {_PAID}), 0)",
    "old_age_returned_fen": f"coalesce(sum(amount_fen) FILTER (WHERE {_RETURNED}), 0)",
    "old_age_persons": f"count(DISTINCT benefit_id) FILTER (WHERE {_PAID})",
}
CARDS = {"elder_cards": "count(*) FILTER (WHERE NOT cancelled)"}


def _premiums() -> dict[str, str]:
    covered = "NOT cancelled AND last BETWEEN from_on AND to_on"
    made = {"elder_insured": f"count(*) FILTER (WHERE kind = '{PremiumKind.ELDER_ACCIDENT.value}' AND {covered})"}
    for kind in (PremiumKind.MEDICAL, PremiumKind.PENSION):
        of = f"kind = '{kind.value}'"
        made[f"{kind.value}_premium_persons"] = f"count(*) FILTER (WHERE {of} AND {covered})"
        enrolled = f"{of} AND NOT cancelled AND enrolled_on BETWEEN begins AND last"
        made[f"{kind.value}_premium_fen"] = f"coalesce(sum(amount_fen) FILTER (WHERE {enrolled}), 0)"
    return made


PREMIUMS = _premiums()
_GIVEN = "NOT voided AND given_on BETWEEN begins AND last"
SERVICES = {
    f"{kind}_times": f"coalesce(sum(times) FILTER (WHERE kind = '{kind}' AND {_GIVEN}), 0)"
    for kind in ("rehab", "nursing")
}
_MIND = f"(severe OR category IN ({_in(MIND)}))"
HOLDERS = {
    "disabled_medical_entitled": f"count(*) FILTER (WHERE {_MIND})",
    "disabled_medical_insured": f"count(*) FILTER (WHERE {_MIND} AND medical)",
    "disabled_pension_entitled": "count(*) FILTER (WHERE severe)",
    "disabled_pension_insured": "count(*) FILTER (WHERE severe AND pension)",
}
CHILDREN = {"child_rehab_times": "coalesce(sum(times), 0)"}
COUNTS = frozenset((*BEDS, *FACILITIES, *PLACES, *ELDERS, *PAYMENTS, *CARDS, *PREMIUMS, *SERVICES, *HOLDERS, *CHILDREN))
"""Every count there is."""


def counts_sql(bind: Bind, asked: Asked, names: Iterable[str], parameters: Parameters) -> str:
    """A statement with rows (g, c): a group, and its counts as JSON; empty where none of its counts is asked for."""
    last = asked.period.last
    days = {"last": last, "begins": asked.period.first}
    insured = ("kind", "amount_fen", "from_on", "to_on", "enrolled_on", "cancelled")
    return union(
        names,
        (_beds(bind, asked), BEDS),
        (_facilities(bind, asked), FACILITIES),
        (_places(bind, asked), PLACES),
        (_elders(bind, asked), ELDERS),
        (_payments(bind, asked), PAYMENTS),
        (versions(bind, asked, "elder_card", ("cancelled",), last), CARDS),
        (versions(bind, asked, "premium", insured, None, days), PREMIUMS),
        (versions(bind, asked, "support_service", ("kind", "times", "given_on", "voided"), None, days), SERVICES),
        (_holders(bind, asked), HOLDERS),
        (_children(bind, asked), CHILDREN),
    )


def _inside(asked: Asked, row: str = "f") -> str:
    return f"{row}.division_code >= {asked.lo} AND {row}.division_code < {asked.hi}"


def _beds(bind: Bind, asked: Asked) -> str:
    """Beds in institutions, but for those of facilities that are planned or closed; of an unknown one they count."""
    facilities = rows(asked, "facility", bind(asked.period.last, "date"))
    return (
        f"SELECT r.* FROM ({versions(bind, asked, 'bed', ('facility_id', 'kind'), asked.period.last)}) r "
        f"LEFT JOIN {facilities} p ON p.id = r.facility_id "
        "WHERE r.kind = 'institution' AND coalesce(p.state, 'operating') NOT IN ('planned', 'closed')"
    )


def _open(bind: Bind, asked: Asked) -> str:
    last = bind(asked.period.last, "date")
    return (
        "SELECT d.code AS division_code FROM division d WHERE length(d.code) = 12 "
        f"AND d.opened_on <= {last} AND (d.closed_on IS NULL OR d.closed_on > {last})"
    )


def _facilities(bind: Bind, asked: Asked) -> str:
    """Facilities as they were, `there` where they stand in a community of that day."""
    return (
        f"SELECT {asked.group} AS g, f.division_code, f.kind, f.state, f.bed_capacity, o.division_code IS NOT NULL "
        f"AS there FROM {rows(asked, 'facility', bind(asked.period.last, 'date'))} f "
        f"LEFT JOIN ({_open(bind, asked)}) o ON o.division_code = f.division_code WHERE {_inside(asked)}"
    )


def _places(bind: Bind, asked: Asked) -> str:
    return f"SELECT {asked.group} AS g FROM ({_open(bind, asked)}) f WHERE {_inside(asked)}"


def _elders(bind: Bind, asked: Asked) -> str:
    """Persons who are here and old on the last day."""
    last = asked.period.last
    born = bind(months_after(last, -12 * ELDERLY), "date")
    return (
        f"SELECT r.* FROM ({versions(bind, asked, 'person', ('birth_on', 'kind', 'state'), last)}) r "
        f"WHERE r.birth_on <= {born} AND r.state IN ('provisional', 'verified')"
    )


def _payments(bind: Bind, asked: Asked) -> str:
    """Allowances to the old that were paid or sent back in the period."""
    days = {"last": asked.period.last, "begins": asked.period.first}
    columns = ("benefit_id", "benefit_kind", "amount_fen", "paid_on", "returned", "returned_on")
    return (
        f"SELECT r.* FROM ({versions(bind, asked, 'benefit_payment', columns, None, days)}) r "
        f"WHERE r.benefit_kind = 'OLD_AGE_ALLOWANCE' AND ({_PAID} OR {_RETURNED})"
    )


def _holders(bind: Bind, asked: Asked) -> str:
    """Who held a certificate when the year began, with what the government insures them for on the last day."""
    last = asked.period.last
    year, ends = bind(last.replace(month=1, day=1), "date"), bind(last, "date")
    insured = " ".join(
        f", EXISTS (SELECT FROM {rows(asked, 'premium')} p WHERE p.person_id = f.person_id AND p.kind = '{kind.value}' "
        f"AND NOT p.cancelled AND {ends} BETWEEN p.from_on AND p.to_on) AS {kind.value}"
        for kind in (PremiumKind.MEDICAL, PremiumKind.PENSION)
    )
    return (
        f"SELECT {asked.group} AS g, f.category, f.grade IN ({_in(SEVERE)}) AS severe{insured} FROM ("
        "SELECT c.scope AS division_code, c.person_id, c.category, c.grade "
        f"FROM {rows(asked, 'disability_certificate', year)} c WHERE c.from_on <= {year} "
        f"AND (c.valid_to_on IS NULL OR c.valid_to_on >= {year}) "
        f"AND (c.cancelled_on IS NULL OR c.cancelled_on > {year})"
        f") f WHERE {_inside(asked)}"
    )


def _children(bind: Bind, asked: Asked) -> str:
    """Rehabilitation given in the period to somebody not yet seven on that day."""
    begins, ends = bind(asked.period.first, "date"), bind(asked.period.last, "date")
    return (
        f"SELECT {asked.group} AS g, f.times FROM (SELECT s.scope AS division_code, s.times "
        f"FROM {rows(asked, 'support_service')} s JOIN {rows(asked, 'person')} p ON p.id = s.person_id "
        f"WHERE s.kind = 'rehab' AND NOT s.voided AND s.given_on BETWEEN {begins} AND {ends} "
        f"AND p.birth_on > s.given_on - interval '{_SMALL} years') f WHERE {_inside(asked)}"
    )
