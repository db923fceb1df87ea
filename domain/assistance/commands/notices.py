"""Numbered notices: issued on what a case's last such event says, and served."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from domain.access import OFFICIALS, RoleCode
from domain.assistance.case import Case
from domain.assistance.documents import Document
from domain.assistance.letters import TEMPLATE, Told, hash_of, letter_html
from domain.assistance.notices import (
    DECISIONS,
    Notice,
    NoticeSeries,
    Terms,
    ground_of,
    waiting_to_be_served,
)
from domain.assistance.offices import Office, laws_of, office_of
from domain.codes import DocumentKind, NoticeKind, Scheme, ServiceMethod
from domain.errors import NotFound, RuleViolated
from domain.kernel import (
    Command,
    Decided,
    Decision,
    Doc,
    Event,
    Load,
    LoadHistory,
    LoadMany,
    LoadTagged,
    replayed,
)
from domain.registry.person import Person


@dataclass(frozen=True, kw_only=True)
class IssueNotice(Command):
    """制发通知书：就个案最近一次受理、补正、确认、不予确认、变更或停发编号制发；决定类的以区民政局名义制发。"""

    ROLES: ClassVar = OFFICIALS
    case_id: Annotated[UUID, Doc("个案标识")]
    kind: Annotated[NoticeKind, Doc("通知书种类")]

    def decide(self, by: Decision) -> Decided:
        events: tuple[Event, ...] = yield LoadHistory(Case, self.case_id)
        present: Case = replayed(events)
        ground = ground_of(self.kind, events, present)
        known: dict[UUID, Notice] = yield LoadTagged(Notice, (f"case:{present.id}",))
        others = [notice for notice in known.values() if notice.case_id == present.id]
        _demand_first(others, self.kind, ground)
        case: Case = replayed(events[: events.index(ground) + 1])
        persons: dict[UUID, Person] = yield LoadMany(Person, (case.applicant_id,))
        if (person := persons.get(case.applicant_id)) is None:
            raise NotFound("没有找到申请人的人员登记，不能制发通知书。")
        office = _office(by, present, self.kind, ground)
        opened: dict[UUID, NoticeSeries] = yield LoadMany(
            NoticeSeries, (NoticeSeries.id_of(office.division_code, self.kind, by.now.year),)
        )
        series = next(iter(opened.values()), None) or NoticeSeries.open(
            by.now, division_code=office.division_code, kind=self.kind, office_mark=office.mark
        )
        told = Told(
            self.kind,
            ground,
            case,
            person.name,
            series.take(by.now, by.new_id),
            by.today,
            _terms(by, present, self.kind, office),
        )
        return (_issued(by, present, told, person, others), series)


@dataclass(frozen=True, kw_only=True)
class ServeNotice(Command):
    """登记通知书送达：方式、日期和凭证；公告送达须公告期满。不予确认通知书同时登记个案的送达。"""

    ROLES: ClassVar = OFFICIALS
    notice_id: Annotated[UUID, Doc("通知书标识")]
    method: Annotated[ServiceMethod, Doc("送达方式")]
    served_on: Annotated[date, Doc("送达日期；公告送达为视为送达之日")]
    proof: Annotated[str, Doc("送达凭证：签收人、邮件单号、留置见证人、公告载体；加密保存")]
    proof_id: Annotated[UUID | None, Doc("送达回证附件标识")] = None
    posted_on: Annotated[date | None, Doc("发出公告的日期，公告送达必填")] = None

    def decide(self, by: Decision) -> Decided:
        notice: Notice = yield Load(Notice, self.notice_id)
        case: Case = yield Load(Case, notice.case_id)
        if self.proof_id is not None:
            papers: dict[UUID, Document] = yield LoadMany(Document, (self.proof_id,))
            _demand_proof(papers.get(self.proof_id), case)
        known: dict[UUID, Notice] = yield LoadTagged(Notice, (f"case:{case.id}",))
        notice.serve(
            by.now,
            case=case,
            method=self.method,
            proof=self.proof,
            served_on=self.served_on,
            public_days=by.parameters.value("limits.public_service", case.division_code, self.posted_on or by.today),
            proof_id=self.proof_id,
            posted_on=self.posted_on,
            queue_by=waiting_to_be_served(n for n in known.values() if n.id != notice.id and n.case_id == case.id),
        )
        if notice.kind is not NoticeKind.REFUSAL:
            return (notice,)
        case.serve_refusal(by.now, letter_no=notice.notice_no, proof=self.method.label, served_on=self.served_on)
        return (notice, case)


def _demand_first(notices: Iterable[Notice], kind: NoticeKind, ground: Event) -> None:
    for notice in notices:
        if notice.kind is kind and notice.rests_on == ground.originator_version:
            raise RuleViolated(f"已就此制发{kind.label} {notice.notice_no}，不能重复制发。")


def _office(by: Decision, case: Case, kind: NoticeKind, ground: Event) -> Office:
    """Who signs: the street for the steps before a decision, the district for decisions.

    Small temporary assistance is decided by the street (社会救助暂行办法 art. 48), and then signed by it.
    """
    street = office_of(case.division_code, by.today)
    if kind not in DECISIONS:
        return street
    if by.actor.role is RoleCode.DISTRICT_CLERK:
        return office_of(case.division_code[:6], by.today)
    limit = by.parameters.value("temp.small_amount", case.division_code, ground.timestamp.date())
    granted = kind is NoticeKind.CONFIRMATION and case.scheme is Scheme.TEMP and case.monthly_fen <= limit
    if not granted:
        raise RuleViolated(f"{kind.label}须由区民政局制发；街道只制发受理、补正通知书和小额临时救助的确认通知书。")
    return street


def _terms(by: Decision, case: Case, kind: NoticeKind, office: Office) -> Terms:
    laws = laws_of(kind, case.scheme, by.today)
    if kind not in DECISIONS:
        return Terms(office.name, office.contact, laws.basis)
    review = by.parameters.find("limits.admin_review", case.division_code, by.today)
    lawsuit = by.parameters.find("limits.lawsuit", case.division_code, by.today)
    return Terms(
        office.name,
        office.contact,
        laws.basis,
        laws.remedies,
        office.review_organ,
        review.value,
        review.legal_basis,
        lawsuit.value,
        lawsuit.legal_basis,
    )


def _issued(by: Decision, case: Case, told: Told, person: Person, others: Iterable[Notice]) -> Notice:
    serve_by, queue_by = by.due("limits.notice_service", case.division_code), None
    if isinstance(told.event, Case.Refused):
        serve_by = told.event.serve_by or serve_by  # it has a step of its own in the queue
    else:
        queue_by = min(serve_by, waiting_to_be_served(others) or serve_by)
    return Notice.create(
        Notice.Created,
        id=by.new_id,
        at=by.now,
        case_id=case.id,
        household_id=case.household_id,
        kind=told.kind,
        notice_no=told.notice_no,
        rests_on=told.event.originator_version,
        recipient_id=person.id,
        recipient_version=person.version,
        template=TEMPLATE,
        terms=told.terms,
        html_sha256=hash_of(letter_html(told)),
        issued_on=by.today,
        serve_by=serve_by,
        queue_by=queue_by,
        division_code=case.division_code,
    )


def _demand_proof(document: Document | None, case: Case) -> None:
    if document is None or document.case_id != case.id or document.withdrawn:
        raise NotFound("没有找到此个案的送达回证附件，请核对附件标识。")
    if document.kind is not DocumentKind.PROOF_OF_SERVICE:
        raise RuleViolated(f"所指附件是“{document.kind.label}”，不是送达回证；请先上传送达回证。")
