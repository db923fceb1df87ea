"""docs/indicators.md names every figure of the plan, as the code counts it, from events that there are."""

import re
from pathlib import Path

import pytest
from graphql import parse, validate

import domain.contexts  # noqa: F401 - imports every context
from api.graphql.indicators import _COUNTING, INDICATORS
from api.graphql.schema import build_schema
from domain.codes import IndicatorUnit, PopulationBasis
from domain.indicators import Indicator
from domain.kernel import event_classes
from domain.parameters import official_parameters
from projections.assistance import oversight
from projections.care import figures as care
from projections.relief import figures as relief

PAGE = (Path(__file__).parents[2] / "docs" / "indicators.md").read_text(encoding="utf-8")
TABLE, REST = PAGE.partition("## The table")[2].split("## Not to be determined")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TABLE.splitlines() if line.startswith("| ")][
    1:
]
BY_NAME = {indicator.name: indicator for indicator in INDICATORS}
KPI = (
    *("Beds", "Old-age allowance", "Elder cards", "Elder accident insurance", "its coverage", "Social organisations"),
    *("per 10,000 inhabitants", "Service suppliers", "of them local", "Fund", "its growth", "Divisions"),
    *("Stations in them", "Family centres", "Leader-merging", "Cross-membership", "Supervision committees"),
    *("Model units", "Cadre pay", "Social workers", "Dibao standard", "Average gap, towns", "Average gap, country"),
    *(
        "Medical ratio",
        "Medical assistance",
        "Medical assistance, person-times",
        "Hospitals in settlement",
        "Rehabilitation and care services",
        "Premiums of the disabled",
    ),
    *("Rescue rehabilitation, ages 0–6", "Samples", "no overlap", "100% in two years", "Visited", "Removed"),
    *(
        "Removal rate",
        "Improper grants",
        "Complaints",
        "Temporary assistance",
        "Temporary assistance, person-times",
        "Casualties",
        "Living aid",
    ),
    *("Housing aid", "Warehouse", "kinds", "items", "value", "people provided for", "Model communities completed"),
    *("titled nationally", "2020: home and day care", "2020: beds", "2020: relief"),
    *("2020: community facilities everywhere", "2020: volunteers rising yearly"),
)
"""Every figure that the plan states as a KPI and that can be counted."""
UNCOUNTED = (
    "3rd in the city",
    "Free schooling",
    "by kind",
    "municipal",
    "the injured",
    "covers all the actual population",
)


def test_every_figure_of_the_plan_has_a_row_of_its_own() -> None:
    rows = [row[0] for row in ROWS]
    assert len(set(rows)) == len(rows)
    assert set(KPI) <= set(rows)
    assert all(len(row) == 7 for row in ROWS)
    for text in UNCOUNTED:
        assert text in REST


def test_every_indicator_a_row_names_is_there_with_the_plans_value_and_target() -> None:
    named = {name for row in ROWS for name in re.findall(r"`([a-z_0-9]+)`", row[2])}
    assert named <= set(BY_NAME)
    assert {each.name for each in INDICATORS if each.plan_value is not None} <= named
    assert {each.name for each in INDICATORS if each.target is not None} <= named
    for row in ROWS:
        first = BY_NAME[re.findall(r"`(\w+)`", row[2])[0]]
        bases = {basis.strip() for basis in row[4].split(",")}
        assert first.basis in {PopulationBasis[basis.upper()] for basis in bases}, row[0]
        for shown, value in ((row[1], first.plan_value), (row[6], first.target)):
            if value:
                assert written(first, value) in shown.replace(",", ""), (row[0], shown, value)


def written(indicator: Indicator, value: int) -> str:
    """A value in people's units, as the page writes it."""
    match indicator.unit:
        case IndicatorUnit.BP:
            return f"{value / 100:g}%" if value != 10_000 else ""
        case IndicatorUnit.FEN | IndicatorUnit.FEN_PER_PERSON | IndicatorUnit.FEN_PER_TIME:
            return f"{value / 100_000_000:g}m" if value >= 100_000_000 else f"{value // 100}"
        case IndicatorUnit.HUNDREDTH_PER_1000 | IndicatorUnit.HUNDREDTH_PER_10000:
            return f"{value / 100:g}"
    return str(value)


def test_every_event_a_row_names_is_there() -> None:
    topics = set(event_classes())
    for row in ROWS:
        context = ""
        for found, name in re.findall(r"(?:\b([a-z]+)\.)?\b([A-Z][A-Za-z]+)\b", row[5].replace("relief.Stock*", "")):
            context = found or context
            assert f"{context}.{name}" in topics, (row[0], context, name)
    assert {topic for topic in topics if topic.startswith("relief.Stock")}


def test_the_document_of_the_page_is_valid_and_its_parameters_exist() -> None:
    (block,) = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)
    assert validate(build_schema().core, parse(block)) == []
    codes = set(official_parameters().codes)
    for prefix in ("relief.norm.", "dibao.standard."):
        assert any(code.startswith(prefix) for code in codes)
    assert "procurement.population" in codes


def test_no_count_is_given_twice() -> None:
    """Counts of one name would be added up across contexts."""
    seen: set[str] = set()
    for counting in _COUNTING:
        assert not seen & counting.counts
        seen |= counting.counts
    assert len(BY_NAME) == len(INDICATORS)


@pytest.mark.parametrize(("figures", "area"), [(care, "care"), (relief, "relief")])
def test_every_count_has_a_place_it_comes_from(figures: object, area: str) -> None:
    used = {name for counting in _COUNTING if counting.area == area for name in counting.counts}
    assert used == figures.COUNTS  # type: ignore[attr-defined]  # modules that have it


def test_counts_of_oversight() -> None:
    (counting,) = (each for each in _COUNTING if "findings" in each.beside)
    assert counting.counts == oversight.COUNTS


@pytest.mark.parametrize(
    ("name", "counts", "value"),
    [
        ("beds_per_1000", {"beds": 1_233, "elderly_registered": 30_825}, 4_000),  # the most people for which 40 are met
        ("beds_per_1000", {"beds": 1_233, "elderly_registered": 30_826}, 4_000),
        ("beds_per_1000", {"beds": 1, "elderly_registered": 0}, None),
        ("elder_insurance_coverage", {"elder_insured": 4_300, "elderly_registered": 10_488}, 4_100),
        ("relief_in_time_share", {"in_time": 300, "late": 0, "waiting": 0}, 10_000),
        ("disabled_pension_coverage", {"disabled_pension_insured": 1, "disabled_pension_entitled": 3}, 3_333),
        ("old_age_fen", {"old_age_paid_fen": 5, "old_age_returned_fen": 7}, -2),
        ("sample_share", {"sample_households": 50, "sample_population": 100}, 5_000),
        ("sample_cycle_share", {"sample_households": 50, "sample_left_out": 50, "sample_population": 100}, 10_000),
        ("dibao_standard_urban", {"dibao_standard_urban_fen": 0, "dibao_standard_urban_known": 0}, None),
        ("temp_avg_fen", {"temp_paid_fen": 304_000_000, "temp_paid_count": 945}, 321_693),
        ("ma_avg_fen", {"ma_booked_fen": 520_000_000, "ma_booked_times": 1_345}, 386_617),
    ],
)
def test_what_they_make_of_their_counts(name: str, counts: dict[str, int], value: int | None) -> None:
    given = {f"relief_{key}_persons" if key in ("in_time", "late", "waiting") else key: n for key, n in counts.items()}
    assert BY_NAME[name].value(dict.fromkeys(BY_NAME[name].counts, 0) | given) == value
