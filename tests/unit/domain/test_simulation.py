"""What-if: what a change does, and nothing else; exact to the fen, the same as one case at a time."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.assistance.amounts import Basis, compute
from domain.care.benefits.amounts import Known, Refusal
from domain.care.benefits.amounts import compute as due
from domain.care.benefits.basis import Basis as CareBasis
from domain.care.benefits.what_if import bases
from domain.codes import (
    BenefitKind,
    CareLevel,
    DisabilityCategory,
    DisabilityGrade,
    Guarantee,
    Scheme,
    SelfCare,
    Supplement,
    UrbanRural,
)
from domain.errors import BadInput, ParameterNotInForce
from domain.parameters import Parameters, Unit, official_parameters
from domain.simulation import Change, Simulation, SupportedRow, SupportedTable, changed, simulate
from tests.unit.domain.samples import OTHER_VILLAGE, VILLAGE

PARAMETERS = official_parameters()
MONTH = "2015-12"
DOUBLED = Parameters(
    replace(v, value=v.value * 2) if v.code.startswith("benefits.") and v.unit is Unit.FEN else v for v in PARAMETERS
)
RAISED = Change("dibao.standard.rural", "600元")


def row(**given: object) -> SupportedRow:
    """Three persons with 900 yuan: 750 yuan of dibao."""
    fields = {
        "case_id": uuid4(),
        "division_code": VILLAGE,
        "scheme": "DIBAO",
        "urban_rural": "rural",
        "persons": 3,
        "income_fen": 90_000,
        "supplements": "",
        "self_care": None,
        "due_fen": 75_000,
        "fund": "区财政",
        "month": MONTH,
    }
    return SupportedRow(**{**fields, **given})  # type: ignore[arg-type]


def tried(*rows: SupportedRow, changes: tuple[Change, ...] = (RAISED,)) -> Simulation:
    """What comes of the changes."""
    return simulate(SupportedTable(7, rows), PARAMETERS, changed(PARAMETERS, changes, MONTH, "440704"), MONTH)


def test_a_standard_of_600_yuan_costs_50_yuan_a_person() -> None:
    result = tried(row(), row(division_code=OTHER_VILLAGE, fund=""))
    assert [(line.street, line.fund, line.cost_fen, line.gaining) for line in result.lines] == [
        ("440704004", "区财政", 15_000, 1),
        ("440704005", "", 15_000, 1),
    ]
    assert [(m.before_fen, m.after_fen) for m in result.moved] == [(75_000, 90_000)] * 2
    assert (result.position, result.replaced[0].value, result.changes[0].value) == (7, 55_000, 60_000)


def test_who_is_on_the_margin_enters_and_who_has_too_much_leaves() -> None:
    margin = row(scheme="DIBAO_MARGIN", income_fen=170_000, due_fen=0)
    (line,) = [line for line in tried(margin, row()).lines if line.scheme is Scheme.DIBAO_MARGIN]
    assert (line.households, line.entering, line.before_fen, line.after_fen) == (1, 1, 0, 10_000)
    (line,) = tried(row(), changes=(Change("dibao.standard.rural", "300元"),)).lines
    assert (line.leaving, line.losing, line.after_fen, line.lost_fen) == (1, 1, 0, 75_000)


def test_an_old_difference_is_not_the_changes_doing() -> None:
    (moved,) = tried(row(due_fen=74_000)).moved
    assert (moved.before_fen, moved.after_fen) == (74_000, 89_000)


@pytest.mark.parametrize("unlike", [{"income_fen": None}, {"income_fen": 500_000}])
def test_what_can_not_be_said_is_counted_and_left_alone(unlike: dict[str, object]) -> None:
    (line,) = tried(row(**unlike)).lines
    assert (line.unknown, line.cost_fen) == (1, 0)


def test_tekun_by_its_own_formula() -> None:
    basic = PARAMETERS.value("tekun.basic", VILLAGE, date(2015, 12, 1))
    lone = row(scheme="TEKUN", persons=1, income_fen=0, self_care="none", due_fen=120_000)
    (moved,) = tried(lone, changes=(Change("tekun.basic", f"{basic // 100 + 100}元"),)).moved
    assert moved.after_fen - moved.before_fen == 10_000
    assert tried(lone).moved == ()


def test_one_streets_change_stays_in_that_street() -> None:
    here = Change("dibao.standard.rural", "600元", "440704004")
    assert [moved.division_code for moved in tried(row(), row(division_code=OTHER_VILLAGE), changes=(here,)).moved] == [
        VILLAGE
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change("dibao.standard.mars", "600元"), "没有有效版本"),
        (Change("dibao.standard.rural", "60%"), "单位是"),
        (Change("dibao.standard.rural", "很多"), "数字加单位"),
        (Change("dibao.standard.rural", "600.005元"), "超出精度"),
    ],
)
def test_what_can_not_be_meant_is_told(change: Change, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        changed(PARAMETERS, (change,), MONTH, "440704")
    with pytest.raises(BadInput, match="至少"):
        changed(PARAMETERS, (), MONTH, "440704")


HOUSEHOLDS = st.lists(
    st.builds(
        row,
        case_id=st.uuids(),
        scheme=st.sampled_from(["DIBAO", "TEKUN", "DIBAO_MARGIN"]),
        urban_rural=st.sampled_from(["urban", "rural"]),
        persons=st.integers(1, 6),
        income_fen=st.none() | st.integers(0, 400_000),
        supplements=st.lists(st.sampled_from([s.value for s in Supplement]), max_size=2).map(",".join),
        self_care=st.sampled_from([None, *(s.value for s in SelfCare)]),
        fund=st.sampled_from(["", "区财政", "省财政"]),
        division_code=st.sampled_from([VILLAGE, OTHER_VILLAGE]),
    ),
    max_size=12,
    unique_by=lambda row: row.case_id,
)


@drawn(HOUSEHOLDS, st.integers(1, 2_000))
def test_the_whole_district_comes_to_what_its_cases_come_to_one_by_one(rows: list[SupportedRow], yuan: int) -> None:
    versions = changed(PARAMETERS, (Change("dibao.standard.rural", f"{yuan}元"),), MONTH, "440704")
    rows = [_as_due(each) for each in rows]
    result = simulate(SupportedTable(1, rows), PARAMETERS, versions, MONTH)
    expected = {each.case_id: _alone(each, versions) for each in rows}
    assert {m.case_id: m.after_fen - m.before_fen for m in result.moved} == {k: v for k, v in expected.items() if v}
    assert sum(line.cost_fen for line in result.lines) == sum(expected.values())
    assert all(line.cost_fen == line.gained_fen - line.lost_fen for line in result.lines)


def _rule(each: SupportedRow, parameters: object) -> int | None:
    scheme = Scheme.DIBAO if each.scheme == "DIBAO_MARGIN" else Scheme(each.scheme)
    if scheme is Scheme.DIBAO and each.income_fen is None:
        return None
    basis = Basis(
        scheme,
        each.division_code,
        UrbanRural(each.urban_rural),
        each.persons,
        each.income_fen or 0,
        tuple(Supplement(code) for code in each.supplements.split(",") if code),
        SelfCare(each.self_care) if each.self_care else None,
    )
    try:
        return compute(basis, parameters, date(2015, 12, 1)).amount_fen  # type: ignore[arg-type]
    except ParameterNotInForce:
        return None


def _as_due(each: SupportedRow) -> SupportedRow:
    """Paid what the rule gives; on the margin nothing."""
    due = 0 if each.scheme == "DIBAO_MARGIN" else _rule(each, PARAMETERS) or 0
    return each._replace(due_fen=due)


def _alone(each: SupportedRow, versions: tuple) -> int:  # type: ignore[type-arg]
    before, after = _rule(each, PARAMETERS), _rule(each, PARAMETERS.with_versions(versions))
    if before is None or after is None:
        return 0
    if each.due_fen == 0:
        return after if before == 0 else 0
    return after - before


class TestBenefits:
    """Subsidy bands: what a benefit would be paid is known where its present amount tells what it comes from."""

    def benefit(self, kind: str, due_fen: int, birth_on: date) -> SupportedRow:
        fields = {"urban_rural": "", "persons": 1, "income_fen": None, "birth_on": birth_on, "month": "2016-02"}
        return row(scheme=kind, due_fen=due_fen, **fields)

    def tried(self, *rows: SupportedRow, change: str, value: str) -> Simulation:
        versions = changed(PARAMETERS, (Change(change, value),), "2016-02", "440704")
        return simulate(SupportedTable(1, rows), PARAMETERS, versions, "2016-02")

    def test_a_band_of_the_old_age_allowance(self) -> None:
        paid = ((3_000, 1931), (10_000, 1921))
        rows = [self.benefit("OLD_AGE_ALLOWANCE", fen, date(born, 1, 1)) for fen, born in paid]
        result = self.tried(*rows, change="benefits.old_age.80", value="50元")
        assert [(m.before_fen, m.after_fen) for m in result.moved] == [(3_000, 5_000)]
        (line,) = result.lines
        assert (line.scheme, line.households, line.cost_fen, line.unknown) == (Scheme.OLD_AGE_ALLOWANCE, 2, 2_000, 0)

    def test_a_subsidy_whose_grade_is_sealed(self) -> None:
        day = date(2016, 2, 1)
        amount = PARAMETERS.value("benefits.dis_nursing.amount", VILLAGE, day)
        share = PARAMETERS.value("benefits.dis_nursing.share.1", VILLAGE, day)
        paid = self.benefit("DIS_NURSING", amount * share // 10_000, date(1970, 1, 1))
        result = self.tried(paid, change="benefits.dis_nursing.amount", value=f"{amount // 100 * 2}元")
        assert [moved.after_fen for moved in result.moved] == [2 * paid.due_fen]
        off = self.tried(paid._replace(due_fen=1), change="benefits.dis_nursing.amount", value="500元")
        assert (off.lines[0].unknown, off.moved) == (1, ())

    def test_what_a_change_does_not_touch_is_not_called_unknown(self) -> None:
        odd = self.benefit("DIS_NURSING", 1, date(1970, 1, 1))
        assert [line.unknown for line in tried(odd, row(income_fen=None)).lines] == [1, 0], "of dibao's standard"
        result = self.tried(odd, row(income_fen=None), change="benefits.dis_nursing.amount", value="500元")
        assert [line.unknown for line in result.lines] == [0, 1], "of a subsidy's band"

    def test_a_street_s_own_band_is_its_own(self) -> None:
        rows = [self.benefit("OLD_AGE_ALLOWANCE", 3_000, date(1931, 1, 1)) for _ in range(2)]
        rows[1] = rows[1]._replace(division_code=OTHER_VILLAGE)
        versions = changed(PARAMETERS, (Change("benefits.old_age.80", "50元", "440704004"),), "2016-02", "440704")
        result = simulate(SupportedTable(1, rows), PARAMETERS, versions, "2016-02")
        assert [(m.division_code, m.after_fen) for m in result.moved] == [(VILLAGE, 5_000)]

    @pytest.mark.parametrize("kind", list(BenefitKind))
    @pytest.mark.parametrize("born", [1920, 1931, 1950, 1970, 2010])
    def test_nothing_sealed_is_left_out(self, kind: BenefitKind, born: int) -> None:
        everything = [
            CareBasis(guarantee, level, demented, category, grade, needs_care=needs)
            for guarantee in (None, *Guarantee)
            for level in (None, *CareLevel)
            for demented in (False, True)
            for category in (None, *DisabilityCategory)
            for grade in (None, *DisabilityGrade)
            for needs in (False, True)
        ]

        def pairs(of: Iterable[CareBasis]) -> set[tuple[int, ...]]:
            found = set()
            for basis in of:
                known = Known(VILLAGE, date(born, 1, 1), True, basis)
                results = (due(kind, known, each, "2016-02") for each in (PARAMETERS, DOUBLED))
                found.add(tuple(0 if isinstance(one, Refusal) else one.amount_fen for one in results))
            return {pair for pair in found if pair != (0, 0)}

        assert pairs(bases(kind)) == pairs(everything)
