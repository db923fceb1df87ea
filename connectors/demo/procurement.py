"""The register of social organisations and the ledger of purchased services."""

from collections.abc import Sequence
from datetime import date, timedelta

from stdnum.cn import uscc

from connectors.demo.dice import Dice
from connectors.demo.feed import Books, Feed
from connectors.demo.figures import ORGANISATIONS, SOCIAL_WORKERS
from connectors.demo.manifest import Dirt
from connectors.demo.names import given_name, surname
from connectors.demo.tables import Cell
from domain.codes import Sex
from domain.procurement.credit_code import organisation_check_digit

SOURCE = "procurement"
_BODIES = ("晨光", "阳光", "同行", "互助", "和声", "远帆")
"""Social-work bodies contracted regularly; the plan names the first two. All but the last are local."""
_STREETS = ("江南街道", "外海街道", "礼乐街道")
_KINDS = (("社会团体", "51", "协会"), ("民办非企业单位", "52", "服务社"), ("基金会", "53", "基金会"))
_FIELDS = ("书画", "乒乓", "园艺", "养殖", "电商", "摄影", "武术", "助学", "敬老", "环保", "钓鱼", "龙舟")
_SERVICES = (
    ("HOME_CARE", "居家养老服务"),
    ("FAMILY_CENTRE", "家庭服务中心运营"),
    ("HOUSEHOLD_VISIT", "社会救助入户核查"),
    ("COMMUNITY_REHABILITATION", "社区康复服务"),
    ("HAPPINESS_HOME", "农村幸福院运营"),
    ("SOCIAL_WORK", "专业社会工作服务"),
)
_LEDGER = (
    "合同编号", "项目名称", "目录代码", "承接主体信用代码", "合同金额", "已付金额", "合同起始日期", "合同终止日期",
    "合同状态", "购买主体街道",
)  # fmt: skip
_REGISTER = (
    "社会组织名称", "统一社会信用代码", "社会组织类型", "成立登记日期", "法定代表人", "业务主管单位", "登记状态",
    "是否本地", "是否社工机构", "持证社工", "年检年度", "年检结论", "所属街道",
)  # fmt: skip


def credit_code(kind: str, number: int) -> str:
    """A right code whose area no place has; `number` makes it one of its kind."""
    body = f"99{number:06d}"
    first = f"{kind}990000{body}{organisation_check_digit(body)}"
    return first + str(uscc.calc_check_digit(first))


def write_procurement(books: Books) -> None:
    """Write the register, contracts, and the organisation that one contract comes before."""
    dice = Dice(books.manifest.seed, 59)
    codes = [credit_code("52", number) for number in range(1, len(_BODIES) + 1)]
    late, revoked = credit_code("52", 900), credit_code("51", 901)
    with books.feed("社会组织登记_20151130.xlsx", (SOURCE, "organisations"), _REGISTER) as feed:
        _write_register(feed, dice, codes, revoked)
    with books.feed("购买服务合同_20151201.csv", (SOURCE, "contracts"), _LEDGER) as feed:
        _write_contracts(feed, dice, codes, late, revoked)
    with books.feed("社会组织登记_补报_20151228.csv", (SOURCE, "organisations"), _REGISTER) as feed:
        row = _organisation(dice, "江海区演示新芽社会工作服务中心", late, 1, "外海街道")
        row[4], row[8] = "构新芽", "是"
        feed.write([cell.isoformat() if isinstance(cell, date) else cell for cell in row])


def _write_register(feed: Feed, dice: Dice, codes: Sequence[str], revoked: str) -> None:
    workers = SOCIAL_WORKERS
    for number, (name, code) in enumerate(zip(_BODIES, codes, strict=True)):
        row = _organisation(dice, f"江海区演示{name}社会工作服务中心", code, 1, _STREETS[number % 3])
        here = workers // (len(_BODIES) - number)
        workers -= here
        row[7], row[8], row[9] = "否" if name == _BODIES[-1] else "是", "是", here
        feed.write(row)
    row = _organisation(dice, "江海区虚构停办协会", revoked, 0, _STREETS[0])
    row[6], row[10], row[11] = "已撤销登记", "", ""
    feed.write(row)
    for number in range(ORGANISATIONS - len(_BODIES) - 2):  # the revoked one and a late one make up the number
        kind = 0 if number % 5 < 3 else 1 if number % 50 else 2
        field = _FIELDS[number % len(_FIELDS)]
        name = f"江海区样例{field}{number // len(_FIELDS) + 1}号{_KINDS[kind][2]}"
        row = _organisation(dice, name, credit_code(_KINDS[kind][1], number + 1_000), kind, _STREETS[number % 3])
        feed.copies(row)
    wrong = _organisation(
        dice, "江海区虚构误码协会", revoked[:-1] + ("0" if revoked[-1] != "0" else "1"), 0, _STREETS[1]
    )
    feed.write(wrong, Dirt.WRONG_CREDIT_CODE)


def _organisation(dice: Dice, name: str, code: str, kind: int, street: str) -> list[Cell]:
    sex = Sex.MALE if dice.chance(0.5) else Sex.FEMALE
    who, since = surname(dice) + given_name(dice, sex), dice.day(date(2003, 1, 1), date(2013, 12, 31))
    inspected = ["2014", dice.pick(("合格", "合格", "合格", "基本合格"))]
    return [name, code, _KINDS[kind][0], since, who, "江海区样例局", "年检合格", "是", "否", 0, *inspected, street]


def _write_contracts(feed: Feed, dice: Dice, codes: Sequence[str], late: str, revoked: str) -> None:
    number = 0
    for year in range(2012, 2016):
        for turn, code in enumerate(codes):
            number += 1
            item, title = _SERVICES[(turn + year) % len(_SERVICES)]
            amount = dice.between(8, 30) * 10_000
            over = year == 2015
            paid = amount * 6 // 10 if over else amount
            state = "履行中" if over else "已完成"
            start, end = date(year, 1, 1), date(year, 12, 31)
            dirt = None
            if (year, turn) == (2014, 2):
                dirt, paid = Dirt.CONTRACT_OVERPAID, amount + 5_000
            if (year, turn) == (2013, 4):
                dirt, end = Dirt.CONTRACT_TOO_LONG, start + timedelta(days=365 * 4)
            row = _contract(number, f"{year}年{_STREETS[turn % 3]}{title}", item, code, (amount, paid))
            feed.write([*row, start.isoformat(), end.isoformat(), state, _STREETS[turn % 3]], dirt)
    span = ["2015-03-01", "2016-02-28", "履行中", "外海街道"]
    row = _contract(number + 1, "2015年外海街道社区互助服务", "MUTUAL_HELP", late, (120_000, 60_000))
    feed.write([*row, *span], Dirt.CONTRACT_EARLY)
    row = _contract(number + 2, "2015年江南街道社区教育服务", "COMMUNITY_EDUCATION", revoked, (80_000, 20_000))
    feed.write([*row, *span[:3], "江南街道"], Dirt.CONTRACT_WITH_REVOKED)


def _contract(number: int, title: str, item: str, code: str, money: tuple[int, int]) -> list[Cell]:
    return [f"GM{number:05d}", title, item, code, *money]
