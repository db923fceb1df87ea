"""Dated parameters: which version holds, and what a policy officer may write."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import BadInput, ParameterNotInForce
from domain.parameters import Parameters, ParameterVersion, Unit, read_versions
from domain.parameters.loading import parse_value
from tests.unit.domain.samples import PARAMETERS, VILLAGE

DAYS = st.dates(date(2011, 1, 1), date(2020, 12, 31))


def version(value: int, division: str, since: date, until: date | None = None) -> ParameterVersion:
    return ParameterVersion("a.b", "某标准", value, Unit.FEN, division, since, until, "依据")


class TestLookup:
    def test_the_nearest_division_wins(self) -> None:
        known = Parameters([version(1, "", date(2011, 1, 1)), version(2, "440704", date(2012, 1, 1))])
        assert known.value("a.b", VILLAGE, date(2011, 12, 31)) == 1
        assert known.value("a.b", VILLAGE, date(2012, 1, 1)) == 2
        assert known.value("a.b", "440703002001", date(2015, 1, 1)) == 1

    def test_what_has_ended_falls_back_to_the_parent(self) -> None:
        known = Parameters(
            [version(1, "4407", date(2011, 1, 1)), version(2, "440704", date(2012, 1, 1), date(2012, 6, 30))]
        )
        values = [known.value("a.b", VILLAGE, day) for day in (date(2012, 6, 30), date(2012, 7, 1))]
        assert values == [2, 1]

    def test_no_version_says_so(self) -> None:
        known = Parameters([version(1, "4407", date(2011, 1, 1))])
        with pytest.raises(ParameterNotInForce, match=r"“某标准”（a\.b）在区划 440704 于 2010-01-01 没有有效版本"):
            known.value("a.b", "440704", date(2010, 1, 1))
        with pytest.raises(ParameterNotInForce, match="参数 x"):
            known.value("x", "440704", date(2015, 1, 1))
        with pytest.raises(ParameterNotInForce):
            known.any_version("x")

    def test_a_later_reading_of_the_same_day_replaces(self) -> None:
        first = Parameters([version(1, "440704", date(2015, 1, 1))])
        second = first.with_versions([version(2, "440704", date(2015, 1, 1))])
        assert (first.value("a.b", VILLAGE, date(2015, 1, 1)), second.value("a.b", VILLAGE, date(2015, 1, 1))) == (1, 2)
        assert len(second.history("a.b", "440704")) == 1
        assert second.history("a.b", VILLAGE) == ()

    @given(st.lists(st.tuples(DAYS, st.sampled_from(["", "44", "440704", VILLAGE])), max_size=8), DAYS)
    def test_it_is_what_a_plain_search_finds(self, made: list[tuple[date, str]], day: date) -> None:
        versions = {(division, since): version(n, division, since) for n, (since, division) in enumerate(made)}
        held = [v for v in versions.values() if v.from_on <= day]
        expected = max(held, key=lambda v: (len(v.division_code), v.from_on), default=None)
        known = Parameters(versions.values())
        if expected is None:
            with pytest.raises(ParameterNotInForce):
                known.find("a.b", VILLAGE, day)
        else:
            assert known.find("a.b", VILLAGE, day) == expected


class TestOfficial:
    def test_the_plans_figures_of_2015(self) -> None:
        later = {"benefits.dis_living", "benefits.dis_nursing"}  # 国发〔2015〕52号 is of 2016
        codes = [code for code in PARAMETERS.codes if ".".join(code.split(".")[:2]) not in later]
        values = {code: PARAMETERS.value(code, VILLAGE, date(2015, 12, 31)) for code in codes}
        assert values["dibao.standard.urban"] == values["dibao.standard.rural"] == 55_000
        assert values["tekun.basic"] == 92_000
        assert (values["temp.cap_months"], values["limits.case_total"]) == (6, 30)

    @pytest.mark.parametrize("code", PARAMETERS.codes)
    def test_each_version_says_why_and_begins_after_the_last(self, code: str) -> None:
        for found in PARAMETERS:
            if found.code == code:
                assert found.legal_basis
                assert found.name
                assert found.value >= 0
                assert found.to_on is None or found.to_on >= found.from_on

    def test_there_is_a_standard_on_every_day_of_the_demo(self) -> None:
        day = date(2011, 1, 1)
        while day <= date(2015, 12, 31):
            assert PARAMETERS.value("dibao.standard.rural", VILLAGE, day) <= PARAMETERS.value(
                "dibao.standard.urban", VILLAGE, day
            )
            day += timedelta(days=31)

    def test_what_the_plan_does_not_give_is_marked(self) -> None:
        for found in PARAMETERS:
            if found.code.startswith("dibao.standard") and found.from_on < date(2015, 1, 1):
                assert "示例" in found.note


class TestYaml:
    def text(self, version: str) -> str:
        return f"主题: x\n参数:\n  - 代码: a.b\n    名称: 某标准\n    版本:\n      - {version}\n"

    def test_a_version(self) -> None:
        text = self.text('{数值: 550.5元, 区划: "440704", 自: 2015-01-01, 至: 2015-12-31, 依据: 某文, 说明: 示例}')
        assert list(read_versions(text, "x.yaml")) == [
            ParameterVersion(
                "a.b", "某标准", 55_050, Unit.FEN, "440704", date(2015, 1, 1), date(2015, 12, 31), "某文", "示例"
            )
        ]

    @pytest.mark.parametrize(
        ("text", "value", "unit"),
        [
            ("550元", 55_000, Unit.FEN),
            ("0.01 元", 1, Unit.FEN),
            ("65%", 6_500, Unit.BP),
            ("0.01%", 1, Unit.BP),
            ("1.5倍", 15_000, Unit.BP),
            ("6个月", 6, Unit.MONTHS),
            ("30个工作日", 30, Unit.WORKING_DAYS),
            ("7日", 7, Unit.DAYS),
            ("60周岁", 60, Unit.YEARS),
        ],
    )
    def test_values_in_the_usual_writing(self, text: str, value: int, unit: Unit) -> None:
        assert parse_value(text, "x") == (value, unit)

    @pytest.mark.parametrize("text", ["550", "0.001元", "33.333%", "1.5个月", "550美元", "元", "-1元", "1e3元"])
    def test_other_values_are_refused(self, text: str) -> None:
        with pytest.raises(BadInput):
            parse_value(text, "x")

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("参数: [", "不是有效的 YAML"),
            ("- 1", "缺少“参数”列表"),
            ("参数:\n  - {代码: a.b, 版本: []}", "应有代码、名称和版本"),
            ("参数:\n  - {代码: a, 名称: n, 版本: [{数值: 1元, 自: 2015-01-01}]}", "缺少依据"),
            ("参数:\n  - {代码: a, 名称: n, 版本: [{数值: 1元, 自: 2015年, 依据: x}]}", "日期应写作"),
            ("参数:\n  - {代码: a, 名称: n, 版本: [{数值: 1元, 起: 2015-01-01, 依据: x}]}", "不认识的项“起”"),
        ],
    )
    def test_a_refusal_names_file_and_fault(self, text: str, says: str) -> None:
        with pytest.raises(BadInput, match=says) as refused:
            list(read_versions(text, "x.yaml"))
        assert "x.yaml" in str(refused.value)
