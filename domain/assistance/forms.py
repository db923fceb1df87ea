"""Sheets that are printed and filled in or hung out: visit form, proof of service, the two public notices.

What hangs on a notice board shows the head's name, the village, the number of persons and the amount, and nothing else
(社会救助暂行办法 art. 61; 个人信息保护法 art. 28): no number, telephone, address or account, no illness, no child.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.assistance.sheets import Grid, Line, Place, Sheet, said_on
from domain.codes import Scheme

_LEAST_MEMBERS = 5
_BOX = "□"
_FORM = "社会救助家庭入户核查表"


@dataclass(frozen=True, slots=True)
class Visited:
    """What is known of a household before a visit; every field may be empty, to be filled in by hand.

    `members` are (name, relation, age) texts.
    """

    case_no: str = ""
    scheme: str = ""
    applicant: str = ""
    address: str = ""
    village: str = ""
    members: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of a public notice; `amount` in fen, None where none is known yet."""

    head: str
    village: str
    persons: int
    amount_fen: int | None


def visit_form(office: str, known: Visited) -> Sheet:
    """The form that visitors take along (入户核查表), two or more of them."""
    members = [("姓名", "与户主关系", "年龄", "身体状况", "就业及月收入", "备注")]
    members += [(*member, "", "", "") for member in known.members]
    members += [("",) * 6] * max(0, _LEAST_MEMBERS - len(known.members))
    seen = [("核查项目", "申报情况", "入户所见")]
    seen += [(item, "", "") for item in _ITEMS]
    body = (
        Grid((("个案编号", known.case_no, "救助类别", known.scheme),), (16, 40, 16, 28), 8),
        Grid((("申请人", known.applicant, "联系电话", ""),), (16, 40, 16, 28), 8),
        Grid((("村（社区）", known.village), ("住址", known.address)), (16, 84), 8),
        Line("一、家庭成员", Place.LEFT),
        Grid(tuple(members), (16, 18, 10, 18, 24, 14), 7, head=True),
        Line("二、核查情况", Place.LEFT),
        Grid(tuple(seen), (33, 28, 39), 8, head=True),
        Line("三、核查结论", Place.LEFT),
        Grid(((f"{_BOX} 与申报一致　　{_BOX} 与申报不一致　　{_BOX} 未能入户",), ("说明：",)), (100,), 10),
        Grid(
            (
                ("核查人签名（不少于两人）", "", "核查日期", ""),
                ("被核查人签名", "", "在场见证人", ""),
            ),
            (26, 30, 18, 26),
            12,
        ),
        Line("核查时应出示证件。本表含个人信息，只用于本次救助核查，办毕归入个案档案，不得复制、外传。", Place.SMALL),
    )
    return Sheet((office, _FORM) if office else (_FORM,), "", body, dense=True)


_ITEMS = (
    "住房（面积、结构、权属）",
    "车辆、大型农机具",
    "家电及大件物品",
    "就业及收入",
    "赡养、抚养、扶养",
    "重病、残疾",
    "就学",
    "其他大额收支",
)


def proof_of_service(office: str, notice: str, notice_no: str, recipient: str) -> Sheet:
    """The slip that is signed on service (送达回证) and then scanned as a paper of the case."""
    methods = f"{_BOX} 直接送达　{_BOX} 留置送达　{_BOX} 邮寄送达　{_BOX} 公告送达"
    rows = (
        ("送达文书", f"{notice}　{notice_no}"),
        ("受送达人", recipient),
        ("送达方式", methods),
        ("送达地点", ""),
        ("收到日期", "　　　　年　　　月　　　日"),
        ("受送达人签名", ""),
        ("代收人签名及代收理由", ""),
        ("送达人签名", ""),
        ("见证人签名（留置送达）", ""),
        ("备注", ""),
    )
    return Sheet((office, "送达回证"), "", (Grid(rows, (30, 70), 15),), dense=True)


def first_notice(
    office: str, scheme: Scheme, shown: Sequence[Shown], *, notice_no: str, from_on: date, to_on: date, contact: str
) -> Sheet:
    """The street's opinion before a decision (公示), to be taken down when its days have run."""
    amount = "拟救助金额（元）" if scheme is Scheme.TEMP else "拟每月金额（元）"
    text = (
        f"经入户核查、审核，拟对下列家庭给予{scheme.label}，现予公示。公示期自{_day(from_on)}至{_day(to_on)}。"
        "对公示内容有异议的，请在公示期内反映，反映人的信息予以保密。"
    )
    return _board(office, f"{scheme.label}拟确认对象公示", notice_no, text, shown, amount, contact, from_on)


def second_notice(
    office: str, scheme: Scheme, shown: Sequence[Shown], *, notice_no: str, on: date, contact: str
) -> Sheet:
    """Who is assisted, with which amount, for as long as it is paid (长期公示)."""
    amount = "救助金额（元）" if scheme is Scheme.TEMP else "每月金额（元）"
    text = f"下列家庭已确认给予{scheme.label}，现予公布，接受社会监督。"
    return _board(office, f"{scheme.label}对象公布", notice_no, text, shown, amount, contact, on)


def _board(
    office: str, title: str, notice_no: str, text: str, shown: Sequence[Shown], amount: str, contact: str, on: date
) -> Sheet:
    rows = [("序号", "姓名", "村（社区）", "人数", amount)]
    rows += [
        (str(place), each.head, each.village, str(each.persons), _yuan(each.amount_fen))
        for place, each in enumerate(shown, 1)
    ]
    body = (
        Line(text),
        Grid(tuple(rows), (10, 22, 32, 12, 24), 10, head=True),
        Line(f"监督、咨询：{contact}。"),
        Line("", Place.RIGHT),
        Line(f"{office}（印章）", Place.RIGHT),
        Line(_day(on), Place.RIGHT),
    )
    return Sheet((office, title), notice_no, body)


def _yuan(fen: int | None) -> str:
    return "" if fen is None else f"{fen // 100:,}.{fen % 100:02d}"


def _day(day: date) -> str:
    return said_on(day.year, day.month, day.day)
