"""docs/findings.md names every rule with its words, its owner, and a test that is there; its queries are valid."""

import re
from pathlib import Path

import pytest
from graphql import parse, validate

from api.graphql.schema import build_schema
from domain.access import RoleCode
from domain.codes import FindingRule
from domain.findings import owner_of

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| `")]
OWNERS = {RoleCode.STREET_OFFICER: "街道", RoleCode.DISTRICT_CLERK: "区"}


def test_each_rule_has_one_row_with_its_words_and_its_owner() -> None:
    named = [(code.strip("`"), label, owner) for code, label, _, _, owner, *_ in ROWS]
    assert sorted(named) == sorted((rule.value, rule.label, OWNERS[owner_of(rule)]) for rule in FindingRule)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].strip("`"))
def test_each_row_says_what_is_seen_and_names_a_test_that_is_there(row: list[str]) -> None:
    rule, _, sees, systems, _, evidence, proof = row
    assert all((sees, systems, evidence))
    file, test = re.findall(r"`([^`]+)`", proof)
    text = (ROOT / "tests" / file).read_text(encoding="utf-8")
    assert test in text
    assert FindingRule(rule.strip("`")).name in text or rule.strip("`") in text


def test_every_query_is_valid_and_every_command_a_mutation() -> None:
    schema = build_schema().core
    blocks = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        assert validate(schema, parse(block)) == [], block
    mutations = schema.mutation_type
    assert mutations is not None
    assert set(re.findall(r"`(\w+Finding)`", PAGE)) <= set(mutations.fields)
