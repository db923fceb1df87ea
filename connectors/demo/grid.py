"""The grid system's files of the two pilot communities: grids, residents, incidents with their handling, visits."""

from collections.abc import Sequence
from datetime import date, timedelta

from connectors.demo.dice import Dice
from connectors.demo.feed import Books, Feed
from connectors.demo.figures import INCIDENTS, part
from connectors.demo.manifest import Dirt
from connectors.demo.names import phone
from connectors.demo.people import PILOT_GRIDS
from connectors.demo.residents import Resident
from connectors.demo.tables import Cell

SOURCE = "grid"
_GRIDS = 4
"""Grids of each of the two."""
_PILOT, _LAST = date(2014, 3, 1), date(2015, 12, 15)
_KINDS = (
    ("困难求助", "独居老人求助，需上门了解"),
    ("老人安全", "老人在家中摔倒，已联系家属"),
    ("矛盾纠纷", "邻里因噪声发生争执"),
    ("消防安全", "楼道堆放杂物"),
    ("环境卫生", "垃圾未及时清运"),
    ("设施故障", "路灯不亮"),
)
_SENSITIVE = ("社区矫正", "吸毒人员")


def write_grid(books: Books, known: Sequence[Resident]) -> None:
    """Write all five kinds of files."""
    dice = Dice(books.manifest.seed, 47)
    people = [r for r in known if r.place.code in PILOT_GRIDS]
    _write_grids(books)
    _write_residents(books, dice, [r for r in people if r.died_on is None or r.died_on > _PILOT])
    _write_incidents(books, dice)
    _write_visits(books, dice, people)


def _grid_code(place: str, number: int) -> str:
    return f"{place}{number % _GRIDS + 1:03d}"


def _write_grids(books: Books) -> None:
    with books.feed("网格_20140301.csv", (SOURCE, "grids"), ("网格代码", "网格名称", "启用日期")) as feed:
        for place, short in zip(PILOT_GRIDS, ("北湾", "富横"), strict=True):
            for number in range(_GRIDS):
                feed.write([_grid_code(place, number), f"{short}第{number + 1}网格", _PILOT.isoformat()])


def _write_residents(books: Books, dice: Dice, people: Sequence[Resident]) -> None:
    headers = ("姓名", "公民身份号码", "所属街道", "所属社区", "网格代码", "重点类别", "居住类型", "更新时间")
    with books.feed("网格居民_20151215.csv", (SOURCE, "residents"), headers, encoding="gb18030") as feed:
        for number, person in enumerate(people):
            alone = len(person.home.members) == 1 and person.birth_on < date(1956, 1, 1)
            old = all(member.birth_on < date(1956, 1, 1) for member in person.home.members)
            tag = "独居老人" if alone else "空巢老人" if old else ""
            dirt = feed.due(Dirt.SENSITIVE_TAG)
            if dirt is not None:
                tag = ",".join(filter(None, (tag, dice.pick(_SENSITIVE))))
            place = [person.place.street, person.place.short, _grid_code(person.place.code, number // 3)]
            tenure = "租赁" if person.home.number.startswith("L") else "自购"
            feed.copies([person.name, person.citizen_id, *place, tag, tenure, "2015-12-01"], dirt)


def _write_incidents(books: Books, dice: Dice) -> None:
    headers = (
        "事件编号", "事件名称", "事件描述", "事件类型", "事件分级", "发生日期", "发生地点", "坐标", "区划代码",
        "网格代码", "上报人", "联系电话", "数据来源", "处理状态",
    )  # fmt: skip
    handled: list[tuple[list[Cell], Dirt | None]] = []
    late: list[list[Cell]] = []
    count = part(INCIDENTS, books.manifest.persons, 60)
    with books.feed("网格事件_20151231.csv", (SOURCE, "incidents"), headers) as feed:
        for number in range(count):
            row = _incident(dice, number)
            if number >= count - 2:
                late.append(row)
            else:
                _put(feed, row)
            handled.extend(_handling(feed, dice, row, early=number >= count - 2))
    _write_handling(books, handled)
    with books.feed("网格事件_补报_20151231.csv", (SOURCE, "incidents"), headers) as feed:
        for row in late:
            feed.write(row)


def _incident(dice: Dice, number: int) -> list[Cell]:
    place = PILOT_GRIDS[number % 2]
    kind, text = dice.pick(_KINDS)
    day = dice.day(_PILOT, _LAST)
    point = f"113.1{dice.between(10000, 39999):05d},22.5{dice.between(50000, 79999):05d}"
    urgency = "紧急" if kind in ("老人安全", "消防安全") else "一般"
    where = f"样例路{dice.between(1, 200)}号"
    return [
        f"SJ{day:%Y%m}{number + 1:06d}", kind, text, kind, urgency, day.isoformat(), where, point, place,
        _grid_code(place, number // 2), "拟报者", phone(dice), dice.pick(("网格员", "居民", "12345热线")), "05",
    ]  # fmt: skip


def _put(feed: Feed, row: list[Cell]) -> None:
    feed.copies(row)
    if (dirt := feed.due(Dirt.SWAPPED_POINT)) is not None:
        lng, lat = str(row[7]).split(",")
        feed.write([f"{row[0]}X", *row[1:7], f"{lat},{lng}", *row[8:]], dirt)


def _handling(feed: Feed, dice: Dice, row: list[Cell], *, early: bool) -> list[tuple[list[Cell], Dirt | None]]:
    """One assignment, or a second one after the first was sent back."""
    day = date.fromisoformat(str(row[5]))
    done = min(day + timedelta(days=dice.between(0, 9)), date(2015, 12, 28))
    dirt = Dirt.HANDLING_EARLY if early else feed.due(Dirt.HANDLED_BEFORE, Dirt.UNKNOWN_INCIDENT)
    number = row[0]
    if dirt is Dirt.HANDLED_BEFORE:
        done = day - timedelta(days=20)
    entry: list[Cell] = [f"{number}-1", number, "社区工作站", day.isoformat(), done.isoformat(), "已上门处理", "05"]
    if dirt is not Dirt.UNKNOWN_INCIDENT:
        return [(entry, dirt)]
    return [(entry, None), ([f"{number}-9", f"{number}Z", *entry[2:]], dirt)]


def _write_handling(books: Books, handled: Sequence[tuple[list[Cell], Dirt | None]]) -> None:
    headers = ("处理编号", "事件编号", "处理单位", "派遣时间", "处理完成时间", "处理措施", "处理状态")
    with books.feed("网格事件处理_20151231.csv", (SOURCE, "handling"), headers) as feed:
        for row, dirt in handled:
            feed.write(row, dirt)


def _write_visits(books: Books, dice: Dice, people: Sequence[Resident]) -> None:
    """Elders of 80 and more who live alone are called on every quarter, others of 70 and more once a year."""
    headers = ("走访编号", "姓名", "公民身份号码", "走访日期", "走访结果", "走访内容")
    number = 0
    with books.feed("走访记录_2014-2015.csv", (SOURCE, "visits"), headers) as feed:
        for person in people:
            end = min(person.died_on or _LAST, _LAST)
            if person.birth_on >= date(1946, 1, 1) or end <= _PILOT:
                continue
            alone = len(person.home.members) == 1
            day, step = dice.day(_PILOT, date(2014, 5, 31)), 90 if alone and person.birth_on < date(1936, 1, 1) else 360
            while day < end:
                number += 1
                result = dice.pick(("正常", "正常", "正常", "不在家", "需帮助"))
                feed.write([f"ZF{number:06d}", person.name, person.citizen_id, day.isoformat(), result, "例行走访"])
                day += timedelta(days=step)
            if person.died_on is not None and feed.due(Dirt.MET_DEAD):
                number += 1
                day = min(person.died_on + timedelta(days=15), date(2015, 12, 20))
                row = [f"ZF{number:06d}", person.name, person.citizen_id, day.isoformat(), "正常", "例行走访"]
                feed.write(row, Dirt.MET_DEAD)
