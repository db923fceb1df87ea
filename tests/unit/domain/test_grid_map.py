"""Grids on the map: borders in whole numbers, what lies in them, and who answers for them when."""

from datetime import date
from fractions import Fraction
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given as each
from hypothesis import strategies as st

from domain.codes import PublicFacilityKind, PublicFacilityState
from domain.errors import BadInput, RuleViolated
from domain.grid import Grid, PropertyManagement, PublicFacility
from domain.grid.commands import (
    AssignGridWorker,
    ChangeProperty,
    CheckPublicFacility,
    CloseGrid,
    DefineGrid,
    EndProperty,
    ListProperty,
    ListPublicFacility,
    RedefineGrid,
    ReleaseGridWorker,
)
from domain.grid.geometry import (
    UNIT,
    Point,
    Ring,
    area2,
    contains,
    degrees,
    geojson,
    geojson_point,
    parse_point,
    ring_of,
)
from domain.grid.grid import grid_at, grid_id
from tests.unit.domain.samples import VILLAGE
from tests.unit.domain.specification import NOW, STREET, given

TODAY = NOW.date()
BASE = Point(113 * UNIT, 22 * UNIT)
CODE, NEXT = f"{VILLAGE}001", f"{VILLAGE}002"


def ring(*steps: tuple[int, int]) -> Ring:
    """A closed ring of steps away from the base, in units."""
    points = [Point(BASE.lng + lng, BASE.lat + lat) for lng, lat in steps]
    return (*points, points[0])


SQUARE = ring((0, 0), (1000, 0), (1000, 1000), (0, 1000))
"""Counterclockwise."""
U_SHAPE = ring((0, 0), (900, 0), (900, 900), (600, 900), (600, 300), (300, 300), (300, 900), (0, 900))


def away(lng: int, lat: int) -> Point:
    return Point(BASE.lng + lng, BASE.lat + lat)


def grid(code: str = CODE, polygon: Ring | None = SQUARE) -> Grid:
    """A grid of the village since 2014."""
    return Grid.define(NOW, code=code, name="第一网格", polygon=polygon, from_on=date(2014, 1, 1))


class TestGeometry:
    @pytest.mark.parametrize(
        ("place", "inside"),
        [
            ((500, 500), True),
            ((0, 0), True),
            ((1000, 500), True),
            ((500, 1000), True),
            ((1001, 500), False),
            ((500, -1), False),
            ((-500, 1000), False),  # level with a corner and an edge
            ((1500, 0), False),
        ],
    )
    def test_a_point_in_a_square_and_on_its_border(self, place: tuple[int, int], inside: bool) -> None:
        assert contains(SQUARE, away(*place)) is inside
        assert contains(SQUARE[::-1], away(*place)) is inside

    @pytest.mark.parametrize(
        ("place", "inside"),
        [((450, 600), False), ((450, 300), True), ((450, 299), True), ((150, 800), True), ((450, 900), False)],
    )
    def test_a_bay_is_outside(self, place: tuple[int, int], inside: bool) -> None:
        assert contains(U_SHAPE, away(*place)) is inside

    @each(st.tuples(st.integers(-50, 1050), st.integers(-50, 1050)))
    def test_two_halves_hold_what_the_whole_holds(self, place: tuple[int, int]) -> None:
        west = ring((0, 0), (400, 0), (700, 1000), (0, 1000))
        east = ring((400, 0), (1000, 0), (1000, 1000), (700, 1000))
        point = away(*place)
        assert contains(SQUARE, point) == (contains(west, point) or contains(east, point))
        if contains(west, point) and contains(east, point):  # only on the border they share
            assert Fraction(place[0] - 400, 300) == Fraction(place[1], 1000)

    @each(
        st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=3, unique=True),
        st.tuples(st.integers(-5, 45), st.integers(-5, 45)),
    )
    def test_a_triangle_agrees_with_the_signs_of_its_turns(
        self, corners: list[tuple[int, int]], place: tuple[int, int]
    ) -> None:
        triangle = ring(*corners)
        if area2(triangle) == 0:
            return
        point = away(*place)
        turns = [
            (b.lng - a.lng) * (point.lat - a.lat) - (b.lat - a.lat) * (point.lng - a.lng) for a, b in pairwise(triangle)
        ]
        assert contains(triangle, point) == (all(turn >= 0 for turn in turns) or all(turn <= 0 for turn in turns))

    @pytest.mark.parametrize(
        ("points", "wrong"),
        [
            (SQUARE[:-1], "闭合环"),
            ((SQUARE[0], SQUARE[1], SQUARE[0]), "闭合环"),
            (ring((0, 0), (10, 0), (20, 0)), "没有围成区域"),
            (ring((0, 0), (10, 10), (10, 0), (0, 5)), "第 1 边与第 3 边"),
            (ring((0, 0), (10, 10), (10, 0), (0, 10)), "没有围成区域"),
            (ring((0, 0), (10, 0), (10, 10), (10, 0), (0, 10)), "重复的顶点"),
            (ring((0, 0), (10, 0), (5, 0), (5, 10)), "第 1 边与第 2 边"),
            (ring((0, 0), (10, 0), (5, 5), (10, 10), (0, 10), (10, 5)), "相交或相接"),
            ((*tuple(away(n, n * n) for n in range(600)), BASE), "至多 500 个点"),
        ],
    )
    def test_what_is_no_border_is_refused(self, points: Ring, wrong: str) -> None:
        with pytest.raises(RuleViolated, match=wrong):
            ring_of(points)

    def test_a_border_that_is_one_stays_as_it_is(self) -> None:
        assert ring_of(U_SHAPE) == U_SHAPE
        assert ring_of(ring((0, 0), (500, 0), (1000, 0), (1000, 1000))) is not None  # a corner on a straight line

    @pytest.mark.parametrize(
        ("text", "point"),
        [
            ("113.1234567,22.5678901", Point(1131234567, 225678901)),
            (" 113.12345678999 ， 22.56789019 ", Point(1131234567, 225678901)),
            ("113,22.5", Point(1130000000, 225000000)),
        ],
    )
    def test_degrees_are_read_without_floats(self, text: str, point: Point) -> None:
        assert parse_point(text) == point

    @pytest.mark.parametrize("text", ["22.5,113.1", "113.1", "113.1,22.5,3", "1e2,22", "NaN,22", "113.1;22.5", ","])
    def test_what_is_no_place_in_china_is_refused(self, text: str) -> None:
        with pytest.raises(BadInput):
            parse_point(text)

    @each(st.integers(-180 * UNIT, 180 * UNIT))
    def test_written_degrees_are_exact(self, units: int) -> None:
        assert Fraction(degrees(units)) * UNIT == units

    def test_geojson_runs_counterclockwise_and_closes(self) -> None:
        text = geojson(SQUARE[::-1])
        assert text == geojson(SQUARE)
        assert text.startswith('{"type":"Polygon","coordinates":[[[113.0000000,22.0000000],[113.0001000,22.0000000]')
        assert geojson_point(away(5, 0)) == '{"type":"Point","coordinates":[113.0000005,22.0000000]}'


class TestGrids:
    def test_defined_once_with_its_border(self) -> None:
        text = " ".join(f"{degrees(p.lng)},{degrees(p.lat)}" for p in SQUARE)
        command = DefineGrid(code=CODE, name=" 第一网格 ", from_on=TODAY, polygon=text)
        made = (
            given()
            .when(command, by=STREET)
            .then(Grid.Created, code=CODE, name="第一网格", division_code=VILLAGE, polygon=SQUARE)
        )
        assert made.id == grid_id(CODE)
        given(made).when(command, by=STREET).refused("已划定")

    @pytest.mark.parametrize("code", ["44070400420300", "440704004203x01", "440703004203001", "440704004203001 "])
    def test_a_code_is_a_community_and_three_digits(self, code: str) -> None:
        given().when(DefineGrid(code=code, name="x", from_on=TODAY), by=STREET).refused("", BadInput)

    def test_a_new_border_replaces_the_old_one_from_a_day_on(self) -> None:
        one = grid()
        text = " ".join(f"{degrees(p.lng)},{degrees(p.lat)}" for p in U_SHAPE)
        command = RedefineGrid(code=CODE, polygon=text, reason="街道会议纪要", from_on=date(2016, 1, 1))
        changed = given(one).when(command, by=STREET).then(Grid.Redefined, polygon=U_SHAPE, name=None)
        bay = away(450, 600)  # inside the old border, outside the new one
        assert (changed.holds(bay, date(2015, 12, 31)), changed.holds(bay, date(2016, 1, 1))) == (True, False)
        assert not changed.holds(bay, date(2013, 12, 31))
        given(changed).when(command, by=STREET).refused("无需调整")
        given(one).when(RedefineGrid(code=CODE, name="新", reason=" ", from_on=TODAY), by=STREET).refused("写明原因")
        before = RedefineGrid(code=CODE, name="新", reason="x", from_on=date(2013, 1, 1))
        given(one).when(before, by=STREET).refused("自 2014-01-01 起设立")

    def test_a_point_lies_in_the_grid_of_its_day(self) -> None:
        east = ring((1000, 0), (2000, 0), (2000, 1000), (1000, 1000))
        both = [grid(NEXT, east), grid()]
        assert grid_at(both, away(500, 500), TODAY) == CODE
        assert grid_at(both, away(1500, 500), TODAY) == NEXT
        assert grid_at(both, away(1000, 500), TODAY) == CODE  # a border they share is the first one's
        assert grid_at(both, away(5000, 500), TODAY) == ""
        both[1].close(NOW, reason="并入第二网格", from_on=TODAY)
        assert grid_at(both, away(500, 500), TODAY) == ""

    def test_one_worker_at_a_time_and_deputies_beside(self) -> None:
        one = grid()
        first = AssignGridWorker(code=CODE, worker="网格员甲", from_on=TODAY)
        one = given(one).when(first, by=STREET).then(Grid.WorkerAssigned, worker="网格员甲", to_on=None)
        second = AssignGridWorker(code=CODE, worker="网格员乙", from_on=date(2016, 1, 1))
        given(one).when(second, by=STREET).refused("已由 网格员甲 负责")
        given(one).when(first, by=STREET).refused("无需重复指派")
        leave = AssignGridWorker(code=CODE, worker="网格员乙", from_on=TODAY, to_on=date(2015, 12, 20), deputy=True)
        one = given(one).when(leave, by=STREET).then(Grid.WorkerAssigned, deputy=True)
        assert one.worker_on(date(2015, 12, 20)) == "网格员乙"
        assert one.worker_on(date(2015, 12, 21)) == "网格员甲"
        assert one.worker_on(date(2015, 12, 9)) == ""
        forever = AssignGridWorker(code=CODE, worker="网格员丙", from_on=TODAY, deputy=True)
        given(one).when(forever, by=STREET).refused("须有末日")
        past = AssignGridWorker(code=CODE, worker="网格员丙", from_on=date(2015, 12, 9))
        given(one).when(past, by=STREET).refused("不能追溯")

    def test_released_another_may_be_assigned_from_the_next_day(self) -> None:
        one = grid()
        one.assign(NOW, worker="网格员甲", deputy=False, from_on=TODAY, to_on=None)
        out = ReleaseGridWorker(code=CODE, worker="网格员甲", last_on=date(2015, 12, 31), reason="调离")
        one = given(one).when(out, by=STREET).then(Grid.WorkerReleased, last_on=date(2015, 12, 31))
        given(one).when(out, by=STREET).refused("无需解除")
        next_one = AssignGridWorker(code=CODE, worker="网格员乙", from_on=date(2016, 1, 1))
        given(one).when(next_one, by=STREET).then(Grid.WorkerAssigned)

    def test_a_closed_grid_has_no_workers_and_is_not_changed(self) -> None:
        one = grid()
        one.assign(NOW, worker="网格员甲", deputy=False, from_on=TODAY, to_on=None)
        command = CloseGrid(code=CODE, reason="并入第二网格", from_on=date(2016, 1, 1))
        one = given(one).when(command, by=STREET).then(Grid.WorkerReleased, Grid.Closed)
        assert one.worker_on(date(2015, 12, 31)) == "网格员甲"
        assert one.worker_on(date(2016, 1, 1)) == ""
        given(one).when(command, by=STREET).refused("已于 2016-01-01 撤销")

    def test_what_a_source_calls_it_is_taken_once(self) -> None:
        one = grid(polygon=None)
        one.report_defined(NOW, name="东一网格", from_on=TODAY)
        one.report_defined(NOW, name="东一网格", from_on=TODAY)
        assert (one.name, one.version) == ("东一网格", 2)


class TestWhatStandsInThem:
    def test_a_facility_is_found_in_its_grid_and_looked_at(self) -> None:
        place = f"{degrees(BASE.lng + 5)},{degrees(BASE.lat + 5)}"
        lamp = ListPublicFacility(
            kind=PublicFacilityKind.LIGHTING, name="路灯 3 号", place="一巷口", division_code=VILLAGE, point=place
        )
        made = given(grid()).when(lamp, by=STREET).then(PublicFacility.Created, grid_code=CODE)
        broken = CheckPublicFacility(facility_id=made.id, state=PublicFacilityState.DAMAGED, checked_on=TODAY)
        given(made).when(broken, by=STREET).refused("写明情况")
        gone = CheckPublicFacility(
            facility_id=made.id, state=PublicFacilityState.REMOVED, checked_on=TODAY, note="道路改造"
        )
        made = given(made).when(gone, by=STREET).then(PublicFacility.Checked)
        given(made).when(gone, by=STREET).refused("已拆除")

    def test_an_estate_and_its_managers(self) -> None:
        listed = ListProperty(
            estate="拟某小区", company="拟某物业", household_count=120, division_code=VILLAGE, from_on=TODAY, phone="1"
        )
        made = given().when(listed, by=STREET).then(PropertyManagement.Created, phone="1", grid_code="")
        less = ChangeProperty(property_id=made.id, company="另一物业", household_count=-1, from_on=TODAY)
        given(made).when(less, by=STREET).refused("不能为负数")
        ended = given(made).when(EndProperty(property_id=made.id, from_on=TODAY, reason="合同到期"), by=STREET)
        made = ended.then(PropertyManagement.Ended)
        again = ChangeProperty(property_id=made.id, company="另一物业", household_count=1, from_on=TODAY)
        given(made).when(again, by=STREET).refused("已于 2015-12-10 终止")
        foreign = ListProperty(
            estate="x", company="x", household_count=1, division_code=VILLAGE, from_on=TODAY, grid_code=NEXT
        )
        given(grid()).when(foreign, by=STREET).refused("尚未划定", BadInput)


def test_ids_follow_from_codes() -> None:
    assert isinstance(grid_id(CODE), UUID)
    assert grid_id(CODE) != grid_id(NEXT)
