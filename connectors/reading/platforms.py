"""What rows of platforms' answers say."""

import re
from uuid import UUID

from connectors.facts import PlatformAnswerFact
from connectors.reading.demand import Values, demand
from connectors.reading.rows import Kind, Reason, RowFault
from domain.codes import PlatformOutcome, PlatformReason

_MESSAGE = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@(\d{1,9})", re.IGNORECASE)
_REASONS: tuple[tuple[str, PlatformReason], ...] = (
    ("重复|已存在|duplicate", PlatformReason.DUPLICATE),
    ("查无|不存在|未找到|unknown|not found", PlatformReason.UNKNOWN_PERSON),
    ("身份证|号码|姓名|identity", PlatformReason.IDENTITY),
    ("区划|辖区|division", PlatformReason.DIVISION),
    ("金额|amount", PlatformReason.AMOUNT),
    ("为空|必填|缺少字段|missing", PlatformReason.MISSING),
    ("前一条|顺序|乱序|order", PlatformReason.ORDER),
    ("格式|代码|类型|format|schema|invalid", PlatformReason.FORMAT),
)
"""By which words a platform's own sentence is of which kind, the first that fits."""


def answer_fact(values: Values) -> PlatformAnswerFact:
    """One answer; of the platform's own words only the kind of reason goes on, since they may name people."""
    named = _MESSAGE.fullmatch(demand(values, "message").strip())
    if named is None:
        raise RowFault(Reason.UNREADABLE, "应为消息的 id：流标识@版本。", ("message",))
    return PlatformAnswerFact(
        on=values.get("on"),
        platform=demand(values, "platform"),
        stream=UUID(named[1]),
        version=int(named[2]),
        outcome=PlatformOutcome(demand(values, "outcome")),
        reason=_reason(values.get("reason") or ""),
    )


def _reason(text: str) -> PlatformReason:
    for member in PlatformReason:
        if text.strip() in (member.value, member.label):
            return member
    return next((reason for words, reason in _REASONS if re.search(words, text, re.IGNORECASE)), PlatformReason.OTHER)


KINDS = {"answers": Kind(answer_fact)}
