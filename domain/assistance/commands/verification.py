"""Decisions about a case's economic-status verification: authorisations, queries, answers, report, contest.

Each names the case: what it is about is the case's latest verification.
"""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, NamedTuple
from uuid import UUID, uuid5

from domain.access import CASEWORKERS, OFFICIALS
from domain.assistance import dibao
from domain.assistance.case import Case
from domain.assistance.case_facts import IN_FORCE
from domain.assistance.case_process import OVER
from domain.assistance.verification import OPEN, EconVerification, Excess, Result
from domain.assistance.verification_record import Answer
from domain.clock import completed_years, months_after
from domain.codes import EconConclusion, EconResult, EconSource, HouseholdKind, Scheme
from domain.errors import RuleViolated
from domain.findings import Finding
from domain.kernel import Command, Decided, Decision, Doc, Load, LoadMany, LoadTagged, Wish
from domain.registry.household import Household
from domain.registry.person import Person, PersonState

CaseId = Annotated[UUID, Doc("个案标识")]
Source = Annotated[EconSource, Doc("来源")]
Conclusion = Annotated[EconConclusion, Doc("核对结论")]
Income = Annotated[int, Doc("核对的家庭可计算月收入（分）")]
PropertyOk = Annotated[bool, Doc("核对的家庭财产是否符合规定")]
Note = Annotated[str, Doc("说明，加密保存")]
_ADULT = 18
"""Years of age from which a person consents for themselves (民法典第十七条)."""


class _Home(NamedTuple):
    """Who is looked at for a case today, and who of them are adults and have to authorise it."""

    everyone: tuple[UUID, ...]
    adults: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True)
class OpenVerification(Command):
    """启动家庭经济状况核对：当日全部成年成员都须书面授权；出生日期不明的按成年人对待。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        _demand_running(case)
        home = yield from _home(case, by.today)
        earlier: dict[UUID, EconVerification] = yield LoadTagged(EconVerification, (f"case:{case.id}",))
        verification = EconVerification.open(
            by.now,
            case_id=case.id,
            household_id=case.household_id,
            division_code=case.division_code,
            member_ids=home.adults,
            earlier=earlier.values(),
            by=by.actor.name,
            authorise_by=by.due("limits.econ_authorise", case.division_code),
        )
        return (verification,)


@dataclass(frozen=True, kw_only=True)
class SignAuthorization(Command):
    """登记成员签署的核对授权书。"""

    ROLES: ClassVar = CASEWORKERS
    case_id: CaseId
    person_id: Annotated[UUID, Doc("授权人标识，须为家庭成员")]
    signed_on: Annotated[date, Doc("签署日期")]
    valid_to: Annotated[date | None, Doc("授权有效期末日；不填时按规定期限")] = None

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        _demand_running(case)
        verification = yield from _latest(case, by)
        home = yield from _home(case, by.today)
        months = by.parameters.value("limits.econ_authorization", case.division_code, self.signed_on)
        verification.sign(
            by.now,
            person_id=self.person_id,
            household=home.everyone,
            signed_on=self.signed_on,
            valid_to=self.valid_to or months_after(self.signed_on, months),
            send_by=by.due("limits.econ_send", case.division_code),
        )
        return (verification,)


@dataclass(frozen=True, kw_only=True)
class RevokeAuthorization(Command):
    """登记成员撤回核对授权：自即日起不再查询；此前的答复保留。"""

    ROLES: ClassVar = CASEWORKERS
    case_id: CaseId
    person_id: Annotated[UUID, Doc("授权人标识")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        verification = yield from _latest(case, by)
        verification.revoke(
            by.now, person_id=self.person_id, authorise_by=by.due("limits.econ_authorise", case.division_code)
        )
        return (verification,)


@dataclass(frozen=True, kw_only=True)
class SendQueries(Command):
    """向来源发出核对查询：须全部成年成员的授权当日有效；逾期未答复的来源可再次查询。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId
    sources: Annotated[tuple[EconSource, ...], Doc("来源；不填为全部可查询的来源")] = ()

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        _demand_running(case)
        verification = yield from _latest(case, by)
        home = yield from _home(case, by.today)
        verification.send(
            by.now,
            sources=self.sources,
            adults=home.adults,
            purpose=f"{case.scheme.label}{'复核' if case.state in IN_FORCE else '审核确认'}（{case.case_no}）",
            by=by.actor.name,
            answer_by=by.due("limits.econ_answer", case.division_code),
            report_by=by.due("limits.econ_report", case.division_code),
        )
        return (verification,)


@dataclass(frozen=True, kw_only=True)
class RecordAnswer(Command):
    """登记来源的书面答复；同一来源对同一人再次登记为更正。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId
    source: Source
    result: Annotated[EconResult, Doc("答复结果")]
    answered_on: Annotated[date, Doc("答复日期")]
    person_id: Annotated[UUID | None, Doc("所答复的成员；不填为整个家庭")] = None
    value_fen: Annotated[int, Doc("查到的金额（分），没有金额的为 0")] = 0
    detail: Annotated[str, Doc("答复内容，加密保存")] = ""

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        verification = yield from _latest(case, by)
        said = Answer(self.person_id, self.result, self.value_fen, self.detail.strip() or None)
        verification.answer(by.now, source=self.source, said=said, answered_on=self.answered_on)
        return (verification,)


@dataclass(frozen=True, kw_only=True)
class ReportVerification(Command):
    """出具核对报告：写明未答复的来源；报告供登记核对结果时参考，不改变个案。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId
    conclusion: Conclusion
    monthly_income_fen: Income
    property_within_limits: PropertyOk
    note: Note = ""

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        verification = yield from _latest(case, by)
        excess = _excess(case, self.monthly_income_fen, by)
        result = Result(self.conclusion, self.monthly_income_fen, self.property_within_limits, self.note)
        valid_to = _valid_to(case, by)
        verification.report(by.now, result=result, by=by.actor.name, valid_to=valid_to, excess=excess)
        return (yield from _with_finding(verification, excess, by))


@dataclass(frozen=True, kw_only=True)
class ContestVerification(Command):
    """登记家庭对核对报告的异议；须由出具报告以外的经办人复核。"""

    ROLES: ClassVar = CASEWORKERS
    case_id: CaseId
    reason: Annotated[str, Doc("异议内容，加密保存")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        verification = yield from _latest(case, by)
        reverify_by = by.due("limits.econ_reverify", case.division_code)
        verification.contest(by.now, reason=self.reason, reverify_by=reverify_by)
        return (verification,)


@dataclass(frozen=True, kw_only=True)
class ReverifyVerification(Command):
    """登记有异议的核对的复核结果，取代原报告；不得由出具原报告的人办理。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId
    upheld: Annotated[bool, Doc("异议是否成立")]
    conclusion: Conclusion
    monthly_income_fen: Income
    property_within_limits: PropertyOk
    note: Note = ""

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        verification = yield from _latest(case, by)
        excess = _excess(case, self.monthly_income_fen, by)
        verification.reverify(
            by.now,
            upheld=self.upheld,
            result=Result(self.conclusion, self.monthly_income_fen, self.property_within_limits, self.note),
            by=by.actor.name,
            valid_to=_valid_to(case, by),
            excess=excess,
        )
        return (yield from _with_finding(verification, excess, by))


@dataclass(frozen=True, kw_only=True)
class CancelVerification(Command):
    """终止尚未出具报告的核对，如误启动或成员拒绝授权。"""

    ROLES: ClassVar = OFFICIALS
    case_id: CaseId
    reason: Annotated[str, Doc("终止原因，不写个人信息")]

    def decide(self, by: Decision) -> Decided:
        case: Case = yield Load(Case, self.case_id)
        verification = yield from _latest(case, by)
        verification.cancel(by.now, reason=self.reason)
        return (verification,)


def end_verifications(case: Case, by: Decision) -> Generator[Wish, Any, tuple[EconVerification, ...]]:
    """What is still being verified for a case that is over now: it ends with it."""
    found: dict[UUID, EconVerification] = yield LoadTagged(EconVerification, (f"case:{case.id}",))
    running = tuple(verification for verification in found.values() if verification.state in OPEN)
    for verification in running:
        verification.follow(by.now, division_code=case.division_code)
        verification.end_with_case(by.now)
    return running


def _latest(case: Case, by: Decision) -> Generator[Wish, Any, EconVerification]:
    """The case's latest verification, which belongs where the case does; raises RuleViolated where there is none."""
    found: dict[UUID, EconVerification] = yield LoadTagged(EconVerification, (f"case:{case.id}",))
    if not found:
        raise RuleViolated("此个案没有启动过经济状况核对。")
    latest = max(found.values(), key=lambda verification: verification.sequence)
    latest.follow(by.now, division_code=case.division_code)
    return latest


def _home(case: Case, today: date) -> Generator[Wish, Any, _Home]:
    """The co-living household's members and those the case covers; of another kind of household only the latter.

    The dead and those merged into another record don't count. Someone whose birth date is unknown counts as an adult:
    too many signatures do no harm, a missing one does. A household of minors authorises through its applicant, for
    whom the guardian signs.
    """
    households: dict[UUID, Household] = yield LoadMany(Household, (case.household_id,))
    household = households.get(case.household_id)
    shared = household is not None and household.kind is HouseholdKind.CO_LIVING
    members = household.members if household is not None and shared else ()
    ids = tuple(dict.fromkeys((*case.member_ids, *members)))
    persons: dict[UUID, Person] = yield LoadMany(Person, ids)
    gone = {id for id, p in persons.items() if p.state in (PersonState.DECEASED, PersonState.MERGED)}
    present = tuple(id for id in ids if id not in gone)
    adults = tuple(id for id in present if _adult(persons.get(id), today))
    return _Home(tuple(dict.fromkeys((*present, case.applicant_id))), adults or (case.applicant_id,))


def _adult(person: Person | None, today: date) -> bool:
    if person is None or person.birth_on is None:
        return True
    return completed_years(person.birth_on, today) >= _ADULT


def _demand_running(case: Case) -> None:
    if case.state in OVER:
        raise RuleViolated(f"个案现为“{case.state.label}”，不能核对经济状况。")


def _valid_to(case: Case, by: Decision) -> date:
    return months_after(by.today, by.parameters.value("limits.econ_validity", case.division_code, by.today))


def _excess(case: Case, monthly_income_fen: int, by: Decision) -> Excess | None:
    """Where the income is not below the dibao standard: by how much. Temporary assistance is not tested by it."""
    if case.scheme is Scheme.TEMP or not case.member_ids:
        return None
    standard = by.parameters.value(dibao.standard_code(case.urban_rural), case.division_code, by.today)
    if dibao.eligible(standard, len(case.member_ids), monthly_income_fen):
        return None
    return Excess(
        monthly_income_fen - standard * len(case.member_ids), by.due("limits.econ_recheck", case.division_code)
    )


def _with_finding(verification: EconVerification, excess: Excess | None, by: Decision) -> Decided:
    """The verification, and the finding that its income is not below the standard, once a verification."""
    if excess is None:
        return (verification,)
    draft = verification.excess_draft(excess, by.today)
    id = uuid5(verification.id, draft.key)
    known: dict[UUID, Finding] = yield LoadMany(Finding, (id,))
    if id in known:
        return (verification,)
    return (verification, Finding.raise_for(id, by.now, **draft.fields()))
