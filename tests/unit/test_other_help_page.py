"""What docs/other-help.md tells people to send is what the API takes."""

import re
from pathlib import Path

from graphql import parse, validate

from api.graphql.schema import build_schema

PAGE = Path(__file__).parents[2] / "docs" / "other-help.md"
BLOCKS = re.findall(r"```graphql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_every_document_of_the_page_is_valid() -> None:
    schema = build_schema().core
    assert len(BLOCKS) == 4
    for block in BLOCKS:
        assert validate(schema, parse(block)) == [], block


def test_every_command_the_page_names_is_a_mutation() -> None:
    mutations = build_schema().core.mutation_type
    assert mutations is not None
    commands = set(re.findall(r"`([a-z]+[A-Z]\w+)`", PAGE.read_text(encoding="utf-8")))
    fields = {"necessaryExpenseFen", "validUntil", "findingId", "letterNo", "conferenceTasks"}
    assert commands - fields <= set(mutations.fields)
    assert fields < commands
