"""The eldercare system's files: facilities, stays with their beds, ability assessments, services at home."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from connectors.demo.dice import Dice
from connectors.demo.feed import Books, Feed
from connectors.demo.figures import BEDS, HOME_SERVICES, TODAY, part
from connectors.demo.manifest import Dirt
from connectors.demo.residents import Place, Resident
from connectors.demo.tables import Cell
from connectors.demo.welfare import Case
from domain.codes import PopulationKind, Scheme

SOURCE = "eldercare"
WELFARE_HOME, RURAL_HOME = "江海区样例社会福利院", "礼乐示例敬老院"
_LATE_HOME = "外海演示日间托养中心"
"""Its stays come before it does: the list of facilities with it is a later one."""
_FIRST, _LAST = date(2011, 1, 5), date(2015, 12, 20)
_ASSESSORS = ("拟评甲", "拟评乙", "仿评丙", "演评丁")
_REVIEWER = "构审戊"
_SERVICES = (("助餐", 15, 30), ("助洁", 30, 60), ("助医", 40, 90), ("助浴", 50, 60), ("生活照料", 35, 60))
"""Item, yuan a time, minutes a time."""
_FEWEST = 12
_STREETS = ("江南街道", "外海街道", "礼乐街道")


@dataclass(slots=True)
class Stay:
    """One stay as the house's register has it."""

    number: str
    house: str
    bed: str
    person: Resident
    came: date
    left: date | None
    bought: bool

    @property
    def dead(self) -> bool:
        """Whether it ended with the death."""
        return self.left is not None and self.left == self.person.died_on


@dataclass(slots=True)
class Stays:
    """All stays, and the elders who live at home beside them."""

    dice: Dice
    all: list[Stay] = field(default_factory=list)
    at_home: list[Resident] = field(default_factory=list)

    def __iter__(self) -> Iterator[Stay]:
        return iter(self.all)

    def write_services(self, books: Books, admitted: Mapping[str, list[tuple[date, date]]]) -> None:
        """Services at home; `admitted` are stays in hospital by citizen ID."""
        name, kind = "居家服务_2011-2015.csv", (SOURCE, "services")
        headers = (
            "服务单号", "姓名", "身份证号", "服务机构", "服务项目", "服务日期", "时长（分钟）", "数量", "单价", "金额",
            "是否政府购买",
        )  # fmt: skip
        inside = [stay for stay in self.all if (stay.left or TODAY) - stay.came > timedelta(days=60)]
        sick = [r for r in self.at_home if r.citizen_id in admitted]
        with books.feed(name, kind, headers) as feed:
            for number in range(part(HOME_SERVICES, books.manifest.persons, 60)):
                self._service(feed, number, inside, sick, admitted)

    def _service(
        self,
        feed: Feed,
        number: int,
        inside: list[Stay],
        sick: list[Resident],
        admitted: Mapping[str, list[tuple[date, date]]],
    ) -> None:
        dice = self.dice
        person = self.at_home[number * 7 % len(self.at_home)]
        day = dice.day(_FIRST, min(_LAST, (person.died_on or _LAST) - timedelta(days=1)))
        dirt = feed.due(Dirt.SERVICE_IN_HOUSE, Dirt.SERVICE_IN_HOSPITAL, Dirt.SERVICE_OFF_PRICE)
        if dirt is Dirt.SERVICE_IN_HOUSE and inside:
            stay = dice.pick(inside)
            person, day = stay.person, stay.came + timedelta(days=dice.between(5, 50))
        elif dirt is Dirt.SERVICE_IN_HOSPITAL and sick:
            person = dice.pick(sick)
            day = admitted[person.citizen_id][0][0] + timedelta(days=1)
        else:
            dirt = dirt if dirt is Dirt.SERVICE_OFF_PRICE else None
            for came, left in reversed(admitted.get(person.citizen_id, ())):
                day = came - timedelta(days=2) if came <= day <= left else day
        item, price, minutes = dice.pick(_SERVICES)
        units = dice.between(1, 2)
        amount = price * units + (20 if dirt is Dirt.SERVICE_OFF_PRICE else 0)
        station = f"{person.place.street}居家养老服务总站"
        bought = "是" if number % 3 == 0 else "否"
        row: list[Cell] = [f"FW{number + 1:07d}", person.name, person.citizen_id, station, item, day.isoformat()]
        feed.copies([*row, minutes * units, units, price, amount, bought], dirt)


def write_eldercare(books: Books, known: Sequence[Resident], cases: Sequence[Case], places: Sequence[Place]) -> Stays:
    """Write facilities, stays and assessments."""
    dice = Dice(books.manifest.seed, 31)
    beds = part(BEDS, books.manifest.persons, 12)
    _write_facilities(books, places, beds)
    stays = Stays(dice)
    _fill(stays, known, cases, beds)
    _write_stays(books, stays)
    _write_late_home(books, places)
    _write_assessments(books, stays)
    return stays


def _write_facilities(books: Books, places: Sequence[Place], beds: int) -> None:
    headers = (
        "设施名称",
        "设施类型",
        "运营方式",
        "运营单位",
        "区划代码",
        "详细地址",
        "床位数",
        "建筑面积",
        "开业日期",
        "状态",
    )
    with books.feed("养老设施_20151201.xlsx", (SOURCE, "facilities"), headers, title="江海区养老服务设施一览") as feed:
        for name, kind, mode, place, size, opened in _facilities(places, beds):
            address = f"{place.short}样例路1号"
            feed.write([name, kind, mode, "", place.code, address, size or "", size * 25 or "", opened, "运营中"])


def _facilities(places: Sequence[Place], beds: int) -> Iterator[tuple[str, str, str, Place, int, date]]:
    """The plan's network: two homes, 1+3+18 of the "1318" network, 5 street sites, 19 happiness homes, 9 stations."""
    towns = [place for place in places if place.urban]
    villages = [place for place in places if not place.urban]
    first = {street: next(p for p in places if p.street == street) for street in _STREETS}
    public, private = "公办", "公建民营"
    yield WELFARE_HOME, "养老机构", public, first["江南街道"], beds * 3 // 5, date(2005, 6, 1)
    yield RURAL_HOME, "农村敬老院", public, first["礼乐街道"], beds - beds * 3 // 5, date(2003, 10, 1)
    yield "江海区居家养老综合示范中心", "综合养老服务中心", private, first["外海街道"], 0, date(2013, 9, 1)
    for street in _STREETS:
        yield f"{street}居家养老服务总站", "居家养老服务总站", private, first[street], 0, date(2010, 3, 1)
        yield f"{street}家庭综合服务中心", "家庭综合服务中心", private, first[street], 0, date(2012, 5, 1)
    for place in (towns + villages)[4:22]:
        yield f"{place.short}居家养老服务分站", "居家养老服务站", private, place, 0, date(2013, 11, 1)
    for place in towns[:5]:
        yield f"{place.short}日间照料中心", "日间照料中心", public, place, 0, date(2012, 4, 1)
    for place in villages[:19]:
        yield f"{place.street}{place.short}幸福院", "农村幸福院", public, place, 0, date(2014, 6, 1)
    for place in towns[5:14]:
        yield f"{place.short}星光老年之家", "居家养老服务站", public, place, 0, date(2011, 8, 1)


def _fill(stays: Stays, known: Sequence[Resident], cases: Sequence[Case], beds: int) -> None:
    """Each bed has had one or two elders; tekun persons live in the rural home, bought by the government."""
    dice = stays.dice
    tekun = [case.head for case in cases if case.scheme is Scheme.TEKUN]
    guaranteed = set(tekun)
    elders = [r for r in known if r.birth_on < date(1941, 1, 1) and r.kind is PopulationKind.REGISTERED]
    taken = {case.head.citizen_id for case in cases}
    others = [r for r in elders if r.citizen_id not in taken]
    if len(others) < _FEWEST:  # a very small district: younger ones move in as well
        others = [r for r in known if r.citizen_id not in taken and r.birth_on < date(1985, 1, 1)]
    dice.shuffle(others)
    reserve = [r for r in others if r.died_on is None][: max(_FEWEST // 2, len(others) // 3)]
    reserved = set(reserve)
    others = [r for r in others if r not in reserved]
    waiting = {RURAL_HOME: tekun[: beds // 6] + others[0::2], WELFARE_HOME: others[1::2]}
    number = 0
    for house, size in ((WELFARE_HOME, beds * 3 // 5), (RURAL_HOME, beds - beds * 3 // 5)):
        queue = waiting[house]
        for bed in range(size * 4 // 5):
            free_from = dice.day(_FIRST, date(2014, 6, 1))
            while queue and free_from < date(2015, 10, 1):
                person = queue.pop(0)
                number += 1
                stay = _stay(dice, house, f"{bed // 2 + 101}-{bed % 2 + 1}", person, free_from, number)
                if stay is None:
                    continue
                stay.bought = person in guaranteed
                stays.all.append(stay)
                if stay.left is None:
                    break
                free_from = stay.left + timedelta(days=dice.between(5, 120))
    left = waiting[WELFARE_HOME] + waiting[RURAL_HOME]
    stays.at_home = reserve + [r for r in left if r not in guaranteed and (r.died_on or TODAY) > date(2011, 3, 1)]


def _stay(dice: Dice, house: str, bed: str, person: Resident, came: date, number: int) -> Stay | None:
    if person.died_on is not None and person.died_on <= came + timedelta(days=20):
        return None
    left = person.died_on
    if dice.chance(0.2):
        home_on = came + timedelta(days=dice.between(80, 700))
        left = home_on if home_on < min(left or TODAY, date(2015, 11, 30)) else left
    return Stay(f"RY{came.year}{number:05d}", house, bed, person, came, left, bought=False)


def _write_stays(books: Books, stays: Stays) -> None:
    headers = (
        "入院编号",
        "入院机构",
        "姓名",
        "身份证号",
        "入院时间",
        "出院时间",
        "出院原因",
        "所用床位",
        "是否政府购买",
    )
    with books.feed("入院名册_20151220.csv", (SOURCE, "stays"), headers, encoding="gb18030") as feed:
        for stay in stays:
            _write_stay(feed, stay, stays)
        for person in stays.at_home[:2]:
            row = [
                f"RT{person.citizen_id[-4:]}",
                _LATE_HOME,
                person.name,
                person.citizen_id,
                "2010-11-10",
                "2010-11-20",
            ]
            feed.write([*row, "回家", "", "否"], Dirt.STAY_EARLY)


def _write_stay(feed: Feed, stay: Stay, stays: Stays) -> None:
    if stay.dead and (dirt := feed.due(Dirt.STILL_IN_AFTER_DEATH)):
        feed.write([*_stay_row(stay)[:5], "", "", "", "是" if stay.bought else "否"], dirt)
        return
    feed.copies(_stay_row(stay))
    if stay.left is not None:
        if (dirt := feed.due(Dirt.LEFT_BEFORE_CAME)) is not None:
            row = _stay_row(stay)
            feed.write([f"{stay.number}B", *row[1:4], "2015-12-31", "2015-01-01", *row[6:]], dirt)
        return
    match feed.due(Dirt.UNKNOWN_FACILITY, Dirt.BED_TWICE, Dirt.TWO_HOUSES):
        case Dirt.UNKNOWN_FACILITY:
            row = _stay_row(stay)
            feed.write([f"{stay.number}X", "外地虚构养老院", *row[2:]], Dirt.UNKNOWN_FACILITY)
        case Dirt.BED_TWICE:
            other = next(r for r in stays.at_home[2:] if r.died_on is None)
            stays.at_home.remove(other)
            row = [f"{stay.number}Y", stay.house, other.name, other.citizen_id, "2015-12-15", ""]
            feed.write([*row, "", stay.bed, "否"], Dirt.BED_TWICE)
        case Dirt.TWO_HOUSES:
            house = RURAL_HOME if stay.house == WELFARE_HOME else WELFARE_HOME
            row = [f"{stay.number}Z", house, *_stay_row(stay)[2:4], "2015-12-10", "", "", "", "否"]
            feed.write(row, Dirt.TWO_HOUSES)


def _stay_row(stay: Stay) -> list[Cell]:
    left = stay.left.isoformat() if stay.left else ""
    reason = "" if stay.left is None else "去世" if stay.dead else "回家"
    bought = "是" if stay.bought else "否"
    person = stay.person
    came = stay.came.isoformat()
    return [stay.number, stay.house, person.name, person.citizen_id, came, left, reason, stay.bed, bought]


def _write_late_home(books: Books, places: Sequence[Place]) -> None:
    headers = ("机构名称", "机构类型", "运营方式", "区划代码", "开业日期")
    place = next(place for place in places if place.street == "外海街道")
    with books.feed("养老设施_补报_20151228.csv", (SOURCE, "facilities"), headers) as feed:
        feed.write([_LATE_HOME, "日间照料中心", "民办", place.code, "2010-05-01"])


def _write_assessments(books: Books, stays: Stays) -> None:
    """Who comes into a house is assessed before, and anew each year; some of those at home as well."""
    headers = ("姓名", "身份证号", "评估日期", "评估标准", "等级", "评估人", "审核人")
    dice = stays.dice
    with books.feed("能力评估_2011-2015.csv", (SOURCE, "assessments"), headers) as feed:
        for stay in stays:
            last, grade = min(stay.left or TODAY, TODAY), dice.between(1, 3)
            day = stay.came - timedelta(days=dice.between(3, 12))
            while day < last:
                _assess(feed, dice, stay.person, day, grade)
                day, grade = day + timedelta(days=dice.between(350, 364)), min(3, grade + dice.chance(0.3))
        for person in stays.at_home[:: max(1, len(stays.at_home) // 200)][:200]:
            if person.died_on is None:
                _assess(feed, dice, person, dice.day(date(2014, 2, 1), date(2015, 11, 1)), dice.between(0, 2))


def _assess(feed: Feed, dice: Dice, person: Resident, day: date, grade: int) -> None:
    first = dice.between(0, len(_ASSESSORS) - 1)
    names = [_ASSESSORS[first], _ASSESSORS[(first + 1) % len(_ASSESSORS)]]
    reviewer = _REVIEWER
    dirt = feed.due(Dirt.ONE_ASSESSOR, Dirt.OWN_REVIEW, Dirt.GRADE_OUT_OF_SCALE)
    match dirt:
        case Dirt.ONE_ASSESSOR:
            names.pop()
        case Dirt.OWN_REVIEW:
            reviewer = names[0]
        case Dirt.GRADE_OUT_OF_SCALE:
            grade = 9
    row: list[Cell] = [
        person.name,
        person.citizen_id,
        day.isoformat(),
        "MZ/T 039-2013",
        grade,
        "、".join(names),
        reviewer,
    ]
    feed.copies(row, dirt)
