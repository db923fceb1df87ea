"""The old-age allowance: the roster of those of 80 and more, and what was paid to them by quarter since 2012."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from connectors.demo.dice import Dice
from connectors.demo.feed import Books, Feed
from connectors.demo.figures import ALLOWANCE_YUAN, DISTRICT, LAST_MONTH, TODAY, part
from connectors.demo.manifest import Dirt
from connectors.demo.residents import Resident
from connectors.demo.tables import Cell
from domain.care.benefits.amounts import age_in, bands, month_reaching
from domain.clock import completed_years, first_day, month_of, next_month
from domain.codes import PopulationKind
from domain.parameters import official_parameters

SOURCE = "eldercare"
FIRST = "2012-01"
"""From then on the city has the allowance."""
_PAY = ("姓名", "身份证号", "开始时间", "结束时间", "发放金额", "发放时间", "批次号", "资金来源")


@dataclass(slots=True)
class Entry:
    """Somebody on the roster: the first month, the last one due, and the last one paid."""

    person: Resident
    start: str
    last: str
    paid_to: str
    account: str

    @property
    def on_roll(self) -> bool:
        """Whether the roster still has them."""
        return self.paid_to == LAST_MONTH


def write_allowances(books: Books, known: Sequence[Resident]) -> list[Entry]:
    """Write the roster and what was paid, as much in all as the plan says, scaled."""
    dice = Dice(books.manifest.seed, 37)
    entries = _enrolled(books, dice, known)
    early, stranger = entries[-1], _stranger(known)
    _write_roster(books, dice, entries[:-1], known)
    _write_payments(books, entries, early, stranger)
    _write_late_roster(books, early)
    return entries


def monthly(person: Resident, month: str) -> int:
    """Yuan a month by age, from the same dated parameters by which the platform judges."""
    return _amount(month, age_in(month, person.birth_on))


@cache
def _amount(month: str, age: int) -> int:
    parameters, on = official_parameters(), first_day(month)
    reached = [band for band in bands(parameters, DISTRICT, on) if band <= age]
    return parameters.value(f"benefits.old_age.{reached[-1]}", DISTRICT, on) // 100 if reached else 0


def _enrolled(books: Books, dice: Dice, known: Sequence[Resident]) -> list[Entry]:
    left = part(ALLOWANCE_YUAN, books.manifest.persons, 3_000)
    entries = []
    elders = [r for r in known if _may_draw(r)]
    dice.shuffle(elders)
    for person in elders:
        start = max(FIRST, month_reaching(person.birth_on, 80))
        last = LAST_MONTH if person.died_on is None else month_of(person.died_on)
        if last < start:
            continue
        entry = Entry(person, start, last, last, f"9900{dice.between(0, 10**15 - 1):015d}")
        entries.append(entry)
        left -= sum(monthly(person, month) for month in _months(start, last))
        if left <= 0 and len(entries) > 3:
            break
    return entries


def _may_draw(person: Resident) -> bool:
    registered = person.kind is PopulationKind.REGISTERED
    return registered and person.birth_on <= date(1935, 6, 30) and "墟镇" not in person.place.name


def _stranger(known: Sequence[Resident]) -> Resident:
    """Somebody too young for the roster."""
    return next(r for r in known if r.died_on is None and r.birth_on > date(1945, 1, 1))


def _write_roster(books: Books, dice: Dice, entries: Sequence[Entry], known: Sequence[Resident]) -> None:
    headers = (
        "姓名", "老人身份证", "街道", "社区", "开始享受月份", "津贴标准", "状态", "注销原因", "注销日期", "开户银行",
        "银行卡号",
    )  # fmt: skip
    young = [r for r in known if r.died_on is None and _nearly_old(r)]
    with books.feed("高龄津贴名册_20151225.csv", (SOURCE, "allowances"), headers, encoding="gb18030") as feed:
        for entry in entries:
            died_lately = entry.person.died_on is not None and "2014-06" <= entry.last < "2015-08"
            if died_lately and feed.due(Dirt.ALLOWANCE_AFTER_DEATH):
                entry.paid_to = LAST_MONTH
                feed.found(Dirt.ALLOWANCE_AFTER_DEATH)  # on the roll; each payment counts besides
            feed.copies(_roster_row(entry))
            match feed.due(Dirt.BELOW_AGE, Dirt.ALLOWANCE_OFF):
                case Dirt.BELOW_AGE if young:
                    feed.write(_other_row(dice, young.pop(), "30"), Dirt.BELOW_AGE)
                case Dirt.ALLOWANCE_OFF if entry.person.died_on is None and entry.start <= "2015-06":
                    _raise(feed, entry)


def _raise(feed: Feed, entry: Entry) -> None:
    """The roster says again, with more than the rule gives, that this person draws from the last month on."""
    row = _roster_row(entry)
    row[4], row[5] = LAST_MONTH, monthly(entry.person, LAST_MONTH) + 20
    feed.write(row, Dirt.ALLOWANCE_OFF)
    entry.paid_to = "2015-11"


def _nearly_old(person: Resident) -> bool:
    registered = person.kind is PopulationKind.REGISTERED
    return registered and 70 <= completed_years(person.birth_on, TODAY) <= 78 and "墟镇" not in person.place.name


def _roster_row(entry: Entry) -> list[Cell]:
    gone = entry.person.died_on if not entry.on_roll else None
    day = gone.isoformat() if gone else ""
    person = entry.person
    state = ["已注销", "死亡", day] if gone else ["正常", "", ""]
    place = [person.place.street, person.place.short]
    return [person.name, person.citizen_id, *place, entry.start, "", *state, "样例农村商业银行江海支行", entry.account]


def _other_row(dice: Dice, person: Resident, amount: str) -> list[Cell]:
    account = f"9900{dice.between(0, 10**15 - 1):015d}"
    entry = Entry(person, "2015-07", LAST_MONTH, LAST_MONTH, account)
    row = _roster_row(entry)
    row[5] = amount
    return row


def _write_payments(books: Books, entries: Sequence[Entry], early: Entry, stranger: Resident) -> None:
    for year in range(2012, 2016):
        name = f"高龄津贴发放_{year}.csv"
        export_on = min(date(year + 1, 1, 10), TODAY)
        with books.feed(name, (SOURCE, "allowance_payments"), _PAY, export_on=export_on) as feed:
            for quarter in range(4):
                months = [f"{year}-{quarter * 3 + n:02d}" for n in (1, 2, 3)]
                for entry in entries:
                    _pay(feed, entry, months, Dirt.ALLOWANCE_EARLY if entry is early else None)
            if year == 2015:
                row: list[Cell] = [stranger.name, stranger.citizen_id, "2015-10", "2015-10", 30, "2015-10-20"]
                feed.write([*row, "GL201510", "区级财政"], Dirt.NOT_ON_ROSTER)


def _pay(feed: Feed, entry: Entry, months: list[str], dirt: Dirt | None) -> None:
    """A quarter in one row; by month where the amounts differ."""
    due = [month for month in months if entry.start <= month <= entry.paid_to]
    amounts = {month: monthly(entry.person, month) for month in due}
    if len(set(amounts.values())) > 1:
        for month in due:
            _pay_row(feed, entry, [month], amounts[month], dirt)
    elif due:
        _pay_row(feed, entry, due, amounts[due[0]], dirt)


def _pay_row(feed: Feed, entry: Entry, months: list[str], each: int, dirt: Dirt | None) -> None:
    first, last = months[0], months[-1]
    person, paid_on = entry.person, f"{last}-20"
    batch = f"GL{last.replace('-', '')}"
    row: list[Cell] = [person.name, person.citizen_id, first, last, each * len(months), paid_on, batch, "区级财政"]
    feed.write(row, dirt)
    after = sum(month > entry.last for month in months)
    if after:
        feed.found(Dirt.ALLOWANCE_AFTER_DEATH, after)
    elif dirt is None and feed.due(Dirt.ALLOWANCE_TWICE):
        feed.write([*row[:5], f"{last}-26", f"{batch}-2", row[7]])
        feed.found(Dirt.ALLOWANCE_TWICE, len(months))


def _write_late_roster(books: Books, early: Entry) -> None:
    headers = ("姓名", "老人身份证", "街道", "社区", "开始享受月份", "状态", "注销原因", "注销日期", "银行卡号")
    row = _roster_row(early)
    with books.feed("高龄津贴名册_补报_20151228.csv", (SOURCE, "allowances"), headers) as feed:
        feed.write([*row[:5], *row[6:9], row[10]])


def _months(first: str, last: str) -> Iterator[str]:
    while first <= last:
        yield first
        first = next_month(first)
