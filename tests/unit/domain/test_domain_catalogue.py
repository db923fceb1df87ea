"""The names that stay: every event topic with its fields, every command with its roles.

A topic or field here is in somebody's log: add freely, never rename or remove (upcast instead).
"""

import dataclasses
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest

import domain.contexts  # noqa: F401 - imports every context
from domain import kernel
from domain.access import Area, PersonalClass, RoleCode
from domain.codes import Code

TOPICS = {
    "assistance.AmountCorrected": "corrects_version old_fen new_fen reason from_on",
    "assistance.AmountRecalculated": "old_fen new_fen cause computed from_on",
    "assistance.AssistanceApplied": "scheme case_no household_id applicant_id "
    "member_ids cause urban_rural division_code from_on accept_by",
    "assistance.CaseAccepted": "due_on investigate_by",
    "assistance.CaseAccountChanged": "household_id account bank",
    "assistance.CaseClosed": "reason end_month from_on",
    "assistance.CaseConfirmed": "monthly_fen start_month end_month computed from_on "
    "by announce_by recheck_by recheck_months papers_by",
    "assistance.CaseMembersChanged": "member_ids reason from_on left_ids",
    "assistance.CaseRefused": "reason computed by serve_by",
    "assistance.CaseReopened": "basis due_on",
    "assistance.CaseResumed": "reason from_on",
    "assistance.CaseReturned": "missing",
    "assistance.CaseReviewed": "opinion note by publicise_by",
    "assistance.CaseSuspended": "reason from_on",
    "assistance.CaseTransferred": "from_division_code to_division_code moved_on",
    "assistance.CaseWithdrawn": "reason",
    "assistance.CommunityReviewHeld": "for_count against_count effective_on",
    "assistance.DeadlineExtended": "former_due_on due_on reason",
    "assistance.DocumentAttached": "case_id household_id kind media_type size sha256 sealed_sha256 file_name "
    "corrects_id division_code",
    "assistance.DocumentWithdrawn": "case_id reason replaced_by division_code",
    "assistance.GrantAnnounced": "notice_no from_on",
    "assistance.HouseholdVisited": "household_id finding report by official verify_by effective_on",
    "assistance.NoticeIssued": "case_id household_id kind notice_no rests_on recipient_id recipient_version template "
    "terms html_sha256 issued_on serve_by queue_by division_code",
    "assistance.NoticeNumberTaken": "serial notice_id",
    "assistance.NoticePosted": "notice_no from_on to_on decide_by",
    "assistance.NoticeSeriesOpened": "division_code kind year mark",
    "assistance.NoticeServed": "case_id household_id notice_no method proof proof_id posted_on effective_on "
    "queue_by division_code",
    "assistance.ObjectionAnswered": "upheld note by review_by",
    "assistance.ObjectionFiled": "household_id reason answer_by effective_on",
    "assistance.PaymentCorrected": "case_id corrects_version amount_fen reason",
    "assistance.PaymentIssued": "case_id household_id payee_id kind month "
    "amount_fen division_code account batch_no fund_source effective_on",
    "assistance.PaymentReturned": "case_id reason effective_on",
    "assistance.RelativeDisclosed": "household_id staff relation",
    "assistance.RefusalServed": "letter_no proof effective_on",
    "assistance.StandardAdopted": "param_code name value unit division_code from_on to_on legal_basis",
    "assistance.StandardApplied": "recalculated unchanged handed_over no_basis",
    "assistance.StandardRevoked": "param_code corrects_version reason",
    "assistance.SupplementReceived": "former_due_on due_on effective_on",
    "assistance.SupplementRequested": "missing effective_on",
    "assistance.VerificationReported": "monthly_income_fen property_within_limits conclusion supplements self_care "
    "by review_by recheck_by",
    "assistance.WorkAssigned": "step assignee",
    "findings.FindingRaised": "rule subject case_id person_id month "
    "amount_fen detail evidence division_code effective_on",
    "findings.FindingResolved": "outcome",
    "registry.DeathConfirmed": "died_on confirmed_by state",
    "registry.DeathReported": "died_on evidence",
    "registry.DeathReversed": "corrects_version reason state",
    "registry.DivisionClosed": "from_on",
    "registry.DivisionOpened": "code name parent_code kind from_on",
    "registry.HouseholdDissolved": "from_on",
    "registry.HouseholdFormed": "kind household_no division_code address from_on",
    "registry.HouseholdHeadChanged": "head_id former_head_id effective_on",
    "registry.HouseholdRelocated": "from_division_code to_division_code address moved_on",
    "registry.MemberJoined": "person_id relation effective_on",
    "registry.MemberLeft": "person_id reason effective_on",
    "registry.PersonDetailsChanged": "name phone address corrects_version",
    "registry.PersonMerged": "into_id state",
    "registry.PersonMoveReversed": "corrects_version from_on state",
    "registry.PersonMoved": "from_division_code to_division_code moved_on",
    "registry.PersonMovedOut": "to_place moved_on state",
    "registry.PersonRegistered": "name citizen_id phone address sex birth_on kind division_code provisional",
    "registry.PersonUnmerged": "corrects_version state into_id",
    "registry.PersonVerified": "citizen_id match_source birth_on sex state",
}

PERSONAL = {
    "assistance.CaseAccountChanged": ("account",),
    "assistance.DocumentAttached": ("file_name",),
    "assistance.HouseholdVisited": ("report",),
    "assistance.NoticeServed": ("proof",),
    "assistance.ObjectionFiled": ("reason",),
    "assistance.PaymentIssued": ("account",),
    "assistance.RelativeDisclosed": ("staff",),
    "registry.HouseholdFormed": ("address",),
    "registry.HouseholdRelocated": ("address",),
    "registry.PersonDetailsChanged": ("name", "phone", "address"),
    "registry.PersonRegistered": ("name", "citizen_id", "phone", "address"),
    "registry.PersonVerified": ("citizen_id",),
}
"""Fields that stand in the log as ciphertext."""

SUSPECT = re.compile(r"name|phone|address|account|citizen|number")
"""A field called so holds personal data, unless it is listed here."""
HARMLESS = {"registry.DivisionOpened": {"name"}, "assistance.StandardAdopted": {"name"}}

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
    def test_topics_and_fields_stay(self) -> None:
        found = {
            topic: " ".join(field.name for field in own_fields(event_class))
            for topic, event_class in kernel.event_classes().items()
        }
        assert found == TOPICS

    def test_personal_fields_are_sealed(self) -> None:
        found = {topic: kernel.personal_fields(c) for topic, c in kernel.event_classes().items()}
        assert {topic: names for topic, names in found.items() if names} == PERSONAL

    @pytest.mark.parametrize(("topic", "event_class"), kernel.event_classes().items())
    def test_nothing_personal_stands_in_clear(self, topic: str, event_class: type[kernel.Event]) -> None:
        suspect = {field.name for field in own_fields(event_class) if SUSPECT.search(field.name)}
        assert suspect <= {*PERSONAL.get(topic, ()), *HARMLESS.get(topic, ())}

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

    def test_aggregates(self) -> None:
        found = {topic: cls.SUBJECT for topic, cls in kernel.aggregate_classes().items()}
        assert found == {
            "assistance.Case": "case",
            "assistance.Document": "document",
            "assistance.Notice": "notice",
            "assistance.NoticeSeries": "notice_series",
            "assistance.Payment": "payment",
            "assistance.Standard": "standard",
            "findings.Finding": "finding",
            "registry.Division": "division",
            "registry.Household": "household",
            "registry.Person": "person",
        }


class TestCommands:
    def test_names_and_roles(self) -> None:
        found = {name: len(command.ROLES) for name, command in kernel.command_classes().items()}
        assert len(found) == 60
        assert all(found.values()), found

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

    def test_the_three_who_watch_over_each_other_see_no_data(self) -> None:
        for role in (RoleCode.AUDIT_ADMIN, RoleCode.SECURITY_ADMIN, RoleCode.ADMINISTRATOR):
            for command in kernel.command_classes().values():
                assert role not in command.ROLES
        assert len(Area) == 3
        assert len(PersonalClass) == 4
