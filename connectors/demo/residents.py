"""The people of the demo district, home by home: streamed, so that a million of them need no more memory than one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from stdnum.cn.ric import calc_check_digit

from connectors.demo import names
from connectors.demo.dice import Dice, Weighted
from connectors.demo.figures import TODAY
from domain.clock import completed_years
from domain.codes import PopulationKind, Relation, Sex
from domain.errors import BadInput

AREA = "990000"
"""Area code of every citizen ID made here: no place in China has it."""
BASELINE = date(2010, 12, 31)
"""By then whoever lived in the district was on its register; later entries have a date of their own."""


@dataclass(frozen=True, slots=True)
class Place:
    """A community or village with the street it belongs to."""

    code: str
    name: str
    street_code: str
    street: str

    @property
    def urban(self) -> bool:
        """Communities are urban, villages rural."""
        return int(self.code[9:]) < 200

    @property
    def short(self) -> str:
        """The name as people say it: without the committee."""
        return self.name.replace("社区居委会", "社区").replace("村委会", "村")

    @property
    def path(self) -> str:
        """The name from the city down."""
        return f"江门市江海区{self.street}{self.name}"


@dataclass(slots=True, eq=False)
class Resident:
    """One person as the registers hold them."""

    name: str
    citizen_id: str
    sex: Sex
    birth_on: date
    relation: Relation
    home: "Home"
    place: Place
    phone: str
    address: str
    registered_on: date
    kind: PopulationKind = PopulationKind.REGISTERED
    died_on: date | None = None

    @property
    def short_id(self) -> str:
        """The 15-digit number given out before 1999."""
        return self.citizen_id[:6] + self.citizen_id[8:17]


@dataclass(slots=True, eq=False)
class Home:
    """A registered household, or the lodging of people registered elsewhere."""

    number: str
    place: Place
    address: str
    members: list[Resident] = field(default_factory=list)

    @property
    def head(self) -> Resident:
        """Whose name the household goes by."""
        return self.members[0]


class IdBook:
    """Gives every person another citizen ID: a serial for each birth date, odd for men and even for women."""

    def __init__(self) -> None:
        self._used: dict[tuple[date, bool], int] = {}

    def issue(self, birth_on: date, sex: Sex) -> str:
        """The next free number; raises BadInput when a birth date has none left."""
        male = sex is Sex.MALE
        serial = self._used.get((birth_on, male), 0)
        if serial > 499:
            raise BadInput("A day has no more than 500 citizen IDs for each sex; generate fewer persons.", "persons")
        self._used[birth_on, male] = serial + 1
        return with_check_digit(f"{AREA}{birth_on:%Y%m%d}{serial * 2 + male:03d}")


def with_check_digit(body: str) -> str:
    """A citizen ID from its first 17 digits."""
    return body + str(calc_check_digit(body + "0"))


# Who lives together: the head's age, and who is there beside the head.
_KINDS = Weighted(
    ("single", 13.0),
    ("old", 6.0),
    ("couple", 15.0),
    ("old couple", 5.0),
    ("family", 39.0),
    ("three", 14.0),
    ("one", 8.0),
)
_HEAD_AGES = {
    "single": (22, 62),
    "old": (63, 92),
    "couple": (24, 62),
    "old couple": (62, 86),
    "family": (27, 58),
    "three": (33, 56),
    "one": (28, 60),
}
_CHILDREN = Weighted((1, 52.0), (2, 38.0), (3, 10.0))
_HAZARD = ((60, 0.008), (70, 0.04), (80, 0.13), (90, 0.36), (200, 0.6))
"""Below that age at the end of 2015: the chance to have died in the five years before."""
_GROWN = date(1995, 1, 1)
_ROADS = ("样例路", "示例街", "虚构巷", "试验里", "演示大道", "模拟新村", "构想东路")


def homes(places: list[Place], persons: int, seed: int) -> Iterator[Home]:
    """Homes in the order of the places until they hold `persons` persons; the same for the same seed."""
    book = IdBook()
    number = 0
    for place, size in zip(places, _sizes(places, persons), strict=True):
        left = size
        while left:
            dice = Dice(seed, number)
            home = _home(dice, place, number, places, book)
            del home.members[left:]
            left -= len(home.members)
            number += 1
            yield home


def _sizes(places: list[Place], persons: int) -> list[int]:
    """How many persons live where: communities are larger than villages; the remainders add up to `persons`."""
    weights = [(900 if place.urban else 420) + int(place.code[9:]) * 37 % 500 for place in places]
    total, done, before, sizes = sum(weights), 0, 0, []
    for weight in weights:
        done += weight
        upto = persons * done // total
        sizes.append(upto - before)
        before = upto
    return sizes


def _home(dice: Dice, place: Place, number: int, places: list[Place], book: IdBook) -> Home:
    floating = dice.chance(0.12)
    prefix = "L" if floating else "H"
    house = (
        f"{place.short}{dice.pick(_ROADS)}{dice.between(1, 300)}号{dice.between(1, 24):02d}{dice.between(1, 6):02d}房"
    )
    home = Home(f"{prefix}{place.code[6:]}{number:07d}", place, house)
    kind = "single" if floating and dice.chance(0.5) else _KINDS.pick(dice)
    for relation, sex, birth_on in _composition(dice, kind):
        home.members.append(_resident(dice, home, relation, sex, birth_on, book, floating))
    if len(home.members) > 2 and not floating and home.members[-1].birth_on < _GROWN and dice.chance(0.12):
        _live_apart(dice, home.members[-1], places)
    return home


def _composition(dice: Dice, kind: str) -> Iterator[tuple[Relation, Sex, date]]:
    low, high = _HEAD_AGES[kind]
    age = dice.between(low, high)
    sex = Sex.MALE if dice.chance(0.45 if kind in ("old", "one") else 0.72) else Sex.FEMALE
    other = Sex.FEMALE if sex is Sex.MALE else Sex.MALE
    yield Relation.HEAD, sex, _born(dice, age)
    if kind in ("couple", "old couple", "family", "three"):
        yield Relation.SPOUSE, other, _born(dice, max(21, dice.near(age, 5)))
    if kind in ("family", "three", "one"):
        for _ in range(_CHILDREN.pick(dice)):
            child = Sex.MALE if dice.chance(0.53) else Sex.FEMALE
            relation = Relation.SON if child is Sex.MALE else Relation.DAUGHTER
            yield relation, child, _born(dice, max(0, age - dice.between(23, 33)))
    if kind == "three":
        if dice.chance(0.5):
            yield Relation.FATHER, Sex.MALE, _born(dice, age + dice.between(23, 31))
        yield Relation.MOTHER, Sex.FEMALE, _born(dice, age + dice.between(21, 28))


def _born(dice: Dice, age: int) -> date:
    last = date(TODAY.year - age, 12, 25)
    return last - timedelta(days=dice.between(0, 358))


def _resident(
    dice: Dice, home: Home, relation: Relation, sex: Sex, birth_on: date, book: IdBook, floating: bool
) -> Resident:
    family = relation in (Relation.SON, Relation.DAUGHTER, Relation.FATHER)
    family_name = home.head.name[0] if family else names.surname(dice)
    kind = PopulationKind.FLOATING if floating else PopulationKind.REGISTERED
    return Resident(
        name=family_name + names.given_name(dice, sex),
        citizen_id=book.issue(birth_on, sex),
        sex=sex,
        birth_on=birth_on,
        relation=relation,
        home=home,
        place=home.place,
        phone=names.phone(dice) if completed_years(birth_on, TODAY) >= 12 else "",
        address=home.address,
        registered_on=(entered := _entered(dice, birth_on, floating)),
        kind=kind,
        died_on=_death(dice, birth_on, entered),
    )


def _entered(dice: Dice, birth_on: date, floating: bool) -> date:
    if birth_on > BASELINE:
        return min(TODAY, birth_on + timedelta(days=dice.between(5, 40)))
    if floating:
        return dice.day(max(birth_on, date(2008, 1, 1)), date(2015, 11, 30))
    return dice.day(max(birth_on, date(2002, 1, 1)), BASELINE)


def _death(dice: Dice, birth_on: date, entered: date) -> date | None:
    age = completed_years(birth_on, TODAY)
    risk = next(chance for below, chance in _HAZARD if age < below)
    if not dice.chance(risk):
        return None
    return dice.day(max(entered, BASELINE) + timedelta(days=30), date(2015, 11, 30))


def _live_apart(dice: Dice, resident: Resident, places: list[Place]) -> None:
    """Registered with the family, living elsewhere in the same street."""
    near = [place for place in places if place.street_code == resident.place.street_code]
    resident.place = dice.pick(near)
    resident.address = f"{resident.place.short}{dice.pick(_ROADS)}{dice.between(1, 300)}号"
