"""What a notice says: the decision, its facts and law, the amount in figures and capitals, remedies, who to ask.

Nothing else stands in it: no number of an identity card, no address, no account, nobody's illness. The text follows
from the case as of the event alone. A wording that was used is never changed: a new one is a new template.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, cast

from domain.assistance.capitals import capitals
from domain.assistance.case import Case
from domain.assistance.notices import Terms
from domain.assistance.sheets import Line, Place, Sheet, page, said_on
from domain.clock import first_day
from domain.codes import CloseReason, NoticeKind, Scheme, UrbanRural
from domain.formulas import Computed
from domain.kernel import Event

TEMPLATE = 1
"""The wording that new notices are issued in."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a notice is made of. `case` is as of `event`, the one the notice tells of."""

    kind: NoticeKind
    event: Event
    case: Case
    recipient: str
    notice_no: str
    issued_on: date
    terms: Terms


def letter(told: Told, template: int = TEMPLATE) -> Sheet:
    """The notice as a sheet, in the wording of its template."""
    return _TEMPLATES[template](told)


def letter_html(told: Told, template: int = TEMPLATE) -> str:
    """The notice as HTML: the same log gives the same text for ever."""
    return page(letter(told, template))


def hash_of(html: str) -> str:
    """The SHA-256 that a notice's event holds, hexadecimal."""
    return sha256(html.encode()).hexdigest()


def _first(told: Told) -> Sheet:
    terms = told.terms
    said = _SAID[told.kind](told)
    paragraphs = [*said, *_remedies(terms), f"咨询：{terms.contact}。"]
    body = (
        Line(f"{told.recipient}：", Place.LEFT),
        *(Line(text) for text in paragraphs),
        Line("", Place.RIGHT),
        Line(f"{terms.office}（印章）", Place.RIGHT),
        Line(_day(told.issued_on), Place.RIGHT),
    )
    return Sheet((terms.office, _title(told)), told.notice_no, body)


_SCHEMES = {
    Scheme.DIBAO: "最低生活保障",
    Scheme.TEKUN: "特困人员供养",
    Scheme.TEMP: "临时救助",
    Scheme.DIBAO_MARGIN: "最低生活保障边缘家庭认定",
    Scheme.RIGID_EXPENSE: "刚性支出困难家庭认定",
}
_REASONS = {
    CloseReason.INCOME_ABOVE: "收入超过标准",
    CloseReason.DECEASED: "保障对象死亡",
    CloseReason.MOVED_OUT: "迁出本区",
    CloseReason.VOLUNTARY: "自愿退出",
    CloseReason.TO_TEKUN: "转为特困供养",
    CloseReason.TO_DIBAO: "转为最低生活保障",
    CloseReason.EXPIRED: "期满",
    CloseReason.FRAUD: "骗取救助",
    CloseReason.OTHER: "不再符合条件",
}
"""As this wording calls them: labels on screens may change, letters may not."""
_TEMPLATES: Mapping[int, Callable[[Told], Sheet]] = {1: _first}


def _title(told: Told) -> str:
    scheme = _scheme(told)
    return {
        NoticeKind.ACCEPTANCE: f"{scheme}申请受理通知书",
        NoticeKind.SUPPLEMENT: f"{scheme}申请补正材料通知书",
        NoticeKind.REFUSAL: f"不予确认{scheme}通知书",
        NoticeKind.CONFIRMATION: f"确认{scheme}通知书",
        NoticeKind.CHANGE: f"变更{scheme}金额通知书",
        NoticeKind.STOP: f"停发{scheme}金通知书",
    }[told.kind]


def _accepted(told: Told) -> list[str]:
    event: Any = told.event
    return [
        f"{_asked(told)}，材料齐全，符合受理条件。依据{told.terms.basis}，"
        f"{_we(told)}于{_day(event.timestamp.date())}予以受理。",
        f"本申请至迟于{_day(event.due_on)}办结。需要你户补充材料的，等待补充的时间不计算在内；"
        "情况复杂依规定延长的，另行告知。办理中将入户核查并在村（社区）公示，请予配合。",
    ]


def _missing(told: Told) -> list[str]:
    event: Any = told.event
    waits = (
        "自本通知书制发之日起至材料补齐之日止，不计算办理期限。"
        if isinstance(told.event, Case.SupplementRequested)
        else "材料补齐后，依法受理。"
    )
    return [
        f"{_asked(told)}，经审查材料不齐全。依据{told.terms.basis}，现一次性告知需要补正的全部材料：",
        event.missing,
        f"请将上述材料送交{told.terms.office}。{waits}",
    ]


def _refused(told: Told) -> list[str]:
    event: Any = told.event
    return [
        f"{_asked(told)}，经调查、审核，决定不予确认。",
        f"理由：{_ended(event.reason)}{_income(told)}",
        f"依据：{told.terms.basis}。",
    ]


def _granted(told: Told) -> list[str]:
    event: Any = told.event
    case, start = told.case, _month(event.start_month)
    law = f"依据：{told.terms.basis}。{_income(told)}"
    if case.scheme is Scheme.TEMP:
        return [f"{_asked(told)}，经审核符合条件，决定给予一次性临时救助{_money(event.monthly_fen)}。", law]
    steps = "调查、审核、公示" if case.notice_to else "调查、审核"
    return [
        f"{_asked(told)}，经{steps}，符合条件，决定自{start}起给予{_scheme(told)}，"
        f"保障{len(case.member_ids)}人，每月{_money(event.monthly_fen)}。",
        law,
        "你户人口、收入、财产状况发生变化的，应当及时告知街道办事处；救助金额将随之核定。",
    ]


def _changed(told: Told) -> list[str]:
    event: Any = told.event
    why = event.cause if isinstance(told.event, Case.Recalculated) else event.reason
    start = _month(_month_text(event.from_on or event.timestamp.date()))
    return [
        f"你户{_scheme(told)}（个案编号：{told.case.case_no}）的金额，经重新核定，自{start}起由每月"
        f"{_figures(event.old_fen)}变更为每月{_money(event.new_fen)}，保障{len(told.case.member_ids)}人。",
        f"理由：{_ended(why)}",
        f"依据：{told.terms.basis}。",
    ]


def _stopped(told: Told) -> list[str]:
    event: Any = told.event
    case = told.case
    named = f"你户{_scheme(told)}（个案编号：{case.case_no}）"
    if isinstance(event, Case.Closed):
        last = f"最后发放月份为{_month(event.end_month)}" if event.end_month else "不再发放"
        said, why = f"{named}，经核定自{_day(event.from_on)}起停发，{last}。", _REASONS[event.reason]
    else:
        said, why = f"{named}，决定自{_day(event.from_on)}起停发，待复核后恢复发放或终止。", event.reason
    return [said, f"理由：{_ended(why)}", f"依据：{told.terms.basis}。"]


_SAID: Mapping[NoticeKind, Callable[[Told], list[str]]] = {
    NoticeKind.ACCEPTANCE: _accepted,
    NoticeKind.SUPPLEMENT: _missing,
    NoticeKind.REFUSAL: _refused,
    NoticeKind.CONFIRMATION: _granted,
    NoticeKind.CHANGE: _changed,
    NoticeKind.STOP: _stopped,
}


def _scheme(told: Told) -> str:
    return _SCHEMES[told.case.scheme]


def _asked(told: Told) -> str:
    case = told.case
    day = f"于{_day(case.applied_on)}" if case.applied_on else ""
    return f"你户{day}提出的{_scheme(told)}申请（个案编号：{case.case_no}）"


def _we(told: Told) -> str:
    return "本机关" if told.terms.office.endswith("局") else "本街道办事处"


def _income(told: Told) -> str:
    """What was verified, where the amount follows from it: for dibao, income against the standard that was applied."""
    case, computed = told.case, cast("Computed | None", getattr(told.event, "computed", None))
    if case.scheme is not Scheme.DIBAO or case.monthly_income_fen is None:
        return ""
    kind = "农村" if case.urban_rural is UrbanRural.RURAL else "城镇"
    against = ""
    if computed is not None and computed.parameters and computed.parameters[0].startswith("dibao.standard"):
        against = f"，{kind}保障标准为每人每月{_figures(computed.steps[0].value)}"
    return f"经核对，你户{len(case.member_ids)}人，月收入合计{_figures(case.monthly_income_fen)}{against}。"


def _remedies(terms: Terms) -> list[str]:
    if not terms.remedies:
        return []
    return [
        f"如不服本决定，依据{terms.remedies}，可以自收到本通知书之日起{terms.review_days}日内向{terms.review_organ}"
        f"申请行政复议（{terms.review_law}），也可以自收到本通知书之日起{terms.lawsuit_months}个月内"
        f"依法向人民法院提起行政诉讼（{terms.lawsuit_law}）。"
    ]


def _money(fen: int) -> str:
    return f"{_figures(fen)}（大写：{capitals(fen)}）"


def _figures(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}元"


def _ended(text: str) -> str:
    return text if text.endswith(("。", "！", "；")) else f"{text}。"


def _day(day: date) -> str:
    return said_on(day.year, day.month, day.day)


def _month(month: str) -> str:
    first = first_day(month)
    return f"{first.year}年{first.month}月"


def _month_text(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"
