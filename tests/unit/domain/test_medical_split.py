"""Who pays which part of a bill: the reference's example, the relief, caps, and what always holds."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.codes import HospitalLevel, InsuranceType, MaCategory, MedType
from domain.errors import ParameterNotInForce, RuleViolated
from domain.medical.split import (
    Bill,
    Printed,
    Split,
    Terms,
    Used,
    assist,
    compute,
    half_up,
    imbalance,
    limits,
    outcome,
)
from tests.unit.domain.medical_samples import EXAMPLE, terms
from tests.unit.domain.samples import PARAMETERS, VILLAGE

LATER = date(2022, 6, 1)
"""A day on which dibao and tekun are relieved by serious-illness insurance."""
MOST = 200_000_000
fen = st.integers(0, MOST)


@st.composite
def bills(draw: st.DrawFn) -> Bill:
    """Any bill a hospital can make out."""
    total = draw(st.integers(1, MOST))
    return Bill(total, draw(st.integers(0, total)), *(draw(fen) for _ in range(4)))


@st.composite
def years(draw: st.DrawFn) -> Used:
    """Whatever a year may have used."""
    return Used(*(draw(st.integers(0, 40_000_000)) for _ in range(5)))


@st.composite
def any_terms(draw: st.DrawFn) -> Terms:
    """Any terms this platform computes."""
    return Terms(
        VILLAGE,
        draw(st.sampled_from([date(2014, 6, 1), date(2015, 12, 10), LATER])),
        draw(st.sampled_from([InsuranceType.EMPLOYEE, InsuranceType.RESIDENT, InsuranceType.NONE])),
        draw(st.sampled_from(list(HospitalLevel))),
        draw(st.sampled_from(list(MedType))),
        draw(st.sampled_from(list(MaCategory))),
    )


class TestTheExample:
    def test_of_the_reference(self) -> None:
        shares = compute(PARAMETERS, terms(), EXAMPLE)
        assert shares.split == Split(basic_fen=1_905_000, si_fen=0, assistance_fen=486_500, cash_fen=608_500)
        assert shares.uses == Used(basic_fen=1_905_000, si_deductible_fen=695_000, assistance_fen=486_500)
        base = next(step for step in shares.computed.steps if step.name == "医疗救助基数")
        assert base.value == 695_000

    def test_is_the_same_under_the_relief_of_2021(self) -> None:
        assert compute(PARAMETERS, terms(on=LATER), EXAMPLE).split.assistance_fen == 486_500

    def test_keeps_a_trace_with_inputs_parameters_and_their_basis(self) -> None:
        computed = compute(PARAMETERS, terms(), EXAMPLE).computed
        assert computed.amount_fen == 486_500
        assert "medical.ma.ratio.dibao@440704/2014-01-01" in computed.parameters
        assert "medical.basic.deductible.390.2@4407/2011-01-01" in computed.parameters
        named = {step.name: step for step in computed.steps}
        assert (named["医疗费总额"].value, named["政策范围内费用"].value) == (3_000_000, 2_600_000)
        assert "规划" in named["低保对象医疗救助比例"].basis
        assert [s.name for s in computed.steps if s.name in ("基本医保", "大病保险", "医疗救助", "个人负担")] == [
            *("基本医保", "大病保险", "医疗救助", "个人负担")
        ]

    def test_before_the_plan_s_rise_the_ratio_was_sixty_percent(self) -> None:
        assert compute(PARAMETERS, terms(on=date(2013, 6, 1)), EXAMPLE).split.assistance_fen == 417_000


class TestSeriousIllness:
    BIG = Bill(20_000_000, 20_000_000)

    def test_relieves_dibao_and_tekun_by_deductible_ratio_and_cap(self) -> None:
        # basic (200,000 − 600) × 75% = 149,550; above 50,450 yuan
        plain = compute(PARAMETERS, terms(MaCategory.MARGIN, on=LATER), self.BIG).split
        assert (plain.basic_fen, plain.si_fen) == (14_955_000, half_up(5_045_000 - 1_800_000, 6_000))
        for category in (MaCategory.DIBAO, MaCategory.TEKUN):
            relieved = compute(PARAMETERS, terms(category, on=LATER), self.BIG).split
            assert relieved.si_fen == half_up(5_045_000 - 900_000, 6_500)

    def test_did_so_only_from_its_day_on(self) -> None:
        before = compute(PARAMETERS, terms(on=date(2021, 11, 18)), self.BIG).split
        assert before.si_fen == half_up(5_045_000 - 1_800_000, 6_000)

    def test_has_a_cap_that_the_relieved_have_not(self) -> None:
        used = Used(basic_fen=20_000_000, si_deductible_fen=1_800_000, si_fen=19_999_999)
        capped = compute(PARAMETERS, terms(MaCategory.MARGIN, on=LATER), self.BIG, used).split
        assert (capped.basic_fen, capped.si_fen) == (0, 1)
        free = compute(PARAMETERS, terms(on=LATER), self.BIG, used).split
        assert free.si_fen == half_up(20_000_000, 6_500)

    def test_counts_its_deductible_over_the_year(self) -> None:
        used = compute(PARAMETERS, terms(MaCategory.MARGIN), EXAMPLE).uses
        again = compute(PARAMETERS, terms(MaCategory.MARGIN), self.BIG, used)
        assert used.si_deductible_fen + again.uses.si_deductible_fen == 1_800_000


class TestAssistance:
    def test_has_a_deductible_for_margin_families(self) -> None:
        assert limits(PARAMETERS, terms(MaCategory.MARGIN)) == (200_000, 5_000_000)
        assert limits(PARAMETERS, terms(MaCategory.ILLNESS_POOR)) == (500_000, 3_000_000)
        assert limits(PARAMETERS, terms(MaCategory.NONE)) == (0, 0)
        shares = compute(PARAMETERS, terms(MaCategory.MARGIN), EXAMPLE)
        assert shares.split.assistance_fen == half_up(695_000 - 200_000, 6_000)
        assert shares.uses.deductible_fen == 200_000

    def test_counts_deductible_and_cap_over_the_year(self) -> None:
        half = compute(PARAMETERS, terms(MaCategory.MARGIN), EXAMPLE, Used(deductible_fen=150_000))
        assert half.uses.deductible_fen == 50_000
        last = compute(PARAMETERS, terms(), EXAMPLE, Used(assistance_fen=8_000_000 - 100))
        assert last.split.assistance_fen == 100
        assert compute(PARAMETERS, terms(), EXAMPLE, Used(assistance_fen=9_000_000)).split.assistance_fen == 0

    def test_comes_after_every_supplement(self) -> None:
        bill = EXAMPLE._replace(
            supplement_fen=300_000, hospital_fen=50_000, account_fen=10_000, family_account_fen=5_000
        )
        split = compute(PARAMETERS, terms(), bill).split
        assert split.assistance_fen == half_up(695_000 - 300_000, 7_000)
        assert (split.hospital_fen, split.account_fen, split.family_account_fen) == (50_000, 10_000, 5_000)
        assert imbalance(bill, split) == 0

    def test_is_nothing_for_whoever_has_no_category(self) -> None:
        assert compute(PARAMETERS, terms(MaCategory.NONE), EXAMPLE).split.assistance_fen == 0

    def test_alone_is_the_same_last_step(self) -> None:
        whole = compute(PARAMETERS, terms(), EXAMPLE)
        alone, uses = assist(PARAMETERS, terms(), 695_000)
        assert (alone.amount_fen, uses.assistance_fen) == (whole.split.assistance_fen, 486_500)

    def test_outpatients_have_their_own_ratio(self) -> None:
        split = compute(PARAMETERS, terms(med_type=MedType.CHRONIC), Bill(100_000, 80_000)).split
        assert split.basic_fen == 40_000

    def test_rounds_half_up_to_the_fen(self) -> None:
        assert [half_up(n, 5_000) for n in (1, 2, 3)] == [1, 1, 2]
        assert half_up(1, 4_999) == 0


class TestRefusals:
    @pytest.mark.parametrize(
        ("bill", "text"),
        [
            (Bill(100, 101), "大于医疗费总额"),
            (Bill(100, -1), "不能为负数"),
            (Bill(0, 0), "无需结算"),
            (Bill(100, 50, hospital_fen=-1), "不能为负数"),
        ],
    )
    def test_bills_that_cannot_be(self, bill: Bill, text: str) -> None:
        with pytest.raises(RuleViolated, match=text):
            compute(PARAMETERS, terms(), bill)

    def test_insurances_that_are_settled_elsewhere(self) -> None:
        with pytest.raises(RuleViolated, match="不在同步结算范围内"):
            compute(PARAMETERS, terms(insurance=InsuranceType.MATERNITY), EXAMPLE)

    def test_days_before_any_parameter(self) -> None:
        with pytest.raises(ParameterNotInForce):
            compute(PARAMETERS, terms(on=date(2010, 1, 1)), EXAMPLE)


class TestWhatAlwaysHolds:
    @given(any_terms(), bills(), years())
    @settings(max_examples=300)
    def test_the_parts_add_up_and_none_is_negative_or_over_its_cap(self, at: Terms, bill: Bill, used: Used) -> None:
        shares = compute(PARAMETERS, at, bill, used)
        split = shares.split
        assert split.funds_fen + split.hospital_fen + split.person_fen == bill.total_fen
        assert split.person_fen == split.account_fen + split.family_account_fen + split.cash_fen
        assert min(split) >= 0
        assert min(shares.uses) >= 0
        _, cap = limits(PARAMETERS, at)
        assert split.assistance_fen <= max(0, cap - used.assistance_fen)
        assert split.hospital_fen <= bill.hospital_fen
        assert split.account_fen <= bill.account_fen
        assert split.basic_fen + split.si_fen <= bill.in_scope_fen
        assert Printed.of(split).imbalance_fen == 0
        assert outcome(PARAMETERS, at, bill, used).large_share == (split.person_fen > 1_000_000)

    @given(any_terms(), bills(), years(), st.integers(1, 1_000_000))
    @settings(max_examples=300)
    def test_more_in_scope_never_leaves_the_person_more(self, at: Terms, bill: Bill, used: Used, more: int) -> None:
        wider = bill._replace(in_scope_fen=min(bill.total_fen, bill.in_scope_fen + more))
        before, after = (compute(PARAMETERS, at, each, used).split for each in (bill, wider))
        assert after.person_fen <= before.person_fen
        assert after.basic_fen >= before.basic_fen
        assert after.si_fen >= before.si_fen
        assert after.funds_fen >= before.funds_fen

    @given(any_terms(), bills(), years(), st.integers(0, 1_000_000))
    @settings(max_examples=200)
    def test_a_cap_further_used_never_pays_more(self, at: Terms, bill: Bill, used: Used, more: int) -> None:
        further = used._replace(assistance_fen=used.assistance_fen + more)
        before, after = (compute(PARAMETERS, at, bill, each).split for each in (used, further))
        assert after.assistance_fen <= before.assistance_fen

    @given(st.lists(bills(), min_size=2, max_size=4), st.sampled_from([MaCategory.MARGIN, MaCategory.DIBAO]))
    @settings(max_examples=100)
    def test_the_order_of_bills_does_not_change_what_the_year_gives(
        self, several: list[Bill], category: MaCategory
    ) -> None:
        at = terms(category, insurance=InsuranceType.NONE)
        plain = [bill._replace(supplement_fen=0) for bill in several]
        sums = []
        for order in (plain, plain[::-1]):
            used = Used()
            for bill in order:
                used = used.plus(compute(PARAMETERS, at, bill, used).uses)
            sums.append(used)
        assert sums[0].deductible_fen == sums[1].deductible_fen
        assert abs(sums[0].assistance_fen - sums[1].assistance_fen) <= len(several)
