"""docs/processes.md names every rule with tests that are there."""

import ast
import re
from pathlib import Path

import pytest
from graphql import parse, validate

from api.graphql.schema import build_schema
from domain.codes import ProcessCode
from domain.processes import PROCESSES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "processes.md").read_text(encoding="utf-8")
ROWS = {row.split("|")[1].strip(): row for row in PAGE.splitlines() if re.match(r"\| X\d+ \|", row)}


def names_in(path: Path) -> set[str]:
    """Test functions of a file, those of a class as Class::name."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{each.name}" for each in node.body if hasattr(each, "name")}
        elif hasattr(node, "name"):
            found.add(node.name)
    return found


def test_every_rule_has_its_row() -> None:
    assert set(ROWS) == {code.value for code in ProcessCode}
    assert {rule.CODE.value for rule in PROCESSES} <= set(ROWS)


@pytest.mark.parametrize("code", sorted(ROWS))
def test_each_is_proven_by_tests_that_are_there(code: str) -> None:
    tests = re.findall(r"tests/\S+\.py(?:::\S+)?", ROWS[code])
    assert tests
    for test in tests:
        file, _, name = test.partition("::")
        assert (ROOT / file).exists(), test
        assert not name or name in names_in(ROOT / file), test


@pytest.mark.parametrize("rule", PROCESSES, ids=lambda rule: type(rule).__name__)
def test_each_says_what_by_when_and_what_else(rule: object) -> None:
    assert all(re.search("[一-鿿]", getattr(rule, name)) for name in ("MUST", "LIMIT", "FAILS"))


@pytest.mark.parametrize("query", re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL))
def test_its_queries_are_understood(query: str) -> None:
    assert validate(build_schema().core, parse(query)) == []
