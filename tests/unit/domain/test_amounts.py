"""The three schemes' formulas, exact to the fen, with their traces."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.assistance import dibao, tekun, temporary
from domain.assistance.amounts import Basis, compute
from domain.codes import Scheme, SelfCare, Supplement, UrbanRural
from domain.errors import ParameterNotInForce, RuleViolated
from domain.formulas import positive, round_up, share_rounded_up, yuan
from tests.unit.domain.samples import PARAMETERS, VILLAGE

DAY = date(2015, 6, 1)
fen = st.integers(0, 10_000_000)


def dibao_of(persons: int, income_fen: int, *supplements: Supplement) -> Basis:
    return Basis(Scheme.DIBAO, VILLAGE, UrbanRural.RURAL, persons, income_fen, supplements)


class TestDibao:
    def test_the_reference_example(self) -> None:
        """S = 550, three persons, household income 900: 300 a head, so 750 yuan."""
        computed = compute(dibao_of(3, 90_000), PARAMETERS, DAY)
        assert computed.amount_fen == 75_000

    def test_the_trace_names_inputs_versions_and_law(self) -> None:
        computed = compute(dibao_of(3, 90_001), PARAMETERS, DAY)
        assert computed.parameters == ("dibao.standard.rural@440704/2015-01-01", "dibao.rounding@440704/2011-01-01")
        assert [(step.name, step.value, step.unit) for step in computed.steps] == [
            ("农村居民最低生活保障标准（每人每月）", 55_000, "fen"),
            ("保障人数", 3, "persons"),
            ("家庭可计算月收入", 90_001, "fen"),
            ("家庭人均月收入（舍去不足1分）", 30_000, "fen"),
            ("差额", 74_999, "fen"),
            ("低保金进位单位（家庭合计，只进不舍）", 100, "fen"),
            ("月保障金额", 75_000, "fen"),
        ]
        assert "第十二条" in computed.steps[4].basis

    def test_supplements_are_a_share_of_the_standard(self) -> None:
        computed = compute(
            dibao_of(3, 90_000, Supplement.ELDERLY, Supplement.ELDERLY, Supplement.SEVERE_DISABILITY), PARAMETERS, DAY
        )
        assert computed.amount_fen == 75_000 + 2 * 11_000 + 16_500

    @pytest.mark.parametrize("income_fen", [165_000, 165_001, 900_000])
    def test_at_the_standard_nothing_is_due_not_even_supplements(self, income_fen: int) -> None:
        assert compute(dibao_of(3, income_fen, Supplement.MINOR), PARAMETERS, DAY).amount_fen == 0

    def test_one_fen_below_is_a_whole_yuan(self) -> None:
        assert compute(dibao_of(3, 164_999), PARAMETERS, DAY).amount_fen == 100

    def test_the_version_of_the_day_counts(self) -> None:
        assert compute(dibao_of(1, 0), PARAMETERS, date(2014, 12, 31)).amount_fen == 43_000
        with pytest.raises(ParameterNotInForce, match="2010-12-31"):
            compute(dibao_of(1, 0), PARAMETERS, date(2010, 12, 31))

    @given(fen, st.integers(1, 12), fen, st.integers(0, 40_000), st.sampled_from([1, 10, 100, 1_000]))
    def test_it_is_the_exact_formula_rounded_up_once(
        self, standard: int, persons: int, income: int, supplement_bp: int, unit: int
    ) -> None:
        per_head = Fraction(income, persons)
        exact = max(Fraction(0), standard - per_head) * persons
        if exact > 0:
            exact += Fraction(standard * supplement_bp, 10_000)
        amount = dibao.monthly(dibao.gap(standard, persons, income), standard, supplement_bp, unit)
        assert amount % unit == 0
        assert 0 <= amount - exact < unit
        assert dibao.eligible(standard, persons, income) is (per_head < standard)

    @given(st.integers(1, 12), fen, fen)
    def test_more_income_never_gives_more(self, persons: int, one: int, other: int) -> None:
        low, high = sorted((one, other))
        amounts = [compute(dibao_of(persons, income), PARAMETERS, DAY).amount_fen for income in (low, high)]
        assert amounts[0] >= amounts[1]


class TestTekun:
    def of(self, persons: int, self_care: SelfCare | None, day: date = DAY) -> int:
        basis = Basis(Scheme.TEKUN, VILLAGE, UrbanRural.RURAL, persons, self_care=self_care)
        return compute(basis, PARAMETERS, day).amount_fen

    def test_the_plans_standard_of_2015(self) -> None:
        assert self.of(1, SelfCare.FULL) == 92_000
        assert self.of(2, None) == 184_000

    def test_care_is_a_share_of_the_minimum_wage_since_2017(self) -> None:
        day = date(2017, 6, 1)
        assert [self.of(1, care, day) - 92_000 for care in SelfCare] == [2_700, 40_500, 81_000]

    def test_the_plan_derives_it_from_rural_income(self) -> None:
        income = PARAMETERS.value("tekun.rural_income", VILLAGE, DAY)
        share = PARAMETERS.value("tekun.income_share", VILLAGE, DAY)
        assert tekun.plan_standard(income, share) == 92_000


class TestTemporary:
    def test_standard_times_persons_times_months(self) -> None:
        basis = Basis(Scheme.TEMP, VILLAGE, UrbanRural.URBAN, 3, months=2)
        assert compute(basis, PARAMETERS, DAY).amount_fen == 330_000

    @pytest.mark.parametrize("months", [-1, 0, 7])
    def test_months_beyond_the_cap_are_refused(self, months: int) -> None:
        with pytest.raises(RuleViolated, match="1 至 6"):
            temporary.compute(
                PARAMETERS, DAY, division_code=VILLAGE, urban_rural=UrbanRural.URBAN, persons=1, months=months
            )


class TestArithmetic:
    @given(st.integers(-10_000, 10_000))
    def test_positive(self, value: int) -> None:
        assert positive(value) == max(0, value)

    @given(st.integers(-(10**9), 10**9), st.sampled_from([1, 10, 100]))
    def test_rounding_up(self, value: int, unit: int) -> None:
        rounded = round_up(value, unit)
        assert rounded % unit == 0
        assert 0 <= rounded - value < unit

    @given(fen, st.integers(0, 20_000), st.sampled_from([1, 100]))
    def test_a_share_is_rounded_once(self, base: int, bp: int, unit: int) -> None:
        share = share_rounded_up(base, bp, unit)
        assert share % unit == 0
        assert 0 <= share - Fraction(base * bp, 10_000) < unit

    @pytest.mark.parametrize(
        ("fen", "text"), [(75_000, "750元"), (75_050, "750.50元"), (-5, "-0.05元"), (0, "0元"), (-100, "-1元")]
    )
    def test_money_as_text(self, fen: int, text: str) -> None:
        assert yuan(fen) == text
