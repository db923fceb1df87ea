"""What docs/grid.md tells people to send is what the API takes, and the limits it names are the parameters'."""

import re
from datetime import date
from pathlib import Path

from graphql import parse, validate

from api.graphql.schema import build_schema
from domain.parameters import official_parameters

PAGE = (Path(__file__).parents[2] / "docs" / "grid.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)
FIELDS = {"aloneUnvisited", "gridFigures", "myGridVisits", "residentChanges", "effectiveOn"}


def test_every_document_of_the_page_is_valid() -> None:
    schema = build_schema().core
    assert len(BLOCKS) == 8
    for block in BLOCKS:
        assert validate(schema, parse(block)) == [], block


def test_every_command_the_page_names_is_a_mutation() -> None:
    mutations = build_schema().core.mutation_type
    assert mutations is not None
    commands = set(re.findall(r"`([a-z]+[A-Z]\w+)`", PAGE))
    assert commands - FIELDS <= set(mutations.fields)
    assert commands > FIELDS


def test_every_limit_the_page_names_is_a_parameter() -> None:
    parameters, on = official_parameters(), date(2015, 12, 31)
    named = {name for name in re.findall(r"`(grid\.\w+)`", PAGE) if not name.endswith("_")}
    assert named == {
        *("grid.incident_verify", "grid.clue_accept", "grid.clue_answer", "grid.clue_feedback", "grid.alone_age")
    }
    values = {name: parameters.value(name, "440704", on) for name in named}
    assert values == {
        **{"grid.incident_verify": 2, "grid.clue_accept": 2, "grid.clue_answer": 10},
        **{"grid.clue_feedback": 2, "grid.alone_age": 80},
    }
