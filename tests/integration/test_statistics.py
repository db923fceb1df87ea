"""Indicators of an imported district, held against figures computed from the log without any read model."""

import asyncio
import random
from collections import Counter
from typing import Any

import pytest

from api.graphql.indicators import INDICATORS as ALL_INDICATORS
from domain.access import Actor, RoleCode
from domain.assistance.indicators import INDICATORS, PAID_SCHEMES
from domain.clock import first_day, next_month
from domain.codes import CaseState
from domain.indicators import last_day
from tests.fixtures import demo as district
from tests.fixtures.api import Asking, actor
from tests.fixtures.demo import Imported
from tests.fixtures.figures import everything, of_month

imported, demo = district.imported, district.demo

FIGURES = """query Figures($names: [String!], $period: String!, $division: String, $parts: Breakdown, $at: Position) {
    indicators(names: $names, period: $period, division: $division, by: $parts, atPosition: $at) {
        name value divisionCode divisionName unit populationBasis position } }"""
ADDITIVE = [indicator.name for indicator in INDICATORS if indicator.additive]
Counts = dict[str, Counter[str]]


async def figures(ask: Asking, period: str, by: Actor | None = None, **given: Any) -> dict[tuple[str, str], int | None]:
    """Value by indicator and division."""
    found = await ask.data(FIGURES, by or actor("auditor"), period=period, **given)
    return {(row["name"], row["divisionCode"]): row["value"] for row in found["indicators"]}


@pytest.fixture(scope="module")
def told(imported: Imported) -> Any:
    """What the log itself says, once for the module."""
    return asyncio.run(everything(imported))


async def test_every_month_is_what_the_log_says(demo: Asking, told: Any) -> None:
    names = {
        *(f"dibao_{what}{kind}" for what in ("households", "persons") for kind in ("", "_urban", "_rural")),
        *("tekun_households", "tekun_persons", "temp_times"),
        *(
            f"{scheme.value.lower()}_{what}_fen"
            for scheme in PAID_SCHEMES
            for what in ("due", "paid", "returned", "issued_for", "returned_for")
        ),
    }
    month, seen = "2011-01", 0
    while month <= "2015-12":
        found = await figures(demo, month, names=sorted(names))
        expected = of_month(month, told)
        assert {name: value for (name, _), value in found.items()} == {name: expected[name] for name in names}, month
        seen += expected["dibao_persons"]
        month = next_month(month)
    assert seen > 3_000


async def test_the_year_has_the_figures_of_the_demo(demo: Asking, imported: Imported) -> None:
    totals = imported.manifest.totals
    year = {name: value for (name, _), value in (await figures(demo, "2015")).items()}
    for kind, target in (("urban", 38_400), ("rural", 18_600)):
        # A few amounts that are wrong on purpose move so small a district's mean by less than a hundredth.
        assert target * 0.99 <= (year[f"dibao_avg_gap_{kind}"] or 0) < target + 700
    assert year["dibao_removed_persons"] == totals["removed_2015"]
    assert year["dibao_removal_rate"] is None  # the demo records no visits to divide by
    months = [f"2015-{n:02d}" for n in range(1, 13)]
    parts = [await figures(demo, month) for month in months]
    district = "440704"
    for name in ("dibao_new_persons", "dibao_closed_households", "dibao_net_fen", "temp_times", "tekun_due_fen"):
        assert year[name] == sum(part[name, district] or 0 for part in parts), name
    assert year["dibao_persons"] == parts[-1]["dibao_persons", district]


async def test_who_was_there_who_came_and_who_left_add_up(demo: Asking, told: Any) -> None:
    names = ["dibao_households", "dibao_new_households", "dibao_closed_households"]
    before = await figures(demo, "2014-06", names=names)
    for month in ("2014-07", "2014-08", "2014-09", "2014-10"):
        now = await figures(demo, month, names=names)
        there, came, left = (now[name, "440704"] or 0 for name in names)
        assert there == (before["dibao_households", "440704"] or 0) + came - left, month
        before = now
    assert any(case.state is CaseState.CLOSED for case in told[0])


async def test_parts_add_up_and_each_sees_the_same_of_its_own(demo: Asking) -> None:
    choose = random.Random(4)
    for period in ("2015", *(f"201{choose.randrange(1, 6)}-{choose.randrange(1, 13):02d}" for _ in range(4))):
        whole = await figures(demo, period)
        streets = await figures(demo, period, parts="STREET")
        places = await figures(demo, period, parts="COMMUNITY")
        assert {code for _, code in streets} == {"440704001", "440704004", "440704005"}
        assert len({code for _, code in places}) == 63
        for name in ADDITIVE:
            total = whole[name, "440704"]
            assert total == sum(v or 0 for (n, _), v in streets.items() if n == name), (name, period)
            assert total == sum(v or 0 for (n, _), v in places.items() if n == name), (name, period)
        street = choose.choice(sorted({code for _, code in streets}))
        own = await figures(demo, period, actor("street_officer", street))
        assert own == {key: value for key, value in streets.items() if key[1] == street}
        below = await figures(demo, period, actor("street_officer", street), parts="COMMUNITY")
        assert below == {key: value for key, value in places.items() if key[1].startswith(street)}
        place = choose.choice(sorted({code for _, code in below}))
        theirs = await figures(demo, period, actor("community_worker", place))
        seen = {name for name, _ in theirs}  # without what a community worker may not read
        assert {indicator.name for indicator in INDICATORS} < seen < {name for name, _ in places}
        assert theirs == {key: value for key, value in places.items() if key[1] == place and key[0] in seen}
        assert await figures(demo, period, actor("street_officer", street), division=place, parts="STREET") == {
            key: value for key, value in places.items() if key[1] == place
        }


async def test_nobody_counts_beyond_their_division_or_area(demo: Asking) -> None:
    asked = {"period": "2015-06", "names": ["dibao_households"]}
    officer = actor("street_officer", "440704001")
    assert await demo.codes(FIGURES, officer, division="440704", **asked) == ["NOT_FOUND"]
    assert await demo.codes(FIGURES, officer, division="440704004", **asked) == ["NOT_FOUND"]
    assert await demo.codes(FIGURES, actor("grid_worker", "440704001"), **asked) == ["FORBIDDEN"]
    assert await demo.codes(FIGURES, actor("district_clerk", department="health"), **asked) == ["FORBIDDEN"]
    elsewhere = await figures(demo, "2015-06", Actor("邻区", RoleCode.DISTRICT_CLERK, "440703"), names=ADDITIVE)
    assert set(elsewhere.values()) == {0}


async def test_what_can_not_be_counted_is_refused(demo: Asking) -> None:
    for given, text in (
        ({"period": "2015-13"}, "2015-13"),
        ({"period": "15"}, "应为年或月"),
        ({"period": "2999"}, "尚未开始"),
        ({"period": "2015", "names": ["households"]}, "没有指标"),
        ({"period": "2015", "division": "x"}, "区划代码"),
        ({"period": "2015", "at": 10_000_000}, "日志还没有"),
    ):
        (error,) = (await demo(FIGURES, actor("auditor"), **given))["errors"]
        assert (error["extensions"]["code"], text in error["message"]) == ("BAD_USER_INPUT", True), error
    many = " ".join(f'f{n}: indicators(period: "2015") {{ value }}' for n in range(13))
    assert await demo.codes(f"{{ {many} }}", actor("auditor")) == ["TOO_COMPLEX"]


async def test_definitions_say_what_is_counted(demo: Asking) -> None:
    query = "{ indicatorDefinitions { name label unit unitLabel populationBasis formula source additive target } }"
    found = (await demo.data(query))["indicatorDefinitions"]
    assert [each["name"] for each in found] == [indicator.name for indicator in ALL_INDICATORS]
    assert all(each["formula"] and each["source"] and each["label"] for each in found)
    assert {each["name"]: each["target"] for each in found if each["target"] and "dibao_avg" in each["name"]} == {
        "dibao_avg_gap_urban": 38_400,
        "dibao_avg_gap_rural": 18_600,
    }


def test_months_have_their_days() -> None:
    assert (first_day("2016-02"), last_day("2016-02").isoformat()) == (first_day("2016-02"), "2016-02-29")
    assert last_day("2015-12").isoformat() == "2015-12-31"
