"""The relief office's files: slips of the warehouse, disaster statistics by street, winter and spring lists.

The disasters are invented. The plan's two years without casualties are 2014 and 2015; nobody dies in the others either.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from connectors.demo.dice import Dice
from connectors.demo.feed import Books, Feed
from connectors.demo.figures import DISTRICT, WINTER_YUAN, part
from connectors.demo.manifest import Dirt
from connectors.demo.residents import Resident
from connectors.demo.tables import Cell
from connectors.demo.welfare import Case
from domain.codes import ReliefItem, Scheme
from domain.parameters import official_parameters

SOURCE = "relief"
_WAREHOUSE = "江海区救灾物资样例仓库"
_STOCK: tuple[tuple[ReliefItem, int, int], ...] = (
    (ReliefItem.TENT, 90, 1000), (ReliefItem.FOLDING_BED, 320, 120), (ReliefItem.QUILT, 420, 160),
    (ReliefItem.PADDED_CLOTHES, 330, 100), (ReliefItem.BLANKET, 360, 80), (ReliefItem.TOWEL_QUILT, 200, 50),
    (ReliefItem.SLEEPING_BAG, 120, 90), (ReliefItem.MAT, 330, 40), (ReliefItem.MOSQUITO_NET, 200, 30),
    (ReliefItem.TOWEL, 500, 8), (ReliefItem.RAINCOAT, 260, 45), (ReliefItem.RAIN_BOOTS, 220, 40),
    (ReliefItem.FLASHLIGHT, 180, 35), (ReliefItem.LAMP, 60, 180), (ReliefItem.GENERATOR, 6, 4800),
    (ReliefItem.LIFE_JACKET, 150, 90), (ReliefItem.LIFEBUOY, 60, 60), (ReliefItem.BOAT, 3, 9500),
    (ReliefItem.TARPAULIN, 80, 60), (ReliefItem.WATER, 320, 24), (ReliefItem.INSTANT_FOOD, 300, 40),
    (ReliefItem.COOKING_SET, 30, 150), (ReliefItem.FIRST_AID_KIT, 40, 120),
)  # fmt: skip
"""Item, pieces, yuan a piece: 23 kinds, above 4,000 pieces, about the plan's 450,000 yuan."""
_DISASTERS = (
    ("样例一号台风", "台风", date(2011, 8, 2)),
    ("2012年演示暴雨", "暴雨", date(2012, 5, 20)),
    ("样例二号台风", "台风", date(2013, 7, 9)),
    ("2014年演示内涝", "内涝", date(2014, 6, 17)),
    ("样例三号台风", "台风", date(2015, 10, 4)),
)
_DEAD = "dead"
"""Marks a list that has helped one dead person already."""
_STREETS = (("440704001", 90), ("440704004", 150), ("440704005", 120))


def write_relief(books: Books, cases: Sequence[Case]) -> None:
    """Write slips, statistics and lists."""
    dice = Dice(books.manifest.seed, 53)
    _write_stock(books, dice)
    _write_reports(books, dice)
    _write_winters(books, dice, cases)


def _write_stock(books: Books, dice: Dice) -> None:
    """An opening balance, what the disasters used, and what was bought again to the same number of pieces."""
    headers = ("单据号", "仓库", "物资名称", "出入库", "数量", "单价", "来源", "日期")
    with books.feed("救灾物资出入库_2011-2015.xlsx", (SOURCE, "stock"), headers, title="救灾物资出入库登记") as feed:
        for number, (item, count, yuan) in enumerate(_STOCK):
            row: list[Cell] = [f"RK2011{number + 1:04d}", _WAREHOUSE, item.label, "入库", count, yuan]
            feed.write([*row, "期初结存", date(2011, 1, 4)])
        for title, _, day in _DISASTERS:
            for item, count, yuan in _used(dice):
                used = max(1, count // dice.between(6, 12))
                slip = f"{day:%Y%m}{item.value[:6].upper()}"
                out = day + timedelta(days=1)
                feed.write([f"CK{slip}", _WAREHOUSE, item.label, "出库", used, "", title, out])
                bought = day + timedelta(days=60)
                feed.write([f"RK{slip}", _WAREHOUSE, item.label, "入库", used, yuan, "采购", bought])
        row = ["CK201512BOAT", _WAREHOUSE, ReliefItem.BOAT.label, "出库", 5, "", "领用", date(2015, 12, 20)]
        feed.write(row, Dirt.OVERDRAWN)
        bought_on = date(2015, 12, 22)
        row = ["RK201512BOAT", _WAREHOUSE, ReliefItem.BOAT.label, "入库", 5, 9500, "采购", bought_on]
        feed.write(row)
        row = ["RK201512NEW", _WAREHOUSE, "无人机探照设备", "入库", 1, 8000, "采购", bought_on]
        feed.write(row, Dirt.UNKNOWN_ITEM)


def _used(dice: Dice) -> list[tuple[ReliefItem, int, int]]:
    """What one disaster uses: two thirds of the kinds."""
    return [entry for entry in _STOCK if entry[0] is not ReliefItem.BOAT and dice.chance(0.66)]


def _write_reports(books: Books, dice: Dice) -> None:
    headers = (
        "灾害名称", "灾害种类", "灾害发生时间", "行政区划代码", "报告阶段", "数据截止时间", "受灾人口",
        "紧急转移安置人口", "需紧急生活救助人口", "因灾死亡人口", "因灾伤病人口", "倒塌房屋间数", "一般损坏房屋间数",
        "直接经济损失",
    )  # fmt: skip
    with books.feed("灾情统计_2011-2015.csv", (SOURCE, "reports"), headers) as feed:
        for title, kind, day in _DISASTERS:
            for street, size in _STREETS:
                affected = dice.between(size // 2, size)
                for step, stage in enumerate(("初报", "续报", "核报")):
                    affected += dice.between(0, 20)
                    away, poor = affected // 4, affected // 8
                    dirt = None
                    if step == 1 and street == "440704005" and day.year in (2012, 2015):
                        dirt, away = Dirt.REPORT_IMPOSSIBLE, affected + 30
                    on = (day + timedelta(days=step * 2)).isoformat()
                    figures = [affected, away, poor, 0, 0, 0 if day.year > 2013 else 1, affected // 30, affected * 900]
                    feed.write([title, kind, day.isoformat(), street, stage, on, *figures], dirt)


def _write_winters(books: Books, dice: Dice, cases: Sequence[Case]) -> None:
    """Lists of 2014 and 2015 together come to the plan's living aid; those before are smaller."""
    each = official_parameters().value("relief.winter_spring.person", DISTRICT, date(2015, 12, 1)) // 100
    money = part(WINTER_YUAN, books.manifest.persons, 12 * each)
    homes = [case for case in cases if case.scheme is Scheme.DIBAO and not case.home.place.urban]
    homes = homes or [case for case in cases if case.scheme is Scheme.DIBAO]
    headers = ("救助年度", "户主姓名", "身份证号", "地区", "救助人口", "困难情况", "救助金额", "发放日期", "资金来源")
    for season in range(2011, 2016):
        name = f"冬春救助_{season}.csv"
        left = money // 2 if season >= 2014 else money // 4
        dice.shuffle(homes)
        named: set[str] = set()
        with books.feed(name, (SOURCE, "winter"), headers) as feed:
            for case in homes:
                if left <= 0:
                    break
                left -= _help(feed, dice, season, case, each, named)


def _help(feed: Feed, dice: Dice, season: int, case: Case, each: int, named: set[str]) -> int:
    """One family's row, if it fits the season; returns yuan."""
    paid_on = dice.day(date(season, 12, 1), date(season, 12, 24))
    head, heads = case.head, len(case.family)
    dead = head.died_on is not None and head.died_on < paid_on
    listed_dead = dead and season == 2015 and _DEAD not in named
    on_dibao = not dead and case.start <= f"{season}-12" <= case.last
    if head.citizen_id in named or not (listed_dead or on_dibao):
        return 0
    dirt = Dirt.WINTER_DEAD if dead else feed.due(Dirt.WINTER_OFF)
    named |= {head.citizen_id, _DEAD} if dead else {head.citizen_id}
    amount = each * heads + (60 if dirt is Dirt.WINTER_OFF else 0)
    feed.copies(_winter_row(season, head, heads, amount, paid_on), dirt)
    return amount


def _winter_row(season: int, head: Resident, heads: int, amount: int, paid_on: date) -> list[Cell]:
    who = [f"{season}-{season + 1}年度", head.name, head.citizen_id, head.place.path]
    return [*who, heads, "冬春基本生活困难", amount, paid_on.isoformat(), "区级财政"]
