"""Places on the map in whole numbers: a degree is 10,000,000 units (about a centimetre), so nothing is ever rounded.

A polygon is one closed ring without holes: its first point stands again at its end, as in GeoJSON (RFC 7946).
"""

import itertools
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from domain.errors import BadInput, RuleViolated

UNIT = 10_000_000
"""Units of a degree."""
MOST_POINTS = 500
"""Points of a ring: more than any grid's border needs, and few enough to compare every edge with every other."""
_NUMBER = re.compile(r"[+-]?\d{1,3}(?:\.\d{1,20})?")


class Point(NamedTuple):
    """A place in units of 1e-7 degree: longitude, latitude."""

    lng: int
    lat: int


Ring = tuple[Point, ...]


def parse_point(text: str, field: str = "point") -> Point:
    """A point from `lng,lat` in decimal degrees, cut to seven decimals; raises BadInput.

    What lies outside China is refused, as are the two numbers the wrong way round: files hold both.
    """
    parts = [part.strip() for part in text.replace("，", ",").split(",")]
    if len(parts) != 2 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise BadInput("坐标应写作“经度,纬度”（十进制度），例如 113.1234567,22.5678901。", field)
    lng, lat = (int(Decimal(part) * UNIT) for part in parts)  # towards zero: a centimetre at most
    return demand_point(Point(lng, lat), field)


def demand_point(point: Point, field: str = "point") -> Point:
    """The point itself; raises BadInput where it does not lie in China."""
    if not (73 * UNIT <= point.lng <= 136 * UNIT and 3 * UNIT <= point.lat <= 54 * UNIT):
        raise BadInput("坐标不在国内，请核对经度和纬度的次序。", field)
    return point


def degrees(units: int) -> str:
    """Units as decimal degrees with seven decimals, without a float on the way."""
    whole, rest = divmod(abs(units), UNIT)
    return f"{'-' if units < 0 else ''}{whole}.{rest:07d}"


def ring_of(points: Iterable[Sequence[int]]) -> Ring:
    """A valid ring of these points; raises RuleViolated naming what is wrong.

    It has at least three different corners, is closed, encloses something, and no edge crosses or touches another
    but where they follow each other.
    """
    ring = tuple(demand_point(Point(lng, lat), "polygon") for lng, lat in points)
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise RuleViolated("网格边界应为闭合环：至少三个顶点，并以第一个点结尾。")
    if len(ring) > MOST_POINTS:
        raise RuleViolated(f"网格边界至多 {MOST_POINTS} 个点，请先简化。")
    corners = ring[:-1]
    if len(set(corners)) != len(corners):
        raise RuleViolated("网格边界有重复的顶点，请删去多余的点。")
    if area2(ring) == 0:
        raise RuleViolated("网格边界没有围成区域（各点在一条直线上，或两半相抵），请重新描绘。")
    if crossing := _crossing(ring):
        raise RuleViolated(f"网格边界第 {crossing[0]} 边与第 {crossing[1]} 边相交或相接，请重新描绘。")
    return ring


def area2(ring: Ring) -> int:
    """Twice the enclosed area in square units: above zero where the ring runs counterclockwise."""
    return sum(a.lng * b.lat - b.lng * a.lat for a, b in itertools.pairwise(ring))


def contains(ring: Ring, point: Point) -> bool:
    """Whether a point lies within the ring or on its border, told by whole numbers alone."""
    inside = False
    for a, b in itertools.pairwise(ring):
        turn = _turn(a, b, point)
        if turn == 0 and _between(a, b, point):
            return True
        # The edge crosses the point's own latitude to its right; a corner counts with one of its two edges.
        if (a.lat > point.lat) != (b.lat > point.lat) and (turn > 0) == (b.lat > a.lat):
            inside = not inside
    return inside


def touch(one: Ring, other: Ring) -> bool:
    """Whether two rings share any place: an edge meets an edge, or one lies within the other."""
    if contains(one, other[0]) or contains(other, one[0]):
        return True
    return any(_meet(a, b, c, d) for a, b in itertools.pairwise(one) for c, d in itertools.pairwise(other))


def geojson(ring: Ring) -> str:
    """A GeoJSON Polygon, its ring counterclockwise as RFC 7946 wants an outer one."""
    shown = ring if area2(ring) > 0 else ring[::-1]
    pairs = ",".join(f"[{degrees(p.lng)},{degrees(p.lat)}]" for p in shown)
    return f'{{"type":"Polygon","coordinates":[[{pairs}]]}}'


def geojson_point(point: Point) -> str:
    """A GeoJSON Point."""
    return f'{{"type":"Point","coordinates":[{degrees(point.lng)},{degrees(point.lat)}]}}'


def _turn(a: Point, b: Point, c: Point) -> int:
    """Above zero where `c` lies to the left of the way from `a` to `b`, 0 on its line."""
    return (b.lng - a.lng) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lng - a.lng)


def _between(a: Point, b: Point, c: Point) -> bool:
    """Whether a point of the line through `a` and `b` lies on the edge itself."""
    return min(a.lng, b.lng) <= c.lng <= max(a.lng, b.lng) and min(a.lat, b.lat) <= c.lat <= max(a.lat, b.lat)


def _crossing(ring: Ring) -> tuple[int, int] | None:
    """The first two edges, counted from 1, that share a point they should not."""
    edges = list(itertools.pairwise(ring))
    for i, (a, b) in enumerate(edges):
        for j in range(i + 1, len(edges)):
            c, d = edges[j]
            if j == i + 1:
                bad = _turn(a, b, d) == 0 and _between(a, b, d)  # it runs back along the edge before
                bad = bad or (_turn(c, d, a) == 0 and _between(c, d, a))
            elif i == 0 and j == len(edges) - 1:
                bad = (_turn(c, d, b) == 0 and _between(c, d, b)) or (_turn(a, b, c) == 0 and _between(a, b, c))
            else:
                bad = _meet(a, b, c, d)
            if bad:
                return i + 1, j + 1
    return None


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether two edges have any point in common."""
    one, two, three, four = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if ((one > 0) != (two > 0)) and ((three > 0) != (four > 0)) and 0 not in (one, two, three, four):
        return True
    touching = ((one, a, b, c), (two, a, b, d), (three, c, d, a), (four, c, d, b))
    return any(turn == 0 and _between(*edge) for turn, *edge in touching)
