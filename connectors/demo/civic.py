"""The disclosure platform's file: what every village and community posted for each quarter."""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta

from connectors.demo.dice import Dice
from connectors.demo.feed import Books
from connectors.demo.manifest import Dirt
from connectors.demo.residents import Place
from connectors.demo.tables import Cell

SOURCE = "civic"
_TOPICS = (("财务收支", 2011), ("救灾救助", 2013), ("协助政府工作", 2014))
"""Topic as that platform writes it, and its first year there."""


def write_civic(books: Books, places: Sequence[Place]) -> None:
    """Write the postings up to the third quarter of 2015; the fourth is not over."""
    dice = Dice(books.manifest.seed, 61)
    headers = ("公开事项", "公开期间", "公布日期", "公布地点", "内容摘要", "所属街道", "村/社区")
    with books.feed("村务公开_20151231.csv", (SOURCE, "disclosures"), headers, encoding="gb18030") as feed:
        for year in range(2011, 2016):
            for quarter in range(1, 4 if year == 2015 else 5):
                for place in places:
                    for topic, since in _TOPICS:
                        if year >= since:
                            dirt = feed.due(Dirt.POSTED_LATE)
                            feed.copies(_posting(dice, place, topic, (year, quarter), late=dirt is not None), dirt)
        row = _posting(dice, places[0], "村歌比赛", (2015, 3), late=False)
        feed.write(row, Dirt.UNKNOWN_TOPIC)


def _posting(dice: Dice, place: Place, topic: str, when: tuple[int, int], *, late: bool) -> list[Cell]:
    year, quarter = when
    after = date(year + quarter // 4, quarter * 3 % 12 + 1, 1)
    posted = after + timedelta(days=dice.between(25, 60) if late else dice.between(1, 7))
    spot = "村务公开栏" if not place.urban else "居务公开栏"
    # The platform's own digests are SM3; any 64 digits stand for one here.
    digest = hashlib.sha256(f"{place.code}{topic}{when}".encode()).hexdigest()
    return [topic, f"{year}年第{quarter}季度", posted.isoformat(), spot, digest, place.street, place.name]
