"""Numbered notices (通知书): which decision each rests on, its number, and when and how it was served.

A notice is what the log says and nothing else: its text is made again at any time from the case as of the event it
rests on, by the template it was issued under, and the hash of that text stands in its first event.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID, uuid5

from domain import kernel
from domain.assistance.case import Case
from domain.codes import CaseState, NoticeKind, ServiceMethod
from domain.errors import RuleViolated
from domain.kernel import NO_ID, Event, PersonalText
from domain.wording import written
from domain.workdays import days_after

GROUNDS: Mapping[NoticeKind, tuple[type[Event], ...]] = {
    NoticeKind.ACCEPTANCE: (Case.Accepted,),
    NoticeKind.SUPPLEMENT: (Case.Returned, Case.SupplementRequested),
    NoticeKind.REFUSAL: (Case.Refused,),
    NoticeKind.CONFIRMATION: (Case.Confirmed,),
    NoticeKind.CHANGE: (Case.Recalculated, Case.AmountCorrected),
    NoticeKind.STOP: (Case.Suspended, Case.Closed),
}
"""What a notice of each kind tells of: the last such event of the case."""
DECISIONS = frozenset({NoticeKind.REFUSAL, NoticeKind.CONFIRMATION, NoticeKind.CHANGE, NoticeKind.STOP})
"""Kinds that tell of a decision, which the applicant may contest (社会救助暂行办法 art. 65)."""
_MARKS: Mapping[NoticeKind, str] = {
    NoticeKind.ACCEPTANCE: "救受",
    NoticeKind.SUPPLEMENT: "救补",
    NoticeKind.REFUSAL: "救不",
    NoticeKind.CONFIRMATION: "救确",
    NoticeKind.CHANGE: "救变",
    NoticeKind.STOP: "救停",
}
_RUNNING = frozenset({CaseState.ACCEPTED, CaseState.VERIFIED, CaseState.REVIEWED, CaseState.PUBLICISED})
_STANDING: Mapping[NoticeKind, frozenset[CaseState]] = {
    NoticeKind.ACCEPTANCE: _RUNNING | {CaseState.OBJECTED},
    NoticeKind.SUPPLEMENT: _RUNNING | {CaseState.OBJECTED, CaseState.RETURNED},
    NoticeKind.REFUSAL: frozenset({CaseState.REFUSED}),
    NoticeKind.CONFIRMATION: frozenset({CaseState.PAYING, CaseState.SUSPENDED}),
    NoticeKind.CHANGE: frozenset({CaseState.PAYING, CaseState.SUSPENDED}),
    NoticeKind.STOP: frozenset({CaseState.SUSPENDED, CaseState.CLOSED}),
}
"""States of a case in which a notice of each kind may be issued: while what it tells still holds."""
_SERIES = UUID("5d3c2a52-6d0f-5c0e-9a65-1d0f6f1c7a11")
"""Name space of the ids of number series: whoever opens one at the same time makes the same stream, and one yields."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a notice says beside the case: who signs and answers, by which law, and the remedies with their limits.

    It stands in the event, so that a reform or a corrected parameter never changes a letter that was sent. The remedies
    are empty and 0 where the notice tells of no decision.
    """

    office: str
    contact: str
    basis: str
    remedies: str = ""
    review_organ: str = ""
    review_days: int = 0
    review_law: str = ""
    lawsuit_months: int = 0
    lawsuit_law: str = ""


class NoticeSeries(kernel.Aggregate):
    """The numbers of one office, kind and year, without gaps: 1, 2, 3, …"""

    TOPIC: ClassVar[str] = "assistance.NoticeSeries"
    SUBJECT: ClassVar[str] = "notice_series"
    division_code: str = ""
    kind: NoticeKind = NoticeKind.ACCEPTANCE
    year: int = 0
    mark: str = ""
    last: int = 0

    class Created(kernel.Created):
        """The first notice of its kind in a year."""

        TOPIC = "assistance.NoticeSeriesOpened"
        TITLE = "启用文号序列"
        division_code: str
        kind: NoticeKind
        year: int
        mark: str

        def gist(self) -> str:
            return f"{self.mark}〔{self.year}〕"

    class Taken(kernel.Event):
        """A number was given to a notice."""

        TOPIC = "assistance.NoticeNumberTaken"
        TITLE = "编发文号"
        serial: int
        notice_id: UUID

        def apply(self, aggregate: "NoticeSeries") -> None:
            aggregate.last = self.serial

    @classmethod
    def id_of(cls, division_code: str, kind: NoticeKind, year: int) -> UUID:
        """The stream of a series: the same for everyone."""
        return uuid5(_SERIES, f"{division_code}/{kind.value}/{year}")

    @classmethod
    def open(cls, at: datetime, *, division_code: str, kind: NoticeKind, office_mark: str) -> Self:
        """A new series of this year."""
        year = at.year
        return cls.create(
            cls.Created,
            id=cls.id_of(division_code, kind, year),
            at=at,
            division_code=division_code,
            kind=kind,
            year=year,
            mark=f"{office_mark}{_MARKS[kind]}",
        )

    def take(self, at: datetime, notice_id: UUID) -> str:
        """The next number, for this notice: 江海民救确〔2016〕3号. Saved with the notice or not at all."""
        self.record(self.Taken, at=at, serial=self.last + 1, notice_id=notice_id)
        return f"{self.mark}〔{self.year}〕{self.last}号"


class Notice(kernel.Aggregate):
    """One notice, from its number to its service."""

    TOPIC: ClassVar[str] = "assistance.Notice"
    SUBJECT: ClassVar[str] = "notice"
    division_code: str = ""
    case_id: UUID = NO_ID
    household_id: UUID = NO_ID
    kind: NoticeKind = NoticeKind.ACCEPTANCE
    notice_no: str = ""
    rests_on: int = 0
    recipient_id: UUID = NO_ID
    recipient_version: int = 0
    template: int = 1
    terms: Terms = Terms("", "", "")
    html_sha256: str = ""
    issued_on: date = date.min
    serve_by: date = date.min
    served_on: date | None = None

    class Created(kernel.Created):
        """A notice was issued on what event `rests_on` (a version) of its case says.

        `recipient_version` is that of the person when the name was written; `queue_by` the first day by which any
        notice of the case is to be served (None: this one is served with the case's own step).
        """

        TOPIC = "assistance.NoticeIssued"
        TITLE = "制发通知书"
        case_id: UUID
        household_id: UUID
        kind: NoticeKind
        notice_no: str
        rests_on: int
        recipient_id: UUID
        recipient_version: int
        template: int
        terms: Terms
        html_sha256: str
        issued_on: date
        serve_by: date
        queue_by: date | None
        division_code: str

        def gist(self) -> str:
            return f"{self.kind.label} {self.notice_no}"

    class Served(kernel.Event):
        """It has reached its recipient, or counts as if it had; how that is known is sealed with the household."""

        TOPIC = "assistance.NoticeServed"
        TITLE = "送达通知书"
        KEY_HOLDER: ClassVar[str] = "household_id"
        case_id: UUID
        household_id: UUID
        notice_no: str
        method: ServiceMethod
        proof: PersonalText
        proof_id: UUID | None
        posted_on: date | None
        effective_on: date
        queue_by: date | None
        division_code: str

        def apply(self, aggregate: "Notice") -> None:
            aggregate.served_on = self.effective_on
            aggregate.division_code = self.division_code

        def gist(self) -> str:
            return f"{self.notice_no}，{self.method.label}"

    def owner(self) -> tuple[type[kernel.Aggregate], UUID]:
        """Its case."""
        return Case, self.case_id

    def subjects(self) -> Iterable[str]:
        """It stands on its recipient's timeline."""
        yield f"person:{self.recipient_id}"

    def serve(
        self,
        at: datetime,
        *,
        case: Case,
        method: ServiceMethod,
        proof: str,
        served_on: date,
        public_days: int,
        proof_id: UUID | None = None,
        posted_on: date | None = None,
        queue_by: date | None = None,
    ) -> None:
        """Register the service; one by public announcement counts only after the announcement's days have run."""
        if self.served_on is not None:
            raise RuleViolated(f"{self.notice_no} 已于 {self.served_on} 送达，不能重复登记。")
        if not self.issued_on <= served_on <= at.date():
            raise RuleViolated(f"送达日期应在制发日期 {self.issued_on} 至今天之间。")
        if method is ServiceMethod.PUBLIC:
            if posted_on is None or posted_on < self.issued_on:
                raise RuleViolated("公告送达须填写发出公告的日期，且不早于制发日期。")
            if served_on < (counts_on := days_after(posted_on, public_days)):
                raise RuleViolated(f"公告送达自发出公告之日起满 {public_days} 日（{counts_on}）才视为送达。")
        self.record(
            self.Served,
            at=at,
            case_id=self.case_id,
            household_id=self.household_id,
            notice_no=self.notice_no,
            method=method,
            proof=written(proof, "请写明送达凭证：签收人、邮件单号、见证人或公告载体。"),
            proof_id=proof_id,
            posted_on=posted_on if method is ServiceMethod.PUBLIC else None,
            effective_on=served_on,
            queue_by=queue_by,
            division_code=case.division_code,
        )


def ground_of(kind: NoticeKind, events: Sequence[Event], case: Case) -> Event:
    """The event of the case that a notice of this kind tells of; raises RuleViolated where none holds now."""
    waiting = case.clock_stopped_on is not None or case.state is CaseState.RETURNED
    if case.state not in _STANDING[kind] or (kind is NoticeKind.SUPPLEMENT and not waiting):
        raise RuleViolated(f"个案现为“{case.state.label}”，不能制发{kind.label}；通知书只能告知现在有效的决定。")
    found = next((event for event in reversed(events) if isinstance(event, GROUNDS[kind])), None)
    if found is None:
        raise RuleViolated(f"个案没有可以告知的决定，不能制发{kind.label}。")
    if kind is NoticeKind.STOP and isinstance(found, Case.Suspended) != (case.state is CaseState.SUSPENDED):
        raise RuleViolated(f"个案现为“{case.state.label}”，与最近一次停发或结案的记录不符，不能制发{kind.label}。")
    return found


def waiting_to_be_served(notices: Iterable[Notice]) -> date | None:
    """The first day by which one of these is to be served; refusals have a step of their own in the case's queue."""
    days = [n.serve_by for n in notices if n.served_on is None and n.kind is not NoticeKind.REFUSAL]
    return min(days, default=None)


def unserved_refusal(notices: Iterable[Notice], case: Case) -> Notice | None:
    """The refusal of this case that was issued last and is still to be served."""
    waiting = [n for n in notices if n.case_id == case.id and n.kind is NoticeKind.REFUSAL and n.served_on is None]
    return max(waiting, key=lambda notice: notice.rests_on, default=None)
