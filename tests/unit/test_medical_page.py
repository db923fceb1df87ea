"""The ready queries of docs/medical.md are queries of the schema."""

import re
from pathlib import Path

import pytest
from graphql import GraphQLSchema, parse, validate

from api.graphql.schema import build_schema

PAGE = (Path(__file__).parents[2] / "docs" / "medical.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```graphql\n(.*?)```", PAGE, re.S)


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    """The schema as the service builds it."""
    return build_schema().core


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.splitlines()[0][2:40])
def test_every_query_is_one(schema: GraphQLSchema, query: str) -> None:
    assert validate(schema, parse(query)) == []


def test_every_command_named_is_a_mutation(schema: GraphQLSchema) -> None:
    assert schema.mutation_type is not None
    table = PAGE.partition("## Hospital and district")[2].partition("**A window")[0]
    named = set(re.findall(r"`([a-z][A-Za-z]+)`", table))
    assert len(named) > 30
    assert named <= set(schema.mutation_type.fields)
