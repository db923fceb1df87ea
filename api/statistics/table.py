"""The monthly and yearly table of social assistance (社会救助统计月报、年报): streets and communities with totals."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from api.statistics.asking import Asker, Figures
from domain.assistance.indicators import INDICATORS
from domain.codes import Breakdown, IndicatorUnit
from domain.errors import BadInput, Conflict
from domain.indicators import chosen

Value = int | Decimal | None
_MONEY = frozenset({IndicatorUnit.FEN, IndicatorUnit.FEN_PER_PERSON})


@dataclass(frozen=True, slots=True)
class Column:
    """One column: under which heading, what it is called, of which indicator, and whether from January on."""

    group: str
    title: str
    indicator: str
    cumulative: bool = False

    @property
    def money(self) -> bool:
        """Whether it is shown in yuan."""
        return _UNITS[self.indicator] in _MONEY

    @property
    def additive(self) -> bool:
        """Whether its total is the sum of its parts."""
        return self.indicator in _ADDITIVE


_UNITS = {indicator.name: indicator.unit for indicator in INDICATORS}
_ADDITIVE = frozenset(indicator.name for indicator in INDICATORS if indicator.additive)


def _columns(monthly: bool) -> tuple[Column, ...]:
    """The columns; a yearly table has no second ones for what is paid from January on."""
    dibao, tekun, temp, moved = "最低生活保障", "特困人员供养", "临时救助", "低保增减（本期）"
    now = "本月" if monthly else "本年"
    made = [
        Column(dibao, "户数", "dibao_households"),
        Column(dibao, "其中城镇户数", "dibao_households_urban"),
        Column(dibao, "其中农村户数", "dibao_households_rural"),
        Column(dibao, "人数", "dibao_persons"),
        Column(dibao, "其中城镇人数", "dibao_persons_urban"),
        Column(dibao, "其中农村人数", "dibao_persons_rural"),
        Column(dibao, "城镇月人均补差（元）", "dibao_avg_gap_urban"),
        Column(dibao, "农村月人均补差（元）", "dibao_avg_gap_rural"),
        Column(dibao, f"{now}支出（元）", "dibao_net_fen"),
        Column(dibao, "本年累计支出（元）", "dibao_net_fen", cumulative=True),
        Column(tekun, "户数", "tekun_households"),
        Column(tekun, "人数", "tekun_persons"),
        Column(tekun, f"{now}支出（元）", "tekun_net_fen"),
        Column(tekun, "本年累计支出（元）", "tekun_net_fen", cumulative=True),
        Column(temp, f"{now}人次", "temp_times"),
        Column(temp, "本年累计人次", "temp_times", cumulative=True),
        Column(temp, f"{now}支出（元）", "temp_net_fen"),
        Column(temp, "本年累计支出（元）", "temp_net_fen", cumulative=True),
        Column(moved, "新增户数", "dibao_new_households"),
        Column(moved, "新增人数", "dibao_new_persons"),
        Column(moved, "退出户数", "dibao_closed_households"),
        Column(moved, "退出人数", "dibao_closed_persons"),
    ]
    return tuple(column for column in made if monthly or not column.cumulative)


@dataclass(frozen=True, slots=True)
class Line:
    """One row: `level` 0 is the whole, 1 a street, 2 a community."""

    code: str
    name: str
    level: int
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A finished table, checked."""

    title: str
    period: str
    division: str
    position: int
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to stand over it: unit, period, population, and how to make it again."""
        what = "月" if "-" in self.period else "年"
        return (
            f"统计期间：{self.period}　计量单位：户、人、人次、元　填报范围：{self.division} 及其全部下级",
            "人口口径：低保、特困为户籍人口，临时救助为实有人口。户数、人数为当月应发放的家庭"
            f"{'' if what == '月' else '（年报为末月）'}，支出为期间内发放减退回。",
            f"数据截至日志位置 {self.position}；重做：minzheng statistics --period {self.period} "
            f"--division {self.division} --position {self.position} --out 文件",
        )


async def make_table(asker: Asker, period: str) -> Table:
    """The table of a month or a year; raises BadInput, and Conflict where parts and totals do not agree."""
    if "/" in period:
        raise BadInput(f"统计表的期间“{period[:20]}”应为一个月或一年。", "period")
    columns = _columns("-" in period)
    whole = await _read(asker, columns, period, None)
    name = next(iter(whole[False].divisions.values()))
    streets = await _read(asker, columns, period, Breakdown.STREET)
    places = await _read(asker, columns, period, Breakdown.COMMUNITY)
    lines = tuple(_lines(asker.division, columns, whole, streets, places))
    check_totals(columns, lines)
    year, _, month = period.partition("-")
    shown = f"{year}年{int(month)}月" if month else f"{year}年"
    title = f"{name}社会救助统计{'月报' if month else '年报'}（{shown}）"
    return Table(title, period, asker.division, asker.position or 0, columns, lines)


Read = dict[bool, Figures]
"""Figures of the period, and those from January on."""


async def _read(asker: Asker, columns: Iterable[Column], period: str, parts: Breakdown | None) -> Read:
    found = {}
    for cumulative in (False, True):
        names = dict.fromkeys(column.indicator for column in columns if column.cumulative is cumulative)
        if names:
            asked = f"{period[:4]}-01/{period}" if cumulative else period
            chosen(INDICATORS, names)
            found[cumulative] = await asker.ask(names, asked, parts)
    return found


def _lines(division: str, columns: tuple[Column, ...], whole: Read, streets: Read, places: Read) -> Iterator[Line]:
    def line(code: str, name: str, level: int, read: Read) -> Line:
        return Line(code, name, level, tuple(_value(column, code, read) for column in columns))

    yield line(division, "合计", 0, whole)
    if len(division) >= 12:
        return
    listed = places[False].divisions
    if len(division) >= 9:
        yield from (line(code, name, 2, places) for code, name in listed.items())
        return
    for street, name in streets[False].divisions.items():
        yield line(street, name, 1, streets)
        yield from (line(code, place, 2, places) for code, place in listed.items() if code.startswith(street))


def _value(column: Column, code: str, read: Read) -> Value:
    found = read[column.cumulative].values[column.indicator, code]
    return in_yuan(found) if column.money and found is not None else found


def in_yuan(fen: int) -> Decimal:
    """An amount in fen as yuan with two decimals."""
    return Decimal(fen).scaleb(-2)


def check_totals(columns: tuple[Column, ...], lines: tuple[Line, ...]) -> None:
    """Raise Conflict where a total is not the sum of its parts: such a table must not leave the house."""
    whole = lines[0]
    levels = sorted({line.level for line in lines})
    for place, column in enumerate(columns):
        if not column.additive:
            continue
        for level in levels[1:]:
            total = sum(line.values[place] or 0 for line in lines if line.level == level)
            if total != whole.values[place]:
                raise _wrong(column, whole, total, whole.values[place])
        for street in (line for line in lines if line.level == 1):
            below = [line for line in lines if line.level == 2 and line.code.startswith(street.code)]
            total = sum(line.values[place] or 0 for line in below)
            if total != street.values[place]:
                raise _wrong(column, street, total, street.values[place])


def _wrong(column: Column, line: Line, total: Value, value: Value) -> Conflict:
    return Conflict(
        f"统计表“{column.group} {column.title}”的{line.name}为 {value}，与下级之和 {total} 不符；"
        "请运行 minzheng projections verify 核对读模型。"
    )
