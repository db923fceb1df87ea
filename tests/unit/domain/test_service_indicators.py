"""What the indicators of organisations, purchase and governance make of their counts: the plan's own figures."""

from api.graphql.indicators import INDICATORS
from domain.civic.indicators import INDICATORS as CIVIC
from domain.procurement.indicators import INDICATORS as PROCUREMENT
from projections.civic import figures as civic
from projections.procurement import figures as procurement

BY_NAME = {indicator.name: indicator for indicator in (*PROCUREMENT, *CIVIC)}


def test_every_count_has_a_place_it_comes_from() -> None:
    assert len({indicator.name for indicator in INDICATORS}) == len(INDICATORS)
    for indicators, counts in ((PROCUREMENT, procurement.COUNTS), (CIVIC, civic.COUNTS)):
        for indicator in indicators:
            assert indicator.counts <= counts, indicator.name
            assert indicator.label
            assert indicator.formula
            assert indicator.source
    used = {name for indicator in (*PROCUREMENT, *CIVIC) for name in indicator.counts}
    assert used == procurement.COUNTS | civic.COUNTS


def test_the_plans_own_figures() -> None:
    def value(name: str, **counts: int) -> int | None:
        return BY_NAME[name].value(counts)

    assert value("organisations_per_10000", organisations=158, organisation_population=164_600) == 960  # 9.60
    assert value("contracted_local_share", contracted_local_bodies=5, contracted_bodies=6) == 8_333
    assert value("station_coverage", station_divisions=62, communities=62) == 10_000
    assert value("family_centre_coverage", family_centre_divisions=3, streets=3) == 10_000
    assert value("cadre_allowance_avg", cadre_allowance_fen=2_500_00 * 12 * 300, cadre_person_months=3_600) == 250_000
    assert value("volunteers_added", volunteers=1_200, volunteers_year_before=1_100) == 100
    assert value("cross_membership_share", cross_members=0, committee_members=0) is None
    growth = {"support_fund_compared_fen": 33_000_000, "support_fund_former_fen": 30_000_000}
    assert value("support_fund_growth", **growth) == BY_NAME["support_fund_growth"].target
