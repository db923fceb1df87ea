"""The names that stay: every event topic with its fields, every command with its roles.

They stand in docs/catalogue.txt: a topic or field there is in somebody's log. Add freely, never rename or remove
(upcast instead).
"""

import dataclasses
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest

import domain.contexts  # noqa: F401 - imports every context
from api.catalogue import catalogue
from domain import kernel
from domain.access import Actor, Area, RoleCode
from domain.codes import Code

SUSPECT = re.compile(r"name|phone|address|account|citizen|number")
"""A field called so holds personal data, unless it is listed here."""
HARMLESS = {
    "procurement.OrgPrepared": {"name"},  # an organisation's, which is public
    "registry.DivisionOpened": {"name"},
    "assistance.StandardAdopted": {"name"},
    # A facility's own, which stand on its door; the number of an inspection.
    "registry.FacilityRegistered": {"name", "address"},
    "registry.FacilityDetailsChanged": {"name", "address"},
    "registry.FacilityInspected": {"number"},
    "registry.FacilityRectificationDone": {"number"},
    "grid.GridDefined": {"name"},
    "grid.GridRedefined": {"name"},
    "grid.PublicFacilityListed": {"name"},
    # Official accounts: they stand as the actor of every event.
    "care.AssessorRegistered": {"account"},
    "care.AssessorConflictDeclared": {"account"},
    "care.AssessorConflictEnded": {"account"},
    "care.AssessorEnded": {"account"},
    "medical.DeskBound": {"account"},
    "medical.DeskReleased": {"account"},
    "rights.AccountOpened": {"account"},
    "rights.DeputyNamed": {"account"},
    "rights.RightGranted": {"account"},
}

ENVELOPE = {"originator_id", "originator_version", "timestamp", "originator_topic"}


def own_fields(event_class: type[kernel.Event]) -> Iterator[dataclasses.Field[Any]]:
    return (field for field in dataclasses.fields(event_class) if field.name not in ENVELOPE)


def plain(hint: Any) -> Iterator[Any]:
    """The types a hint is made of."""
    if get_origin(hint) is Annotated:
        yield from plain(get_args(hint)[0])
    elif get_args(hint):
        for part in get_args(hint):
            yield from plain(part)
    else:
        yield hint


class TestEvents:
    def test_what_is_in_the_log_stays(self) -> None:
        """Topics, fields and what is sealed: reviewed in docs/catalogue.txt, made anew by `make schema`."""
        kept = (Path(__file__).parents[3] / "docs" / "catalogue.txt").read_text(encoding="utf-8")
        assert kept == "".join(f"{line}\n" for line in catalogue())

    @pytest.mark.parametrize(("topic", "event_class"), kernel.event_classes().items())
    def test_nothing_personal_stands_in_clear(self, topic: str, event_class: type[kernel.Event]) -> None:
        suspect = {field.name for field in own_fields(event_class) if SUSPECT.search(field.name)}
        assert suspect <= {*kernel.personal_fields(event_class), *HARMLESS.get(topic, ())}

    @pytest.mark.parametrize("event_class", kernel.event_classes().values())
    def test_values_are_of_kinds_the_log_keeps_exactly(self, event_class: type[kernel.Event]) -> None:
        hints = get_type_hints(event_class, include_extras=True)
        for field in own_fields(event_class):
            for part in plain(hints[field.name]):
                assert part not in (float, dict, list), field.name

    @pytest.mark.parametrize("event_class", kernel.event_classes().values())
    def test_each_says_what_happened(self, event_class: type[kernel.Event]) -> None:
        assert next(c.__doc__ for c in event_class.__mro__ if "TOPIC" in vars(c) and c.__doc__)
        assert event_class.KEY_HOLDER == "originator_id" or event_class.KEY_HOLDER in {
            field.name for field in own_fields(event_class)
        }


class TestCommands:
    def test_each_is_somebodys(self) -> None:
        assert all(command.ROLES for command in kernel.command_classes().values())

    @pytest.mark.parametrize("command", kernel.command_classes().values())
    def test_each_is_described_in_chinese_with_every_field(self, command: type[kernel.Command]) -> None:
        assert re.search("[一-鿿]", command.__doc__ or ""), "no Chinese description"
        assert dataclasses.is_dataclass(command)
        assert command.__dataclass_params__.frozen
        hints = get_type_hints(command, include_extras=True)
        for field in dataclasses.fields(command):
            docs = [part for part in get_args(hints[field.name])[1:] if isinstance(part, kernel.Doc)]
            assert docs, field.name
            assert re.search("[一-鿿]", docs[0].text), field.name

    @pytest.mark.parametrize("command", kernel.command_classes().values())
    def test_none_says_who_gives_it(self, command: type[kernel.Command]) -> None:
        names = {field.name for field in dataclasses.fields(command)}
        assert not names & {"actor", "role", "scope", "client_mutation_id"}

    def test_a_command_without_a_decision_is_a_fault(self) -> None:
        with pytest.raises(kernel.RuleViolatedByDesign):
            kernel.Command().decide(None).send(None)  # type: ignore[arg-type]


def code_sets() -> list[type[Code]]:
    found, waiting = [], [Code]
    while waiting:
        for cls in waiting.pop().__subclasses__():
            found.append(cls)
            waiting.append(cls)
    return found


class TestCodes:
    @pytest.mark.parametrize("codes", code_sets())
    def test_each_code_set_has_chinese_labels(self, codes: type[Code]) -> None:
        assert re.search("[一-鿿]", codes.__doc__ or "")
        labels = [member.label for member in codes]
        assert len(set(labels)) == len(labels)
        assert all(re.search("[一-鿿]", label) for label in labels)
        assert all(isinstance(member, StrEnum) for member in codes)

    @pytest.mark.parametrize("codes", code_sets())
    def test_codes_and_labels_are_both_understood(self, codes: type[Code]) -> None:
        for member in codes:
            assert codes.parse(f" {member.value} ") is member is codes.parse(member.label)

    def test_the_three_who_watch_over_each_other_see_no_data_and_decide_on_rights_alone(self) -> None:
        for role in (RoleCode.AUDIT_ADMIN, RoleCode.SECURITY_ADMIN, RoleCode.ADMINISTRATOR):
            assert Actor("x", role, "440704").areas == {Area.RIGHTS}
            theirs = {c.__module__ for c in kernel.command_classes().values() if role in c.ROLES}
            assert theirs == (set() if role is RoleCode.AUDIT_ADMIN else {"domain.rights"})
