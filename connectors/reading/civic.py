"""What rows of the disclosure platform say."""

import re

from connectors.facts import DisclosureFact
from connectors.reading.demand import Values, demand
from connectors.reading.places import division_of
from connectors.reading.rows import Kind, Reason, RowFault
from domain.civic.disclosure import Span
from domain.codes import DisclosureTopic
from domain.errors import BadInput

_HASH = re.compile(r"[0-9a-f]{64}")
_QUARTER = re.compile(r"(\d{4})年?第?([1-4一二三四])季度?")
_MONTH = re.compile(r"(\d{4})[年/.]?(\d{1,2})月?")
_NUMERALS = {"一": "1", "二": "2", "三": "3", "四": "4"}


def disclosure_fact(values: Values) -> DisclosureFact:
    """One posting; quarters and months are taken as people write them."""
    topic = DisclosureTopic(demand(values, "topic"))
    digest = demand(values, "content_hash").lower()
    if not _HASH.fullmatch(digest):
        raise RowFault(Reason.UNREADABLE, "应为 64 位十六进制的摘要。", ("content_hash",))
    division = division_of(values)
    if len(division) != 12:
        raise RowFault(Reason.UNREADABLE, "应写明村（社区）。", ("community", "division_code"))
    return DisclosureFact(
        on=values.get("on"),
        division_code=division,
        topic=topic,
        period=_period(demand(values, "period")),
        posted_on=demand(values, "posted_on"),
        place=values.get("spot") or "村（居）务公开平台",
        content_hash=digest,
    )


def _period(text: str) -> str:
    plain = text.strip().replace(" ", "")
    if found := _QUARTER.fullmatch(plain):
        plain = f"{found[1]}-Q{_NUMERALS.get(found[2], found[2])}"
    elif found := _MONTH.fullmatch(plain):
        plain = f"{found[1]}-{int(found[2]):02d}"
    try:
        return Span.parse(plain).text
    except BadInput:
        raise RowFault(Reason.UNREADABLE, "应为季度或月份，例如 2015-Q4 或 2015-12。", ("period",)) from None


KINDS = {"disclosures": Kind(disclosure_fact)}
