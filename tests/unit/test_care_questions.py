"""The ready queries of docs/care.md are queries of the schema as it is."""

import re
from pathlib import Path

import pytest
from graphql import parse, validate

from api.graphql.schema import build_schema

TEXT = (Path(__file__).parents[2] / "docs" / "care.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```graphql\n(.*?)```", TEXT, re.S)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.split()[1])
def test_each_is_understood(query: str) -> None:
    assert validate(build_schema().core, parse(query)) == []


def test_none_is_left_out() -> None:
    assert len(QUERIES) == 6
