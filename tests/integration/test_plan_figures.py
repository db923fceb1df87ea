"""The plan's figures of care, relief and oversight on a random district, held against a recount of the log's events."""

from collections import Counter
from datetime import date

from domain.kernel import Aggregate
from domain.registry import Person
from infra.log import PostgresLog
from tests.fixtures import story as telling
from tests.fixtures.api import actor
from tests.fixtures.story import Story
from tests.integration.plan_figures_district import PLACES, Making
from tests.integration.plan_figures_recount import BY_NAME, Recount
from tests.integration.projections_support import CLERK

village = telling.village

FIGURES = """query F($names: [String!], $period: String!, $division: String, $parts: Breakdown, $at: Position,
    $least: Position) { indicators(names: $names, period: $period, division: $division, by: $parts, atPosition: $at,
    minPosition: $least) { name value divisionCode planValue target position } }"""


async def test_every_figure_is_what_the_log_says(village: Story, log: PostgresLog) -> None:
    story, made = village, Making(11)
    story.on("2016-12-30")
    people: list[Person] = []
    marks: list[int] = []
    for year in (2014, 2015):
        new = [made.person(year) for _ in range(40)]
        people += new
        batches: list[list[Aggregate]] = [list(new), *(made.facility(year) for _ in range(30))]
        batches += [made.cared(each, year) for each in new]
        batches += [made.disaster(new, year), made.disaster(new, year), made.watched(new[:12], year)]
        for batch in batches:
            story.position = (await story.store.save(batch, CLERK)).last
        marks.append(story.position)
    rows = await log.read(0, 10_000_000)
    await story.store.keyring.preload(story.store.codec.holders(rows))
    events = [(story.store.codec.decode(row), row) for row in rows]
    seen = Counter[str]()
    for period, begins, last, at in (
        ("2015", date(2015, 1, 1), date(2015, 12, 31), marks[1]),
        ("2014", date(2014, 1, 1), date(2014, 12, 31), marks[1]),
        ("2014", date(2014, 1, 1), date(2014, 12, 31), marks[0]),
        ("2015", date(2015, 1, 1), date(2015, 12, 31), marks[0]),
        ("2015-04/2015-09", date(2015, 4, 1), date(2015, 9, 30), marks[1]),
    ):
        told = Recount([(event, "") for event, row in events if row.position <= at], begins, last)
        given = {"names": list(BY_NAME), "period": period, "least": story.position}
        for by, when in ((None, at), ("STREET", at), ("COMMUNITY", at), *([(None, None)] if at == marks[1] else [])):
            found = await story.ask.data(FIGURES, actor("auditor"), parts=by, at=when, **given)
            codes = {row["divisionCode"] for row in found["indicators"]}
            assert codes >= ({"440704"} if by is None else {place[: 9 if by == "STREET" else 12] for place in PLACES})
            for row in found["indicators"]:
                code = row["divisionCode"]
                if by is not None and len(code) < (9 if by == "STREET" else 12):
                    continue  # what is in no part
                assert row["value"] == told.value(row["name"], code), (row, period, at)
                seen[row["name"]] += bool(row["value"])
    await _who_counts_what(story)
    assert set(BY_NAME) - set(seen) == set()
    assert [name for name, many in seen.items() if not many] == []


async def _who_counts_what(story: Story) -> None:
    """A street counts what the district counts of it; whoever plans beds counts the old, but no children's services."""
    given = {"period": "2015", "least": story.position}
    names = list(BY_NAME)
    whole = await story.ask.data(FIGURES, actor("auditor"), names=names, parts="STREET", **given)
    for street in ("440704001", "440704004"):
        own = await story.ask.data(FIGURES, actor("street_officer", street), names=names, **given)
        assert own["indicators"] == [row for row in whole["indicators"] if row["divisionCode"] == street]
    money = actor("finance_officer")
    old = await story.ask.data(FIGURES, money, names=["elderly_actual", "beds_per_1000_actual"], **given)
    assert all(row["value"] for row in old["indicators"])
    assert await story.ask.codes(FIGURES, money, names=["child_rehab_times"], **given) == ["FORBIDDEN"]
    assert await story.ask.codes(FIGURES, actor("grid_worker"), names=["beds"], **given) == ["FORBIDDEN"]
