"""The disability system's files: certificates, and wide rows of what the disabled draw in December 2015."""

from collections.abc import Sequence
from datetime import date

from connectors.demo.allowances import Entry, monthly
from connectors.demo.dice import Dice, Weighted
from connectors.demo.feed import Books
from connectors.demo.figures import CERTIFICATES, LAST_MONTH, part
from connectors.demo.manifest import Dirt
from connectors.demo.residents import Resident
from connectors.demo.tables import Cell
from connectors.demo.welfare import Case
from domain.clock import completed_years
from domain.codes import DisabilityCategory, DisabilityGrade, PopulationKind, Scheme

SOURCE = "disability"
_CATEGORIES = Weighted(
    (DisabilityCategory.LIMB, 42.0),
    (DisabilityCategory.HEARING, 16.0),
    (DisabilityCategory.VISUAL, 13.0),
    (DisabilityCategory.MENTAL, 13.0),
    (DisabilityCategory.INTELLECTUAL, 9.0),
    (DisabilityCategory.SPEECH, 3.0),
    (DisabilityCategory.MULTIPLE, 4.0),
)
_GRADES = Weighted(*zip(DisabilityGrade, (14.0, 26.0, 32.0, 28.0), strict=True))
_LIVING, _NURSING = 100, 150
"""Yuan a month before the national rule of 2016; the demo's own choice."""
Certificate = tuple[Resident, DisabilityCategory, DisabilityGrade]


def write_disability(books: Books, known: Sequence[Resident], cases: Sequence[Case], roster: Sequence[Entry]) -> None:
    """Write certificates and wide rows."""
    dice = Dice(books.manifest.seed, 41)
    certified = _certified(books, dice, known, cases)
    _write_certificates(books, dice, certified)
    _write_subsidies(books, certified, cases, roster)


def _certified(books: Books, dice: Dice, known: Sequence[Resident], cases: Sequence[Case]) -> list[Certificate]:
    """A third of them in assisted households, as everywhere."""
    left = part(CERTIFICATES, books.manifest.persons, 12)
    poor = [person for case in cases if case.scheme is Scheme.DIBAO and not case.end for person in case.covered]
    poor = [person for person in dict.fromkeys(poor) if _may_have(person)]
    assisted = set(poor)
    others = [person for person in known if _may_have(person) and person not in assisted]
    dice.shuffle(poor)
    dice.shuffle(others)
    chosen = poor[: left // 3]
    chosen += others[: left - len(chosen)]
    return [(person, _CATEGORIES.pick(dice), _GRADES.pick(dice)) for person in chosen]


def _may_have(person: Resident) -> bool:
    lives = person.died_on is None and person.kind is PopulationKind.REGISTERED
    return lives and completed_years(person.birth_on, date(2011, 1, 1)) >= 8 and "墟镇" not in person.place.name


def _write_certificates(books: Books, dice: Dice, certified: Sequence[Certificate]) -> None:
    headers = ("姓名", "残疾证号", "残疾类别", "残疾等级", "所属街道", "社区", "发证日期", "有效期至")
    with books.feed("残疾人证_20151231.xlsx", (SOURCE, "certificates"), headers, title="持证残疾人名册") as feed:
        for person, category, grade in certified:
            from_on = dice.day(date(2009, 3, 1), date(2015, 9, 30))
            until = date(from_on.year + 10, from_on.month, min(from_on.day, 28))
            dirt = feed.due(Dirt.CERTIFICATE_MISMATCH)
            written = grade.value if dirt is None else str(int(grade.value) % 4 + 1)
            number = f"{person.citizen_id}{category.value}{written}"
            place = [person.place.street, person.place.short]
            feed.copies([person.name, number, category.label, grade.label, *place, from_on, until], dirt)


def _write_subsidies(
    books: Books, certified: Sequence[Certificate], cases: Sequence[Case], roster: Sequence[Entry]
) -> None:
    headers = (
        "姓名", "身份证号", "街道", "社区", "月份", "困难残疾人生活补贴", "重度残疾人护理补贴", "高龄补贴", "低保金",
    )  # fmt: skip
    dibao = {
        person.citizen_id: case.periods[-1].amount // len(case.covered)
        for case in cases
        if case.scheme is Scheme.DIBAO and not case.end
        for person in case.covered
    }
    old = {entry.person.citizen_id for entry in roster if entry.paid_to == LAST_MONTH}
    with books.feed("各项待遇一览_201512.csv", (SOURCE, "subsidies"), headers) as feed:
        for person, _, grade in certified:
            number = person.citizen_id
            living = _LIVING if number in dibao else ""
            nursing = _NURSING if grade in (DisabilityGrade.ONE, DisabilityGrade.TWO) else ""
            if living or nursing:
                age = monthly(person, LAST_MONTH) if number in old else ""
                place = [person.place.street, person.place.short]
                row: list[Cell] = [person.name, number, *place, LAST_MONTH, living, nursing, age, dibao.get(number, "")]
                feed.copies(row)
