"""Writes the whole district: residents first, then the histories of those among them who were assisted."""

from collections import Counter
from functools import cache
from pathlib import Path

from connectors.demo.cases import CaseFiles
from connectors.demo.feed import Books
from connectors.demo.figures import FIRST_MONTH, LAST_MONTH, POPULATION, TODAY, scaled
from connectors.demo.grants import write_temporary
from connectors.demo.manifest import FINDINGS, MANIFEST, Dirt, Manifest, Planter
from connectors.demo.payrolls import PaymentFiles
from connectors.demo.people import PeopleFiles
from connectors.demo.residents import Place, homes
from connectors.demo.systems import write_systems
from connectors.demo.welfare import Case, Roll
from domain.clock import first_day
from domain.codes import Scheme
from domain.errors import BadInput
from domain.parameters import official_parameters
from domain.registry.divisions import official_divisions

DISTRICT = "440704"
LEAST = 200
"""Fewer persons leave no room for one of everything."""


def generate(out: Path, persons: int, seed: int) -> Manifest:
    """Write the files of a district of `persons` persons into the folder `out`, with `manifest.json` last.

    Streams: a million persons need little more memory than the few of them who are assisted. Raises BadInput where
    `persons` is too small or `out` holds other files.
    """
    if not LEAST <= persons <= 50 * POPULATION:
        raise BadInput(f"人数应在 {LEAST} 到 {50 * POPULATION} 之间，现为 {persons}。", "persons")
    _make_room(out)
    manifest = Manifest(seed=seed, persons=persons, today=TODAY)
    planter = Planter()
    targets = scaled(persons)
    places = district_places()

    residents = PeopleFiles(out, manifest, planter, places)
    people = residents.write(homes(places, persons, seed))
    roll = Roll(people.candidates, targets, standard_in_yuan, planter, seed)
    cases = roll.make()
    residents.write_deaths({case.head.citizen_id for case in cases if case.paid_after_death})
    CaseFiles(out, manifest, planter).write(cases)
    payments = PaymentFiles(out, manifest, planter)
    count = payments.write(cases)
    temporary = write_temporary(out, manifest, cases, roll.spare, targets, standard_in_yuan)
    residents.write_late()
    payments.write_late()
    write_systems(Books(out, manifest, planter), people.known, cases, places)

    manifest.dirt = dict(sorted(planter.counts.items()))
    manifest.expected = dict(sorted(manifest.expected.items()))
    manifest.findings = _findings(planter)
    manifest.totals = {
        "persons": persons - people.lost + planter.counts[Dirt.UNKNOWN_MEMBER],
        "deaths": len(people.deaths),
        "payments": count,
        "payment_yuan": payments.total_yuan,
        "temporary_times": targets.temporary_times,
        "temporary_yuan": temporary,
        **_case_totals(cases),
    }
    manifest.write(out)
    return manifest


def _findings(planter: Planter) -> dict[str, int]:
    """How many findings of each rule the other systems' files come to."""
    found: Counter[str] = Counter()
    for dirt, rule in FINDINGS.items():
        if planter.counts[dirt]:
            found[rule.value] += planter.counts[dirt]
    return dict(sorted(found.items()))


def district_places() -> list[Place]:
    """The district's communities and villages with their streets."""
    names = {record.code: record.name for record in official_divisions()}
    return [
        Place(record.code, record.name, record.parent_code, names[record.parent_code])
        for record in official_divisions()
        if len(record.code) == 12 and record.code.startswith(DISTRICT)
    ]


@cache
def standard_in_yuan(scheme: Scheme, urban: bool, month: str) -> int:
    """The standard in force in a month, from the same dated parameters by which the platform judges."""
    code = "tekun.basic" if scheme is Scheme.TEKUN else f"dibao.standard.{'urban' if urban else 'rural'}"
    return official_parameters().value(code, DISTRICT, first_day(month)) // 100


def _make_room(out: Path) -> None:
    """Files of an earlier run are replaced; a folder with anything else in it is left alone."""
    out.mkdir(parents=True, exist_ok=True)
    found = list(out.iterdir())
    if found and not (out / MANIFEST).exists():
        raise BadInput(f"{out} 中已有其他文件；请给出一个空文件夹。", "out")
    for path in found:
        path.unlink()


def _case_totals(cases: list[Case]) -> dict[str, int]:
    dibao = [case for case in cases if case.scheme is Scheme.DIBAO]
    in_2015 = [case for case in dibao if case.last >= "2015-01"]
    removed = [case for case in in_2015 if case.end and case.head.died_on is None]
    totals = {
        "cases": len(cases),
        "periods": sum(len(case.periods) for case in cases),
        "covered_2015": sum(len(_covered_since(case, "2015-01")) for case in in_2015),
        "removed_2015": sum(len(case.covered) for case in removed),
        "tekun_persons": sum(case.scheme is Scheme.TEKUN and not case.end for case in cases),
    }
    for urban, name in ((True, "urban"), (False, "rural")):
        last = [case.periods[-1] for case in dibao if case.urban == urban and case.last == LAST_MONTH]
        persons = sum(period.covered for period in last)
        totals[f"dibao_{name}_persons"] = persons
        totals[f"dibao_{name}_yuan"] = sum(period.amount for period in last)
    return totals


def _covered_since(case: Case, month: str) -> list[object]:
    first = max(first_day(month), first_day(FIRST_MONTH))
    return [person for person in case.covered if person.died_on is None or person.died_on >= first]
