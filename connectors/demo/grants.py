"""The assistance system's temporary grants over the five years."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from connectors.demo.cases import EXPORTED, SOURCE
from connectors.demo.dice import Dice, Weighted
from connectors.demo.figures import Targets
from connectors.demo.manifest import File, Manifest
from connectors.demo.residents import Home, Resident
from connectors.demo.tables import CsvTable, Tables
from connectors.demo.welfare import Case, Standard
from domain.clock import month_of
from domain.codes import Scheme, TempType

_YEARS = Weighted((2011, 10.0), (2012, 14.0), (2013, 18.0), (2014, 26.0), (2015, 32.0))
_CAUSES = ("重大疾病", "交通意外", "火灾", "子女就学", "突发变故", "家庭成员伤残")


def write_temporary(
    out: Path, manifest: Manifest, cases: list[Case], spare: list[Home], targets: Targets, standard: Standard
) -> int:
    """Write the temporary grants: as many and together as much as the plan says; returns the yuan granted."""
    dice = Dice(manifest.seed, 17)
    name = "临时救助_2011-2015.csv"
    headers = ("编号", "姓名", "身份证号", "地区", "救助类型", "救助金额(元)", "资金来源", "发放日期", "原因")
    grants = sorted(_grants(dice, cases, spare, targets, standard), key=lambda g: (g[0], g[1].citizen_id))
    serials: dict[str, int] = {}
    with Tables() as tables:
        table = tables.add(CsvTable(out / name, headers, "utf-8-sig"))
        for day, person, amount in grants:
            year = f"{person.place.street_code}{day.year}"
            serials[year] = serials.get(year, 0) + 1
            table.write(
                [
                    f"LS{year}{serials[year]:05d}",
                    person.name,
                    person.citizen_id,
                    person.place.path,
                    (TempType.EMERGENCY if dice.chance(0.4) else TempType.EXPENDITURE).label,
                    amount,
                    "慈善" if dice.chance(0.2) else "民政",
                    day.isoformat(),
                    dice.pick(_CAUSES),
                ]
            )
    manifest.files.append(File(name, SOURCE, "grants", EXPORTED, len(grants)))
    return sum(amount for _, _, amount in grants)


def _grants(
    dice: Dice, cases: list[Case], spare: list[Home], targets: Targets, standard: Standard
) -> Iterator[tuple[date, Resident, int]]:
    left = targets.temporary_yuan
    poor = [case.head for case in cases if case.head.died_on is None]
    others = [home.head for home in spare if home.head.died_on is None] or poor
    for remaining in range(targets.temporary_times, 0, -1):
        person = dice.pick(poor if dice.chance(0.45) else others)
        year = _YEARS.pick(dice)
        day = dice.day(date(year, 1, 4), date(year, 12, 25))
        level = standard(Scheme.DIBAO, person.place.urban, month_of(day))
        wanted = max(level, dice.near(left // remaining, 1_800)) if remaining > 1 else max(level, left)
        # The rule: standard times persons times months; at most 6 months for at most 4 persons.
        amount = level * min(24, max(1, round(wanted / level)))
        left -= amount
        yield day, person, amount
