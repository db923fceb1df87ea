"""What docs/procurement.md and docs/civic.md tell people to send is what the API takes."""

import re
from pathlib import Path

import pytest
from graphql import parse, validate

from api.graphql.schema import ApiSchema, build_schema
from domain.codes import WorkStep
from domain.parameters import official_parameters

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {name: (DOCS / name).read_text(encoding="utf-8") for name in ("procurement.md", "civic.md")}


@pytest.fixture(scope="module")
def schema() -> ApiSchema:
    """The schema as the service builds it."""
    return build_schema()


@pytest.mark.parametrize(("name", "count"), [("procurement.md", 4), ("civic.md", 3)])
def test_every_document_of_the_pages_is_valid(schema: ApiSchema, name: str, count: int) -> None:
    blocks = re.findall(r"```graphql\n(.*?)```", PAGES[name], re.DOTALL)
    assert len(blocks) == count
    for block in blocks:
        assert validate(schema.core, parse(block)) == [], block


@pytest.mark.parametrize("name", PAGES)
def test_every_command_step_and_parameter_the_pages_name_is_there(schema: ApiSchema, name: str) -> None:
    fields = {"indicatorDefinitions", "caseId", "shortFen"}
    commands = set(re.findall(r"`([a-z]+[A-Z]\w+)`", PAGES[name])) - fields
    assert commands <= set(schema.mutations)
    steps = set(re.findall(r"`([A-Z_]+)`", PAGES[name])) - {"PURCHASE"}
    assert steps <= {step.name for step in WorkStep}
    parameters = set(re.findall(r"`((?:procurement|civic|limits)\.\w+)`", PAGES[name]))
    assert parameters <= set(official_parameters().codes)
