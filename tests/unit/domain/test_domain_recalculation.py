"""A changed standard recalculates everyone concerned."""

from datetime import date
from uuid import uuid4

import pytest

from domain.assistance import Case, Standard
from domain.assistance.recalculation import Outcome, concerns, recalculate
from domain.codes import Scheme
from domain.kernel import tags_of
from domain.parameters import Parameters, ParameterVersion, Unit
from tests.unit.domain.samples import OTHER_VILLAGE, PARAMETERS, VILLAGE, applied, closed, on, paying, suspended
from tests.unit.domain.specification import assert_replays, history

AT = on("2015-12-20")


def standard(fen: int, division: str = "440704", code: str = "dibao.standard.rural") -> ParameterVersion:
    return ParameterVersion(code, "", fen, Unit.FEN, division, date(2016, 1, 1), None, "示例")


def with_standard(fen: int) -> Parameters:
    return PARAMETERS.with_versions([standard(fen)])


def unverified() -> Case:
    case = applied()
    case.report_granted(AT, monthly_fen=75_000, start_month="2015-02")
    return case


def above() -> Case:
    case = paying()
    case.report_granted(AT, monthly_fen=100_000, start_month="2015-02")
    return case


def richer() -> Case:
    case = paying()
    case.report_verification(AT, monthly_income_fen=500_000)
    return case


def test_a_raised_standard_raises_the_amount() -> None:
    case = paying()
    assert recalculate(case, with_standard(60_000), "2016-01", AT) is Outcome.RECALCULATED
    assert (case.amount_for("2015-12"), case.amount_for("2016-01")) == (75_000, 90_000)
    assert recalculate(case, with_standard(60_000), "2016-01", AT) is Outcome.UNCHANGED
    assert_replays(case)


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        (unverified(), Outcome.NO_BASIS),
        (above(), Outcome.LOWER),
        (richer(), Outcome.NOT_ELIGIBLE),
        (suspended(), Outcome.NOT_CONCERNED),
        (closed(), Outcome.NOT_CONCERNED),
        (applied(), Outcome.NOT_CONCERNED),
        (paying(Scheme.TEKUN, income_fen=0), Outcome.UNCHANGED),
    ],
)
def test_what_is_not_higher_is_left_to_people(case: Case, outcome: Outcome) -> None:
    version = case.version
    assert recalculate(case, with_standard(60_000), "2016-01", AT) is outcome
    assert case.version == version


def test_whom_a_version_concerns() -> None:
    dibao, tekun = paying(), paying(Scheme.TEKUN, income_fen=0)
    assert concerns(standard(1), dibao)
    assert not concerns(standard(1), tekun)
    assert concerns(standard(1, VILLAGE), dibao)
    assert not concerns(standard(1, OTHER_VILLAGE), dibao)
    assert concerns(standard(1, code="tekun.basic"), tekun)
    assert not concerns(standard(1, code="temp.cap_months"), dibao)
    assert not concerns(standard(1), applied(Scheme.TEMP))


def test_a_standard_waits_until_it_has_been_applied_to_everyone() -> None:
    adopted = Standard.adopt(
        uuid4(),
        AT,
        parameters=PARAMETERS,
        param_code="dibao.standard.rural",
        value=60_000,
        division_code="440704",
        from_on=date(2016, 1, 1),
        legal_basis="江府办〔2015〕40号",
    )
    assert adopted.pending
    counts = {"recalculated": 3, "unchanged": 1, "handed_over": 0, "no_basis": 0}
    adopted.report_applied(AT, **counts)
    assert not adopted.pending
    adopted.revoke(AT, reason="误录")
    assert adopted.pending, "what it raised has to be recalculated again"
    adopted.report_applied(AT, **counts)
    assert not adopted.pending
    assert_replays(adopted)
    assert "standards:district" in tags_of(adopted, history(adopted)[0])
