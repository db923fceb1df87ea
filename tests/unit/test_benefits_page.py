"""What docs/benefits.md tells people to send is what the API takes."""

import re
from pathlib import Path

from graphql import parse, validate

from api.graphql.schema import build_schema
from domain.kernel import command_classes, event_classes

MODULES = tuple(f"domain.care.commands.{name}" for name in ("benefits", "certificates", "premiums"))
PAGE = (Path(__file__).parents[2] / "docs" / "benefits.md").read_text(encoding="utf-8")


def test_every_document_of_the_page_is_valid() -> None:
    schema = build_schema().core
    blocks = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 4
    for block in blocks:
        assert validate(schema, parse(block)) == [], block


def test_every_command_of_the_context_is_on_the_page_and_is_a_mutation() -> None:
    mutations = build_schema().core.mutation_type
    assert mutations is not None
    named = set(re.findall(r"`([a-z]+[A-Z]\w+)`", PAGE))
    commands = {
        name[0].lower() + name[1:] for name in command_classes() if command_classes()[name].__module__ in MODULES
    }
    assert commands <= named
    assert named - {
        "turnsOn",
        "ownerId",
        "benefitPayment",
        "ruleYuan",
        "benefitQueue",
        "ageMilestones",
        "effectiveOn",
    } <= set(mutations.fields)


def test_the_events_that_rules_wait_for_exist() -> None:
    topics = set(re.findall(r"`(care\.\w+)`", PAGE))
    assert topics
    assert topics <= set(event_classes())
