"""How much a benefit is, from when, who has none; what may not be paid together."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.care.benefits.amounts import (
    Known,
    Refusal,
    age_in,
    bands,
    compute,
    month_reaching,
    overpaid,
    schedule,
    start_month,
)
from domain.care.benefits.basis import NOTHING, Basis, opened
from domain.care.benefits.exclusion import EXCLUSIONS, Line, Outcome, excludes, judge, pairs
from domain.care.benefits.premiums import premium
from domain.clock import month_of, next_month
from domain.codes import (
    BenefitKind,
    CareLevel,
    DisabilityCategory,
    DisabilityGrade,
    Guarantee,
    HeldLine,
    PremiumKind,
)
from domain.errors import ParameterNotInForce
from domain.kernel import ERASED
from domain.parameters import Parameters
from tests.unit.domain.samples import PARAMETERS, VILLAGE

BORN = date(1936, 3, 15)
AGE, INST, HOME = BenefitKind.OLD_AGE_ALLOWANCE, BenefitKind.NURSING_INST, BenefitKind.NURSING_HOME
LIVING, NURSING = BenefitKind.DIS_LIVING, BenefitKind.DIS_NURSING


def known(birth_on: date | None = BORN, registered: bool = True, **basis: object) -> Known:
    return Known(VILLAGE, birth_on, registered, Basis(**basis))  # type: ignore[arg-type]  # by name


def disabled(category: str = "4", grade: str = "1", **basis: object) -> Known:
    return known(date(1980, 1, 1), category=DisabilityCategory(category), grade=DisabilityGrade(grade), **basis)


def fen(kind: BenefitKind, who: Known, month: str) -> int | str:
    """What is due, or why nothing is."""
    found = compute(kind, who, PARAMETERS, month)
    return found.reason if isinstance(found, Refusal) else found.amount_fen


class TestOldAge:
    @pytest.mark.parametrize(
        ("month", "due"),
        [
            ("2016-03", 3_000),
            ("2026-02", 3_000),
            ("2026-03", 10_000),
            ("2036-02", 10_000),
            ("2036-03", 30_000),
            ("2040-01", 30_000),
        ],
    )
    def test_each_band_begins_with_the_month_the_age_is_reached_in(self, month: str, due: int) -> None:
        assert fen(AGE, known(), month) == due

    def test_nothing_before(self) -> None:
        assert fen(AGE, known(), "2016-02") == "2016-02 未满 80 周岁，不能享受高龄津贴。"

    def test_for_the_registered_only(self) -> None:
        assert "户籍" in str(fen(AGE, known(registered=False), "2016-03"))
        assert "出生日期不详" in str(fen(AGE, known(None), "2016-03"))

    def test_no_amount_is_made_up_for_a_time_without_one(self) -> None:
        with pytest.raises(ParameterNotInForce, match="高龄津贴"):
            compute(AGE, known(date(1920, 1, 1)), PARAMETERS, "2011-12")

    def test_the_trace_names_age_version_and_basis(self) -> None:
        found = compute(AGE, known(), PARAMETERS, "2026-03")
        assert not isinstance(found, Refusal)
        assert [(step.name, step.value, step.unit) for step in found.steps] == [
            ("当月年龄（周岁）", 90, "years"),
            ("高龄津贴（90周岁起，每人每月）", 10_000, "fen"),
        ]
        assert found.parameters == ("benefits.old_age.90@4407/2012-01-01",)

    def test_a_new_band_is_a_new_parameter_and_one_of_nothing_is_none(self) -> None:
        eighty = PARAMETERS.find("benefits.old_age.80", VILLAGE, date(2016, 1, 1))
        day = date(2017, 1, 1)
        changed = PARAMETERS.with_versions(
            [
                replace(eighty, code="benefits.old_age.70", from_on=day, value=2_000),
                replace(eighty, from_on=day, value=0),
            ]
        )
        assert isinstance(changed, Parameters)
        assert bands(PARAMETERS, VILLAGE, day) == (80, 90, 100)
        assert bands(changed, VILLAGE, day) == (70, 90, 100)
        found = compute(AGE, known(), changed, "2017-01")
        assert not isinstance(found, Refusal)
        assert found.amount_fen == 2_000

    def test_born_on_the_29th_of_february(self) -> None:
        assert month_reaching(date(1936, 2, 29), 80) == "2016-02"
        assert month_reaching(date(1936, 2, 29), 90) == "2026-03"
        assert age_in("2026-02", date(1936, 2, 29)) == 89

    @drawn(st.dates(date(1900, 1, 1), date(1960, 12, 31)), st.integers(0, 110))
    def test_an_age_is_reached_in_exactly_one_month(self, born: date, years: int) -> None:
        month = month_reaching(born, years)
        assert age_in(month, born) >= years
        assert age_in(next_month(month, -1), born) < years or years == 0

    @drawn(st.dates(date(1910, 1, 1), date(1945, 12, 31)), st.integers(0, 30))
    def test_who_grows_older_never_gets_less(self, born: date, months: int) -> None:
        earlier = next_month("2013-01", months)
        one, two = (compute(AGE, known(born), PARAMETERS, m) for m in (earlier, next_month(earlier)))
        assert isinstance(one, Refusal) or (not isinstance(two, Refusal) and one.amount_fen <= two.amount_fen)

    @pytest.mark.parametrize(
        ("applied", "start"),
        [
            (date(2016, 1, 20), "2016-03"),  # ahead of time
            (date(2016, 3, 31), "2016-03"),
            (date(2016, 6, 30), "2016-03"),  # timely: made up for
            (date(2016, 7, 1), "2016-07"),
        ],
    )
    def test_who_was_timely_is_paid_from_the_month_reached(self, applied: date, start: str) -> None:
        assert start_month(AGE, known(), PARAMETERS, applied, date(2016, 8, 1)) == start

    def test_a_schedule_has_a_step_for_each_change(self) -> None:
        found = schedule(AGE, known(date(1925, 12, 31)), PARAMETERS, "2015-10", "2016-02")
        assert not isinstance(found, Refusal)
        assert [(step.month, step.computed.amount_fen) for step in found] == [("2015-10", 3_000), ("2015-12", 10_000)]


class TestElderNursing:
    @pytest.mark.parametrize(
        ("level", "inst", "home"),
        [
            (CareLevel.MODERATE, 20_000, 15_000),
            (CareLevel.SEVERE, 40_000, 30_000),
            (CareLevel.COMPLETE, 60_000, 45_000),
        ],
    )
    def test_by_level_and_setting(self, level: CareLevel, inst: int, home: int) -> None:
        who = known(date(1950, 1, 1), guarantee=Guarantee.TEKUN, level=level)
        assert (fen(INST, who, "2016-01"), fen(HOME, who, "2016-01")) == (inst, home)

    def test_the_very_old_without_disability(self) -> None:
        old = known(guarantee=Guarantee.DIBAO, level=CareLevel.MILD)
        assert fen(HOME, old, "2016-03") == 10_000
        assert "未满 80 周岁" in str(fen(HOME, old, "2016-02"))

    def test_the_demented_count_as_moderately_disabled_at_least(self) -> None:
        who = known(date(1950, 1, 1), guarantee=Guarantee.MARGIN, level=CareLevel.INTACT, demented=True)
        assert fen(HOME, who, "2016-01") == 15_000
        worse = known(date(1950, 1, 1), guarantee=Guarantee.MARGIN, level=CareLevel.COMPLETE, demented=True)
        assert fen(HOME, worse, "2016-01") == 45_000

    def test_not_for_the_well_off_nor_the_young(self) -> None:
        assert "不是特困" in str(fen(HOME, known(level=CareLevel.COMPLETE), "2016-03"))
        young = known(date(1960, 1, 1), guarantee=Guarantee.TEKUN, level=CareLevel.COMPLETE)
        assert "未满 60 周岁" in str(fen(HOME, young, "2016-03"))

    def test_begins_after_the_decision(self) -> None:
        assert start_month(HOME, known(), PARAMETERS, date(2016, 1, 5), date(2016, 2, 20)) == "2016-03"


class TestDisability:
    def test_living_subsidy_for_those_in_dibao(self) -> None:
        assert fen(LIVING, disabled(guarantee=Guarantee.DIBAO), "2016-01") == 15_000
        assert "不是低保家庭" in str(fen(LIVING, disabled(), "2016-01"))
        assert "不是低保家庭" in str(fen(LIVING, disabled(guarantee=Guarantee.MARGIN), "2016-01"))

    def test_a_district_may_extend_it(self) -> None:
        share = PARAMETERS.find("benefits.dis_living.share.margin", VILLAGE, date(2016, 1, 1))
        wider = PARAMETERS.with_versions([replace(share, division_code="440704", value=5_001)])
        found = compute(LIVING, disabled(guarantee=Guarantee.MARGIN), wider, "2016-01")
        assert not isinstance(found, Refusal)
        assert found.amount_fen == 7_600  # 75.015 yuan, rounded up to a yuan

    @pytest.mark.parametrize(
        ("category", "grade", "entitled"),
        [
            *[(c, g, True) for c in "1234567" for g in "12"],
            *[(c, g, True) for c in "56" for g in "34"],
            *[(c, g, False) for c in "12347" for g in "34"],
        ],
    )
    def test_nursing_subsidy_by_category_and_grade(self, category: str, grade: str, entitled: bool) -> None:
        found = fen(NURSING, disabled(category, grade), "2016-01")
        assert found == (20_000 if entitled else "残疾类别和等级不在重度残疾人护理补贴范围内。")

    def test_outside_guangdong_the_third_and_fourth_grade_are_not_covered(self) -> None:
        share = PARAMETERS.value("benefits.dis_nursing.share.mind.3", "11", date(2016, 1, 1))
        assert share == 0

    def test_without_need_of_care_for_six_months(self) -> None:
        assert "长期照护" in str(fen(NURSING, disabled(needs_care=False), "2016-01"))

    def test_the_certificate_holds_for_its_last_month_in_full(self) -> None:
        who = disabled(valid_to=date(2016, 3, 1))
        assert fen(NURSING, who, "2016-03") == 20_000
        assert "已到期" in str(fen(NURSING, who, "2016-04"))
        assert "没有残疾人证" in str(fen(NURSING, known(), "2016-03"))

    def test_both_begin_with_the_month_of_application(self) -> None:
        for kind in (LIVING, NURSING):
            assert start_month(kind, disabled(), PARAMETERS, date(2016, 1, 31), date(2016, 4, 2)) == "2016-01"

    def test_a_certificate_that_ran_out_ends_the_schedule_with_nothing(self) -> None:
        found = schedule(NURSING, disabled(valid_to=date(2016, 2, 10)), PARAMETERS, "2016-01", "2016-05")
        assert not isinstance(found, Refusal)
        assert [(step.month, step.computed.amount_fen) for step in found] == [("2016-01", 20_000), ("2016-03", 0)]


class TestBasis:
    def test_one_text_and_back(self) -> None:
        whole = Basis(
            Guarantee.TEKUN,
            CareLevel.SEVERE,
            True,
            DisabilityCategory.MENTAL,
            DisabilityGrade.TWO,
            date(2020, 1, 2),
            needs_care=False,
            orphan=True,
            other_living_fen=12_300,
        )
        assert opened(whole.sealed()) == whole
        assert opened(NOTHING.sealed()) == NOTHING
        assert opened(ERASED) == opened("") == NOTHING


class TestPremiums:
    @pytest.mark.parametrize(
        ("kind", "who", "paid"),
        [
            (PremiumKind.MEDICAL, known(guarantee=Guarantee.DIBAO), True),
            (PremiumKind.MEDICAL, disabled("4", "2"), True),
            (PremiumKind.MEDICAL, disabled("5", "4"), True),
            (PremiumKind.MEDICAL, disabled("4", "3"), False),
            (PremiumKind.MEDICAL, disabled("4", "2", valid_to=date(2015, 12, 31)), False),
            (PremiumKind.MEDICAL, known(guarantee=Guarantee.MARGIN), False),
            (PremiumKind.PENSION, known(guarantee=Guarantee.DIBAO), True),
            (PremiumKind.PENSION, disabled("6", "4"), False),
            (PremiumKind.PENSION, disabled("6", "2"), True),
            (PremiumKind.ELDER_ACCIDENT, known(date(1938, 12, 31)), True),
            (PremiumKind.ELDER_ACCIDENT, known(date(1939, 1, 1)), False),
            (PremiumKind.ELDER_ACCIDENT, known(date(1938, 1, 1), registered=False), False),
            (PremiumKind.ELDER_ACCIDENT, known(date(1956, 6, 1), guarantee=Guarantee.TEKUN), True),
            (PremiumKind.ELDER_ACCIDENT, known(date(1957, 1, 1), guarantee=Guarantee.TEKUN), False),
            (PremiumKind.ELDER_ACCIDENT, known(None), False),
        ],
    )
    def test_whose_is_paid_in_2016(self, kind: PremiumKind, who: Known, paid: bool) -> None:
        found = premium(kind, who, PARAMETERS, 2016)
        assert isinstance(found, Refusal) is not paid
        if not isinstance(found, Refusal):
            assert found.amount_fen == PARAMETERS.value(f"benefits.premium.{kind.value}", VILLAGE, date(2016, 1, 1))


MONTH = "2016-05"
LINES = st.lists(
    st.builds(Line, st.sampled_from(HeldLine), st.integers(0, 100_000), st.uuids().map(str)),
    max_size=8,
    unique_by=lambda line: line.key,
)


def kept(*kinds: str, month: str = MONTH, amounts: tuple[int, ...] = ()) -> set[str]:
    lines = [Line(HeldLine(kind), (amounts or (100,) * 9)[n], str(n)) for n, kind in enumerate(kinds)]
    return {line.kind.value for line in judge(lines, month).payable}


class TestExclusion:
    def test_the_table(self) -> None:
        assert kept("tekun", "DIS_LIVING", "DIS_NURSING") == {"tekun"}
        assert kept("work_injury_nursing", "DIS_LIVING", "DIS_NURSING") == {"work_injury_nursing"}
        assert kept("orphan_allowance", "DIS_LIVING", "DIS_NURSING") == {"orphan_allowance", "DIS_NURSING"}
        assert kept("dibao", "DIS_LIVING", "DIS_NURSING") == {"dibao", "DIS_LIVING", "DIS_NURSING"}
        assert kept("tekun", "dibao") == {"tekun"}
        assert kept("OLD_AGE_ALLOWANCE", "tekun", "NURSING_HOME") == {"OLD_AGE_ALLOWANCE", "tekun", "NURSING_HOME"}

    def test_the_higher_of_a_class_stays(self) -> None:
        assert kept("DIS_LIVING", "other_living", amounts=(150, 160)) == {"other_living"}
        assert kept("DIS_LIVING", "other_living", amounts=(150, 140)) == {"DIS_LIVING"}
        assert kept("DIS_NURSING", "NURSING_HOME", amounts=(200, 300)) == {"NURSING_HOME"}
        assert kept("NURSING_INST", "NURSING_HOME") == {"NURSING_INST"}

    def test_what_is_blocked_takes_nothing_from_its_class(self) -> None:
        assert kept("tekun", "DIS_NURSING", "NURSING_HOME", amounts=(0, 200, 100)) == {"tekun", "NURSING_HOME"}

    def test_the_order_of_2015_does_not_hold_before(self) -> None:
        assert kept("tekun", "DIS_LIVING", month="2015-12") == {"tekun", "DIS_LIVING"}
        assert kept("NURSING_INST", "NURSING_HOME", month="2015-12") == {"NURSING_INST"}

    def test_a_second_line_of_the_same_benefit(self) -> None:
        found = judge([Line(HeldLine.OLD_AGE_ALLOWANCE, 30, "b"), Line(HeldLine.OLD_AGE_ALLOWANCE, 30, "a")], MONTH)
        assert [line.key for line in found.payable] == ["a"]
        assert found.dropped[0].said == "同一待遇同一月份只能享受一份"

    def test_whoever_is_dropped_is_told_why(self) -> None:
        (each,) = judge([Line(HeldLine.TEKUN, 92_000, "t"), Line(HeldLine.DIS_LIVING, 15_000, "d")], MONTH).dropped
        assert (each.stays.key, each.said) == ("t", "纳入特困供养的残疾人不享受残疾人两项补贴")
        assert each.rule is not None
        assert "国发〔2015〕52号" in each.rule.basis

    def test_pairs_for_asking_of_many_people_at_once(self) -> None:
        found = pairs(MONTH)
        assert (HeldLine.DIBAO, HeldLine.TEKUN) in found
        assert (HeldLine.DIS_LIVING, HeldLine.DIS_NURSING) not in found
        assert all(excludes(one, other, MONTH) for one, other in found)

    def test_whatever_blocks_is_never_dropped_by_another_rule(self) -> None:
        blockers = {kind for rule in EXCLUSIONS if rule.outcome is Outcome.BLOCKS for kind in rule.these}
        droppable = {kind for rule in EXCLUSIONS for kind in (rule.those or rule.these)}
        assert not blockers & droppable

    @drawn(LINES, st.randoms())
    def test_order_never_matters(self, lines: list[Line], chance: object) -> None:
        shuffled = list(lines)
        chance.shuffle(shuffled)  # type: ignore[attr-defined]
        assert judge(shuffled, MONTH) == judge(lines, MONTH)

    @drawn(LINES)
    def test_never_two_that_exclude_each_other(self, lines: list[Line]) -> None:
        stays = judge(lines, MONTH).payable
        for n, one in enumerate(stays):
            for other in stays[n + 1 :]:
                assert one.kind is not other.kind
                assert not excludes(one.kind, other.kind, MONTH)

    @drawn(LINES)
    def test_every_line_is_kept_or_dropped_once_and_nothing_is_added(self, lines: list[Line]) -> None:
        found = judge(lines, MONTH)
        assert sorted([*found.payable, *(each.line for each in found.dropped)]) == sorted(lines)
        assert sum(line.amount_fen for line in found.payable) <= sum(line.amount_fen for line in lines)

    @drawn(LINES)
    def test_judging_what_stays_changes_nothing_and_somebody_stays(self, lines: list[Line]) -> None:
        stays = judge(lines, MONTH).payable
        assert judge(stays, MONTH) == (stays, ())
        assert bool(stays) == bool(lines)

    @drawn(LINES)
    def test_what_is_dropped_gives_way_to_a_line_that_stays(self, lines: list[Line]) -> None:
        found = judge(lines, MONTH)
        for each in found.dropped:
            chain = each.stays
            while chain not in found.payable:
                chain = next(other.stays for other in found.dropped if other.line == chain)


AMOUNTS = st.dictionaries(st.integers(0, 40).map(lambda n: next_month("2015-01", n)), st.integers(0, 50_000))


class TestOverpaid:
    def test_months_after_the_end(self) -> None:
        found = overpaid({"2016-01": 3_000}, {"2016-01": 3_000, "2016-02": 3_000, "2016-03": 3_000})
        assert found is not None
        assert found[:3] == ("2016-02", "2016-03", 6_000)

    def test_nothing(self) -> None:
        assert overpaid({"2016-01": 3_000}, {"2016-01": 2_000}) is None

    @drawn(AMOUNTS, AMOUNTS)
    def test_exactly_the_excess_of_each_month(self, due: dict[str, int], paid: dict[str, int]) -> None:
        found = overpaid(due, paid)
        excess = {m: fen - due.get(m, 0) for m, fen in paid.items() if fen > due.get(m, 0)}
        assert (found.amount_fen if found else 0) == sum(excess.values())
        if found is not None:
            assert (found.from_month, found.to_month) == (min(excess), max(excess))
            assert month_of(date.fromisoformat(f"{found.from_month}-01")) == found.from_month
