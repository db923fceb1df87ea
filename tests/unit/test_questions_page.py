"""docs/questions.md names every question of every user, and every query there is asked by a test."""

import re
from pathlib import Path

from graphql import FieldNode, OperationDefinitionNode, parse, validate

from api.graphql.schema import build_schema
from tests.fixtures.questions import QUERIES, USERS, rows

HOW_MANY = {
    **{"District clerk": 6, "Street officer": 5, "Grid worker": 5, "Assessor": 5},
    **{"Hospital desk": 5, "Auditor": 6, "Municipal platform": 5},
}
"""How many questions each user has."""
TESTS = Path(__file__).parents[1] / "integration"


def test_every_question_of_every_user_has_a_row_with_queries() -> None:
    table = rows()
    assert USERS.keys() == HOW_MANY.keys()
    for user, most in HOW_MANY.items():
        assert [row.number for row in table if row.user == user] == list(range(1, most + 1))
    assert len(table) == sum(HOW_MANY.values())
    assert all(row.queries and set(row.queries) <= QUERIES.keys() for row in table)


def test_every_query_is_valid_and_its_fields_are_those_of_the_table() -> None:
    schema = build_schema().core
    roots = {}
    for name, text in QUERIES.items():
        document = parse(text)
        assert validate(schema, document) == [], name
        (operation,) = document.definitions
        assert isinstance(operation, OperationDefinitionNode)
        asked = [field.name.value for field in operation.selection_set.selections if isinstance(field, FieldNode)]
        roots[name] = dict.fromkeys(asked)
    for row in rows():
        assert list(row.roots) == list(dict.fromkeys(root for name in row.queries for root in roots[name])), row


def test_every_query_is_asked_by_a_test() -> None:
    asked = "".join(path.read_text(encoding="utf-8") for path in TESTS.glob("test_*.py"))
    assert {name for name in QUERIES if not re.search(rf'(?:ask|answer)\([\w.]+, "{name}", ', asked)} == set()
