"""Venture projects, and the support fund that has to grow."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given as with_any
from hypothesis import strategies as st

from domain.codes import AbnormalReason, FundSource, VentureState
from domain.parameters import official_parameters
from domain.procurement import SupportFund, Venture
from domain.procurement.commands import (
    CorrectSupportFund,
    FinishVenture,
    ProposeVenture,
    SelectVenture,
    SetSupportFund,
    StartVenture,
    WithdrawVenture,
)
from domain.procurement.support_fund import grown, least_of
from tests.unit.domain.purchases import BUYER, MONEY, OTHER, registered
from tests.unit.domain.samples import VILLAGE, on
from tests.unit.domain.specification import CLERK, given, history

PARAMETERS = official_parameters()


class TestVenture:
    def proposed(self, **fields: Any) -> Venture:
        told = {"title": "麻三农村幸福院", "beneficiaries": "60 岁以上老人", "asked_fen": 5_000_000, **fields}
        centre = registered()
        command = ProposeVenture(organisation_id=centre.id, division_code=VILLAGE, **told)
        made = given(centre).when(command, by=BUYER).then(Venture.Created, division_code=VILLAGE, year=2015)
        self.centre = centre
        assert isinstance(made, Venture)
        return made

    def test_from_proposal_to_result(self) -> None:
        made = self.proposed()
        grant = {
            "venture_id": made.id,
            "source": FundSource.LOTTERY,
            "basis": "评审公告",
            "finish_by": date(2016, 12, 31),
        }
        world = given(made, self.centre)
        world.when(SelectVenture(granted_fen=1, **grant), by=BUYER).refused("您已申报此项目")
        world.when(SelectVenture(granted_fen=5_000_001, **grant), by=OTHER).refused("不超过申请的")
        world.when(StartVenture(venture_id=made.id), by=OTHER).refused("已申报”，不能启动")
        world.when(SelectVenture(granted_fen=4_000_000, **grant), by=OTHER).then(Venture.Selected)
        world.when(StartVenture(venture_id=made.id), by=OTHER).then(Venture.Started)
        done = {"venture_id": made.id, "served_count": 860, "result": "每周三次助餐"}
        world.when(FinishVenture(spent_fen=4_000_001, **done), by=OTHER).refused("0 至资助金额 40000元")
        world.when(FinishVenture(spent_fen=3_900_000, **done), by=OTHER).then(Venture.Finished)
        world.when(WithdrawVenture(venture_id=made.id, reason="x"), by=OTHER).refused("已结项”，不能撤项")
        assert made.state is VentureState.FINISHED

    def test_only_with_an_operator_in_good_standing(self) -> None:
        made = self.proposed()
        self.centre.list_abnormal(on("2015-12-01"), reason=AbnormalReason.OTHER, letter_no="1号", by="district")
        command = SelectVenture(
            venture_id=made.id, granted_fen=1, source=FundSource.CITY, basis="x", finish_by=date(2016, 6, 1)
        )
        given(made, self.centre).when(command, by=OTHER).refused("不能承接")
        given(made).when(WithdrawVenture(venture_id=made.id, reason="承接主体异常"), by=OTHER).then(Venture.Withdrawn)


class TestSupportFund:
    @pytest.mark.parametrize(
        ("year", "district", "street"),
        [
            (2013, 30_000_000, 3_000_000),
            (2014, 33_000_000, 3_300_000),
            (2015, 36_300_000, 3_630_000),
            (2018, 48_315_300, 4_831_530),
        ],
    )
    def test_the_plan_wants_a_tenth_more_each_year(self, year: int, district: int, street: int) -> None:
        assert least_of(PARAMETERS, "440704", year) == district
        assert least_of(PARAMETERS, "440704004", year) == street

    @pytest.mark.parametrize("year", [2012, 2019])
    def test_and_says_nothing_of_other_years(self, year: int) -> None:
        assert least_of(PARAMETERS, "440704", year) is None

    @with_any(st.integers(0, 10**10), st.integers(0, 5_000), st.integers(0, 20))
    def test_growth_is_exact_to_the_fen_and_rounded_up_once(self, base: int, growth: int, years: int) -> None:
        exact = base * Fraction(10_000 + growth, 10_000) ** years
        assert 0 <= grown(base, growth, years) - exact < 1

    def test_a_year_that_falls_short_is_recorded_with_what_is_missing(self) -> None:
        first = SetSupportFund(year=2014, amount_fen=33_000_000, legal_basis="江财预〔2014〕1号")
        fund = given().when(first, by=MONEY).then(SupportFund.Created, SupportFund.YearSet, least_fen=33_000_000)
        world = given(fund)
        world.when(first, by=MONEY).refused("已登记")
        short = SetSupportFund(year=2015, amount_fen=36_000_000, legal_basis="江财预〔2015〕1号")
        world.when(short, by=MONEY).then(SupportFund.YearSet, least_fen=36_300_000)
        assert history(fund)[-1].gist() == "2015 年 360000元，低于规划 3000元"
        right = {"support_fund_id": fund.id, "legal_basis": "更正"}
        world.when(CorrectSupportFund(year=2016, amount_fen=1, **right), by=MONEY).refused("尚未登记")
        world.when(CorrectSupportFund(year=2015, amount_fen=36_000_000, **right), by=MONEY).refused("无须更正")
        world.when(CorrectSupportFund(year=2015, amount_fen=36_300_000, **right), by=MONEY).then(
            SupportFund.YearSet, corrects_version=3
        )
        assert [(each.year, each.amount_fen) for each in fund.years] == [(2014, 33_000_000), (2015, 36_300_000)]

    def test_not_of_a_village(self) -> None:
        command = SetSupportFund(year=2015, amount_fen=1, legal_basis="x", division_code=VILLAGE)
        given().when(command, by=CLERK).refused("由区和街道设立")
