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
from domain.access import Actor, Area, PersonalClass, RoleCode
from domain.codes import Code

TOPICS = {
    "assistance.AmountCorrected": "corrects_version old_fen new_fen reason from_on",
    "assistance.AmountRecalculated": "old_fen new_fen cause computed from_on",
    "assistance.AssistanceApplied": "scheme case_no household_id applicant_id "
    "member_ids cause urban_rural division_code from_on accept_by",
    "assistance.CampaignClosed": "population visited rechecked left coverage_bp",
    "assistance.CampaignOpened": "cycle_from year seed_hash division_code",
    "assistance.CaseAccepted": "due_on investigate_by",
    "assistance.CaseAccountChanged": "household_id account bank",
    "assistance.CaseClosed": "reason end_month from_on",
    "assistance.CaseConfirmed": "monthly_fen start_month end_month computed from_on "
    "by announce_by recheck_by recheck_months papers_by",
    "assistance.CaseMembersChanged": "member_ids reason from_on left_ids",
    "assistance.CaseRefused": "reason computed by serve_by suggests",
    "assistance.CaseReopened": "basis due_on",
    "assistance.CaseResumed": "reason from_on",
    "assistance.CaseReturned": "missing",
    "assistance.CaseReviewed": "opinion note by publicise_by",
    "assistance.CaseSuspended": "reason from_on",
    "assistance.CaseTerminated": "reason letter_no by",
    "assistance.CaseTransferred": "from_division_code to_division_code moved_on",
    "assistance.CaseWithdrawn": "reason",
    "assistance.CommunityReviewHeld": "for_count against_count effective_on",
    "assistance.ComplaintAccepted": "by answer_by",
    "assistance.ComplaintAnswered": "upheld answer by",
    "assistance.ComplaintFiled": "about_case about_division complainant text taken_by accept_by division_code",
    "assistance.ConferenceHeld": "topic case_ids departments effective_on division_code",
    "assistance.ConferenceTaskAssigned": "task_no task department due_on",
    "assistance.ConferenceTaskDone": "task_no result letter_no by",
    "assistance.DeadlineExtended": "former_due_on due_on reason",
    "assistance.DeductionConsented": "case_id consent_no effective_on",
    "assistance.DocumentAttached": "case_id household_id kind media_type size sha256 sealed_sha256 file_name "
    "corrects_id division_code",
    "assistance.DocumentWithdrawn": "case_id reason replaced_by division_code",
    "assistance.EconAuthorizationRevoked": "case_id person_id authorise_by effective_on",
    "assistance.EconAuthorizationSigned": "case_id person_id valid_to complete send_by effective_on",
    "assistance.EconCancelled": "case_id reason",
    "assistance.EconContested": "case_id household_id reason reverify_by",
    "assistance.EconExpired": "case_id effective_on",
    "assistance.EconQueryAnswered": "case_id household_id source round person_id result value_fen detail complete "
    "waiting effective_on",
    "assistance.EconQuerySent": "case_id source round member_ids purpose by answer_by report_by effective_on",
    "assistance.EconQueryTimedOut": "case_id source round waiting effective_on",
    "assistance.EconReported": "case_id household_id conclusion monthly_income_fen property_within_limits unanswered "
    "note by valid_to",
    "assistance.EconReverified": "case_id household_id upheld conclusion monthly_income_fen property_within_limits "
    "unanswered note by valid_to",
    "assistance.EconTransferred": "case_id from_division_code to_division_code",
    "assistance.EconVerificationOpened": "sequence request_no case_id household_id member_ids division_code by "
    "authorise_by",
    "assistance.FineDecided": "case_id amount_fen grounds letter_no by pay_by",
    "assistance.GrantAnnounced": "notice_no from_on",
    "assistance.HearingHeld": "case_id household_id presided_by minutes effective_on decide_by",
    "assistance.HearingOffered": "case_id letter_no effective_on request_by",
    "assistance.HearingRequested": "case_id effective_on hold_by",
    "assistance.HearingScheduled": "case_id letter_no hearing_on place",
    "assistance.HearingWaived": "case_id proof effective_on decide_by",
    "assistance.HouseholdVisited": "household_id finding report by official verify_by effective_on",
    "assistance.HouseholdsDrawn": "households cases",
    "assistance.IncomeAboveStandardFound": "case_id household_id excess_fen recheck_by",
    "assistance.NoticeIssued": "case_id household_id kind notice_no rests_on recipient_id recipient_version template "
    "terms html_sha256 issued_on serve_by queue_by division_code",
    "assistance.NoticeNumberTaken": "serial notice_id",
    "assistance.NoticePosted": "notice_no from_on to_on decide_by",
    "assistance.NoticeSeriesOpened": "division_code kind year mark",
    "assistance.NoticeServed": "case_id household_id notice_no method proof proof_id posted_on effective_on "
    "queue_by division_code",
    "assistance.ObjectionAnswered": "upheld note by review_by",
    "assistance.ObjectionFiled": "household_id reason answer_by effective_on",
    "assistance.OverpaymentFound": "case_id household_id payee_id from_month to_month amount_fen reason facts "
    "found_by notify_by finding_id division_code",
    "assistance.PaymentCleared": "case_id amount_fen effective_on",
    "assistance.PaymentCorrected": "case_id corrects_version amount_fen reason",
    "assistance.PaymentIssued": "case_id household_id payee_id kind month "
    "amount_fen division_code account batch_no fund_source effective_on",
    "assistance.PaymentReturned": "case_id reason effective_on",
    "assistance.RecheckDone": "campaign_id household_id case_id finding report by effective_on",
    "assistance.RecoveryClosed": "case_id outcome written_off_fen grounds by",
    "assistance.RecoveryDecided": "case_id amount_fen grounds letter_no by pay_by",
    "assistance.RecoveryNotified": "case_id letter_no proof effective_on statement_by decide_by",
    "assistance.RecoveryReceived": "case_id part method amount_fen voucher_no recovery_left_fen fine_left_fen "
    "effective_on",
    "assistance.RecoveryRefunded": "case_id part amount_fen voucher_no refund_left_fen effective_on",
    "assistance.RecoveryRevised": "case_id basis decided_fen fine_fen recovery_left_fen fine_left_fen refund_fen "
    "refund_by by",
    "assistance.RecoveryTransferred": "case_id to_division_code moved_on",
    "assistance.ReferralAccepted": "case_id by answer_by",
    "assistance.ReferralAnswered": "person_id case_id result answer letter_no by feedback_by made_by",
    "assistance.ReferralClosed": "case_id note by",
    "assistance.ReferralMade": "person_id case_id need department contact summary by accept_by division_code",
    "assistance.ReferralRedirected": "case_id department by accept_by",
    "assistance.ReferralReturned": "case_id department reason letter_no by redirect_by made_by",
    "assistance.ReferralTransferred": "case_id to_division_code moved_on",
    "assistance.RefusalServed": "letter_no proof effective_on",
    "assistance.RelativeDisclosed": "household_id staff relation",
    "assistance.SampleDrawn": "seed position share_bp population_count population_digest left_out_count "
    "household_count list_digest",
    "assistance.StandardAdopted": "param_code name value unit division_code from_on to_on legal_basis",
    "assistance.StandardApplied": "recalculated unchanged handed_over no_basis",
    "assistance.StandardRevoked": "param_code corrects_version reason",
    "assistance.StatusConfirmed": "from_on valid_to computed by announce_by recheck_by",
    "assistance.SupplementReceived": "former_due_on due_on effective_on",
    "assistance.SupplementRequested": "missing effective_on",
    "assistance.VerificationReported": "monthly_income_fen property_within_limits conclusion supplements self_care by "
    "review_by recheck_by necessary_expense_fen renew_by",
    "assistance.VisitAllocated": "campaign_id household_id case_id applicant_id division_code visitor due_on "
    "name phone address member_count",
    "assistance.VisitReallocated": "household_id case_id applicant_id visitor due_on name phone address member_count",
    "assistance.VisitResultSubmitted": "campaign_id household_id case_id finding report by recheck_by effective_on",
    "assistance.VisitTransferred": "household_id case_id from_division_code to_division_code",
    "assistance.WorkAssigned": "step assignee item",
    "civic.CadreAllowanceOpened": "division_code by",
    "civic.CadreAllowanceYearSet": "year person_months total_fen corrects_version division_code by",
    "civic.DecisionProposed": "matter effective_on division_code by",
    "civic.DecisionStepTaken": "step vote agreed note corrects_version by effective_on",
    "civic.DisclosureAnswered": "answer by",
    "civic.DisclosureDue": "topic period matter post_by division_code by",
    "civic.DisclosurePosted": "topic period place content_hash corrects_version reason by effective_on",
    "civic.DisclosureQuestioned": "question by answer_by",
    "civic.DisclosureWaived": "reason by",
    "civic.ElectionCorrected": "seats corrects_version reason by",
    "civic.ElectionHeld": "year seats effective_on division_code by",
    "civic.RecordCorrected": "result participants corrects_version reason by effective_on",
    "civic.RecordEnded": "reason by effective_on",
    "civic.RecordMade": "kind subject_text result participants basis effective_on division_code by",
    "civic.SocialWorkerCertified": "person_id grade certificate organisation_id effective_on division_code by",
    "civic.SocialWorkerChanged": "grade organisation_id by effective_on",
    "civic.SocialWorkerEnded": "reason by effective_on",
    "civic.VolunteerLeft": "reason by effective_on",
    "civic.VolunteerRegistered": "person_id effective_on division_code by",
    "civic.VolunteerServed": "no activity minutes former_minutes corrects_version by effective_on",
    "findings.FindingRaised": "rule subject case_id person_id month "
    "amount_fen detail evidence division_code effective_on",
    "findings.FindingResolved": "outcome",
    "funds.BudgetAdjusted": "delta_fen legal_basis by",
    "funds.BudgetApproved": "year source scheme division_code amount_fen legal_basis by",
    "funds.FundsCommitted": "payroll_id amount_fen",
    "funds.FundsDrawn": "purchase_id spent_fen released_fen",
    "funds.FundsReserved": "purchase_id amount_fen",
    "funds.FundsSettled": "payroll_id spent_fen released_fen",
    "funds.PaymentBatchIssued": "month payee_count total_fen held_count held_fen queue",
    "funds.PayrollApproved": "by queue",
    "funds.PayrollCancelled": "by reason",
    "funds.PayrollChecked": "by note",
    "funds.PayrollHeld": "lines",
    "funds.PayrollListed": "first lines",
    "funds.PayrollPrepared": "batch_no scheme month since division_code budget_id fund_source log_position line_count "
    "total_fen held_count off_rule_count by",
    "funds.PayrollReconciled": "by cleared_count cleared_fen returned_count returned_fen open_count open_fen "
    "difference_fen",
    "funds.PayrollSent": "by file_sha256 line_count total_fen",
    "procurement.ContractHandedOver": "former_id organisation_id credit_code basis by",
    "procurement.ContractHeld": "organisation_id standing take_over_by by",
    "procurement.ContractPaid": "payment_no milestone_no organisation_id amount_fen budget_id source left_fen by state",
    "procurement.ContractPaymentReturned": "payment_no milestone_no amount_fen budget_id reason by pay_by state",
    "procurement.ContractReleased": "reason by",
    "procurement.ContractSigned": "contract_no organisation_id credit_code amount_fen starts_on ends_on "
    "longer_basis terms end_by by",
    "procurement.ContractTerminated": "reason by evaluate_by",
    "procurement.CreditCodeGiven": "credit_code organisation_id division_code",
    "procurement.MilestoneAccepted": "no accepted_fen reason by pay_by evaluate_by",
    "procurement.MilestoneDelivered": "no note organisation_id by accept_by",
    "procurement.MilestoneRejected": "no reason by redo_by",
    "procurement.OrgChanged": "representative local social_work certified_count by effective_on",
    "procurement.OrgDeregistered": "reason by effective_on",
    "procurement.OrgInspected": "year result note by corrects_version state effective_on",
    "procurement.OrgListedAbnormal": "reason letter_no by effective_on",
    "procurement.OrgPenalised": "kind reason letter_no amount_fen suspended_to by effective_on",
    "procurement.OrgPrepared": "name kind sponsor local social_work division_code by",
    "procurement.OrgRegistered": "credit_code kind representative certified_count by report_by inspect_by effective_on",
    "procurement.OrgReinstated": "basis state by effective_on",
    "procurement.OrgReported": "year was_due_on report_by inspect_by by effective_on",
    "procurement.OrgRevoked": "reason letter_no by effective_on",
    "procurement.OrgUnlisted": "reason corrects_version state by effective_on",
    "procurement.PaymentPrepared": "payment_no milestone_no amount_fen budget_id source by",
    "procurement.PaymentRejected": "payment_no reason by",
    "procurement.PerformanceScored": "marks weights score_bp least_bp evaluator note by final_no pay_by state",
    "procurement.ProjectBudgeted": "budget_id source amount_fen total_fen by",
    "procurement.ProjectCatalogued": "title item renews_id chain_from renewed_organisation_id division_code by",
    "procurement.PurchaseCancelled": "reason released_fen by",
    "procurement.PurchaseClosed": "released_fen by",
    "procurement.ServiceTendered": "method basis bidders organisation_id price_fen by",
    "procurement.SupportFundOpened": "division_code by",
    "procurement.SupportFundYearSet": "year amount_fen least_fen legal_basis corrects_version division_code by",
    "procurement.VentureFinished": "served_count spent_fen result by",
    "procurement.VentureProposed": "title year organisation_id beneficiaries asked_fen division_code by",
    "procurement.VentureSelected": "granted_fen source basis by finish_by",
    "procurement.VentureStarted": "by effective_on",
    "procurement.VentureWithdrawn": "reason by",
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
    "rights.AccountOpened": "account division_code",
    "rights.DeputyEnded": "deputation_id deputy effective_on",
    "rights.DeputyNamed": "account deputation_id deputy from_on to_on basis",
    "rights.RightGranted": "account right_id role division_code department from_on to_on basis",
    "rights.RightWithdrawn": "right_id role last_on reason effective_on",
}

PERSONAL = {
    "assistance.CaseAccountChanged": ("account",),
    "assistance.EconContested": ("reason",),
    "assistance.EconQueryAnswered": ("detail",),
    "assistance.EconReported": ("note",),
    "assistance.EconReverified": ("note",),
    "assistance.ComplaintAnswered": ("answer",),
    "assistance.ComplaintFiled": ("complainant", "text"),
    "assistance.HearingHeld": ("minutes",),
    "assistance.DocumentAttached": ("file_name",),
    "assistance.HouseholdVisited": ("report",),
    "assistance.NoticeServed": ("proof",),
    "assistance.ObjectionFiled": ("reason",),
    "assistance.OverpaymentFound": ("facts",),
    "assistance.PaymentIssued": ("account",),
    "assistance.RecheckDone": ("report",),
    "assistance.ReferralAnswered": ("answer",),
    "assistance.ReferralMade": ("contact", "summary"),
    "assistance.RelativeDisclosed": ("staff",),
    "assistance.VisitAllocated": ("name", "phone", "address"),
    "assistance.VisitReallocated": ("name", "phone", "address"),
    "assistance.VisitResultSubmitted": ("report",),
    "registry.HouseholdFormed": ("address",),
    "registry.HouseholdRelocated": ("address",),
    "registry.PersonDetailsChanged": ("name", "phone", "address"),
    "registry.PersonRegistered": ("name", "citizen_id", "phone", "address"),
    "registry.PersonVerified": ("citizen_id",),
    "civic.DisclosureQuestioned": ("question",),
    "civic.SocialWorkerCertified": ("certificate",),
    "procurement.OrgRegistered": ("representative",),
    "procurement.OrgChanged": ("representative",),
}
"""Fields that stand in the log as ciphertext."""

SUSPECT = re.compile(r"name|phone|address|account|citizen|number")
"""A field called so holds personal data, unless it is listed here."""
HARMLESS = {
    "procurement.OrgPrepared": {"name"},  # an organisation's, which is public
    "registry.DivisionOpened": {"name"},
    "assistance.StandardAdopted": {"name"},
    # Official accounts: they stand as the actor of every event.
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
            "assistance.Campaign": "campaign",
            "assistance.Case": "case",
            "assistance.EconVerification": "verification",
            "assistance.Complaint": "complaint",
            "assistance.Conference": "conference",
            "assistance.Document": "document",
            "assistance.Notice": "notice",
            "assistance.NoticeSeries": "notice_series",
            "assistance.Payment": "payment",
            "assistance.Recovery": "recovery",
            "assistance.Referral": "referral",
            "assistance.Standard": "standard",
            "assistance.Visit": "visit",
            "findings.Finding": "finding",
            "funds.Budget": "budget",
            "funds.Payroll": "payroll",
            "registry.Division": "division",
            "registry.Household": "household",
            "registry.Person": "person",
            "rights.Account": "account",
            "civic.Election": "election",
            "civic.CadreAllowance": "cadre_allowance",
            "civic.Decision": "village_decision",
            "civic.Disclosure": "disclosure",
            "civic.SocialWorker": "social_worker",
            "civic.Volunteer": "volunteer",
            "civic.Record": "community_record",
            "procurement.Organisation": "organisation",
            "procurement.CreditCode": "credit_code_claim",
            "procurement.Purchase": "purchase",
            "procurement.SupportFund": "support_fund",
            "procurement.Venture": "venture",
        }


class TestCommands:
    def test_names_and_roles(self) -> None:
        found = {name: len(command.ROLES) for name, command in kernel.command_classes().items()}
        assert len(found) == 176
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

    def test_the_three_who_watch_over_each_other_see_no_data_and_decide_on_rights_alone(self) -> None:
        for role in (RoleCode.AUDIT_ADMIN, RoleCode.SECURITY_ADMIN, RoleCode.ADMINISTRATOR):
            assert Actor("x", role, "440704").areas == {Area.RIGHTS}
            theirs = {c.__module__ for c in kernel.command_classes().values() if role in c.ROLES}
            assert theirs == (set() if role is RoleCode.AUDIT_ADMIN else {"domain.rights"})
        assert len(Area) == 21
        assert len(PersonalClass) == 7
