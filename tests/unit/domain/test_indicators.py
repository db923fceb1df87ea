"""What an indicator makes of its counts, which periods there are, and that every count has a place it comes from."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.assistance.indicators import INDICATORS
from domain.errors import BadInput, ParameterNotInForce
from domain.indicators import Period, chosen
from domain.medical import indicators as medical
from domain.parameters import official_parameters
from projections.assistance.figures import COUNTS
from projections.medical import figures as medical_figures

TODAY = date(2016, 3, 20)
BY_NAME = {indicator.name: indicator for indicator in INDICATORS}


def test_every_indicator_has_a_name_of_its_own_and_counts_that_exist() -> None:
    assert len(BY_NAME) == len(INDICATORS)
    for indicator in INDICATORS:
        assert indicator.counts <= COUNTS, indicator.name
        assert indicator.label
        assert indicator.formula
        assert indicator.source


def test_those_of_medical_assistance_have_counts_that_exist_too() -> None:
    names = [indicator.name for indicator in (*INDICATORS, *medical.INDICATORS)]
    assert len(set(names)) == len(names)
    assert {name for indicator in medical.INDICATORS for name in indicator.counts} == medical_figures.COUNTS
    times, _, ratio, *_ = medical.INDICATORS
    assert times.value({"ma_booked_times": 3, "ma_claim_times": 1, "ma_undone_times": 2}) == 2
    key = {"ma_key_booked_fen": 973_000, "ma_key_claim_fen": 0, "ma_key_undone_fen": 486_500}
    assert ratio.value({**key, "ma_key_base_fen": 695_000}) == ratio.target == 7_000


def test_a_mean_is_rounded_half_up_and_empty_where_nothing_is_divided() -> None:
    gap = BY_NAME["dibao_avg_gap_urban"]
    assert gap.value({"dibao_due_fen_urban": 5, "dibao_person_months_urban": 2}) == 3
    assert gap.value({"dibao_due_fen_urban": 4, "dibao_person_months_urban": 3}) == 1
    assert gap.value({"dibao_due_fen_urban": 0, "dibao_person_months_urban": 0}) is None
    rate = BY_NAME["dibao_removal_rate"]
    assert rate.value({"dibao_removed_persons": 495, "dibao_visited_persons": 2_453}) == 2_018  # the plan's 20.2%
    assert BY_NAME["temp_net_fen"].value({"temp_paid_fen": 7, "temp_returned_fen": 9}) == -2


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("2015-06", ("2015-06",)),
        ("2016-03", ("2016-03",)),
        ("2016", ("2016-01", "2016-02", "2016-03")),
        ("2015-11/2016-01", ("2015-11", "2015-12", "2016-01")),
    ],
)
def test_periods(text: str, months: tuple[str, ...]) -> None:
    period = Period.parse(text, TODAY)
    assert period.months == months
    assert period.first == date.fromisoformat(f"{months[0]}-01")
    assert (period.last + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    "text",
    ["", "15", "2015-6", "2015-13", "2016-04", "2017", "2015-02/2015-01", "2014-01/2015-01", "2015/2016", "２０１５"],
)
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(BadInput):
        Period.parse(text, TODAY)


def test_indicators_are_chosen_by_name_in_the_order_asked_for() -> None:
    assert chosen(INDICATORS, None) == INDICATORS == chosen(INDICATORS, [])
    names = ["temp_times", "dibao_persons", "temp_times"]
    assert [indicator.name for indicator in chosen(INDICATORS, names)] == ["temp_times", "dibao_persons"]
    with pytest.raises(BadInput, match="没有指标"):
        chosen(INDICATORS, ["population"])


@given(
    st.sampled_from(sorted(official_parameters().codes)),
    st.sampled_from(["", "44", "4407", "440704", "440704004", "440704004203", "440703"]),
    st.dates(date(2009, 1, 1), date(2020, 1, 1)),
)
def test_spans_say_what_find_says(code: str, division: str, day: date) -> None:
    parameters = official_parameters()
    holding = [
        span
        for span in parameters.spans(code)
        if span.from_on <= day <= span.to_on and division.startswith(span.division_code)
    ]
    try:
        expected = parameters.value(code, division, day)
    except ParameterNotInForce:
        assert not holding
    else:
        assert max(holding, key=lambda span: len(span.division_code)).value == expected
