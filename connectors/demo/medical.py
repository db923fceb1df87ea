"""The settlement systems' files: visits and settlements of four hospitals, one-stop rows of the other two.

Assistance goes to those on dibao or tekun on the day, by the platform's own formula and the ratio of the year; other
patients settle without it. Settlements are undone in both systems' ways.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

from connectors.demo.dice import Dice
from connectors.demo.feed import Books, Feed
from connectors.demo.figures import DISTRICT, MEDICAL_TIMES, MEDICAL_YUAN, TODAY, part
from connectors.demo.manifest import Category, Dirt
from connectors.demo.residents import AREA, Resident, with_check_digit
from connectors.demo.tables import Cell
from connectors.demo.welfare import Case
from domain.clock import first_day, next_month
from domain.codes import HospitalLevel, MaCategory, Scheme
from domain.parameters import official_parameters

SOURCE = "medical"
HOSPITALS = (
    ("H44070400001", "江海区样例人民医院", HospitalLevel.SECOND),
    ("H44070400002", "江海区示例中医院", HospitalLevel.SECOND),
    ("H44070400003", "江海区演示妇幼保健院", HospitalLevel.SECOND),
    ("H44070400004", "外海虚构医院", HospitalLevel.FIRST),
    ("H44070400005", "礼乐试验卫生院", HospitalLevel.FIRST),
    ("H44070400006", "江门市模拟中心医院", HospitalLevel.THIRD),
)
"""The plan's six; the last two settle one-stop on the civil-affairs side."""
_ILLNESSES = ("肺部感染", "脑梗死", "慢性肾病", "高血压", "糖尿病", "骨折", "恶性肿瘤", "冠心病")
_LAST = date(2015, 12, 10)


@dataclass(slots=True)
class Inpatient:
    """One stay in hospital and its settlement, amounts in fen."""

    hospital: int
    visit: str
    number: str
    person: Resident
    came: date
    left: date
    total: int
    scope: int
    basic: int
    aid: int

    @property
    def cash(self) -> int:
        """What is left for the person."""
        return self.total - self.basic - self.aid

    @property
    def code(self) -> str:
        """The hospital's code."""
        return HOSPITALS[self.hospital][0]


def write_medical(
    books: Books, known: Sequence[Resident], cases: Sequence[Case], housed: set[str]
) -> Mapping[str, list[tuple[date, date]]]:
    """Write visits and settlements; returns the days in hospital by citizen ID."""
    dice = Dice(books.manifest.seed, 43)
    poor = _assisted(books, dice, cases)
    assisted = {person.citizen_id for case in cases for person in case.family}
    elders = [r for r in known if r.birth_on < date(1946, 1, 1) and r.citizen_id not in assisted | housed]
    others = _others(dice, [r for r in elders if r.died_on is None], max(20, len(poor) // 2))
    dead = [r for r in elders if r.died_on is not None]
    everybody = sorted(poor + others, key=lambda each: (each.left, each.number))
    national = [each for each in everybody if each.hospital < 4]
    early = national[-2:]
    with _admissions(books, "就诊登记_2011-2015.csv") as feed:
        for each in national[:-2]:
            _admit(feed, dice, each, dead)
    _write_settlements(books, national, early)
    with _admissions(books, "就诊登记_补报_20151228.csv") as feed:
        for each in early:
            feed.write(_visit_row(each, dice))
    _write_one_stop(books, dice, [each for each in everybody if each.hospital >= 4])
    days: dict[str, list[tuple[date, date]]] = {}
    for each in everybody:
        days.setdefault(each.person.citizen_id, []).append((each.came, each.left))
    return days


def _assisted(books: Books, dice: Dice, cases: Sequence[Case]) -> list[Inpatient]:
    """As many person-times of assistance as the plan says and about as much money; their categories go with them."""
    persons = books.manifest.persons
    times, left = part(MEDICAL_TIMES, persons, 24), part(MEDICAL_YUAN, persons, 90_000) * 100
    pairs = [(case, person) for case in cases for person in case.covered if _long_enough(case, person)]
    single = {id(person) for case in cases if case.scheme is Scheme.TEKUN for person in case.covered}
    pairs = [(c, p) for c, p in pairs if c.scheme is Scheme.TEKUN or id(p) not in single]
    dice.shuffle(pairs)
    found: list[Inpatient] = []
    stays: dict[str, list[tuple[date, date]]] = {}
    told: set[str] = set()
    for number in range(times):
        case, person = pairs[number % len(pairs)]
        came, gone = _days(dice, case, person)
        if any(came <= other and since <= gone for since, other in stays.get(person.citizen_id, ())):
            continue
        stays.setdefault(person.citizen_id, []).append((came, gone))
        wanted = max(30_000, dice.near(left // (times - number), 250_000))
        each = _settled(dice, number, person, (came, gone), wanted, aided=True)
        left -= each.aid
        found.append(each)
        if person.citizen_id not in told:
            told.add(person.citizen_id)
            _tell(books, case, person)
    return found


def _long_enough(case: Case, person: Resident) -> bool:
    end = min(person.died_on or TODAY, first_day(next_month(case.last)))
    return end - first_day(case.start) > timedelta(days=120) and "墟镇" not in person.place.name


def _tell(books: Books, case: Case, person: Resident) -> None:
    category = MaCategory.TEKUN if case.scheme is Scheme.TEKUN else MaCategory.DIBAO
    end = first_day(next_month(case.last)) - timedelta(days=1) if case.end else None
    books.manifest.categories.append(Category(person.citizen_id, category.value, first_day(case.start), end))


def _days(dice: Dice, case: Case, person: Resident) -> tuple[date, date]:
    end = min(person.died_on or _LAST, first_day(next_month(case.last)) - timedelta(days=1), _LAST)
    came = dice.day(first_day(case.start) + timedelta(days=10), end - timedelta(days=30))
    return came, came + timedelta(days=dice.between(4, 24))


def _settled(
    dice: Dice, number: int, person: Resident, days: tuple[date, date], wanted: int, *, aided: bool
) -> Inpatient:
    """A settlement whose assistance lies near `wanted` fen: turned round from the formula, then computed forward."""
    hospital = dice.between(0, len(HOSPITALS) - 1)
    level, year = HOSPITALS[hospital][2].value, days[1]
    ratio = _value(f"medical.basic.ratio.390.{level}", year)
    floor = _value(f"medical.basic.deductible.390.{level}", year)
    aid_ratio = _value("medical.ma.ratio.dibao", year)
    base = max(floor + 10_000, wanted * 10_000 // aid_ratio)
    scope = min(3_500_000, ((base * 10_000 - floor * ratio) // (10_000 - ratio)) // 100 * 100)
    basic = (max(0, scope - floor) * ratio + 5_000) // 10_000
    aid = ((scope - basic) * aid_ratio + 5_000) // 10_000 if aided else 0
    total = scope * dice.between(104, 122) // 100
    kind = "A" if aided else "B"
    serial = f"{days[0]:%Y%m}{kind}{number + 1:05d}"
    return Inpatient(hospital, f"JZ{serial}", f"JS{serial}", person, *days, total, scope, basic, aid)


@cache
def _value(code: str, on: date) -> int:
    """Fen, or basis points of a ratio."""
    return official_parameters().value(code, DISTRICT, on)


def _others(dice: Dice, elders: list[Resident], count: int) -> list[Inpatient]:
    """Patients without assistance, each once."""
    dice.shuffle(elders)
    found = []
    for number, person in enumerate(elders[:count]):
        came = dice.day(date(2011, 2, 1), date(2015, 11, 1))
        days = came, came + timedelta(days=dice.between(4, 20))
        found.append(_settled(dice, number, person, days, dice.between(50_000, 400_000), aided=False))
    return found


def _admissions(books: Books, name: str) -> Feed:
    headers = (
        "医药机构编码", "就诊ID", "人员姓名", "证件号码", "险种类别", "医疗类别", "入院日期", "出院日期", "病种名称",
    )  # fmt: skip
    return books.feed(name, (SOURCE, "admissions"), headers)


def _visit_row(each: Inpatient, dice: Dice) -> list[Cell]:
    person, days = each.person, [each.came.isoformat(), each.left.isoformat()]
    return [each.code, each.visit, person.name, person.citizen_id, "390", "2101", *days, dice.pick(_ILLNESSES)]


def _admit(feed: Feed, dice: Dice, each: Inpatient, dead: list[Resident]) -> None:
    row = _visit_row(each, dice)
    feed.copies(row)
    match feed.due(Dirt.UNKNOWN_PATIENT, Dirt.DEAD_PATIENT, Dirt.TWO_HOSPITALS):
        case Dirt.UNKNOWN_PATIENT:
            number = with_check_digit(f"{AREA}{each.person.birth_on:%Y%m%d}997")
            feed.write([each.code, f"{each.visit}U", "幻无人", number, *row[4:]], Dirt.UNKNOWN_PATIENT)
        case Dirt.DEAD_PATIENT if dead:
            person = dead.pop()
            assert person.died_on is not None
            day = (person.died_on + timedelta(days=9)).isoformat()
            who = [person.name, person.citizen_id]
            feed.write([each.code, f"{each.visit}D", *who, "390", "2101", day, day, row[8]], Dirt.DEAD_PATIENT)
        case Dirt.TWO_HOSPITALS:
            first = (each.came + timedelta(days=1)).isoformat()
            other = HOSPITALS[(each.hospital + 1) % 4][0]
            feed.write([other, f"{each.visit}T", *row[2:6], first, *row[7:]], Dirt.TWO_HOSPITALS)


_SETTLED = (
    "医药机构编码", "结算ID", "就诊ID", "人员姓名", "证件号码", "险种类别", "医疗类别", "结算时间", "退费结算标志",
    "原结算ID", "医疗费总额", "符合政策范围金额", "基本医疗保险统筹基金支出", "医疗救助基金支出", "个人现金支付",
)  # fmt: skip


def _write_settlements(books: Books, national: Sequence[Inpatient], early: Sequence[Inpatient]) -> None:
    with books.feed("医保结算_2011-2015.csv", (SOURCE, "settlements"), _SETTLED) as feed:
        for each in national:
            if each in early:
                feed.write(_settled_row(each), Dirt.SETTLEMENT_EARLY)
                continue
            kinds = (Dirt.SPLIT_OFF, Dirt.UNKNOWN_VISIT, Dirt.REFUNDED)
            match feed.due(*kinds if each.aid else (*kinds, Dirt.NO_CATEGORY)):
                case Dirt.SPLIT_OFF:
                    row = _settled_row(each)
                    row[-1] = _yuan(each.cash + 5_000)
                    feed.write(row, Dirt.SPLIT_OFF)
                case Dirt.UNKNOWN_VISIT:
                    feed.write(_settled_row(each))
                    row = _settled_row(each)
                    feed.write([row[0], f"{each.number}X", f"{each.visit}X", *row[3:]], Dirt.UNKNOWN_VISIT)
                case Dirt.REFUNDED:
                    _refund(feed, each)
                case Dirt.NO_CATEGORY:
                    feed.write(_settled_row(replace(each, aid=each.cash // 2)), Dirt.NO_CATEGORY)
                case _:
                    feed.copies(_settled_row(each))


def _settled_row(each: Inpatient) -> list[Cell]:
    person = each.person
    ids = [each.code, each.number, each.visit, person.name, person.citizen_id, "390", "2101", each.left.isoformat()]
    money = (each.total, each.scope, each.basic, each.aid, each.cash)
    return [*ids, "否", "", *(_yuan(fen) for fen in money)]


def _refund(feed: Feed, each: Inpatient) -> None:
    """Settled, undone three days later by a row that names it, and settled anew."""
    feed.write(_settled_row(each))
    day = (each.left + timedelta(days=3)).isoformat()
    row = _settled_row(each)
    feed.write([row[0], f"{each.number}R", *row[2:7], day, "是", each.number, *row[10:]], Dirt.REFUNDED)
    feed.write([row[0], f"{each.number}N", *row[2:7], day, *row[8:]])


_ONE_STOP = (
    "救助流水号", "医疗机构编码", "住院号", "姓名", "身份证号", "保险险种", "疾病名称", "入院日期", "出院日期",
    "结算日期", "记录状态", "原流水号", "住院总费用", "纳入保险报销费用", "保险支付金额", "救助金额", "自付费用",
)  # fmt: skip


def _write_one_stop(books: Books, dice: Dice, patients: Sequence[Inpatient]) -> None:
    with books.feed("一站式救助_2011-2015.csv", (SOURCE, "onestop"), _ONE_STOP, encoding="gb18030") as feed:
        for each in patients:
            illness = dice.pick(_ILLNESSES)
            if feed.due(Dirt.REVERSED) is None:
                feed.copies(_one_stop(each, illness, "00"))
                continue
            feed.write(_one_stop(each, illness, "01"))
            undone = _one_stop(replace(each, number=f"{each.number}R"), illness, "02", -1)
            undone[9], undone[11] = (each.left + timedelta(days=2)).isoformat(), each.number
            feed.write(undone, Dirt.REVERSED)
            again = _one_stop(replace(each, number=f"{each.number}N"), illness, "00")
            again[9] = undone[9]
            feed.write(again)


def _one_stop(each: Inpatient, illness: str, state: str, sign: int = 1) -> list[Cell]:
    person, left = each.person, each.left.isoformat()
    ids = [each.number, each.code, each.visit, person.name, person.citizen_id, "城乡居民医保", illness]
    money = (each.total, each.scope, each.basic, each.aid, each.cash)
    return [*ids, each.came.isoformat(), left, left, state, "", *(_yuan(sign * fen) for fen in money)]


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"
