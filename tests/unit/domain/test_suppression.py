"""No hidden number of a published table can be computed, by sums or by somebody who knows the rule."""

import itertools
from collections import defaultdict
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.suppression import SMALL, Suppression

FLAT = {"r": ("a", "b", "c")}
DEEP = {"r": ("x", "y"), "x": ("a", "b"), "y": ("c", "d")}
LOPSIDED = {"r": ("x", "y", "z"), "x": ("a",), "y": ("b", "c"), "z": ("d",)}
ONE = {"r": ("x", "y"), "x": ("a",), "y": ("b", "c", "d")}


def counts_of(children: Mapping[str, tuple[str, ...]], leaves: Mapping[str, int]) -> dict[str, int]:
    def count(node: str) -> int:
        below = children.get(node)
        return leaves[node] if below is None else sum(count(child) for child in below)

    nodes = {"r", *children, *itertools.chain.from_iterable(children.values())}
    return {node: count(node) for node in nodes}


def published(children: Mapping[str, tuple[str, ...]], leaves: Mapping[str, int]) -> dict[str, int | None]:
    counts = counts_of(children, leaves)
    hidden = Suppression("r", children, counts).run()
    return {node: None if node in hidden else count for node, count in sorted(counts.items())}


def leaves_of(children: Mapping[str, tuple[str, ...]]) -> list[str]:
    return sorted({leaf for below in children.values() for leaf in below} - set(children))


def orders(children: Mapping[str, tuple[str, ...]]) -> list[dict[str, tuple[str, ...]]]:
    """The tree with its parts in every order."""
    each = (itertools.permutations(below) for below in children.values())
    return [dict(zip(children, order, strict=True)) for order in itertools.product(*each)]


@pytest.mark.parametrize("children", [FLAT, DEEP, LOPSIDED, ONE], ids=["flat", "deep", "lopsided", "one"])
def test_who_knows_the_rule_but_not_the_order_can_not_tell(children: dict[str, tuple[str, ...]]) -> None:
    """Every table that could be published the same way: each hidden number has several values among them."""
    most = 10
    names = leaves_of(children)
    seen: dict[tuple[int | None, ...], set[tuple[int, ...]]] = defaultdict(set)
    for values in itertools.product(range(most), repeat=len(names)):
        for order in orders(children):
            seen[tuple(published(order, dict(zip(names, values, strict=True))).values())].add(values)
    nodes = sorted({"r", *children, *names})
    told = 0
    for output, tables in seen.items():
        hidden = [node for node, value in zip(nodes, output, strict=True) if value is None]
        # Tables with larger counts than are tried here look alone only because their likes were not tried.
        if not hidden or max(max(table) for table in tables) > most - SMALL:
            continue
        told += 1
        for node in hidden:
            values_of = {counts_of(children, dict(zip(names, table, strict=True)))[node] for table in tables}
            assert len(values_of) > 1, (node, dict(zip(nodes, output, strict=True)), tables)
    assert told > 10


@st.composite
def districts(draw: st.DrawFn) -> tuple[dict[str, tuple[str, ...]], dict[str, int]]:
    """Streets with communities; many of the counts are small."""
    children: dict[str, tuple[str, ...]] = {}
    leaves: dict[str, int] = {}
    streets = draw(st.integers(1, 5))
    for street in range(streets):
        places = tuple(f"{street}.{place:02d}" for place in range(draw(st.integers(1, 8))))
        children[str(street)] = places
        for place in places:
            leaves[place] = draw(st.one_of(st.just(0), st.integers(1, 6), st.integers(0, 60)))
    children["r"] = tuple(str(street) for street in range(streets))
    return children, leaves


@settings(max_examples=400, deadline=None)
@given(districts())
def test_every_sum_leaves_at_least_two_parts_and_five_people_open(
    made: tuple[dict[str, tuple[str, ...]], dict[str, int]],
) -> None:
    children, leaves = made
    counts = counts_of(children, leaves)
    shown = published(children, leaves)
    assert all(shown[node] is None for node, count in counts.items() if 0 < count < SMALL)
    for node, below in children.items():
        parts = [counts[child] for child in below if shown[child] is None]
        if shown[node] is None:
            assert all(shown[child] is None for child in below)
        elif parts:
            assert len(parts) > 1
            assert sum(parts) >= SMALL
            assert sum(parts) > len(parts)


@settings(max_examples=300, deadline=None)
@given(districts())
def test_no_hidden_cell_is_the_only_solution_of_the_published_sums(
    made: tuple[dict[str, tuple[str, ...]], dict[str, int]],
) -> None:
    """Another table with the same published numbers, in which that cell has another value, for each hidden cell."""
    children, leaves = made
    shown = published(children, leaves)
    for cell in (leaf for leaf in leaves if shown[leaf] is None):
        others = [leaf for leaf in leaves if shown[leaf] is None and leaf != cell]
        found = False
        for other, step in itertools.product((None, *others), (1, -1)):
            changed = {**leaves, cell: leaves[cell] + step}
            if other is not None:
                changed[other] -= step
            if min(changed.values()) < 0:
                continue
            sums = counts_of(children, changed)
            if all(value is None or sums[node] == value for node, value in shown.items()):
                found = True
                break
        assert found, (cell, shown)


def test_a_district_without_small_cells_is_published_whole() -> None:
    assert None not in published(DEEP, {"a": 5, "b": 0, "c": 17, "d": 9}).values()


def test_one_small_cell_takes_the_next_with_it() -> None:
    shown = published(FLAT, {"a": 20, "b": 3, "c": 30})
    assert shown == {"a": None, "b": None, "c": 30, "r": 53}


def test_where_nothing_else_can_be_hidden_the_total_goes() -> None:
    assert published(LOPSIDED, {"a": 2, "b": 10, "c": 12, "d": 0})["x"] is None
    assert set(published(FLAT, {"a": 3, "b": 0, "c": 0}).values()) == {None}


def test_an_empty_district_says_so() -> None:
    assert set(published(DEEP, dict.fromkeys("abcd", 0)).values()) == {0}
